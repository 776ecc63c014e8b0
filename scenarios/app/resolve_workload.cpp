#include "scenarios/app/resolve_workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "models/chain/premine.hpp"
#include "models/internet/transaction_sizes.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/parameters.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

// An interval drawn from a longer mean could exceed the 292 years that
// simulated time can count.
constexpr Duration kLongestMeanInterval = hours(24 * 365 * 6);

void check_rarest_miner(MapReader& root, const Scenario& scenario) {
  for (const GroupSpec& group : scenario.groups) {
    for (const double share : group.hash_shares) {
      const double mean = static_cast<double>(scenario.blocks.interval.ns) / share;
      if (mean <= static_cast<double>(kLongestMeanInterval.ns)) continue;
      root.problems().add(root.place_of({"workload.blocks.interval", fmt::format("groups.{}.count", group.name)}),
                          fmt::format("`groups.{}`: a miner would find a block every {:.0f} "
                                      "years; at most {} years: use "
                                      "fewer miners or a shorter `workload.blocks.interval`",
                                      group.name, mean / 3.15e16, kLongestMeanInterval.ns / hours(24 * 365).ns));
      return;
    }
  }
}

// A published law by its name, or a size.
// Senders make two outputs from one or two coins: every size that both can have.
config::Limits<ByteCount> possible_sizes(chain::SpendForm form) {
  chain::SpendPlan plan;
  plan.form = form;
  plan.output_values = {1, 1};
  plan.fundings.assign(1, chain::Funding{{}, 2, form});
  const auto most = static_cast<std::int64_t>(chain::maximum_spend_bytes(plan));
  plan.fundings.assign(2, chain::Funding{{}, 1, form});
  return {ByteCount{static_cast<std::int64_t>(chain::minimum_spend_bytes(plan))}, ByteCount{most}};
}

void read_transaction_size(MapReader& transactions, chain::SpendForm form, TransactionSpec& spec) {
  const Value* value = transactions.take("size");
  const bool named = value == nullptr || (value->is_scalar() && internet::find_transaction_size_law(value->text()));
  if (named) {
    if (value != nullptr) spec.size = value->text();
    spec.mean_millibytes = std::llround(internet::find_transaction_size_law(spec.size)->mean_bytes * 1000.0);
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& law : internet::transaction_size_laws()) names.push_back(law.name);
  const bool looks_like_a_size = value->is_scalar() && !value->text().empty() && std::isdigit(value->text()[0]) != 0;
  if (!looks_like_a_size) {
    (void)transactions.take_choice("size", names);
    return;
  }
  if (const auto size = transactions.take_bytes("size", possible_sizes(form))) {
    spec.size = config::format_bytes(*size);
    spec.mean_millibytes = size->bytes * 1000;
  }
}

void check_coins(MapReader& transactions, const Scenario& scenario) {
  const auto outputs = static_cast<std::uint32_t>(scenario.chain.spendable_outputs);
  std::int64_t senders = 0;
  for (const GroupSpec& group : scenario.groups) senders += scenario.transactions.sends(group) ? group.nodes() : 0;
  if (scenario.chain.spendable_outputs < senders)
    transactions.problems().add(
        transactions.mark(),
        fmt::format("`workload.transactions`: {} senders need as many `chain.spendable_outputs`; there are {}", senders,
                    scenario.chain.spendable_outputs));
  if (scenario.chain.premined_blocks < chain::least_premined_blocks(outputs))
    transactions.problems().add(
        transactions.mark(),
        fmt::format(
            "`workload.transactions`: {} spendable outputs need at least {} `chain.premined_blocks`; there are {}",
            outputs, chain::least_premined_blocks(outputs), scenario.chain.premined_blocks));
}

// The nearest name, or all if none is near.
std::string other_groups(const std::string& name, const std::vector<std::string_view>& groups) {
  const std::string meant = config::suggestion(name, groups);
  return meant.empty() && groups.size() <= 12 ? fmt::format("; groups: {}", config::joined(groups)) : meant;
}

