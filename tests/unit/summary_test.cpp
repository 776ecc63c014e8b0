// The final table: exact texts for synthetic results, statistics against known values, and its width.
#include "scenarios/app/summary.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "scenarios/app/results/store.hpp"
#include "scenarios/app/statistics.hpp"
#include "scenarios/app/text_format.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {
namespace {

std::string summary_of(const Experiment& experiment, const std::vector<RunResult>& results,
                       SummaryFormat format = SummaryFormat::table) {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  {
    ResultsFile file = ResultsFile::for_experiment(path, experiment, Existing::resume);
    for (const RunResult& result : results) file.write_run(result);
  }
  std::ostringstream out;
  print_summary(path, format, out);
  return out.str();
}

std::vector<RunResult> synthetic_results(const Experiment& experiment) {
  std::vector<RunResult> results;
  for (const RunKey& key : experiment.plan) results.push_back(synthetic_result(key));
  return results;
}

std::size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t widest = 0;
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, width_of(line));
  return widest;
}

}  // namespace

TEST_CASE("The summary of one run") {
  Experiment experiment = synthetic_experiment(1);
  experiment.warnings = {"no region has a \"source\""};
  CHECK(summary_of(experiment, synthetic_results(experiment)) ==
        R"(quickstart: How fast do blocks reach 1,000 nodes?
warning: no region has a "source"
10 nodes, 4 min 16 s simulated, 1 run (world 1)
2 blocks (1 on the main chain); per run 12,345 events, 1,000 messages sent, 7 dropped

block propagation: time from birth until so many of the nodes have it; mean over blocks
stage      nodes reached   of all  p10 ms  p50 ms   p90 ms  p99 ms
announced      9.5 of 10  95.00 %   151.0   751.0  1,351.0       -
received       9.5 of 10  95.00 %   151.0   751.0  1,351.0       -
announced: 1 of 2 blocks did not reach 99 % of the nodes, so there is no mean
received: 1 of 2 blocks did not reach 99 % of the nodes, so there is no mean

metric       unit    mean
reorg_depth  blocks     1
stale_rate   %        0.5

sent by all nodes together
message  messages   payload B  header B  TCP/IP B     total B
block          10  10,002,850       240   276,410  10,279,500
inv         1,000      37,000    24,000    40,000     101,000
all         1,010  10,039,850    24,240   316,410  10,380,500
)");
}

TEST_CASE("The summary of replicates has intervals, and of two runs their extremes") {
  const Experiment three = synthetic_experiment(3);
  const std::string text = summary_of(three, synthetic_results(three));
  // Delays grow by 1 ms from run to run: the standard deviation is 1, and 4.303 / sqrt(3) = 2.484.
  CHECK(text.find("10 nodes, 4 min 16 s simulated, 3 runs (world 1..3)\n"
                  "6 blocks (3 on the main chain); per run 12,345 events, 1,000 messages sent, 7 dropped\n\n"
                  "block propagation: time from birth until so many of the nodes have it; mean over blocks, then over\n"
                  "runs ± 95 % t interval\n"
                  "stage      nodes reached   of all       p10 ms       p50 ms         p90 ms  p99 ms\n"
                  "announced      9.5 of 10  95.00 %  152.0 ± 2.5  752.0 ± 2.5  1,352.0 ± 2.5       -\n") !=
        std::string::npos);
  // No interval where all runs agree: three equal values are no certainty about the fourth.
  CHECK(text.find("metric       unit    mean ± 95 % t interval\n"
                  "reorg_depth  blocks               2 ± 2.484\n"
                  "stale_rate   %                          0.5\n") != std::string::npos);
  CHECK(text.find("sent by all nodes together in a run, mean over runs\n"
                  "message  messages   payload B  header B  TCP/IP B     total B\n"
                  "block          10  10,002,850       240   276,420  10,279,510\n") != std::string::npos);

  const Experiment two = synthetic_experiment(2);
  CHECK(summary_of(two, synthetic_results(two)).find("reorg_depth  blocks                1.5 ± 0.5\n") !=
        std::string::npos);
}

