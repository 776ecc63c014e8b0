// Outcomes in the summary: how often, when, and what is not said of runs in which something did not come.
#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "scenarios/app/results/store.hpp"
#include "scenarios/app/summary.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {
namespace {

// Three runs: an outcome after 100 s, 200 s, and not at all; an interval that ends with it.
std::string summary(SummaryFormat format, std::size_t happened) {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  const Experiment experiment = synthetic_experiment(3);
  {
    ResultsFile file = ResultsFile::for_experiment(path, experiment, Existing::resume);
    for (const RunKey& key : experiment.plan) {
      RunResult result;
      result.key = key;
      result.nodes = 10;
      result.horizon_ns = 256'000'000'000;
      OutcomeRow outcome{"agreed", 50'000'000'000, 256'000'000'000, std::nullopt, 40'000'000'000, false};
      double healed = std::numeric_limits<double>::quiet_NaN();
      if (key.world_seed <= happened) {
        outcome.first_ns = static_cast<std::int64_t>(key.world_seed) * 100'000'000'000;
        healed = static_cast<double>(key.world_seed) * 100 - 50;
      }
      result.outcomes = {outcome};
      result.metrics = {{"healed", healed, "s"}};
      file.write_run(result);
    }
  }
  std::ostringstream out;
  print_summary(path, format, out);
  return out.str();
}

}  // namespace

TEST_CASE("An outcome that did not come in one of three runs has a median, and the interval to it no mean") {
  const std::string text = summary(SummaryFormat::table, 2);
  CHECK(text.find("agreed     2 of 3  1 min 40 s  3 min 20 s      40 s  50 s to 4 min 16 s") != std::string::npos);
  CHECK(text.find("healed: none before the end in 1 of 3 runs, so there is no mean") != std::string::npos);
  CHECK(text.find("healed  s") != std::string::npos);
}

TEST_CASE("An outcome that came in less than half of the runs has no median") {
  const std::string text = summary(SummaryFormat::table, 1);
  CHECK(text.find("agreed     1 of 3  1 min 40 s  censored") != std::string::npos);
}

TEST_CASE("What came in all runs has a mean") {
  const std::string text = summary(SummaryFormat::table, 3);
  CHECK(text.find("none before") == std::string::npos);
  const auto json = nlohmann::json::parse(summary(SummaryFormat::json, 3));
  const auto& numbers = json.dump();
  CHECK(numbers.find("\"happened\":3") != std::string::npos);
  CHECK(numbers.find("\"mean\":150") != std::string::npos);  // of 50, 150, 250
}

}  // namespace hearsay::app
