#include "scenarios/app/swarm/draw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/internet/regions.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/predicate.hpp"
#include "scenarios/app/swarm/draw_value.hpp"

namespace hearsay::app {

namespace {

using config::put;
using config::put_text;
using config::text_value;
using config::Value;
using Words = std::vector<std::string>;

// What keeps a scenario small. `always`: the default would be too much, or too little.
struct Small {
  std::string_view path;
  std::string_view key;
  DrawRange range;  // of numbers
  bool always = false;
};
constexpr std::array<Small, 13> kSmall = {{
    {"", "horizon", {10e9, 4 * 3600e9}},
    {"", "warm_up", {0.0, 1800e9}},
    {"groups.<name>", "count", {2, 12}},
    {"groups.<name>", "gateways", {1, 3}},
    {"topology", "outbound", {1, 4}, true},
    {"chain", "premined_blocks", {1, 400}},
    {"chain", "spendable_outputs", {0, 20'000}},
    {"workload.blocks", "interval", {5e9, 3600e9}},
    {"workload.blocks", "size", {0, 1e6}, true},
    {"workload.transactions", "rate", {1e-3, 10}},
    {"world.latency", "delay", {100e3, 10e9}},
    {"sample", "every", {100e6, 600e9}},
    {"seeds", "world", {}, true},
}};

// Names that maps are given, by their path.
const std::map<std::string_view, Words> kNames = {
    {"groups", {"full", "pools", "edge"}},
    {"targets", {"east", "west", "rest"}},
    {"faults", {"cut", "storm", "weak"}},
    {"outcomes", {"apart", "joined"}},
    {"branches.variants", {"control", "other"}},
    {"world.latency.places", {"here", "there", "yonder"}},
    {"measure", {"gap"}},
};
const Words kOtherNames = {"first", "second"};

class Draw {
 public:
  explicit Draw(std::uint64_t seed)
      : random_(Seeds(seed), SeedDomain::world, Purpose("swarm"), StableId{0}),
        features_(Seeds(seed), SeedDomain::world, Purpose("swarm features"), StableId{0}) {
    constexpr std::array<double, 3> kRichness = {0.05, 0.25, 0.6};
    richness_ = kRichness[features_.below(kRichness.size())];
    for (const auto& [path, names] : kNames) names_[std::string(path)] = some_of(names, features_);
  }

  Value scenario() {
    root_ = Value::map(config::Mark{});
    // The horizon and the groups first: other keys speak of them.
    for (const std::string_view first : {"question", "horizon", "groups"})
      for (const LanguageKey& key : find_section("")->keys)
        if (key.name == first) put(root_, key.name, *value("", key));
    add_keys(*find_section(""), root_);
    return root_;
  }

 private:
  // One coin for the whole scenario, whatever the place.
  bool has_feature(const std::string& path) {
    const auto [entry, is_new] = coins_.emplace(path, false);
    if (is_new) entry->second = features_.chance(Share{0.5});
    return entry->second;
  }

  static const Small* small(std::string_view path, std::string_view key) {
    const auto found = std::find_if(kSmall.begin(), kSmall.end(),
                                    [&](const Small& entry) { return entry.path == path && entry.key == key; });
    return found == kSmall.end() ? nullptr : &*found;
  }

  const Words& names(const std::string& path) {
    const auto found = names_.find(path);
    return found == names_.end() ? kOtherNames : found->second;
  }

  bool wanted(const std::string& path, const LanguageKey& key) {
    if (!is_drawn(key.name)) return false;
    if (key.required) return true;
    if (const Small* entry = small(path, key.name); entry != nullptr && entry->always) return true;
    if (key.kind == KeyKind::map) return has_feature(path + "." + key.name);
    return random_.chance(Share{richness_});
  }

  Value map(const std::string& path) {
    if (path.ends_with("hosts")) return host_mix(path);
    Value drawn = Value::map(config::Mark{});
    for (const LanguageSection& section : language())
      if (section.path == path && !section.where) add_keys(section, drawn);
    for (const LanguageSection& section : language()) {
      if (section.path != path || !section.where) continue;
      const Value* decides = drawn.find(section.where->key);
      const auto& values = section.where->values;
      if (decides != nullptr && std::find(values.begin(), values.end(), decides->text()) != values.end())
        add_keys(section, drawn);
    }
    return drawn;
  }

  void add_keys(const LanguageSection& section, Value& drawn) {
    for (const LanguageKey& key : section.keys) {
      if (key.name == "<name>") {
        if (section.path == "measure" && !has_feature("measure.<name>")) continue;
        for (const std::string& name : names(section.path))
          if (auto made = value(section.path, key)) put(drawn, name, std::move(*made));
        continue;
      }
      if (drawn.find(key.name) != nullptr || !wanted(section.path, key)) continue;
      if (auto made = value(section.path, key)) put(drawn, key.name, std::move(*made));
    }
  }

  // Shares that add up to 100 %.
  Value host_mix(const std::string& path) {
    Value mix = Value::map(config::Mark{});
    Words classes;
    for (const LanguageKey& key : find_section(path)->keys) classes.push_back(key.name);
    const Words some = some_of(classes, random_);
    std::uint64_t left = 100;
    for (const std::string& name : some) {
      const std::uint64_t share = name == some.back() ? left : random_.below(left + 1);
      put_text(mix, name, fmt::format("{} %", share));
      left -= share;
    }
    return mix;
  }

  std::optional<Value> value(const std::string& path, const LanguageKey& key) {
    const std::string below = path.empty() ? key.name : path + "." + key.name;
    if (is_number(key.kind)) return number_or_list(path, key);
    switch (key.kind) {
      case KeyKind::on_off:
        return Value::scalar(random_.chance(Share{0.5}) ? "on" : "off", config::Mark{});
      case KeyKind::choice:
        return text_value(any_of(key.choices, random_).name);
      case KeyKind::seeds:
        return Value::scalar(std::to_string(1 + random_.below(1000)), config::Mark{});
      case KeyKind::text:
        return text(below, key);
      case KeyKind::target:
        return key.also_list ? list_of(2, [&] { return target(); }) : text_value(target());
      case KeyKind::names:
        return list_of(1 + random_.below(2), [&] { return name_for(key.name); });
      case KeyKind::pairs:
        return edges();
      case KeyKind::place:
        return place();
      case KeyKind::overrides:
        return overrides();
      default:
        return map(below);
    }
  }

  // Times are drawn as parts of the horizon where they are instants or spans of it.
  std::optional<DrawRange> range_of(const std::string& path, const LanguageKey& key) {
    if (const Small* entry = small(path, key.name)) return entry->range;
    const bool of_the_run = path.starts_with("faults") || path.starts_with("outcomes") ||
                            path.starts_with("branches") || path.starts_with("measure") || key.name == "until";
    if (key.kind != KeyKind::time || !of_the_run || !random_.chance(Share{0.9})) return std::nullopt;
    return DrawRange{horizon() / 300.0, horizon()};
  }

  Value number_or_list(const std::string& path, const LanguageKey& key) {
    const auto draw = [&] {
      // Published laws that stand for a value, such as `gervais-2016` for a size.
      if (!key.choices.empty() && random_.chance(Share{0.5})) return any_of(key.choices, random_).name;
      return draw_number(key, range_of(path, key), random_);
    };
    if (key.also_list && random_.chance(Share{0.3})) return list_of(1 + random_.below(3), draw);
    return text_value(draw());
  }

  template <class Make>
  Value list_of(std::uint64_t count, Make make) {
    Value list = Value::list(config::Mark{});
    for (std::uint64_t i = 0; i < count; ++i) list.add(text_value(make()));
    return list;
  }

  std::string target() {
    Words all = {"all", "online_honest"};
    for (const char* path : {"groups", "targets"}) all.insert(all.end(), names(path).begin(), names(path).end());
    return any_of(all, random_);
  }

  std::string node() {
    const auto& groups = root_.find("groups")->entries();
    const Value::Entry& group = groups[random_.below(groups.size())];
    const auto count = config::parse_number(group.value.find("count")->text()).value.value_or(1.0);
    return fmt::format("{}[{}]", group.key, random_.below(static_cast<std::uint64_t>(count)));
  }

  std::string name_for(std::string_view key) {
    if (key == "ids") return node();
    if (key == "groups" || key == "sources") return any_of(names("groups"), random_);
    // Any table has the same regions.
    return std::string(internet::region_tables().front().regions[random_.below(internet::kRegions)]);
  }

  // A ring, so that the network hangs together, and chords.
  Value edges() {
    Words nodes;
    for (const Value::Entry& group : root_.find("groups")->entries()) {
      const auto count = config::parse_number(group.value.find("count")->text()).value.value_or(1.0);
      for (int i = 0; i < static_cast<int>(count); ++i) nodes.push_back(fmt::format("{}[{}]", group.key, i));
    }
    random_.shuffle(nodes);
    std::set<std::pair<std::string, std::string>> pairs;
    Value list = Value::list(config::Mark{});
    const auto connect = [&](const std::string& from, const std::string& to) {
      if (from == to || !pairs.insert(std::minmax(from, to)).second) return;
      Value pair = Value::list(config::Mark{});
      pair.add(text_value(from));
      pair.add(text_value(to));
      list.add(std::move(pair));
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) connect(nodes[i], nodes[(i + 1) % nodes.size()]);
    for (std::size_t i = 0; i < nodes.size(); ++i) connect(any_of(nodes, random_), any_of(nodes, random_));
    return list;
  }

  Value place() {
    Value list = Value::list(config::Mark{});
    list.add(text_value(std::to_string(static_cast<int>(random_.below(171)) - 85)));
    list.add(text_value(std::to_string(static_cast<int>(random_.below(351)) - 175)));
    if (random_.chance(Share{0.5})) list.add(text_value(std::to_string(1 + random_.below(9))));
    return list;
  }

  std::optional<Value> text(const std::string& path, const LanguageKey& key) {
    if (key.name == "question") return text_value("What does the swarm find?");
    if (key.name == "file") return text_value(std::string(kSwarmMatrixFile));
    if (key.name == "when") return text_value(predicate());
    if (key.name == "stop_when" || path.ends_with(".to")) return text_value(any_of(names("outcomes"), random_));
    if (path.ends_with(".from") || path.ends_with(".after")) return text_value(instant(path.ends_with(".from")));
    return text_value(fmt::format("/swarm:{}/", random_.below(1000)));
  }

  std::string instant(bool outcomes_too) {
    const std::uint64_t kind = random_.below(outcomes_too ? 4 : 3);
    if (kind == 0) return number_text(KeyKind::time, std::round(horizon() * uniform_share(random_()) * 0.9));
    if (kind == 3) return any_of(names("outcomes"), random_);
    return any_of(names("faults"), random_) + (kind == 1 ? ".begin" : ".end");
  }

  std::string predicate() {
    Words conditions;
    for (std::uint64_t count = 1 + random_.below(2); count > 0; --count) {
      const QuantityHelp& quantity = any_of(quantities(), random_);
      std::string subject(quantity.name);
      if (quantity.quantity == Quantity::connections_between) subject += fmt::format("({}, {})", target(), target());
      if (quantity.quantity == Quantity::share)
        subject += fmt::format("({}, {})", target(), kNodeStates[random_.below(kNodeStates.size())]);
      const Words comparisons = {"==", "!=", "<", "<=", ">", ">="};
      const std::string number = quantity.unit == "%"    ? fmt::format("{} %", random_.below(101))
                                 : quantity.unit.empty() ? std::to_string(random_.below(12))
                                                         : fmt::format("{} {}", random_.below(5), quantity.unit);
      conditions.push_back(fmt::format("{}{} {} {}", random_.chance(Share{0.2}) ? "not " : "", subject,
                                       any_of(comparisons, random_), number));
    }
    return fmt::format("{}", fmt::join(conditions, random_.chance(Share{0.5}) ? " and " : " or "));
  }

  // Of a branch: faults that are taken away, changed, or added.
  Value overrides() {
    Value changes = Value::map(config::Mark{});
    for (const std::string& name : names("faults")) {
      const std::uint64_t what = random_.below(3);
      const Value other = map("faults.<name>");
      if (what == 0) put(changes, "faults." + name, Value::scalar("off", config::Mark{}));
      if (what == 1 && !other.entries().empty()) {
        const Value::Entry& entry = other.entries()[random_.below(other.entries().size())];
        put(changes, "faults." + name + "." + entry.key, entry.value);
      }
      if (what == 2 && random_.chance(Share{0.5})) put(changes, "faults.new_" + name, other);
    }
    return changes;
  }

  double horizon() const {
    const auto time = config::parse_duration(root_.find("horizon")->text()).value;
    return static_cast<double>(time ? time->ns : 0);
  }

  RandomStream random_;
  RandomStream features_;
  double richness_ = 0.0;  // how likely an optional key is
  std::map<std::string, bool> coins_;
  std::map<std::string, Words> names_;
  Value root_ = Value::map(config::Mark{});
};

}  // namespace

bool is_drawn(std::string_view key) {
  return key != "extends" && key != "fingerprint";
}

Value draw_scenario(std::uint64_t seed) {
  return Draw(seed).scenario();
}

}  // namespace hearsay::app
