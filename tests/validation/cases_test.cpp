// The verification cases of scenarios/validation/cases.yaml, which take seconds. The others are run by `hearsay
// validate`.
#include <catch2/catch.hpp>

#include "scenarios/app/validate.hpp"
#include "scenarios/app/validate_report.hpp"

namespace hearsay::app {

TEST_CASE("the closed forms are met within their bands") {
  const std::string folder = std::string(HEARSAY_SOURCE_DIR) + "/scenarios/validation";
  std::vector<CaseOutcome> outcomes;
  for (const ValidationCase& one : select_cases(load_validation_cases(folder + "/cases.yaml"), "verification"))
    outcomes.push_back(run_case(one, folder, [](SimTime, Duration, std::int64_t) {}));
  REQUIRE_FALSE(outcomes.empty());
  INFO(validation_table(outcomes));
  for (const CaseOutcome& outcome : outcomes)
    for (const Finding& finding : outcome.findings) CHECK(finding.within());
}

// SimBlock takes 5 s.
TEST_CASE("SimBlock's network of 2015 is as slow here") {
  const std::string folder = std::string(HEARSAY_SOURCE_DIR) + "/scenarios/validation";
  for (const ValidationCase& one : select_cases(load_validation_cases(folder + "/cases.yaml"), "simblock_2015"))
    for (const Finding& finding : run_case(one, folder, [](SimTime, Duration, std::int64_t) {}).findings) {
      CAPTURE(finding.expectation.name, finding.value);
      CHECK(finding.within());
    }
}

}  // namespace hearsay::app
