// Takes the settings out of a map one by one, each with its type, and reports everything that is wrong with them.
//
// A reader never throws for the user's mistakes: a bad value is recorded and the caller goes on with a default, so that
// all problems of a scenario come out together. What counts as known is what was asked for: finish() reports the rest.
// It does not know which keys exist or what they mean; the schema is the code that calls it. A reader refers to the map
// and to the problems, and must not outlive them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

// Inclusive; an absent end is open.
template <class T>
struct Limits {
  std::optional<T> least = std::nullopt;
  std::optional<T> most = std::nullopt;
};

// "must be between 1 s and 30 d", "must be at least 1 s"; at least one end is given.
std::string limits_text(const std::optional<std::string>& least, const std::optional<std::string>& most);

// The text of a scalar, or nothing with a problem that says what was `expected`. `path` names the value in messages.
std::optional<std::string> scalar_text(const Value& value, std::string_view path, std::string_view expected,
                                       Problems& problems);

// A scalar as the quantity Q (TimeQuantity ...), within limits; else nothing and a problem. For values in lists too.
template <class Q>
std::optional<typename Q::Type> read_quantity(const Value& value, std::string_view path,
                                              const Limits<typename Q::Type>& limits, Problems& problems) {
  const std::optional<std::string> text = scalar_text(value, path, Q::expected(), problems);
  if (!text) return std::nullopt;
  auto parsed = Q::parse(*text);
  if (!parsed.value) {
    problems.add(value.mark(), fmt::format("`{}`: {}", path, parsed.problem));
    return std::nullopt;
  }
  const bool too_small = limits.least && *parsed.value < *limits.least;
  const bool too_large = limits.most && *limits.most < *parsed.value;
  if (too_small || too_large) {
    const auto shown = [](const auto& end) { return end ? std::optional(Q::format(*end)) : std::nullopt; };
    problems.add(value.mark(), fmt::format("`{}` {}, found {}", path,
                                           limits_text(shown(limits.least), shown(limits.most)), value.shown()));
    return std::nullopt;
  }
  return parsed.value;
}

class MapReader {
 public:
  // `path` is where the map stands in the scenario (`groups.full`), empty for the whole of it. If `map` is not a map,
  // that is recorded and the reader behaves as for an empty map, without reporting what is missing in it.
  MapReader(const Value& map, std::string path, Problems& problems);

  const std::string& path() const { return path_; }
  const Mark& mark() const { return map_->mark(); }
  Problems& problems() const { return *problems_; }
  bool is_usable() const { return usable_; }
  bool has(std::string_view key) const;  // does not take it, and does not make it known
  std::string path_of(std::string_view key) const;
  // Where the first of these paths from here stands that is written (`groups.full.witness`, `profile.witness`); the map
  // itself if none is.
  const Mark& place_of(std::initializer_list<std::string> paths) const;

  // The value of a key; take: null if the key is missing; require: a missing key is a problem, placed at the map.
  const Value* take(std::string_view key);
  const Value* require(std::string_view key);

  // take_x(key, limits): nothing if the key is missing or its value is wrong. take_x(key, fallback, limits): the
  // fallback then. require_x: a missing key is a problem; nothing then, and if the value is wrong.
  std::optional<Duration> take_duration(std::string_view key, const Limits<Duration>& limits = {});
  std::optional<ByteCount> take_bytes(std::string_view key, const Limits<ByteCount>& limits = {});
  std::optional<BitRate> take_bit_rate(std::string_view key, const Limits<BitRate>& limits = {});
  std::optional<Share> take_share(std::string_view key, const Limits<Share>& limits = {});
  std::optional<double> take_rate(std::string_view key, const Limits<double>& limits = {});  // per second
  std::optional<std::int64_t> take_count(std::string_view key, const Limits<std::int64_t>& limits = {});
  std::optional<double> take_number(std::string_view key, const Limits<double>& limits = {});
  std::optional<bool> take_on_off(std::string_view key);
  std::optional<IntegerRange> take_range(std::string_view key);
  std::optional<std::string> take_text(std::string_view key);
  std::optional<std::string> take_choice(std::string_view key, const std::vector<std::string_view>& choices);

  Duration take_duration(std::string_view key, Duration fallback, const Limits<Duration>& limits = {});
  ByteCount take_bytes(std::string_view key, ByteCount fallback, const Limits<ByteCount>& limits = {});
  BitRate take_bit_rate(std::string_view key, BitRate fallback, const Limits<BitRate>& limits = {});
  Share take_share(std::string_view key, Share fallback, const Limits<Share>& limits = {});
  double take_rate(std::string_view key, double fallback, const Limits<double>& limits = {});
  std::int64_t take_count(std::string_view key, std::int64_t fallback, const Limits<std::int64_t>& limits = {});
  double take_number(std::string_view key, double fallback, const Limits<double>& limits = {});
  bool take_on_off(std::string_view key, bool fallback);
  IntegerRange take_range(std::string_view key, IntegerRange fallback);
  std::string take_text(std::string_view key, std::string fallback);

  std::optional<Duration> require_duration(std::string_view key, const Limits<Duration>& limits = {});
  std::optional<ByteCount> require_bytes(std::string_view key, const Limits<ByteCount>& limits = {});
  std::optional<BitRate> require_bit_rate(std::string_view key, const Limits<BitRate>& limits = {});
  std::optional<Share> require_share(std::string_view key, const Limits<Share>& limits = {});
  std::optional<double> require_rate(std::string_view key, const Limits<double>& limits = {});
  std::optional<std::int64_t> require_count(std::string_view key, const Limits<std::int64_t>& limits = {});
  std::optional<double> require_number(std::string_view key, const Limits<double>& limits = {});
  std::optional<bool> require_on_off(std::string_view key);
  std::optional<IntegerRange> require_range(std::string_view key);
  std::optional<std::string> require_text(std::string_view key);
  std::optional<std::string> require_choice(std::string_view key, const std::vector<std::string_view>& choices);

  // A child for the map under the key; nothing if the key is missing. A value that is not a map gives a child that is
  // not usable.
  std::optional<MapReader> take_map(std::string_view key);
  std::optional<MapReader> require_map(std::string_view key);

  // The items of a list, nothing if the key is missing or holds something else; take_texts wants scalars only.
  const std::vector<Value>* take_list(std::string_view key);
  std::vector<std::string> take_texts(std::string_view key);

  // For a map keyed by names that the user chooses (groups, faults): all entries that nobody took yet, taken now.
  std::vector<const Value::Entry*> take_rest();

  // Reports every key that nobody took, with what is known here.
  void finish();

 private:
  template <class Q>
  std::optional<typename Q::Type> quantity_under(const Value* value, std::string_view key,
                                                 const Limits<typename Q::Type>& limits);
  std::optional<std::string> text_under(const Value* value, std::string_view key);
  std::optional<std::string> choice_under(const Value* value, std::string_view key,
                                          const std::vector<std::string_view>& choices);
  void note(std::string_view key);
  std::string in_path() const;  // " in `groups.full`", or nothing at the top

  const Value* map_;
  std::string path_;
  Problems* problems_;
  bool usable_;
  bool names_are_free_ = false;
  std::vector<std::string> known_;  // in the order of asking, which is the order of the schema
};

// For tests that hold the description of the language against its reader: told of every map that is finished, with its
// path and the keys that it was asked for. Empty: nobody listens.
using ReaderListener = std::function<void(const std::string& path, const std::vector<std::string>& keys)>;
void listen_to_readers(ReaderListener listener);

}  // namespace hearsay::config
