// Resolves `extends` and `--set`: several sources become one tree.
//
// An override goes key by key into maps; scalars and lists replace. The unquoted word `off` deletes what is inherited,
// with one exception: over a switch (`on` or `off`) it is the other position of that switch. Where nothing is
// inherited, `off` stays a value. Marks stay those of the file in which a value was written; a map that several files
// write has the mark of the last. The tree returned has no key `extends`. No other key means anything here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

struct SourceFile {
  std::string path;
  std::string bytes;
};

struct LoadedScenario {
  Value root;                     // a map
  std::vector<SourceFile> files;  // the scenario first, then what it extends, then what that extends ...
};

// Throws ConfigError where a file cannot be read, is not YAML, extends itself or what is no file; other problems are
// only recorded.
LoadedScenario load_scenario(const std::string& path, Problems& problems);

// Both maps.
void override_with(Value& base, const Value& changes);

// `a.b.c=value`: overrides as a file would that says so. Maps on the way are created. The marks have the file name
// `--set` and count columns from the start of `assignment`.
void apply_set(Value& root, const std::string& assignment, Problems& problems);

}  // namespace hearsay::config
