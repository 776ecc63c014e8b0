// Reads YAML into Value trees, strictly: what a reader of the file could misunderstand is refused.
//
// The only place that knows yaml-cpp. Refused: duplicate keys, anchors, aliases, merges, tags, further documents, empty
// values, keys that are not plain words, block text (`>`, `|`), quotes that do not close, plain text that runs over a
// line end, binary files, more than 1 MB, nesting deeper than 32. It knows no keys and no units.
//
// A mistake that leaves the structure clear is recorded, and the tree goes on with Value::refused in its place. Where
// the structure is lost (syntax, unreadable file) ConfigError is thrown at once, with all problems recorded so far.
#pragma once

#include <optional>
#include <string>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

inline constexpr std::size_t kDeepestNesting = 32;

// Always a map.
Value load_yaml_file(const std::string& path, Problems& problems);
Value load_yaml_text(const std::string& text, const std::string& file_name, Problems& problems);

// One scalar, or one list or map in `[]` or `{}`, as given on the command line; marks lie in line 1 of `file_name`
// from `first_column`. Nothing is thrown: the result is empty if a problem was recorded that leaves no value.
std::optional<Value> load_inline_value(const std::string& text, const std::string& file_name, int first_column,
                                       Problems& problems);

// The content of a file, at most one byte more than a scenario may have. Empty, with a problem at `blame`, if the file
// cannot be read; `shown_as` is put in front of the reason.
std::optional<std::string> read_file_bytes(const std::string& path, const Mark& blame, const std::string& shown_as,
                                           Problems& problems);

}  // namespace hearsay::config
