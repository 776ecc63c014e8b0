// The scenario language of what happens to a network: targets, faults, outcomes, branches.
#include <fmt/format.h>

#include "models/catalogue.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

namespace {

void add_targets(std::vector<LanguageSection>& sections) {
  sections.push_back({"targets",
                      std::nullopt,
                      "named selections of nodes, which may overlap; every group is a target too, and so are `all` and "
                      "`online_honest`",
                      "",
                      {{"<name>", KeyKind::map, "a target"}}});
  LanguageKey complement{"not", KeyKind::target, "everybody but the nodes of this target; nothing beside it"};
  complement.example = "east";
  sections.push_back({"targets.<name>",
                      std::nullopt,
                      "pools and nodes add up",
                      "",
                      {{"pools", KeyKind::map, "miners, each with its gateways"},
                       {"nodes", KeyKind::map, "nodes that do not mine"},
                       complement}});
  LanguageKey hash{"hash", KeyKind::share, "of all hash power, together, as nearly as the pools allow; they are drawn",
                   "", "100 %"};
  set_range(hash, 0.0001, 1);
  LanguageKey groups{"groups", KeyKind::names, "of these groups; left out: all"};
  LanguageKey regions{"regions", KeyKind::names, "in these regions; left out: all"};
  regions.example = "[europe]";
  sections.push_back(
      {"targets.<name>.pools", std::nullopt, "miners, each with its gateways", "", {hash, groups, regions}});
  LanguageKey share{"share", KeyKind::share, "how many, of all nodes that do not mine; they are drawn"};
  set_range(share, 0.0001, 1);
  LanguageKey count{"count", KeyKind::count, "how many"};
  count.least = 1;
  LanguageKey rank{"rank", KeyKind::choice,
                   "the first by this, of the connections of the beginning, and not drawn ones"};
  rank.choices = {{"degree", "most connections"}, {"betweenness", "on most shortest paths"}};
  LanguageKey ids{"ids", KeyKind::names, "these nodes by name, and nothing beside it"};
  ids.example = "[\"full[0]\", \"full[7]\"]";
  sections.push_back(
      {"targets.<name>.nodes", std::nullopt, "nodes that do not mine", "", {groups, regions, share, count, rank, ids}});
}

// What always holds first, then the parameters that only a choice gives a meaning.
template <class P>
void add_fault(std::vector<LanguageSection>& sections, const faults::FaultModel<P>& model) {
  LanguageSection section = model_section("faults.<name>", only("type", std::string(model.type)),
                                          std::string(model.summary), model.describe());
  for (LanguageKey& key : section.keys) {
    for (const std::string_view required : model.required) {
      if (key.name != required) continue;
      key.required = true;
      key.preset.clear();
    }
    for (const faults::OnlyFor& rule : model.only_for)
      if (key.name == rule.key) key.help += fmt::format("; only with `{}: {}`", rule.choice, rule.value);
  }
  sections.push_back(std::move(section));
}

void add_faults(std::vector<LanguageSection>& sections) {
  sections.push_back({"faults",
                      std::nullopt,
                      "what happens to the network; times count from the end of the warm-up",
                      "",
                      {{"<name>", KeyKind::map, "a fault"}}});
  LanguageKey type{"type", KeyKind::choice, "what kind of fault"};
  type.required = true;
  for_each_fault([&](const auto& model) {
    type.choices.push_back({std::string(model.type), std::string(model.summary)});
  });
  sections.push_back({"faults.<name>", std::nullopt, "a fault", "", {type}});
  for_each_fault([&](const auto& model) { add_fault(sections, model); });
}

void add_outcomes(std::vector<LanguageSection>& sections) {
  sections.push_back({"outcomes",
                      std::nullopt,
                      "what may happen: predicates, judged at sample instants",
                      "",
                      {{"<name>", KeyKind::map, "an outcome"}}});
  LanguageKey when{
      "when", KeyKind::text,
      "conditions joined by `and` or by `or`, each perhaps after `not`: a quantity, a comparison, a value"};
  when.required = true;
  when.example = "share(all, on_best_tip) >= 99 %";
  for (const QuantityHelp& quantity : quantities())
    when.help += fmt::format("; `{}`{}: {}", quantity.written,
                             quantity.unit.empty() ? "" : fmt::format(" (in {})", quantity.unit), quantity.help);
  LanguageKey lasts{"for", KeyKind::time, "how long it must stay true; its time is when that began"};
  lasts.least = 0;
  LanguageKey after{
      "after", KeyKind::text,
      "nobody looks before: a time, `FAULT.begin` (of its first time) or `FAULT.end` (of its last), the same "
      "in all branches"};
  after.example = "cut.end";
  sections.push_back(
      {"outcomes.<name>",
       std::nullopt,
       "an outcome",
       "",
       {{"of", KeyKind::target, "whose nodes; only for quantities of single nodes"}, when, lasts, after}});
  LanguageKey every{"every", KeyKind::time, "between two sample instants", "", "1 s"};
  every.least = 1e6;
  sections.push_back({"sample", std::nullopt, "when outcomes are judged", "", {every}});
}

void add_branches(std::vector<LanguageSection>& sections) {
  LanguageKey at{"at", KeyKind::time, "when the branches part", "", "0 s"};
  at.least = 0;
  LanguageKey variants{"variants", KeyKind::map, "the branches beside the one without changes, which is called main"};
  variants.required = true;
  sections.push_back({"branches",
                      std::nullopt,
                      "variants that go on from one warm state; they may differ in faults that begin at or after `at`",
                      "",
                      {at, variants}});
  LanguageKey changes{"<name>", KeyKind::overrides, "what is different: paths and values; `off` takes away"};
  changes.example = "{faults.cut: off}";
  sections.push_back({"branches.variants", std::nullopt, "branches by name", "", {changes}});
}

}  // namespace

void add_fault_language(std::vector<LanguageSection>& sections) {
  add_targets(sections);
  add_faults(sections);
  add_outcomes(sections);
  add_branches(sections);
}

}  // namespace hearsay::app