TEST_CASE("Runs of another branch or point are not averaged") {
  Experiment experiment = synthetic_experiment(2);
  experiment.plan[1].branch = "control";
  const std::string text = summary_of(experiment, synthetic_results(experiment));
  CHECK(text.find("\nbranch control: 10 nodes, 4 min 16 s simulated, 1 run (world 2)\n") != std::string::npos);
  CHECK(text.find("\nbranch main: 10 nodes, 4 min 16 s simulated, 1 run (world 1)\n") != std::string::npos);
}

TEST_CASE("Every table says of which branch it is, and branches come in the order of the plan") {
  const Experiment experiment = branching_experiment(2, {"main", "attacked", "defended"});
  std::vector<RunResult> results;
  for (const RunKey& key : experiment.plan) results.push_back(branch_result(key));
  const std::string text = summary_of(experiment, results);
  std::size_t place = 0;
  for (const char* branch : {"main", "attacked", "defended"}) {
    const std::string label = fmt::format("\nbranch {}: ", branch);
    const bool main = label.find("main") != std::string::npos;
    const std::string of_branch[] = {
        label + "10 nodes, 4 min 16 s simulated, 2 runs (world 1..2)\n", label + "block propagation: time ",
        label + "metrics\nmetric       unit    mean ± half of min..max\nreorg_depth  blocks" +
            (main ? "                1.5 ± 0.5\n" : "              101.5 ± 0.5\n"),
        label + "sent by all nodes together in a run, mean over runs\n",
        main ? "\ninv         1,000 " : "\ninv         3,000 "};
    for (const std::string& part : of_branch) {
      const std::size_t found = text.find(part, place);
      INFO(part);
      REQUIRE(found != std::string::npos);
      place = found;
    }
  }

  const auto json = nlohmann::json::parse(summary_of(experiment, results, SummaryFormat::json));
  REQUIRE(json["results"].size() == 3);
  CHECK(json["results"][1]["branch"] == "attacked");
  CHECK(json["results"][1]["runs"] == 2);
  CHECK(json["results"][1]["metrics"][0]["value"]["mean"] == Approx(101.5));
  CHECK(json["results"][0]["metrics"][0]["value"]["mean"] == Approx(1.5));
  CHECK(json["results"][0]["branch"] == "main");

  // The others failed, or are still to come: nobody takes this for the whole.
  CHECK(summary_of(experiment, {results[1]}).find("\nbranch attacked: block propagation: ") != std::string::npos);
}

TEST_CASE("Runs that failed are told after the results") {
  const Experiment experiment = synthetic_experiment(12);
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  const auto summary = [&](SummaryFormat format) {
    std::ostringstream out;
    print_summary(path, format, out);
    return out.str();
  };
  ResultsFile file = ResultsFile::for_experiment(path, experiment, Existing::resume);
  file.note_failure({12, "check failed\nat 3 s " + std::string(150, 'x') + " " + std::string(150, 'y'), "hearsay run"});
  CHECK(summary(SummaryFormat::table) ==
        "quickstart: How fast do blocks reach 1,000 nodes?\nno finished run\n\n"
        "1 run failed and is missing here (`hearsay export` has the commands that repeat them):\n"
        "run 12: check failed at 3 s\n" +
            std::string(97, 'x') + "...\n" + std::string(26, 'y') + "...\n");
  for (const RunKey& key : experiment.plan) {
    if (key.run > 1) file.note_failure({key.run, "no memory", ""});
  }
  file.write_run(synthetic_result(synthetic_key(1)));
  CHECK(summary(SummaryFormat::table)
            .ends_with("\n\n11 runs failed and are missing here (`hearsay export` has the commands that repeat them):\n"
                       "run 2: no memory\nrun 3: no memory\nrun 4: no memory\nrun 5: no memory\nrun 6: no memory\n"
                       "run 7: no memory\nrun 8: no memory\nrun 9: no memory\nrun 10: no memory\nrun 11: no memory\n"
                       "and 1 more\n"));
  const auto json = nlohmann::json::parse(summary(SummaryFormat::json));
  CHECK(json["failed_runs"].size() == 11);
  CHECK(json["failed_runs"][0]["reason"] == "no memory");
}

