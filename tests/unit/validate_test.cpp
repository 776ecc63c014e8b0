// The list of validation cases: what is read, what is refused, and what is compared.
#include "scenarios/app/validate.hpp"

#include <catch2/catch.hpp>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/resolve.hpp"
#include "scenarios/app/validate_report.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::app {
namespace {

const std::string kCase =
    "pair:\n"
    "  class: replication\n"
    "  scenario: s.yaml\n"
    "  source: \"a paper\"\n"
    "  status: V\n"
    "  expected:\n"
    "    t50: {statistic: block_delay, of: received, percent: 50, published: 200, band: 10 %}\n"
    "    forks: {statistic: metric, of: heights_with_fork, published: 5, band: 0.5}\n";

std::vector<ValidationCase> cases_of(const std::string& text) {
  const config::TemporaryFolder folder;
  return load_validation_cases(folder.write("cases.yaml", text));
}

std::string first_mistake(const std::string& text) {
  try {
    (void)cases_of(text);
  } catch (const config::ConfigError& error) {
    return error.problems().front().message;
  }
  return "";
}

Finding found(Band band, double published, double value) {
  Finding finding;
  finding.expectation.band = band;
  finding.expectation.published = published;
  finding.value = value;
  return finding;
}

std::string text_with(const std::string& old, const std::string& replacement) {
  std::string text = kCase;
  text.replace(text.find(old), old.size(), replacement);
  return text;
}

}  // namespace

TEST_CASE("a band is a share of the published value, or a distance from it, both ends included") {
  CHECK(found({0.1, true}, 200, 220).within());
  CHECK(found({0.1, true}, -200, -220).within());
  CHECK_FALSE(found({0.1, true}, 200, 220.1).within());
  CHECK(found({0.5, false}, 5, 4.5).within());
  CHECK_FALSE(found({0.5, false}, 5, 4.4).within());
}

TEST_CASE("a case is read with all that it expects") {
  const auto cases = cases_of(kCase);
  REQUIRE(cases.size() == 1);
  CHECK(cases[0].name == "pair");
  REQUIRE(cases[0].expected.size() == 2);
  CHECK(cases[0].expected[0].statistic.kind == StatisticKind::block_delay);
  CHECK(cases[0].expected[0].statistic.percent == 50);
  CHECK(cases[0].expected[0].band.relative);
  CHECK_FALSE(cases[0].expected[1].band.relative);
  CHECK(cases[0].expected[1].band.width == 0.5);
}

TEST_CASE("mistakes in the list are told") {
  CHECK(
      first_mistake(text_with("10 %", "ten")) ==
      "`pair.expected.t50.band`: expected a percentage of the published value, such as `10 %`, or a distance from it, "
      "such as `0.5`, found `ten`");
  CHECK(first_mistake(text_with("replication", "replicaton")) ==
        "unknown class `replicaton`; did you mean `replication`? valid: verification, replication, validation");
  CHECK(first_mistake(text_with("status: V", "status: X")) == "unknown status `X`; valid: V, S, C, M");
}

TEST_CASE("cases are chosen by name, by class, or all; long ones only if asked for") {
  std::string text = kCase;
  text += text_with("pair:", "long:");
  text.replace(text.rfind("  status: V"), 11, "  status: V\n  by_name: on");
  const auto cases = cases_of(text);
  const auto names = [&](const std::string& name) {
    std::vector<std::string> list;
    for (const ValidationCase& one : select_cases(cases, name)) list.push_back(one.name);
    return list;
  };
  CHECK(names("") == std::vector<std::string>{"pair"});
  CHECK(names("replication") == std::vector<std::string>{"pair"});
  CHECK(names("long") == std::vector<std::string>{"long"});
  CHECK(names("all") == std::vector<std::string>{"pair", "long"});
  CHECK(names("verification").empty());
}

TEST_CASE("statistics: means over blocks of the main chain; what a run does not have is told") {
  RunResult result;
  result.blocks = {{"a", 1, "", "m", 0, 0, true}, {"b", 2, "a", "m", 0, 0, true}, {"c", 2, "a", "m", 0, 0, false}};
  for (const auto& [name, delay_ms] : {std::pair{"a", 100}, std::pair{"b", 300}, std::pair{"c", 9'000}}) {
    PropagationRow row;
    row.object = name;
    row.stage = "received";
    row.delay_ns[50] = delay_ms * std::int64_t{1'000'000};
    result.propagation.push_back(row);
  }
  CHECK(value_of({StatisticKind::block_delay, "received", 50}, result).value == 200.0);
  CHECK_THROWS_WITH(value_of({StatisticKind::metric, "forks", 0}, result),
                    "a validation case asks for metric `forks`, 0 %: the run has no such metric");
}

TEST_CASE("classes are counted apart") {
  CaseOutcome one;
  one.described = cases_of(kCase)[0];
  one.findings = {found({0.1, true}, 200, 210), found({0.5, false}, 5, 7)};
  CaseOutcome other = one;
  other.described.validation_class = "verification";
  const std::string text = validation_table({one, other});
  CHECK(text.find("verification: closed forms") < text.find("replication: other simulators"));
  CHECK(text.find("1 of 2 within their bands") != text.rfind("1 of 2 within their bands"));
  CHECK(text.find("of 4") == std::string::npos);
}

TEST_CASE("every case of the project's list resolves") {
  const std::string folder = std::string(HEARSAY_SOURCE_DIR) + "/scenarios/validation";
  for (const ValidationCase& one : load_validation_cases(folder + "/cases.yaml")) {
    CAPTURE(one.name);
    CHECK_NOTHROW(resolve_scenario(folder + "/" + one.scenario, one.sets, {"1"}));
    CHECK_FALSE(one.expected.empty());
  }
}

}  // namespace hearsay::app
