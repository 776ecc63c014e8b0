#include "scenarios/app/swarm/mend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/load.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/resolve.hpp"

namespace hearsay::app {

namespace {

using config::Mark;
using config::Value;

constexpr int kMostRounds = 60;

bool is_at(const Mark& mark, const Mark& place) {
  return mark.line == place.line && mark.column == place.column;
}

bool contains(const Value& list, const Mark& place) {
  return is_at(list.mark(), place) ||
         (list.is_list() && std::any_of(list.items().begin(), list.items().end(),
                                        [&](const Value& item) { return contains(item, place); }));
}

// The entries at a place, by their paths: the innermost one first. A map begins where its first key stands.
void find_entries(const Value& map, const Mark& place, const std::string& path, std::vector<std::string>& found) {
  for (const Value::Entry& entry : map.entries()) {
    const std::string below = path.empty() ? entry.key : path + "\n" + entry.key;
    if (entry.value.is_map()) find_entries(entry.value, place, below, found);
    if (is_at(entry.mark, place) || contains(entry.value, place)) found.push_back(below);
  }
}

// What must be there is replaced by the least that may stand in its place.
std::optional<Value> least_form(std::string_view path) {
  Value least = Value::map(Mark{});
  if (path == "topology") {
    config::put_text(least, "model", "random_outbound");
    config::put_text(least, "outbound", "1");
    return least;
  }
  if (path.starts_with("groups\n") && path.find('\n', 7) == std::string_view::npos) {
    config::put_text(least, "count", "2");
    config::put_text(least, "role", "full");
    return least;
  }
  return std::nullopt;
}

// False if there is nothing at the path, or nothing less. Paths have line ends between their keys, since keys may hold
// dots.
bool erase(Value& map, std::string_view path) {
  const std::size_t end = path.find('\n');
  if (end == std::string_view::npos) {
    if (map.find(path) == nullptr) return false;
    map.erase(path);
    return true;
  }
  Value* below = map.find(path.substr(0, end));
  return below != nullptr && below->is_map() && erase(*below, path.substr(end + 1));
}

std::string with_dots(std::string path) {
  std::replace(path.begin(), path.end(), '\n', '.');
  return path;
}

// What stands in backticks.
std::vector<std::string> quoted(const std::string& message) {
  std::vector<std::string> words;
  for (std::size_t open = message.find('`'); open != std::string::npos;) {
    const std::size_t close = message.find('`', open + 1);
    if (close == std::string::npos) break;
    words.push_back(message.substr(open + 1, close - open - 1));
    open = message.find('`', close + 1);
  }
  return words;
}

bool take_out(Value& tree, std::string path) {
  for (const char* key : {"topology\nmodel", "topology\nlaw", "topology\nedges"})
    if (path == key) path = "topology";
  const auto least = least_form(path);
  if (!least) return erase(tree, path);
  Value* parent = path == "topology" ? &tree : tree.find("groups");
  const std::string key = path.substr(path.find('\n') + 1);
  Value* now = parent->find(key);
  if (now == nullptr || config::same_tree(*now, *least)) return false;
  *now = *least;
  return true;
}

// Takes out what a message is about: of the entries at its place the one that it names, else the outermost, for it is
// the map that lacks something; else whatever it names, groups last. A message that points at no entry is left alone.
// False if that changes nothing.
bool mend(Value& tree, const config::Problem& problem) {
  std::vector<std::string> entries;
  find_entries(tree, problem.mark, "", entries);
  if (entries.empty() || entries.back() == "question") return false;
  std::vector<std::string> words = quoted(problem.message);
  std::vector<std::string> candidates;
  for (const std::string& entry : entries)
    for (const std::string& word : words)
      if (word == with_dots(entry) || word.starts_with(with_dots(entry) + ":")) candidates.push_back(entry);
  candidates.insert(candidates.end(), entries.rbegin(), entries.rend());
  std::stable_partition(words.begin(), words.end(),
                        [](const std::string& word) { return !word.starts_with("groups"); });
  for (std::string word : words) {
    std::replace(word.begin(), word.end(), '.', '\n');
    candidates.push_back(word);
  }
  const auto required = [](const std::string& path) {
    return path == "question" || path == "horizon" || path == "groups";
  };
  return std::any_of(candidates.begin(), candidates.end(),
                     [&](const std::string& path) { return !required(path) && take_out(tree, path); });
}

}  // namespace

MendedScenario mend_scenario(Value drawn, const std::string& path) {
  MendedScenario mended{std::move(drawn), {}, {}};
  for (int round = 0; round < kMostRounds; ++round) {
    const std::string yaml = config::to_yaml(mended.tree);
    std::ofstream(path, std::ios::binary) << yaml;
    config::Problems of_yaml;
    mended.tree = config::load_yaml_text(yaml, path, of_yaml);
    if (!of_yaml.empty())
      throw SwarmFailure(fmt::format("what is printed does not load: {}", of_yaml.sorted().front().message));
    std::vector<config::Problem> problems;
    try {
      mended.scenario = resolve_scenario(path, {}, {});
      return mended;
    } catch (const config::ConfigError& error) {
      problems = error.problems();
    }
    bool changed = false;
    for (const config::Problem& problem : problems) {
      mended.refusals.push_back(problem.message);
      changed |= mend(mended.tree, problem);
    }
    if (!changed)
      throw SwarmFailure(fmt::format("nothing can be taken out for the message: {}", problems.front().line()));
  }
  throw SwarmFailure(fmt::format("not mended in {} rounds; the last message: {}", kMostRounds, mended.refusals.back()));
}

}  // namespace hearsay::app
