#include "scenarios/app/validate_statistics.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>

namespace hearsay::app {

namespace {

// Of an inv message, after one byte that tells their number (there are fewer than 253).
constexpr std::int64_t kInventoryVectorBytes = 36;

[[noreturn]] void complain(const Statistic& statistic, std::string_view what) {
  throw std::runtime_error(fmt::format("a validation case asks for {} `{}`, {} %: {}",
                                       kStatisticKinds[static_cast<std::size_t>(statistic.kind)], statistic.of,
                                       statistic.percent, what));
}

double block_delay_ms(const Statistic& statistic, const RunResult& result) {
  std::set<std::string_view> main_chain;
  for (const BlockRow& block : result.blocks)
    if (block.on_main_chain) main_chain.insert(block.block);
  double sum = 0.0;
  std::int64_t blocks = 0;
  for (const PropagationRow& row : result.propagation) {
    if (row.stage != statistic.of || !main_chain.contains(row.object)) continue;
    const auto& delay = row.delay_ns[static_cast<std::size_t>(statistic.percent)];
    if (!delay) complain(statistic, "a block of the main chain did not get so far");
    sum += static_cast<double>(*delay) / 1e6;
    ++blocks;
  }
  if (blocks == 0) complain(statistic, "no block got so far; does the scenario measure propagation?");
  return sum / static_cast<double>(blocks);
}

const TransactionPropagationRow* transactions_at(const RunResult& result, std::string_view stage,
                                                 std::int64_t percent) {
  for (const TransactionPropagationRow& row : result.transactions)
    if (row.stage == stage && row.percent == percent) return &row;
  return nullptr;
}

double announcements(const Statistic& statistic, const RunResult& result) {
  const TransactionPropagationRow* transactions = transactions_at(result, "accepted", 50);
  if (transactions == nullptr || transactions->transactions == 0)
    complain(statistic, "the run has no transactions, or does not measure propagation");
  for (const TrafficRow& row : result.traffic) {
    if (row.message != "inv") continue;
    const auto entries = static_cast<double>((row.payload_bytes - row.messages) / kInventoryVectorBytes);
    return entries / static_cast<double>(result.nodes * transactions->transactions);
  }
  complain(statistic, "the run does not measure traffic");
}

}  // namespace

StatisticValue value_of(const Statistic& statistic, const RunResult& result) {
  switch (statistic.kind) {
    case StatisticKind::metric:
      for (const MetricRow& row : result.metrics)
        if (row.metric == statistic.of) return {row.value, row.unit};
      complain(statistic, "the run has no such metric");
    case StatisticKind::block_delay:
      return {block_delay_ms(statistic, result), "ms"};
    case StatisticKind::transaction_delay: {
      const TransactionPropagationRow* row = transactions_at(result, statistic.of, statistic.percent);
      if (row == nullptr || !row->mean_ns) complain(statistic, "not all transactions got so far");
      return {*row->mean_ns / 1e6, "ms"};
    }
    case StatisticKind::announcements:
      return {announcements(statistic, result), "per node"};
  }
  complain(statistic, "there is no such statistic");
}

}  // namespace hearsay::app
