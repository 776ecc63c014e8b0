// Builds a Value tree from the events of a YAML parser and refuses what the language does not have.
//
// It sees offsets into the source, so it can tell what a parser no longer tells: whether a quote really closes and
// whether plain text runs over a line end. It does not parse, and it knows no keys and no units.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/source_text.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

inline constexpr const char* kAliasRefused = "aliases (`*name`) are not part of the language: write the value out";

enum class Layout { block, flow };  // flow: inside {} or []
enum class Tagging { untagged, tagged };

// Thrown when going on would only report consequences.
struct StructureLost {
  Mark mark;
  std::string message;
};

class TreeBuilder {
 public:
  TreeBuilder(const SourceText& source, Problems& problems) : source_(source), problems_(problems) {}

  void document(std::size_t position);
  void nothing();
  void alias(std::size_t position);
  void anchor(std::size_t position);
  void scalar(std::size_t position, const std::string& text);
  void open(Value::Kind kind, std::size_t position, Layout layout, Tagging tagging);
  void close();

  std::optional<Value> take_root() { return std::move(root_); }
  Mark innermost() const;  // where the innermost open list or map starts

 private:
  enum class Role { value, key };

  struct Frame {
    Value value;
    Layout layout;
    Role role;                       // a list or map that stands where a key should be is built, then refused
    bool expects_value = false;      // of a map: a key has been read
    std::optional<std::string> key;  // empty: the key was refused, and its value goes with it
    Mark key_mark;
    bool fallen_apart = false;  // a comma cut a text in two: what follows in these brackets is not worth a message
    std::unordered_map<std::string, Mark> first_places;
    std::size_t key_end = 0;  // behind the last plain key
  };

  bool at_key() const { return !frames_.empty() && frames_.back().value.is_map() && !frames_.back().expects_value; }
  void deliver(Value value);
  void deliver_key(std::optional<std::string> key, Mark mark);
  std::optional<std::string> accepted_key(const std::string& key, const Mark& mark);
  Value read_scalar(std::size_t position, const std::string& text);
  Value read_plain(std::size_t position, const std::string& text);
  void expect_closed_quote(std::size_t position) const;

  const SourceText& source_;
  Problems& problems_;
  std::vector<Frame> frames_;
  std::optional<Value> root_;
  int documents_ = 0;
};

}  // namespace hearsay::config
