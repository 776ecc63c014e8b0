// The scenario language of what happens in a run and what is kept of it: workload, measure, seeds.
#include <fmt/format.h>

#include "models/internet/transaction_sizes.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

namespace {

void add_workload(std::vector<LanguageSection>& sections) {
  sections.push_back({"workload",
                      std::nullopt,
                      "what is made",
                      "",
                      {{"blocks", KeyKind::map, "blocks, mined by groups with the role miner"},
                       {"transactions", KeyKind::map, "transactions; left out: none"}}});
  sections.push_back(model_section("workload.blocks", std::nullopt, "blocks, mined by groups with the role miner",
                                   bitcoin::describe_block_workload()));
  LanguageKey size{"size", KeyKind::size, "bytes of a transaction: a size, or a published law", "", "gervais-2016"};
  size.example = "400 B";
  for (const auto& law : internet::transaction_size_laws())
    size.choices.push_back({std::string(law.name), fmt::format("{} B; {}", law.mean_bytes, law.source)});
  LanguageKey sources{"sources", KeyKind::names, "groups whose nodes make them; left out: all"};
  sources.example = "[full, pools]";
  sections.push_back(model_section("workload.transactions", std::nullopt, "transactions that nodes make",
                                   bitcoin::describe_transaction_workload())
                         .require({"rate"})
                         .add({size, sources}));
}

void add_measure(std::vector<LanguageSection>& sections) {
  sections.push_back(
      {"measure",
       std::nullopt,
       "what is written into the results; `{}` asks for a metric with its defaults",
       "",
       {{"propagation", KeyKind::map, "when blocks and transactions reach how many of the nodes"},
        {"node_propagation", KeyKind::map, "each node's mean over blocks, and percentiles of it over the nodes"},
        {"stale_rate", KeyKind::map, "blocks, forks, reorganisations"},
        {"traffic", KeyKind::map, "messages and bytes sent"},
        {"busy_share", KeyKind::map, "how busy nodes are with validation"},
        {"wasted_work", KeyKind::map, "blocks that ended on no best chain"},
        {"reorg_depth", KeyKind::map, "the deepest reorganisation of each node: the largest, and the mean over nodes"},
        {"<name>", KeyKind::map, "the time from one instant to an outcome, under a name of its own"}}});
  LanguageKey settle{"settle", KeyKind::time,
                     "what is born later than this before the end is left out; default: 2 min, at most a tenth of the "
                     "horizon"};
  settle.example = "20 min";
  settle.least = 0.0;
  sections.push_back({"measure.propagation", std::nullopt, "when blocks and transactions arrive", "", {settle}});
  sections.push_back({"measure.node_propagation", std::nullopt, "no keys: `{}`", "", {}});
  sections.push_back({"measure.stale_rate", std::nullopt, "no keys: `{}`", "", {}});
  LanguageKey by{"by", KeyKind::choice, "what traffic is told apart by"};
  by.required = true;
  by.choices = {{"type", "of message"}};
  sections.push_back({"measure.traffic", std::nullopt, "messages and bytes sent", "", {by}});
  sections.push_back({"measure.busy_share", std::nullopt, "no keys: `{}`", "", {}});
  sections.push_back({"measure.wasted_work", std::nullopt, "no keys: `{}`", "", {}});
  LanguageKey by_target{"by", KeyKind::choice, "for each target too"};
  by_target.choices = {{"target", ""}};
  LanguageKey metric{"metric", KeyKind::choice, "which metric an entry of another name means"};
  metric.choices = {{"reorg_depth", ""}};
  sections.push_back(
      {"measure.reorg_depth", std::nullopt, "the deepest reorganisation of nodes", "", {by_target, metric}});
  LanguageKey from{"from", KeyKind::text, "a time, `FAULT.begin`, `FAULT.end`, or an outcome"};
  from.example = "cut.end";
  LanguageKey to{"to", KeyKind::text, "an outcome"};
  to.example = "converged";
  sections.push_back({"measure.<name>",
                      std::nullopt,
                      "an interval (`from` and `to`), or another name for a metric (`metric`)",
                      "",
                      {from, to, metric, by_target}});
}

LanguageKey seed(const char* domain, const char* help, const char* preset) {
  LanguageKey key{domain, KeyKind::seeds, help, "", preset};
  return key;
}

}  // namespace

void add_workload_language(std::vector<LanguageSection>& sections) {
  add_workload(sections);
  add_measure(sections);
  sections.push_back(
      {"seeds",
       std::nullopt,
       "runs: a number, or the first and last of a range; domains that are named cross, the others follow world",
       "",
       {seed("world", "places, links, connections, timers", "1..1"), seed("mining", "who finds blocks, and when", ""),
        seed("workload", "transactions", ""), seed("attack", "adversaries, once there are any", "")}});
}

}  // namespace hearsay::app
