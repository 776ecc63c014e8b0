// The scenario language as people read it: what `hearsay models` prints, and the page docs/reference.md.
#pragma once

#include <string>
#include <string_view>

namespace hearsay::app {

// The sections whose path contains the pattern, whole; of the others the keys whose path, or one of whose choices,
// contains it. Empty: nothing does.
std::string language_text(std::string_view pattern = "");

std::string language_markdown();

}  // namespace hearsay::app
