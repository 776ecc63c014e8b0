#include "scenarios/app/language.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/text_format.hpp"

namespace hearsay::app {

namespace {

struct KindWords {
  std::string_view name;
  std::string_view expected;
  std::string_view example;
};

// In the order of KeyKind.
constexpr std::array<KindWords, 17> kKinds = {{
    {"time", config::kExpectedTime, "250 ms"},
    {"size", config::kExpectedSize, "1.5 MB"},
    {"bit rate", config::kExpectedBitRate, "20 Mbit/s"},
    {"share", config::kExpectedShare, "30 %"},
    {"rate", config::kExpectedRate, "0.2 /s"},
    {"number", config::kExpectedNumber, "0.6"},
    {"count", config::kExpectedCount, "8"},
    {"on/off", config::kExpectedOnOff, "on"},
    {"seeds", config::kExpectedRange, "1..5"},
    {"choice", "a word", ""},
    {"text", "a text", ""},
    {"target", "the name of a target or group", ""},
    {"list", "a list of names, such as `[a, b]`", ""},
    {"list", "a list of pairs, such as `[[\"a[0]\", \"b[1]\"]]`", ""},
    {"list", "[latitude, longitude] in degrees or [x, y] in km, and a weight if it is not 1", ""},
    {"map", "a map of paths to values, such as `{topology.outbound: 4}`", ""},
    {"map", "a map, such as `{key: value}`", ""},
}};

const KindWords& words(KeyKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string format_end(KeyKind kind, double end) {
  return kind == KeyKind::count ? with_separators(std::int64_t{std::llround(end)}) : number_text(kind, end);
}

// By the type of a parameter's slot; of a list, that of its elements.
struct KindOf {
  KeyKind operator()(const Duration*) const { return KeyKind::time; }
  KeyKind operator()(const ByteCount*) const { return KeyKind::size; }
  KeyKind operator()(const BitRate*) const { return KeyKind::bit_rate; }
  KeyKind operator()(const Share*) const { return KeyKind::share; }
  KeyKind operator()(const Rate*) const { return KeyKind::rate; }
  KeyKind operator()(const Factor*) const { return KeyKind::number; }
  KeyKind operator()(const std::int64_t*) const { return KeyKind::count; }
  KeyKind operator()(const bool*) const { return KeyKind::on_off; }
  KeyKind operator()(const std::string*) const { return KeyKind::text; }
  KeyKind operator()(const TargetName*) const { return KeyKind::target; }
  template <class T>
  KeyKind operator()(const std::optional<T>*) const {
    return (*this)(static_cast<const T*>(nullptr));
  }
  template <class T>
  KeyKind operator()(const std::vector<T>*) const {
    return (*this)(static_cast<const T*>(nullptr));
  }
};

bool is_list(const ParameterSlot& slot) {
  return std::holds_alternative<std::vector<Duration>*>(slot) || std::holds_alternative<std::vector<TargetName>*>(slot);
}

LanguageSection top() {
  LanguageSection section{"", std::nullopt, "the keys at the top of a scenario", "", {}};
  LanguageKey question{"question", KeyKind::text, "what the experiment asks; heads its tables and figures"};
  question.required = true;
  question.example = "How fast do blocks reach 1,000 nodes?";
  LanguageKey extends{
      "extends", KeyKind::text,
      "another scenario, by its path from this file: this one overrides it key by key, and `off` deletes "
      "what is inherited"};
  extends.example = "base/small.yaml";
  LanguageKey warm_up{
      "warm_up", KeyKind::time,
      "simulated before the horizon begins, and not measured; the times of faults, outcomes and branches "
      "count from its end"};
  set_range(warm_up, 0, 366.0 * 86'400e9);
  LanguageKey stop_when{"stop_when", KeyKind::text, "the outcome that ends a run"};
  stop_when.example = "converged";
  LanguageKey horizon{"horizon", KeyKind::time, "how much time is simulated"};
  horizon.required = true;
  horizon.example = "2 h";
  set_range(horizon, 1e6, 366.0 * 86'400e9);
  LanguageKey wire{"wire", KeyKind::choice, "how messages travel inside a run; results are the same", "", "typed"};
  wire.choices = {{"typed", "as values"}, {"bytes", "encoded and decoded on the way, as a check"}};
  LanguageKey groups{"groups", KeyKind::map, "the nodes, in named groups"};
  groups.required = true;
  LanguageKey topology{"topology", KeyKind::map, "who is connected with whom"};
  topology.required = true;
  section.keys = {question,
                  extends,
                  warm_up,
                  horizon,
                  stop_when,
                  wire,
                  {"world", KeyKind::map, "the internet: where hosts are, how far apart, how well connected"},
                  {"chain", KeyKind::map, "the chain that all nodes have at the start"},
                  {"profile", KeyKind::map, "how nodes of all groups behave, unless a group says otherwise"},
                  groups,
                  topology,
                  {"workload", KeyKind::map, "the blocks and transactions that are made"},
                  {"targets", KeyKind::map, "named selections of nodes"},
                  {"faults", KeyKind::map, "what happens to the network"},
                  {"outcomes", KeyKind::map, "what may come of it"},
                  {"sample", KeyKind::map, "when outcomes are judged"},
                  {"branches", KeyKind::map, "variants that go on from one warm state"},
                  {"measure", KeyKind::map, "what is written into the results"},
                  {"seeds", KeyKind::map, "the runs: seeds by domain; domains that are named cross"}};
  return section;
}

std::vector<LanguageSection> make_language() {
  std::vector<LanguageSection> sections;
  sections.push_back(top());
  add_world_language(sections);
  add_group_language(sections);
  add_workload_language(sections);
  add_fault_language(sections);
  return sections;
}

}  // namespace

std::string number_text(KeyKind kind, double value) {
  switch (kind) {
    case KeyKind::time:
      return config::format_duration(Duration{std::llround(value)});
    case KeyKind::size:
      return config::format_bytes(ByteCount{std::llround(value)});
    case KeyKind::bit_rate:
      return config::format_bit_rate(BitRate{std::llround(value)});
    case KeyKind::share:
      return config::format_share(Share{value});
    case KeyKind::rate:
      return config::format_rate(value);
    case KeyKind::count:
      return std::to_string(std::llround(value));
    default:
      return config::format_number(value);
  }
}

LanguageKey model_key(const ParameterDescription& parameter) {
  LanguageKey key{std::string(parameter.name)};
  key.kind = std::visit([](const auto* slot) { return KindOf{}(slot); }, parameter.type);
  key.also_list = is_list(parameter.type);
  for (const std::string_view choice : parameter.choices) key.choices.push_back({std::string(choice)});
  if (!key.choices.empty()) key.kind = KeyKind::choice;
  key.help = parameter.help;
  key.source = parameter.source;
  set_range(key, parameter.minimum, parameter.maximum);
  return key;
}

std::string LanguageSection::title() const {
  const std::string name = path.empty() ? "(top)" : path;
  return where ? fmt::format("{}, {} {}", name, where->key, fmt::join(where->values, " or ")) : name;
}

LanguageSection&& LanguageSection::require(std::initializer_list<std::string_view> names) && {
  for (LanguageKey& key : keys) {
    if (std::find(names.begin(), names.end(), key.name) == names.end()) continue;
    key.required = true;
    key.preset.clear();
  }
  return std::move(*this);
}

LanguageSection&& LanguageSection::without_preset(std::initializer_list<std::string_view> names) && {
  for (LanguageKey& key : keys)
    if (std::find(names.begin(), names.end(), key.name) != names.end()) key.preset.clear();
  return std::move(*this);
}

LanguageSection&& LanguageSection::add(std::vector<LanguageKey> more) && {
  for (LanguageKey& key : more) keys.push_back(std::move(key));
  return std::move(*this);
}

const std::vector<LanguageSection>& language() {
  static const std::vector<LanguageSection> sections = make_language();
  return sections;
}

const LanguageSection* find_section(std::string_view path) {
  for (const LanguageSection& section : language())
    if (section.path == path) return &section;
  return nullptr;
}

std::string kind_expected(KeyKind kind) {
  return std::string(words(kind).expected);
}

std::string_view kind_name(KeyKind kind) {
  return words(kind).name;
}

std::string kind_example(KeyKind kind) {
  return std::string(words(kind).example);
}

std::string range_text(const LanguageKey& key) {
  const bool expected = !key.least || (*key.least == 0.0 && !key.most);
  if (!key.most) return expected ? "" : "at least " + format_end(key.kind, *key.least);
  if (!key.least) return "at most " + format_end(key.kind, *key.most);
  return format_end(key.kind, *key.least) + " to " + format_end(key.kind, *key.most);
}

std::string choices_text(const LanguageKey& key) {
  std::vector<std::string_view> names;
  for (const Choice& choice : key.choices) names.push_back(choice.name);
  return config::joined(names);
}

void set_range(LanguageKey& key, double least, double most) {
  switch (key.kind) {
    case KeyKind::time:
    case KeyKind::size:
    case KeyKind::bit_rate:
    case KeyKind::share:
    case KeyKind::rate:
    case KeyKind::number:
    case KeyKind::count:
      if (!std::isinf(least)) key.least = least;
      if (!std::isinf(most)) key.most = most;
      break;
    default:
      break;
  }
}

}  // namespace hearsay::app
