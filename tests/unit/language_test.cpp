// The language as it is described (scenarios/app/language.hpp) is the language that is read and that describe prints.
#include "scenarios/app/language.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/language_schema.hpp"
#include "scenarios/app/language_text.hpp"
#include "scenarios/app/resolve.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::app {
namespace {

using config::Value;
using Sets = std::vector<std::string>;

const std::string kLeast =
    "question: q?\n"
    "horizon: 2 h\n"
    "groups: {full: {count: 20, role: full}}\n"
    "topology: {model: random_outbound}\n";

const std::string kEdges = R"(topology={model: edges, edges: [["full[0]", "full[1]"]]})";
const std::string kPlaces = "world.latency={model: coordinates, space: globe, places: {a: [1, 2]}}";
const std::string kRegions = "world.regions=simblock-2019";

const std::string kTargets = "targets={x: {nodes: {share: 30 %}}, rest: {not: x}}";
const std::string kRestart = "faults.x={type: restart, of: full, at: 1 min}";
const std::string kBranch = "branches={variants: {x: {faults.x: off}}}";
const std::string kOutcome = "outcomes.x={when: tips >= 2}";

// What it takes to reach a section: overrides of kLeast.
Sets way_to(const LanguageSection& section) {
  static const std::map<std::string, Sets> kWays = {
      {"world.latency", {"world.latency={model: constant, delay: 5 ms}"}},
      {"world.bandwidth", {"world.bandwidth={model: unlimited}"}},
      {"world.latency, model constant", {"world.latency={model: constant, delay: 5 ms}"}},
      {"world.latency, model uniform", {"world.latency={model: uniform}"}},
      {"world.latency, model region_matrix", {kRegions, "world.latency={model: region_matrix}"}},
      {"world.latency, model rtt_matrix", {"world.latency={model: rtt_matrix, file: m.csv}"}},
      {"world.latency, model coordinates", {kPlaces}},
      {"world.latency.places", {kPlaces}},
      {"world.latency, model log_normal", {"world.latency={model: log_normal}"}},
      {"world.bandwidth, model constant", {"world.bandwidth={model: constant, uplink: 1 Mbit/s, downlink: 1 Mbit/s}"}},
      {"world.addresses", {"world.addresses={model: uniform}"}},
      {"world.hosts", {"world.hosts={home: 100 %}"}},
      {"world.host_classes", {"world.hosts={home: 100 %}", "world.host_classes={}"}},
      {"world.transport, model serial", {"world.transport={model: serial}"}},
      {"groups.<name>, role miner", {"groups.full.role=miner"}},
      {"groups.<name>.hosts", {"groups.full.hosts={home: 100 %}"}},
      {"topology, model edges", {kEdges}},
      {"topology, model out_degree", {"topology={model: out_degree, law: simblock-bitcoin-2015}"}},
      {"topology, model bounded_degree", {"topology={model: bounded_degree, law: gervais-2016}"}},
      {"workload.blocks", {"groups.full.role=miner"}},
      {"workload.transactions", {"workload.transactions={rate: 1 /s}"}},
      {"measure.propagation", {"groups.full.role=miner", "measure.propagation={}"}},
      {"measure.node_propagation", {"groups.full.role=miner", "measure.node_propagation={}"}},
      {"measure.stale_rate", {"groups.full.role=miner", "measure.stale_rate={}"}},
      {"measure.traffic", {"measure.traffic={by: type}"}},
      {"measure.busy_share", {"groups.full.validation={model: core}", "measure.busy_share={}"}},
      {"measure.wasted_work", {"groups.full.role=miner", "measure.wasted_work={}"}},
      {"measure.reorg_depth", {"groups.full.role=miner", "measure.reorg_depth={}"}},
      {"measure.<name>", {kOutcome, "measure.x={from: 1 min, to: x}"}},
      {"targets", {kTargets}},
      {"targets.<name>", {kTargets}},
      {"targets.<name>.pools", {"groups.full.role=miner", "targets.x={pools: {}}"}},
      {"targets.<name>.nodes", {kTargets}},
      {"faults", {kRestart}},
      {"faults.<name>", {kRestart}},
      {"faults.<name>, type churn", {"faults.x={type: churn, of: full}"}},
      {"faults.<name>, type loss_burst", {"faults.x={type: loss_burst, of: full, at: 1 min}"}},
      {"faults.<name>, type partition", {kTargets, "faults.x={type: partition, between: [x, rest], at: 1 min}"}},
      {"faults.<name>, type restart", {kRestart}},
      {"faults.<name>, type slow_node", {"faults.x={type: slow_node, of: full, at: 1 min}"}},
      {"faults.<name>, type targeted_removal", {"faults.x={type: targeted_removal, at: 1 min}"}},
      {"outcomes", {kOutcome}},
      {"outcomes.<name>", {kOutcome}},
      {"sample", {kOutcome, "sample={}"}},
      {"branches", {kRestart, kBranch}},
      {"branches.variants", {kRestart, kBranch}},
  };
  if (const auto found = kWays.find(section.title()); found != kWays.end()) return found->second;
  if (section.path.starts_with("world.host_classes."))
    return {"world.hosts={home: 100 %}", fmt::format("{}={{}}", section.path)};
  return {};
}

const config::TemporaryFolder& folder() {
  static const config::TemporaryFolder made;
  return made;
}

std::string least_file() {
  (void)folder().write("m.csv", "x,a,b\na,0,20\nb,20,0\n");
  return folder().write("s.yaml", kLeast);
}

Scenario resolved(const Sets& sets) {
  return resolve_scenario(least_file(), sets, {});
}

// The group of the file above is called `full`; whatever else has a name, in way_to, is called `x`.
std::string real_path(std::string path) {
  const std::size_t at = path.find("<name>");
  return at == std::string::npos ? path : path.replace(at, 6, path.starts_with("groups.") ? "full" : "x");
}

std::string pattern_path(const std::string& path) {
  if (find_section(path) != nullptr) return path;
  for (const LanguageSection& section : language()) {
    const std::size_t at = section.path.find("<name>");
    if (at == std::string::npos || !path.starts_with(section.path.substr(0, at))) continue;
    const std::size_t end = std::min(path.find('.', at), path.size());
    return section.path.substr(0, at) + "<name>" + path.substr(end);
  }
  return path;
}

const Value* at_path(const Value& root, const std::string& path) {
  const Value* value = &root;
  for (std::size_t from = 0; value != nullptr && from < path.size();) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    value = value->is_map() ? value->find(path.substr(from, dot - from)) : nullptr;
    from = dot + 1;
  }
  return value;
}

