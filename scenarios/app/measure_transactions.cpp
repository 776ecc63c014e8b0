#include "scenarios/app/measure_transactions.hpp"

#include <algorithm>
#include <optional>

#include "models/protocols/bitcoin/observations.hpp"

namespace hearsay::app {

namespace {

using bitcoin::observed::kSourceStarved;
using bitcoin::observed::kTransactionAccepted;
using bitcoin::observed::kTransactionAnnounced;
using bitcoin::observed::kTransactionBorn;
using bitcoin::observed::kTransactionConfirmed;
using bitcoin::observed::kTransactionNamed;
using bitcoin::observed::kTransactionRejected;

constexpr std::size_t kPercents = kTransactionPercents.size();
// The delays of one transaction; none where it did not get there.
using Delays = std::array<std::optional<std::int64_t>, kPercents>;

Delays delays_of(const TransactionProbe::Arrivals& arrivals, std::int64_t born_ns, std::int64_t nodes,
                 std::int64_t& reached) {
  Delays delays;
  if (arrivals.complete) {
    for (std::size_t i = 0; i < kPercents; ++i) delays[i] = arrivals.times_ns[i] - born_ns;
    reached = nodes;
    return delays;
  }
  std::vector<std::int64_t> times = arrivals.times_ns;
  std::sort(times.begin(), times.end());
  // The sender may be told as well, once a block has taken the transaction from its mempool.
  if (times.size() > static_cast<std::size_t>(nodes)) times.resize(static_cast<std::size_t>(nodes));
  reached = static_cast<std::int64_t>(times.size());
  for (std::size_t i = 0; i < kPercents; ++i) {
    const std::int64_t rank = rank_at(kTransactionPercents[i], nodes);
    if (rank <= reached) delays[i] = times[static_cast<std::size_t>(rank - 1)] - born_ns;
  }
  return delays;
}

// The least value that at least that share of `sorted` does not exceed.
std::optional<std::int64_t> quantile(const std::vector<std::int64_t>& sorted, std::size_t all, std::int64_t percent) {
  const auto rank = static_cast<std::size_t>(rank_at(percent, static_cast<std::int64_t>(all)));
  return rank <= sorted.size() ? std::optional(sorted[rank - 1]) : std::nullopt;
}

}  // namespace

std::int64_t rank_at(std::int64_t percent, std::int64_t nodes) {
  return std::max<std::int64_t>(1, (percent * nodes + 99) / 100);
}

void TransactionProbe::on_observation(SimTime now, NodeId node, const Observation& observation) {
  if (observation.kind == kTransactionBorn) seen_[observation.object].born_ns = now.ns;
  if (observation.kind == kTransactionNamed)
    wtxids_[observation.object] = static_cast<std::uint64_t>(observation.value);
  if (observation.kind == kTransactionRejected) ++rejected_;
  if (observation.kind == kSourceStarved) ++starved_;
  if (observation.kind == kTransactionConfirmed) {
    std::int64_t& first = first_confirmed_.try_emplace(observation.object, now.ns).first->second;
    first = std::min(first, now.ns);  // a busy node tells of it with the time at which it is done
  }
  const bool announced = observation.kind == kTransactionAnnounced;
  if (!announced && observation.kind != kTransactionAccepted) return;
  const auto named = wtxids_.find(observation.object);
  const std::uint64_t object = named == wtxids_.end() ? observation.object : named->second;
  Arrivals& arrivals = seen_[object].stages[announced ? 0 : 1];
  // An old transaction may come again, after an eviction for example: the first time counts.
  if (arrivals.complete) return;
  if (node >= arrivals.nodes.size()) arrivals.nodes.resize(node + 1);
  if (arrivals.nodes[node]) return;
  arrivals.nodes[node] = true;
  arrivals.times_ns.push_back(now.ns);
  // Its sender announces a transaction without having been told.
  const std::int64_t expected = announced ? nodes_ - 1 : nodes_;
  if (nodes_ == 0 || static_cast<std::int64_t>(arrivals.times_ns.size()) < expected) return;
  // Not in order as they came: a busy node tells of its arrival with the time at which it is done.
  std::sort(arrivals.times_ns.begin(), arrivals.times_ns.end());
  std::vector<std::int64_t> kept;
  for (const int percent : kTransactionPercents)
    kept.push_back(arrivals.times_ns[static_cast<std::size_t>(rank_at(percent, expected) - 1)]);
  arrivals = {std::move(kept), {}, true};
}

std::vector<TransactionPropagationRow> summarise_transactions(const TransactionProbe& probe, std::int64_t nodes,
                                                              std::int64_t first_birth_ns, std::int64_t last_birth_ns) {
  std::vector<const TransactionProbe::Seen*> births;
  for (const auto& [object, seen] : probe.seen())
    if (seen.born_ns >= first_birth_ns && seen.born_ns <= last_birth_ns) births.push_back(&seen);
  std::vector<TransactionPropagationRow> rows;
  for (std::size_t stage = 0; stage < kTransactionStages; ++stage) {
    const std::int64_t expected = stage == 0 ? nodes - 1 : nodes;
    std::array<std::vector<std::int64_t>, kPercents> delays;
    std::int64_t reached_all = 0;
    for (const TransactionProbe::Seen* seen : births) {
      std::int64_t reached = 0;
      const Delays of_one = delays_of(seen->stages[stage], seen->born_ns, expected, reached);
      reached_all += reached;
      for (std::size_t i = 0; i < kPercents; ++i)
        if (of_one[i]) delays[i].push_back(*of_one[i]);
    }
    for (std::size_t i = 0; i < kPercents && !births.empty(); ++i) {
      std::vector<std::int64_t>& sorted = delays[i];
      std::sort(sorted.begin(), sorted.end());
      TransactionPropagationRow row;
      row.stage = kTransactionStageNames[stage];
      row.percent = kTransactionPercents[i];
      row.transactions = static_cast<std::int64_t>(births.size());
      row.nodes = expected;
      row.mean_reached = static_cast<double>(reached_all) / static_cast<double>(births.size());
      row.short_transactions = row.transactions - static_cast<std::int64_t>(sorted.size());
      if (row.short_transactions == 0) {
        double sum = 0.0;
        for (const std::int64_t delay : sorted) sum += static_cast<double>(delay);
        row.mean_ns = sum / static_cast<double>(sorted.size());
      }
      row.low_ns = quantile(sorted, births.size(), 10);
      row.median_ns = quantile(sorted, births.size(), 50);
      row.high_ns = quantile(sorted, births.size(), 90);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<MetricRow> transaction_metrics(const TransactionProbe& probe, std::int64_t first_birth_ns) {
  std::vector<std::int64_t> delays;
  std::size_t born = 0;
  for (const auto& [object, seen] : probe.seen()) {
    if (seen.born_ns < first_birth_ns) continue;  // or it was never born
    ++born;
    const auto found = probe.first_confirmed_ns().find(object);
    if (found != probe.first_confirmed_ns().end()) delays.push_back(found->second - seen.born_ns);
  }
  std::sort(delays.begin(), delays.end());
  std::vector<MetricRow> rows = {{"transactions", static_cast<double>(born), "transactions"},
                                 {"transactions_confirmed", static_cast<double>(delays.size()), "transactions"},
                                 {"transactions_refused", static_cast<double>(probe.rejected()), "refusals"},
                                 {"senders_without_coins", static_cast<double>(probe.starved()), "attempts"}};
  // Of all: what is unconfirmed at the end counts as later than everything.
  if (const auto median = quantile(delays, born, 50))
    rows.push_back({"median_time_to_confirmation", static_cast<double>(*median) / 1e9, "s"});
  return rows;
}

}  // namespace hearsay::app
