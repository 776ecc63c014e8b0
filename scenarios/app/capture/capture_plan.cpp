#include "scenarios/app/capture/capture_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>

#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/results/store.hpp"

namespace hearsay::app {

namespace {

constexpr std::string_view kAll = "all";

std::vector<std::string> words_of(const std::vector<std::string>& selections) {
  std::vector<std::string> words;
  for (const std::string& selection : selections) {
    std::size_t start = 0;
    while (start <= selection.size()) {
      const std::size_t end = std::min(selection.find(',', start), selection.size());
      std::string word = selection.substr(start, end - start);
      word.erase(0, word.find_first_not_of(' '));
      word.erase(word.find_last_not_of(' ') + 1);
      if (word.empty()) throw CaptureError(fmt::format("--capture-nodes '{}': a name is empty", selection));
      words.push_back(std::move(word));
      start = end + 1;
    }
  }
  return words;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

// The indices that `7` or `0..9` names, first and last.
std::optional<std::pair<std::int64_t, std::int64_t>> index_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  const auto first = whole_number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : whole_number(text.substr(dots + 2));
  if (!first || !last || *first > *last || *first < 0) return std::nullopt;
  return std::pair(*first, *last);
}

void expect_writable(const std::string& path) {
  if (std::filesystem::is_directory(path)) throw CaptureError(fmt::format("cannot write {}: it is a folder", path));
  const std::string unfinished = unfinished_capture(path);
  if (unfinished == path) return;  // opening a pipe here would take its reader away from the run
  std::ofstream file(unfinished, std::ios::binary);
  if (!file) throw CaptureError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  file.close();
  std::filesystem::remove(unfinished);
}

std::string likely_names(const std::string& word, const Scenario& scenario) {
  std::vector<std::string> names;
  for (const GroupSpec& group : scenario.groups) names.push_back(group.name);
  names.emplace_back(kAll);
  for (const GroupSpec& group : scenario.groups)
    for (std::string& name : node_names(group)) names.push_back(std::move(name));
  return config::suggestion(word, {names.begin(), names.end()});
}

// group[3], group[0..4]: members without their gateways.
void choose_range(const GroupSpec& group, const std::string& word, std::set<std::string>& chosen) {
  const std::size_t bracket = word.find('[');
  const auto range = word.back() == ']'
                         ? index_range(std::string_view(word).substr(bracket + 1, word.size() - bracket - 2))
                         : std::nullopt;
  if (!range)
    throw CaptureError(fmt::format("--capture-nodes: `{}` is no node; expected {}[0] or {}[0..{}]", word, group.name,
                                   group.name, group.count - 1));
  if (range->second >= group.count)
    throw CaptureError(fmt::format("--capture-nodes: no node is called `{}`: the nodes of {} are {}[0..{}]", word,
                                   group.name, group.name, group.count - 1));
  for (std::int64_t index = range->first; index <= range->second; ++index) chosen.insert(node_name(group, index));
}

}  // namespace

// `name`, `group`, `group[3]`, `group[0..4]`, `all`; members of a group bring their gateways with a group or `all`
// only.
std::vector<std::string> select_nodes(const Scenario& scenario, const std::vector<std::string>& selections) {
  std::set<std::string> chosen;
  for (const std::string& word : words_of(selections)) {
    bool known = word == kAll;
    for (const GroupSpec& group : scenario.groups) {
      const std::vector<std::string> names = node_names(group);
      if (word == kAll || word == group.name) {
        known = true;
        chosen.insert(names.begin(), names.end());
      } else if (std::find(names.begin(), names.end(), word) != names.end()) {
        known = true;
        chosen.insert(word);
      } else if (word.substr(0, word.find('[')) == group.name) {
        choose_range(group, word, chosen);
        known = true;
      }
    }
    if (!known)
      throw CaptureError(
          fmt::format("--capture-nodes: no node or group is called `{}`{}", word, likely_names(word, scenario)));
  }
  std::vector<std::string> names;
  for (const GroupSpec& group : scenario.groups)
    for (std::string& name : node_names(group))
      if (chosen.contains(name)) names.push_back(std::move(name));
  return names;
}

CapturePlan plan_capture(const std::string& path, const std::vector<std::string>& selections, const Scenario& scenario,
                         const std::vector<RunKey>& runs) {
  if (path.empty()) {
    if (!selections.empty()) throw CaptureError("--capture-nodes without --capture: name the file to write");
    return {};
  }
  if (runs.size() != 1)
    throw CaptureError(fmt::format("--capture records one run, and {} are selected: choose one, for example --seeds {}",
                                   runs.size(), runs.empty() ? 1 : runs.front().world_seed));
  CapturePlan plan;
  plan.path = path;
  if (selections.empty()) {
    for (const GroupSpec& group : scenario.groups)
      if (group.count > 0) plan.nodes.push_back(node_name(group, 0));
  } else {
    plan.nodes = select_nodes(scenario, selections);
  }
  expect_writable(path);
  return plan;
}

void expect_capturable(const CapturePlan& plan, const std::string& results_path, Existing existing) {
  if (plan.path.empty()) return;
  const auto place = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  };
  if (place(plan.path) == place(results_path))
    throw CaptureError(fmt::format("{} is the results file; --capture needs a file of its own", plan.path));
  if (existing == Existing::replace || !std::filesystem::exists(results_path)) return;
  if (ResultsFile::open(results_path).finished_runs().empty()) return;
  throw CaptureError(fmt::format(
      "{} holds finished runs, which do not run again and cannot be captured: --fresh replaces them, --out names "
      "another file",
      results_path));
}

std::string describe_nodes(const CapturePlan& plan) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, plan.nodes.size()); ++i) text += (i == 0 ? "" : ", ") + plan.nodes[i];
  if (plan.nodes.size() > kShown) text += fmt::format(" and {} more", plan.nodes.size() - kShown);
  return text;
}

std::string unfinished_capture(const std::string& path) {
  const auto status = std::filesystem::status(path);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) ? path : path + ".part";
}

}  // namespace hearsay::app
