#include "scenarios/app/resolve_branches.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/app/config/extends.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/resolve.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Problems;
using config::Value;

void collect(const Value* left, const Value* right, const std::string& path, std::vector<std::string>& paths) {
  if (left != nullptr && right != nullptr) {
    if (config::same_tree(*left, *right)) return;
    if (left->is_map() && right->is_map()) {
      const auto inside = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
      for (const Value::Entry& entry : left->entries())
        collect(&entry.value, right->find(entry.key), inside(entry.key), paths);
      for (const Value::Entry& entry : right->entries())
        if (left->find(entry.key) == nullptr) collect(nullptr, &entry.value, inside(entry.key), paths);
      return;
    }
  }
  paths.push_back(path);
}

// `faults.cut.for: 6 h` as maps within maps.
Value nested(const Value::Entry& entry) {
  const std::size_t dot = entry.key.find('.');
  Value map = Value::map(entry.mark);
  if (dot == std::string::npos)
    map.set(entry);
  else
    map.set({entry.key.substr(0, dot), entry.mark, nested({entry.key.substr(dot + 1), entry.mark, entry.value})});
  return map;
}

void check_difference(const std::string& path, const std::string& variant_path, const config::Mark& mark,
                      const Scenario& main, const Scenario& variant, Problems& problems) {
  if (!path.starts_with("faults")) {
    problems.add(mark, fmt::format("`{}`: `{}` cannot differ between branches: it is fixed when the network is built; "
                                   "branches may differ in `faults`",
                                   variant_path, path));
    return;
  }
  // `faults` itself: one of the two has none at all.
  const std::string named = path == "faults" ? "" : path.substr(7, path.find('.', 7) - 7);
  for (const Scenario* side : {&main, &variant})
    for (const auto& fault : side->faults) {
      const bool concerned = named.empty() || fault->name() == named;
      if (!concerned || fault->earliest() >= main.branch_at) continue;
      problems.add(mark,
                   fmt::format("`{}`: `{}` begins before the branches part (`branches.at: {}`), so it must be the "
                               "same in all of them",
                               variant_path, fault->path(), config::format_duration(main.branch_at)));
    }
}

void read_variant(const std::string& name, const config::Mark& mark, const Value& changes, const Value& tree,
                  const ResolveVariant& resolve, Scenario& scenario, Problems& problems) {
  const std::string path = "branches.variants." + name;
  if (name == "main") {
    problems.add(mark, fmt::format("`{}`: main is the branch without changes; choose another name", path));
    return;
  }
  if (changes.is_refused()) return;
  if (!changes.is_map()) {
    problems.add(changes.mark(), fmt::format("`{}`: expected a map of changes, such as `{{faults.cut: off}}`, found {}",
                                             path, changes.shown()));
    return;
  }
  Value changed = tree;
  for (const Value::Entry& entry : changes.entries()) config::override_with(changed, nested(entry));
  Problems found;
  const Scenario variant = resolve(changed, found);
  for (const config::Problem& problem : found.sorted())
    problems.add(problem.mark, fmt::format("in the branch `{}`: {}", name, problem.message));
  if (!found.empty()) return;
  std::vector<std::string> paths =
      differences(describe_scenario(scenario, SeedsIn::left_out), describe_scenario(variant, SeedsIn::left_out));
  if (paths.empty()) problems.add(mark, fmt::format("`{}` changes nothing: it is the same as main", path));
  for (const std::string& difference : paths) check_difference(difference, path, mark, scenario, variant, problems);
  scenario.branches.push_back({name, std::make_shared<const Scenario>(variant)});
}

}  // namespace

std::vector<std::string> differences(const Value& left, const Value& right) {
  std::vector<std::string> paths;
  collect(&left, &right, "", paths);
  return paths;
}

void read_branches(MapReader& root, const Value& tree, const ResolveVariant& resolve, Scenario& scenario) {
  auto branches = root.take_map("branches");
  if (!branches) return;
  scenario.branch_at = branches->take_duration("at", Duration{}, {Duration{}, scenario.horizon});
  auto variants = branches->require_map("variants");
  branches->finish();
  if (!root.problems().empty() || !variants) return;  // main comes first
  const std::vector<const Value::Entry*> entries = variants->take_rest();
  if (entries.empty() && variants->is_usable())
    root.problems().add(variants->mark(), "`branches.variants` is empty: there would be nothing but main");
  Value unbranched = tree;
  unbranched.erase("branches");
  // All are resolved against main alone.
  const Scenario main = scenario;
  for (const Value::Entry* entry : entries) {
    Scenario with = main;
    read_variant(entry->key, entry->mark, entry->value, unbranched, resolve, with, root.problems());
    if (with.branches.size() > main.branches.size()) scenario.branches.push_back(with.branches.back());
  }
}

}  // namespace hearsay::app
