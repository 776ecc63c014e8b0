// The scenario language of nodes: the chain they start with, how they behave, their groups, who is connected with whom.
#include <fmt/format.h>

#include <algorithm>

#include "models/internet/hash_power.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

namespace {

const std::vector<LanguageKey> kBehaviourMaps = {
    {"mempool", KeyKind::map, "unconfirmed transactions and orphans that a node keeps"},
    {"validation", KeyKind::map, "the time that work takes a node"},
};

LanguageSection behaviour(std::string path) {
  return model_section(std::move(path), std::nullopt,
                       "how a node behaves; defaults are Bitcoin Core's of profile core-31",
                       bitcoin::describe_bitcoin_parameters())
      .add(kBehaviourMaps);
}

LanguageSection mempool(std::string path) {
  return model_section(std::move(path), std::nullopt, "unconfirmed transactions and orphans that a node keeps",
                       chain::describe_mempool_parameters())
      .add(model_keys(chain::describe_orphanage_parameters()));
}

LanguageSection validation(std::string path) {
  return model_section(std::move(path), std::nullopt, "the time that work takes a node",
                       bitcoin::describe_validation_parameters());
}

LanguageSection like(LanguageSection section, const char* other) {
  section.like = other;
  return section;
}

LanguageSection group() {
  LanguageKey count{"count", KeyKind::count, "nodes, or pools, of the group"};
  count.required = true;
  set_range(count, 1, 1e7);
  LanguageKey role{"role", KeyKind::choice, "what its nodes do"};
  role.required = true;
  role.choices = {{"full", "relays and validates"}, {"miner", "a pool: it also makes blocks"}};
  LanguageKey profile{"profile", KeyKind::choice, "whose defaults hold", "", "core-31"};
  profile.choices = {{"core-31", "Bitcoin Core 31"}};
  LanguageKey reachable{"reachable", KeyKind::on_off, "whether others may dial its nodes", "", "on"};
  LanguageKey host{"host", KeyKind::choice, "the class that all its hosts are of"};
  for (const std::string_view name : internet::kHostClassNames) host.choices.push_back({std::string(name)});
  LanguageKey region{
      "region", KeyKind::choice,
      "where its nodes are: all in one region, or a list with one for each; left out: drawn by the shares "
      "of the region table"};
  region.also_list = true;
  for (const auto& table : internet::region_tables())
    for (const std::string_view name : table.regions) {
      const auto same = [&](const Choice& choice) { return choice.name == name; };
      if (std::none_of(region.choices.begin(), region.choices.end(), same))
        region.choices.push_back({std::string(name)});
    }
  return LanguageSection{"groups.<name>", std::nullopt, "a group of nodes that share settings", "", {}}
      .add({count, role, profile, reachable})
      .add(model_keys(internet::describe_access_rates()))
      .add({{"hosts", KeyKind::map, "shares of its hosts by class"}, host, region})
      .without_preset({"uplink", "downlink"});
}

LanguageSection miners() {
  LanguageKey hash{"hash", KeyKind::choice, "how hash power is spread over the pools of the group", "", "equal"};
  hash.choices = {{"equal", "the same share for every pool"},
                  {std::string(internet::kSimBlockHash),
                   "normal, mean 400,000, standard deviation 100,000; SimBlock (Aoki et al. 2019)"}};
  for (const auto& table : internet::hash_power_tables())
    hash.choices.push_back({std::string(table.name), fmt::format("{} shares; {}", table.shares.size(), table.source)});
  LanguageSection section{"groups.<name>", LanguageCondition{"role", {"miner"}}, "", "", {hash}};
  return std::move(section).add(model_keys(bitcoin::describe_mining_parameters()));
}

template <class Law>
LanguageSection degree_section(const char* model, const char* help, const std::vector<Law>& laws) {
  LanguageKey law{"law", KeyKind::choice, help};
  law.required = true;
  for (const Law& published : laws) law.choices.push_back({std::string(published.name), std::string(published.source)});
  return {"topology", LanguageCondition{"model", {model}}, "", "", {law}};
}

void add_topology(std::vector<LanguageSection>& sections) {
  LanguageKey model{"model", KeyKind::choice, "how connections are made"};
  model.required = true;
  model.choices = {{"random_outbound", "every node dials others drawn uniformly"},
                   {"edges", "a list of pairs"},
                   {"out_degree", "numbers of outbound connections by a published law"},
                   {"bounded_degree",
                    "numbers of connections of either direction by a published law; miners all know "
                    "one another"}};
  sections.push_back({"topology", std::nullopt, "who is connected with whom", "", {model}});
  sections.push_back(model_section("topology", LanguageCondition{"model", {"random_outbound"}}, "",
                                   internet::describe_random_outbound()));
  LanguageKey edges{"edges", KeyKind::pairs, "exactly these connections: who dials, and whom"};
  edges.required = true;
  edges.example = "[[\"a[0]\", \"b[1]\"]]";
  sections.push_back({"topology", LanguageCondition{"model", {"edges"}}, "", "", {edges}});
  sections.push_back(degree_section("out_degree", "of outbound connections", internet::out_degree_laws()));
  sections.push_back(
      degree_section("bounded_degree", "of connections of either direction", internet::degree_bounds_laws()));
}

}  // namespace

void add_group_language(std::vector<LanguageSection>& sections) {
  sections.push_back(model_section("chain", std::nullopt, "the chain that all nodes have at the start",
                                   chain::describe_chain_start()));
  sections.push_back(behaviour("profile"));
  sections.push_back(mempool("profile.mempool"));
  sections.push_back(validation("profile.validation"));
  LanguageKey group_map{"<name>", KeyKind::map, "a group of nodes that share settings"};
  sections.push_back(
      {"groups", std::nullopt, "groups by name; `name[0]`, `name[1]` ... are their nodes", "", {group_map}});
  sections.push_back(group());
  sections.push_back(miners());
  sections.push_back(like(behaviour("groups.<name>"), "profile"));
  sections.push_back(like(mempool("groups.<name>.mempool"), "profile.mempool"));
  sections.push_back(like(validation("groups.<name>.validation"), "profile.validation"));
  LanguageSection hosts = *std::find_if(sections.begin(), sections.end(),
                                        [](const auto& section) { return section.path == "world.hosts"; });
  hosts.path = "groups.<name>.hosts";
  sections.push_back(like(std::move(hosts), "world.hosts"));
  add_topology(sections);
}

}  // namespace hearsay::app
