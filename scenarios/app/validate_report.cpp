#include "scenarios/app/validate_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "scenarios/app/text_format.hpp"

namespace hearsay::app {

namespace {

constexpr std::size_t kWidth = 110;

std::string_view meaning_of(std::string_view validation_class) {
  if (validation_class == "verification") return "closed forms";
  if (validation_class == "replication") return "other simulators";
  return "the measured world";
}

std::string_view meaning_of_status(std::string_view status) {
  if (status == "V") return "read in the source";
  if (status == "S") return "read in a summary";
  if (status == "C") return "computed";
  return "from memory";
}

std::string band_text(const Band& band) {
  return band.relative ? fmt::format("{:g} %", 100 * band.width) : fmt::format("{:g}", band.width);
}

std::string deviation_text(const Finding& finding) {
  const double difference = finding.value - finding.expectation.published;
  if (!finding.expectation.band.relative || finding.expectation.published == 0.0)
    return fmt::format("{:+.3g}", difference);
  return fmt::format("{:+.1f} %", 100 * difference / finding.expectation.published);
}

// A paragraph, indented.
std::string note(std::string_view text) {
  std::string lines;
  for (const std::string& line : wrapped(text, kWidth - 4)) lines += "    " + line + "\n";
  return lines;
}

}  // namespace

std::string validation_table(const std::vector<CaseOutcome>& outcomes) {
  std::string text;
  for (const std::string_view validation_class : kValidationClasses) {
    TextTable table({"case", "statistic", "published", "here", "unit", "off by", "band", "verdict", "time"}, 2);
    std::string notes;
    std::size_t findings = 0;
    std::size_t within = 0;
    for (const CaseOutcome& outcome : outcomes) {
      const ValidationCase& described = outcome.described;
      if (described.validation_class != validation_class) continue;
      bool first = true;
      for (const Finding& finding : outcome.findings) {
        ++findings;
        within += finding.within() ? 1 : 0;
        table.add({first ? described.name : "", finding.expectation.name, four_digits(finding.expectation.published),
                   four_digits(finding.value), finding.unit, deviation_text(finding),
                   band_text(finding.expectation.band), finding.within() ? "within" : "MISSES",
                   first ? rough_duration(outcome.wall_s) : ""});
        first = false;
      }
      notes += fmt::format("  {} ({})\n", described.name, described.scenario);
      notes +=
          note(fmt::format("{} ({}: {})", described.source, described.status, meaning_of_status(described.status)));
      if (!described.remark.empty()) notes += note(described.remark);
    }
    if (findings == 0) continue;
    text += fmt::format("{}: {}\n\n{}\n{}\n{} of {} within their bands\n\n", validation_class,
                        meaning_of(validation_class), table.print(), notes, within, findings);
  }
  return text;
}

std::string validation_json(const std::vector<CaseOutcome>& outcomes) {
  using Json = nlohmann::ordered_json;
  Json classes = Json::object();
  for (const std::string_view validation_class : kValidationClasses) {
    Json cases = Json::array();
    for (const CaseOutcome& outcome : outcomes) {
      const ValidationCase& described = outcome.described;
      if (described.validation_class != validation_class) continue;
      Json findings = Json::array();
      for (const Finding& finding : outcome.findings)
        findings.push_back({{"statistic", finding.expectation.name},
                            {"published", finding.expectation.published},
                            {"band", finding.expectation.band.distance(finding.expectation.published)},
                            {"value", finding.value},
                            {"unit", finding.unit},
                            {"within", finding.within()}});
      cases.push_back({{"case", described.name},
                       {"scenario", described.scenario},
                       {"set", described.sets},
                       {"seeds", described.seeds},
                       {"source", described.source},
                       {"status", described.status},
                       {"remark", described.remark},
                       {"findings", std::move(findings)},
                       {"wall_s", outcome.wall_s},
                       {"events", outcome.events}});
    }
    classes[std::string(validation_class)] = std::move(cases);
  }
  return classes.dump(2) + "\n";
}

}  // namespace hearsay::app
