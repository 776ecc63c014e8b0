#include "scenarios/app/resolve_faults.hpp"

#include <fmt/format.h>

#include <variant>

#include "models/catalogue.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/resolve_targets.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

template <class P>
class FaultSpecOf final : public FaultSpec {
 public:
  FaultSpecOf(std::string name, const faults::FaultModel<P>& model, P parameters)
      : name_(std::move(name)), model_(model), parameters_(std::move(parameters)) {}

  const std::string& name() const override { return name_; }
  std::string_view type() const override { return model_.type; }
  const faults::Timing& timing() const override { return parameters_; }
  Duration earliest() const override { return parameters_.earliest(); }
  std::unique_ptr<faults::Fault> make() const override { return model_.make(parameters_); }
  Value describe() const override {
    Value map = Value::map(config::Mark{});
    map.set({"type", config::Mark{}, config::text_value(std::string(model_.type))});
    const Value described = config::describe_parameters(model_.describe(), parameters_);
    for (const Value::Entry& entry : described.entries())
      if (means_something(entry.key, described)) map.set(entry);
    return map;
  }
  // False for a parameter of another choice than the one made.
  [[nodiscard]] bool means_something(std::string_view key, const Value& described) const {
    for (const faults::OnlyFor& rule : model_.only_for)
      if (rule.key == key && described.find(rule.choice)->text() != rule.value) return false;
    return true;
  }
  std::vector<TargetName> targets() const override {
    std::vector<TargetName> names;
    P parameters = parameters_;
    for (const Parameter<P>& parameter : model_.describe()) {
      const ParameterSlot slot = parameter.slot_in(parameters);
      if (const auto* one = std::get_if<TargetName*>(&slot)) names.push_back(**one);
      if (const auto* list = std::get_if<std::vector<TargetName>*>(&slot))
        names.insert(names.end(), (*list)->begin(), (*list)->end());
    }
    return names;
  }

 private:
  std::string name_;
  const faults::FaultModel<P>& model_;
  P parameters_;
};

std::vector<std::string_view> fault_types() {
  std::vector<std::string_view> types;
  for_each_fault([&](const auto& model) { types.push_back(model.type); });
  return types;
}

void check_names(const FaultSpec& fault, MapReader& map, const Scenario& scenario) {
  const std::vector<TargetName> names = fault.targets();
  for (const std::string_view key : {"of", "between"}) {
    if (!map.has(key)) continue;
    const Value* written = map.take(key);
    const auto check_one = [&](const Value& value) {
      if (value.is_scalar()) check_target(value.text(), map.path_of(key), value.mark(), scenario, map.problems());
    };
    if (written->is_list())
      for (const Value& item : written->items()) check_one(item);
    else
      check_one(*written);
    if (key == "between" && names.size() == 2 && surely_overlap(names[0].name, names[1].name, scenario))
      map.problems().add(written->mark(), fmt::format("`{}`: `{}` and `{}` have nodes in common", map.path_of(key),
                                                      names[0].name, names[1].name));
  }
}

void check_times(const faults::Timing& timing, MapReader& map, const Scenario& scenario) {
  for (const Duration at : timing.at)
    if (at >= scenario.horizon) {
      map.problems().add(
          map.has("at") ? map.take("at")->mark() : map.mark(),
          fmt::format("`{}`: {} lies at or after the end of the run (`horizon: {}`), so it does nothing",
                      map.path_of("at"), config::format_duration(at), config::format_duration(scenario.horizon)));
      return;
    }
}

template <class P>
void check_effects(const faults::FaultModel<P>& model, const FaultSpec& spec, MapReader& map) {
  const Value described = spec.describe();
  for (const faults::OnlyFor& rule : model.only_for) {
    const std::string chosen = described.find(rule.choice)->text();
    if (map.has(rule.key) && chosen != rule.value)
      map.problems().add(
          map.take(rule.key)->mark(),
          fmt::format("`{}` does nothing: `{}` is {}, not {}", map.path_of(rule.key), rule.choice, chosen, rule.value));
  }
}

template <class P>
void read_fault(const std::string& name, const faults::FaultModel<P>& model, MapReader& map, Scenario& scenario) {
  for (const std::string_view key : model.required) (void)map.require(key);
  P parameters;
  const std::size_t problems = map.problems().count();
  for (const std::string_view key : {"at", "between"})
    if (map.has(key) && map.take(key)->is_list() && map.take(key)->items().empty())
      map.problems().add(map.take(key)->mark(), fmt::format("`{}` is empty", map.path_of(key)));
  if (model.uses_rules && scenario.world.transport.model == "serial")
    map.problems().add(map.mark(),
                       fmt::format("`{}`: the serial transport of published simulators knows no {}; it needs "
                                   "`world.transport.model: tcp`",
                                   map.path(), model.type));
  config::read_parameters(map, model.describe(), parameters);
  if (map.problems().count() == problems) {
    std::vector<faults::Mistake> mistakes;
    model.check(parameters, mistakes);
    for (const faults::Mistake& mistake : mistakes)
      map.problems().add(map.has(mistake.key) ? map.take(mistake.key)->mark() : map.mark(),
                         fmt::format("`{}`: {}", map.path_of(mistake.key), mistake.text));
  }
  auto spec = std::make_shared<FaultSpecOf<P>>(name, model, std::move(parameters));
  check_effects(model, *spec, map);
  check_names(*spec, map, scenario);
  check_times(spec->timing(), map, scenario);
  scenario.faults.push_back(std::move(spec));
}

}  // namespace

void read_faults(MapReader& root, Scenario& scenario) {
  auto all = root.take_map("faults");
  if (!all) return;
  for (const Value::Entry* entry : all->take_rest()) {
    MapReader map(entry->value, all->path_of(entry->key), root.problems());
    const auto type = map.require_choice("type", fault_types());
    if (!type) continue;  // without a type its keys are not wrong as well
    for_each_fault([&](const auto& model) {
      if (model.type == *type) read_fault(entry->key, model, map, scenario);
    });
    map.finish();
  }
}

}  // namespace hearsay::app
