// The scenario language as a JSON Schema (draft 2020-12), for editors that check and complete YAML.
//
// It says what can be said of one file: keys, kinds, units, choices, ranges of plain numbers. A file that `extends`
// another may leave anything out, and may say `off` for what it inherits. What depends on other keys, and ranges of
// values with units, only `hearsay check` can tell.
#pragma once

#include <string>

namespace hearsay::app {

std::string language_schema();

}  // namespace hearsay::app