void read_transactions(MapReader& transactions, Scenario& scenario) {
  (void)transactions.require("rate");
  config::read_parameters(transactions, bitcoin::describe_transaction_workload(), scenario.transactions.law);
  // A rate that is wrong is told once, not again by what depends on there being transactions.
  if (!scenario.transactions.any()) scenario.transactions.law.rate = {1.0};
  const auto& law = scenario.transactions.law;
  if (law.least_fee_rate > law.most_fee_rate)
    transactions.problems().add(
        transactions.take(transactions.has("least_fee_rate") ? "least_fee_rate" : "most_fee_rate")->mark(),
        fmt::format("`workload.transactions`: `least_fee_rate`, {}, is more than `most_fee_rate`, {}",
                    law.least_fee_rate, law.most_fee_rate));
  if (law.until > scenario.horizon)
    transactions.problems().add(
        transactions.take("until")->mark(),
        fmt::format("`workload.transactions.until`: {} is after the end, `horizon` is {}",
                    config::format_duration(law.until), config::format_duration(scenario.horizon)));
  read_transaction_size(transactions, scenario.chain.form(), scenario.transactions);
  std::vector<std::string_view> groups;
  for (const GroupSpec& group : scenario.groups) groups.push_back(group.name);
  const std::vector<Value>* sources = transactions.take_list("sources");
  if (sources != nullptr && sources->empty())
    transactions.problems().add(
        transactions.take("sources")->mark(),
        "`workload.transactions.sources` is empty: nobody would send; leave it out for all groups");
  for (const Value& source : sources == nullptr ? std::vector<Value>{} : *sources) {
    const auto name =
        config::scalar_text(source, "workload.transactions.sources", "the name of a group", transactions.problems());
    if (!name) continue;
    if (std::find(groups.begin(), groups.end(), *name) == groups.end())
      transactions.problems().add(source.mark(), fmt::format("`workload.transactions.sources`: unknown group `{}`{}",
                                                             *name, other_groups(*name, groups)));
    auto& named = scenario.transactions.sources;
    if (std::find(named.begin(), named.end(), *name) != named.end())
      transactions.problems().add(source.mark(),
                                  fmt::format("`workload.transactions.sources`: `{}` is named twice", *name));
    named.push_back(*name);
  }
  transactions.finish();
  for (const GroupSpec& group : scenario.groups) {
    if (!scenario.transactions.sends(group)) continue;
    if (law.least_fee_rate < group.parameters.mempool.minimum_relay_fee)
      transactions.problems().add(
          transactions.mark(),
          fmt::format(
              "`workload.transactions.least_fee_rate`: {} is less than `groups.{}.mempool.minimum_relay_fee`, {}: "
              "senders would refuse their own transactions",
              law.least_fee_rate, group.name, group.parameters.mempool.minimum_relay_fee));
    if (!group.parameters.transaction_relay)
      transactions.problems().add(
          transactions.mark(), fmt::format("`groups.{}.transaction_relay`: senders must relay transactions; name other "
                                           "groups in `workload.transactions.sources`",
                                           group.name));
  }
  if (!scenario.groups.empty()) check_coins(transactions, scenario);
}

const Value* find_in(const Value* map, std::string_view key) {
  return map != nullptr && map->is_map() ? map->find(key) : nullptr;
}

void check_block_size(MapReader& root, const Scenario& scenario) {
  const ByteCount most{scenario.chain.block_weight_limit / chain::kWitnessScale};
  if (scenario.blocks.size <= most) return;
  // The default size is too large only where a limit is written.
  const Value* size = find_in(find_in(root.take("workload"), "blocks"), "size");
  const Value* limit = find_in(root.take("chain"), "block_weight_limit");
  root.problems().add((size != nullptr ? size : limit)->mark(),
                      fmt::format("`workload.blocks.size`: {} is more than the {} that `chain.block_weight_limit`, {}, "
                                  "leaves to a block without witnesses",
                                  config::format_bytes(scenario.blocks.size), config::format_bytes(most),
                                  scenario.chain.block_weight_limit));
}

void read_blocks(MapReader& root, MapReader& blocks, Mining mining, Scenario& scenario) {
  config::read_parameters(blocks, bitcoin::describe_block_workload(), scenario.blocks);
  blocks.finish();
  // (A base world may bring a size for blocks that nobody makes.)
  if (mining == Mining::none && blocks.has("interval"))
    root.problems().add(blocks.take("interval")->mark(),
                        "`workload.blocks.interval` does nothing: no group has the role miner");
}

}  // namespace

void read_workload(MapReader& root, Mining mining, Scenario& scenario) {
  auto workload = root.take_map("workload");
  if (workload) {
    if (auto blocks = workload->take_map("blocks")) read_blocks(root, *blocks, mining, scenario);
    if (auto transactions = workload->take_map("transactions")) read_transactions(*transactions, scenario);
    workload->finish();
  }
  if (mining != Mining::none) check_block_size(root, scenario);
  check_rarest_miner(root, scenario);
}

}  // namespace hearsay::app
