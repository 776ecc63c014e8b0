#include "scenarios/app/config/extends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "scenarios/app/config/load.hpp"

namespace hearsay::config {
namespace {

constexpr const char* kSetFile = "--set";

bool is_switch(const Value& value) {
  return value.is_word("on") || value.is_word("off");
}

void override_entry(Value& base, const Value::Entry& change) {
  Value* inherited = base.find(change.key);
  if (inherited != nullptr && inherited->is_map() && change.value.is_map()) {
    override_with(*inherited, change.value);
    inherited->move_to(change.value.mark());
  } else if (inherited != nullptr && change.value.is_word("off") && !is_switch(*inherited)) {
    base.erase(change.key);
  } else {
    base.set(change);
  }
}

// The same file by another name is still the same file.
std::filesystem::path identity(const std::string& path) {
  std::error_code failed;
  std::filesystem::path canonical = std::filesystem::weakly_canonical(path, failed);
  return failed ? std::filesystem::path(path) : canonical;
}

// What `extends` says, if the file has it and it makes sense; the key is removed.
std::optional<Value> take_extends(Value& root, Problems& problems) {
  const Value* found = root.find("extends");
  if (found == nullptr) return std::nullopt;
  Value says = *found;
  root.erase("extends");
  // Without the base, most of the scenario would be called missing.
  if (says.is_refused()) throw ConfigError(problems.sorted());
  if (!says.is_scalar() || says.text().empty()) {
    problems.add(says.mark(),
                 fmt::format("`extends` expects a file, such as `base/small.yaml`, found {}", says.shown()));
    throw ConfigError(problems.sorted());
  }
  return says;
}

std::string circle(const std::vector<SourceFile>& files, std::size_t from) {
  std::string names;
  for (std::size_t index = from; index < files.size(); ++index) names += files[index].path + " -> ";
  return names + files[from].path;
}

void refuse_circle(const std::vector<SourceFile>& files, const std::string& next, const Mark& mark,
                   Problems& problems) {
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (identity(files[index].path) != identity(next)) continue;
    problems.add(mark, "`extends` goes in a circle: " + circle(files, index));
    throw ConfigError(problems.sorted());
  }
}

// Problems in the file carry the path by which it was reached, which the user can open.
Value read_one(const std::string& path, const Mark& blame, const std::string& shown_as, std::vector<SourceFile>& files,
               Problems& problems) {
  std::optional<std::string> bytes = read_file_bytes(path, blame, shown_as, problems);
  if (!bytes) throw ConfigError(problems.sorted());
  files.push_back({path, *std::move(bytes)});
  return load_yaml_text(files.back().bytes, path, problems);
}

// The path cut at its dots, each part with its column. Empty, with a problem, if it is not a path.
struct Step {
  std::string name;
  Mark mark;
};

std::vector<Step> steps_of(const std::string& path, const Mark& start, Problems& problems) {
  std::vector<Step> steps;
  std::size_t from = 0;
  while (from <= path.size()) {
    const std::size_t dot = std::min(path.find('.', from), path.size());
    std::string name = path.substr(from, dot - from);
    Mark mark = start;
    mark.column += static_cast<int>(from);
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
      problems.add(mark, fmt::format("expected a path such as `groups.full.count`, found {}", in_backticks(path)));
      return {};
    }
    steps.push_back({std::move(name), std::move(mark)});
    from = dot + 1;
  }
  if (steps.size() > kDeepestNesting) {
    problems.add(start, fmt::format("the path is deeper than {} levels", kDeepestNesting));
    return {};
  }
  return steps;
}

// Keys may hold dots (`variants: {control: {adversaries.infra: off}}`): joins the steps that name one present key.
std::size_t steps_in_key(const Value& map, const std::vector<Step>& steps, std::size_t from) {
  for (std::size_t end = steps.size(); end > from + 1; --end) {
    std::string key = steps[from].name;
    for (std::size_t index = from + 1; index < end; ++index) key += "." + steps[index].name;
    if (map.find(key) != nullptr) return end - from;
  }
  return 1;
}

}  // namespace

void override_with(Value& base, const Value& changes) {
  for (const Value::Entry& change : changes.entries()) override_entry(base, change);
}

LoadedScenario load_scenario(const std::string& path, Problems& problems) {
  LoadedScenario loaded{Value::map(mark_in(path)), {}};
  std::vector<Value> layers;
  layers.push_back(read_one(path, mark_in(path), "cannot read this file: ", loaded.files, problems));
  while (const std::optional<Value> says = take_extends(layers.back(), problems)) {
    const auto folder = std::filesystem::path(loaded.files.back().path).parent_path();
    const std::string next = (folder / says->text()).lexically_normal().string();
    refuse_circle(loaded.files, next, says->mark(), problems);
    // Whole: with half a path nobody finds the file.
    const std::string cannot = fmt::format("cannot read {}: ", in_backticks(next, next.size()));
    layers.push_back(read_one(next, says->mark(), cannot, loaded.files, problems));
  }
  loaded.root = std::move(layers.back());
  for (auto layer = layers.rbegin() + 1; layer != layers.rend(); ++layer) {
    override_with(loaded.root, *layer);
    loaded.root.move_to(layer->mark());
  }
  return loaded;
}

void apply_set(Value& root, const std::string& assignment, Problems& problems) {
  const Mark start = mark_in(kSetFile);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos) {
    problems.add(start, fmt::format("expected PATH=VALUE, such as `horizon=2 h`, found {}", in_backticks(assignment)));
    return;
  }
  const std::vector<Step> steps = steps_of(assignment.substr(0, equals), start, problems);
  const std::optional<Value> value =
      load_inline_value(assignment.substr(equals + 1), kSetFile, static_cast<int>(equals) + 2, problems);
  if (steps.empty() || !value) return;

  Value* map = &root;
  for (std::size_t index = 0;;) {
    const std::size_t length = steps_in_key(*map, steps, index);
    std::string key = steps[index].name;
    for (std::size_t part = index + 1; part < index + length; ++part) key += "." + steps[part].name;
    const Mark& mark = steps[index].mark;
    index += length;
    if (index == steps.size()) {
      override_entry(*map, {std::move(key), mark, *value});
      return;
    }
    if (map->find(key) == nullptr) map->append({key, mark, Value::map(mark)});
    Value* next = map->find(key);
    if (next->is_refused()) return;  // the problem that refused it comes first
    if (!next->is_map()) {
      problems.add(mark, fmt::format("`{}` is {} (in {}), not a map: there is nothing below it to set", key,
                                     next->shown(), next->mark().place()));
      return;
    }
    map = next;
  }
}

}  // namespace hearsay::config