// Does the section hold for this map?
bool holds(const LanguageSection& section, const Value& map) {
  if (!section.where) return true;
  const Value* decides = map.find(section.where->key);
  return decides != nullptr && std::any_of(section.where->values.begin(), section.where->values.end(),
                                           [&](const std::string& value) { return value == decides->text(); });
}

// Every key of a described map stands in a section of its path that holds.
void check_described(const Value& map, const std::string& path) {
  for (const Value::Entry& entry : map.entries()) {
    const LanguageKey* found = nullptr;
    for (const LanguageSection& section : language())
      if (section.path == path && holds(section, map))
        for (const LanguageKey& key : section.keys)
          if (key.name == entry.key || (key.name == "<name>" && found == nullptr)) found = &key;
    CAPTURE(path, entry.key);
    REQUIRE(found != nullptr);
    const bool map_expected = found->kind == KeyKind::map || found->kind == KeyKind::overrides;
    CHECK(map_expected == entry.value.is_map());
    const std::string below = path.empty() ? found->name : path + "." + found->name;
    if (found->kind == KeyKind::map) check_described(entry.value, below);
  }
}

std::string messages(const Sets& sets) {
  try {
    (void)resolved(sets);
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string content(const std::string& name) {
  std::ifstream file(std::string(HEARSAY_SOURCE_DIR) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What readers were asked for, by the path of the map.
using Asked = std::map<std::string, std::set<std::string>>;

class Listening {
 public:
  explicit Listening(Asked& asked) {
    config::listen_to_readers([&asked](const std::string& path, const std::vector<std::string>& keys) {
      asked[pattern_path(path)].insert(keys.begin(), keys.end());
    });
  }
  ~Listening() { config::listen_to_readers(nullptr); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
};

}  // namespace

TEST_CASE("Every key that describe prints is in the language, under its map and its model") {
  for (const LanguageSection& section : language()) {
    CAPTURE(section.title());
    const Value described = describe_scenario(resolved(way_to(section)), SeedsIn::included);
    check_described(described, "");
  }
}

TEST_CASE("The defaults of the language are what describe prints for a scenario that says nothing") {
  std::size_t compared = 0;
  for (const LanguageSection& section : language()) {
    const Value described = describe_scenario(resolved(way_to(section)), SeedsIn::included);
    const Value* map = at_path(described, real_path(section.path));
    if (map == nullptr) continue;  // `profile`: describe prints it in the groups
    if (!holds(section, *map)) continue;
    for (const LanguageKey& key : section.keys) {
      CAPTURE(section.title(), key.name);
      const Value* value = map->find(key.name);
      if (key.required) CHECK(key.preset.empty());
      if (value == nullptr || key.preset.empty()) continue;
      if (section.path.ends_with(".hosts")) continue;  // shares of zero are not printed, and one must not be
      CHECK(value->text() == key.preset);
      ++compared;
    }
  }
  CHECK(compared > 120);
}

TEST_CASE("Sections that share their keys share their defaults") {
  for (const LanguageSection& section : language()) {
    if (section.like.empty()) continue;
    const LanguageSection& other = *find_section(section.like);
    REQUIRE(section.keys.size() == other.keys.size());
    for (std::size_t i = 0; i < section.keys.size(); ++i) {
      CHECK(section.keys[i].name == other.keys[i].name);
      CHECK(section.keys[i].preset == other.keys[i].preset);
    }
  }
}

TEST_CASE("Every key of the language is known to the reader") {
  for (const LanguageSection& section : language()) {
    for (const LanguageKey& key : section.keys) {
      if (key.name == "<name>" || key.name == "extends") continue;
      CAPTURE(section.title(), key.name);
      Sets sets = way_to(section);
      const std::string path = real_path(section.path);
      sets.push_back(fmt::format("{}{}{}=[{{a: 1}}]", path, path.empty() ? "" : ".", key.name));
      const std::string text = messages(sets);
      CHECK(text.find("unknown key") == std::string::npos);
      CHECK(text.find("does nothing: the model") == std::string::npos);
      CHECK_FALSE(text.empty());
    }
  }
}

TEST_CASE("Every key that the reader asks for is in the language") {
  Asked asked;
  {
    const Listening listening(asked);
    for (const LanguageSection& section : language()) (void)messages(way_to(section));
    (void)messages({"measure={}", "groups.full.validation={model: core}", "groups.full.mempool={}",
                    "profile={mempool: {}, validation: {}}", "chain={}", "workload.blocks={}", "world.transport={}",
                    "seeds={}", kRegions});
  }
  std::set<std::string> paths;
  for (const auto& [path, names] : asked) {
    paths.insert(path);
    std::set<std::string> known;
    for (const LanguageSection& section : language())
      if (section.path == path)
        for (const LanguageKey& key : section.keys) known.insert(key.name);
    for (const std::string& name : names) {
      CAPTURE(path, name);
      CHECK(known.contains(name));
    }
  }
  for (const LanguageSection& section : language()) {
    const bool named_freely = section.keys.size() == 1 && section.keys[0].name == "<name>";
    CAPTURE(section.path);
    if (!named_freely) CHECK(paths.contains(section.path));
  }
}

TEST_CASE("What the language calls required is missed") {
  for (const LanguageSection& section : language()) {
    for (const LanguageKey& key : section.keys) {
      if (!key.required) continue;
      CAPTURE(section.title(), key.name);
      const std::string path = real_path(section.path);
      Sets sets = way_to(section);
      sets.push_back(fmt::format("{}{}{}=off", path, path.empty() ? "" : ".", key.name));
      const std::string text = messages(sets);
      const bool missed = text.find(fmt::format("missing key `{}`", key.name)) != std::string::npos ||
                          text.find(fmt::format("`{}.{}` is missing", path, key.name)) != std::string::npos;
      CAPTURE(text);
      CHECK(missed);
    }
  }
}

TEST_CASE("Every choice of the language is valid, and no other") {
  for (const LanguageSection& section : language()) {
    for (const LanguageKey& key : section.keys) {
      if (key.kind != KeyKind::choice) continue;
      const std::string path = real_path(section.path);
      Sets sets = way_to(section);
      if (key.name == "region") sets.push_back(kRegions);
      sets.push_back(fmt::format("{}{}{}=no_such_word", path, path.empty() ? "" : ".", key.name));
      const std::string text = messages(sets);
      CAPTURE(section.title(), key.name, text);
      CHECK(text.find("valid: " + choices_text(key)) != std::string::npos);
    }
  }
}

TEST_CASE("The page of the language is the one that the program prints") {
  INFO("hearsay models --markdown > docs/reference.md");
  CHECK((language_markdown() == content("docs/reference.md")));
}

TEST_CASE("Names are found in the catalogue by a part of them") {
  const std::string all = language_text();
  CHECK(all.find("inbound_slots") != std::string::npos);
  CHECK(language_text("no such thing").empty());
  const std::string slots = language_text("inbound_slots");
  CHECK(slots.find("\nprofile") == std::string::npos);
  CHECK(slots.starts_with("profile: "));
  CHECK(slots.find("125 automatic connections less 8 + 2 outbound and 1 feeler") != std::string::npos);
  CHECK(slots.find("ping_interval") == std::string::npos);
  CHECK(language_text("mempool.size_limit").find("size_limit") != std::string::npos);
  CHECK(language_text("bounded_degree").find("topology, model bounded_degree") != std::string::npos);
}

TEST_CASE("The schema is JSON that refuses unknown keys, and requires what a whole scenario must say") {
  const auto schema = nlohmann::json::parse(language_schema());
  CHECK(schema.at("$schema") == "https://json-schema.org/draft/2020-12/schema");
  const auto& plain = schema.at("$defs").at("plain");
  CHECK(plain.at("additionalProperties") == false);
  const auto& horizon = plain.at("properties").at("horizon");
  CHECK(horizon.at("pattern") == "^((0|[1-9][0-9]*)(\\.[0-9]+)? *(ns|us|ms|s|min|h|d))$");
  CHECK(horizon.at("description").get<std::string>().find("1 ms to 366 d") != std::string::npos);
  CHECK(schema.at("$defs").at("required").at("required") ==
        nlohmann::json({"question", "horizon", "groups", "topology"}));
}

}  // namespace hearsay::app
