// Which program this is. The definition is written by the build: cmake/build_info.cmake.
#pragma once

#include <string>

namespace hearsay::app {

struct ProgramVersion {
  std::string version;
  std::string commit;       // 40 hex digits, or "unknown" where there is no git
  bool tree_dirty = false;  // sources of the program differ from the commit
  std::string tree_hash;    // of these sources, where the commit does not tell them; else empty
};

const ProgramVersion& program_version();

}  // namespace hearsay::app
