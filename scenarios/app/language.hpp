// The scenario language as data: every map of it, and every key of each map, with kind, default, range, choices, help
// and source. `hearsay models`, `hearsay schema` and docs/reference.md are printed from here.
//
// What a model has described (Parameter<P>) is taken over, never written again; only keys that belong to no model stand
// in language*.cpp. It reads no scenario: the resolver does, and tests hold the two together.
//
// To add a model (a fault, an adversary): one line in its language_*.cpp,
//   sections.push_back(model_section("faults.<name>", only("type", "partition"), "what it is", describe_partition()));
// where the section of `faults.<name>` that always holds has the key `type` with its choices.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/app/config/parameters.hpp"
#include "sim/core/parameter.hpp"

namespace hearsay::app {

enum class KeyKind : std::uint8_t {
  time,
  size,
  bit_rate,
  share,
  rate,
  number,
  count,
  on_off,
  seeds,   // a number or a range of numbers
  choice,  // one of the words in `choices`
  text,
  target,     // the name of a target or group
  names,      // a list of them
  pairs,      // a list of pairs of nodes
  place,      // [latitude, longitude] or [x, y], and a weight
  overrides,  // a map of paths to values: what is set anew, of the whole scenario
  map,        // its keys are the section of its path
};

struct Choice {
  std::string name;
  std::string help = {};
};

// A name in angle brackets (`<name>`) stands for any name that the user gives.
struct LanguageKey {
  std::string name;
  KeyKind kind = KeyKind::map;
  std::string help = {};
  std::string source = {};
  std::string preset = {};           // as describe prints it; empty: none
  std::vector<Choice> choices = {};  // also: words that stand for a value of another kind
  std::optional<double> least = {};  // in base units of the kind, inclusive
  std::optional<double> most = {};
  std::string example = {};
  bool required = false;   // of a map that is there
  bool also_list = false;  // one value, or a list of them
};

// The keys of the section hold where the key beside them has one of the values.
struct LanguageCondition {
  std::string key;
  std::vector<std::string> values;
};

[[nodiscard]] inline LanguageCondition only(std::string key, std::string value) {
  return {std::move(key), {std::move(value)}};
}

// Several sections of one path are one map: what always holds, and what holds under a condition.
struct LanguageSection {
  std::string path;  // "", "world.latency", "groups.<name>.mempool"
  std::optional<LanguageCondition> where = {};
  std::string help = {};
  std::string like = {};  // the path of a section with the same keys, which explains them; empty: none
  std::vector<LanguageKey> keys = {};

  // "world.latency, model uniform"
  [[nodiscard]] std::string title() const;
  LanguageSection&& require(std::initializer_list<std::string_view> names) &&;         // no defaults
  LanguageSection&& without_preset(std::initializer_list<std::string_view> names) &&;  // zero means nothing is said
  LanguageSection&& add(std::vector<LanguageKey> more) &&;
};

[[nodiscard]] const std::vector<LanguageSection>& language();
[[nodiscard]] const LanguageSection* find_section(std::string_view path);  // the first of its path

// What of the kind is written, such as "a time with its unit, such as `250 ms`"; one word for tables: "time".
[[nodiscard]] std::string kind_expected(KeyKind kind);
[[nodiscard]] std::string_view kind_name(KeyKind kind);
// "250 ms"; empty where the kind has none.
[[nodiscard]] std::string kind_example(KeyKind kind);
// "1.5", "20 Mbit/s": a number in base units of a numeric kind, as a scenario writes it.
[[nodiscard]] std::string number_text(KeyKind kind, double value);
// "1 s to 1 d", "at least 1"; empty: nothing that a user would not expect.
[[nodiscard]] std::string range_text(const LanguageKey& key);
[[nodiscard]] std::string choices_text(const LanguageKey& key);

// ---- from descriptions of models
// -------------------------------------------------------------------------------------

// A range in base units, as far as the kind has one.
void set_range(LanguageKey& key, double least, double most);

// Without its default.
[[nodiscard]] LanguageKey model_key(const ParameterDescription& parameter);

template <class P>
std::vector<LanguageKey> model_keys(const std::vector<Parameter<P>>& parameters, const P& values = P{}) {
  const config::Value presets = config::describe_parameters(parameters, values);
  std::vector<LanguageKey> keys = {};
  for (const Parameter<P>& parameter : parameters) {
    LanguageKey& key = keys.emplace_back(model_key(parameter));
    if (const config::Value* preset = presets.find(parameter.name); preset != nullptr && preset->is_scalar())
      key.preset = preset->text();
  }
  return keys;
}

template <class P>
LanguageSection model_section(std::string path, std::optional<LanguageCondition> where, std::string help,
                              const std::vector<Parameter<P>>& parameters, const P& values = P{}) {
  return {std::move(path), std::move(where), std::move(help), "", model_keys(parameters, values)};
}

// ---- the parts of the language, each in a file of its own
// ------------------------------------------------------------

void add_world_language(std::vector<LanguageSection>& sections);
void add_group_language(std::vector<LanguageSection>& sections);     // chain, profile, groups, topology
void add_workload_language(std::vector<LanguageSection>& sections);  // workload, measure, seeds
void add_fault_language(std::vector<LanguageSection>& sections);     // targets, faults, outcomes, branches

}  // namespace hearsay::app