TEST_CASE("What a run lacks is said: blocks, metrics, messages, or everything") {
  const Experiment experiment = synthetic_experiment(2);
  CHECK(summary_of(experiment, {}) == "quickstart: How fast do blocks reach 1,000 nodes?\nno finished run\n");

  std::vector<RunResult> results = synthetic_results(experiment);
  results[1].blocks.clear();
  results[1].propagation.clear();
  results[1].traffic.clear();
  results[1].metrics[0].value = std::nan("");
  results[1].nodes = 12;
  const std::string text = summary_of(experiment, results);
  CHECK(text.find("\n10 to 12 nodes, ") != std::string::npos);
  CHECK(text.find("\n2 blocks (1 on the main chain)") != std::string::npos);
  CHECK(text.find("\nannounced      9.5 of 10  95.00 %   151.0") != std::string::npos);
  CHECK(text.find("\nstale_rate: none before the end in 1 of 2 runs, so there is no mean\n") != std::string::npos);
  CHECK(text.find("\ninv           500     18,500    12,000    20,000     50,500\n") != std::string::npos);
}

TEST_CASE("No line is wider than 100 columns, however large the numbers") {
  Experiment experiment = synthetic_experiment(3);
  for (int word = 0; word < 40; ++word) experiment.question += " and why";
  std::vector<RunResult> results = synthetic_results(experiment);
  const std::int64_t scales[] = {1, 1'000, 1'000'000};
  for (const std::int64_t scale : scales) {
    for (RunResult& result : results) {
      for (PropagationRow& row : result.propagation) {
        row.nodes = 64'321;
        row.reached = 64'321;
        for (auto& delay : row.delay_ns) delay = scale * (1'234'567'890 + 87'654'321 * result.key.run);
      }
      for (TrafficRow& row : result.traffic) {
        row.messages = 12'345'678 * scale;
        row.payload_bytes = 1'234'567'890 * scale;
      }
      result.metrics[0].metric = std::string(80, 'm');
    }
    CHECK(widest_line(summary_of(experiment, results)) <= 100);
  }
}

TEST_CASE("The summary as JSON has the same numbers, and null where there is none") {
  const Experiment experiment = synthetic_experiment(3);
  const auto json = nlohmann::json::parse(summary_of(experiment, synthetic_results(experiment), SummaryFormat::json));
  CHECK(json["scenario"] == "quickstart");
  CHECK(json["seeds"] == "world 1..3");
  const auto& set = json["results"][0];
  CHECK(set["runs"] == 3);
  const auto& delays = set["propagation"][1]["delays"];
  CHECK(set["propagation"][1]["stage"] == "received");
  CHECK(delays[1]["percent"] == 50);
  CHECK(delays[1]["delay_ms"]["mean"] == Approx(752.0));
  CHECK(delays[1]["delay_ms"]["low"] == Approx(752.0 - 4.303 / std::sqrt(3.0)));
  CHECK(delays[3]["delay_ms"].is_null());
  CHECK(delays[3]["short_objects"] == 3);
  CHECK(set["traffic"][0]["tcp_ip_bytes"] == Approx(276'420.0));
}

TEST_CASE("Means over runs and their intervals") {
  CHECK(estimate({5.0}).half_width == std::nullopt);
  CHECK(estimate({5.0, 9.0}).half_width == 2.0);
  const Estimate of_four = estimate({1.0, 2.0, 3.0, 4.0});
  CHECK(of_four.mean == 2.5);
  CHECK(*of_four.half_width == Approx(3.182 * std::sqrt(5.0 / 3.0) / 2.0));
  // scipy.stats.t.ppf(0.975, n)
  CHECK(student_t_975(1) == Approx(12.7062).epsilon(1e-4));
  CHECK(student_t_975(30) == Approx(2.04227).epsilon(2e-4));
  CHECK(student_t_975(31) == Approx(2.03951).epsilon(1e-4));
  CHECK(student_t_975(100) == Approx(1.98397).epsilon(1e-4));
  CHECK(student_t_975(1'000'000) == Approx(1.95997).epsilon(1e-4));
}

}  // namespace hearsay::app
