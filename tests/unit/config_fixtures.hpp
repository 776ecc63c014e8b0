// Helpers of the tests of scenarios/app/config: problems as lines.
#pragma once

#include <string>
#include <vector>

#include "scenarios/app/config/load.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/value.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace hearsay::config {

using Lines = std::vector<std::string>;

inline Lines lines_of(const Problems& problems) {
  Lines lines;
  for (const Problem& problem : problems.sorted()) lines.push_back(problem.line());
  return lines;
}

// A text that must load without a problem.
inline Value loaded(const std::string& text) {
  Problems problems;
  Value value = load_yaml_text(text, "t.yaml", problems);
  problems.throw_if_any();
  return value;
}

// Everything that loading the text reports, whether or not it goes on.
inline Lines complaints(const std::string& text) {
  Problems problems;
  try {
    load_yaml_text(text, "t.yaml", problems);
  } catch (const ConfigError& error) {
    // What is thrown is what was collected.
    if (error.problems().size() != problems.count()) return {"ConfigError and Problems differ"};
  }
  return lines_of(problems);
}

using test::TemporaryFolder;

}  // namespace hearsay::config
