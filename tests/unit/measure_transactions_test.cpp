// Births and arrivals of transactions become delays and metrics: hand-made observations with known answers.
#include "scenarios/app/measure_transactions.hpp"

#include <catch2/catch.hpp>

#include "models/protocols/bitcoin/observations.hpp"

namespace hearsay::app {
namespace {

using namespace bitcoin::observed;

SimTime at(std::int64_t ms) {
  return SimTime{} + milliseconds(ms);
}

const TransactionPropagationRow& row_of(const std::vector<TransactionPropagationRow>& rows, const std::string& stage,
                                        std::int64_t percent) {
  for (const auto& row : rows)
    if (row.stage == stage && row.percent == percent) return row;
  throw std::runtime_error("no such row");
}

// Transaction 1 is born at node 0 at 100 ms and accepted by nodes 1 to 3 after 10, 20 and 30 ms.
void feed_first(TransactionProbe& probe) {
  probe.on_observation(at(100), 0, {kTransactionBorn, 1, 300});
  probe.on_observation(at(100), 0, {kTransactionAccepted, 1, 50});
  for (NodeId node = 1; node <= 3; ++node) {
    probe.on_observation(at(100 + 10 * node - 5), node, {kTransactionAnnounced, 1, 0});
    probe.on_observation(at(100 + 10 * node), node, {kTransactionAccepted, 1, 50});
  }
}

}  // namespace

TEST_CASE("delays are those of the node that completes a share, from the birth on") {
  // Four nodes; a probe that keeps everything must say the same as one that sums up what is complete.
  for (const std::int64_t whole : {std::int64_t{0}, std::int64_t{4}}) {
    TransactionProbe probe(whole);
    feed_first(probe);
    const auto rows = summarise_transactions(probe, 4, 0, at(1000).ns);
    CHECK(rows.size() == 2 * kTransactionPercents.size());
    CHECK(row_of(rows, "accepted", 0).mean_ns == 0.0);
    CHECK(row_of(rows, "accepted", 25).mean_ns == 0.0);
    CHECK(row_of(rows, "accepted", 50).mean_ns == 10e6);
    CHECK(row_of(rows, "accepted", 75).mean_ns == 20e6);
    CHECK(row_of(rows, "accepted", 100).mean_ns == 30e6);
    CHECK(row_of(rows, "accepted", 100).mean_reached == 4.0);
    CHECK(row_of(rows, "announced", 100).nodes == 3);  // its sender is not told
    CHECK(row_of(rows, "announced", 0).mean_ns == 5e6);
    CHECK(row_of(rows, "announced", 100).mean_ns == 25e6);
  }
}

TEST_CASE("a transaction that falls short leaves no mean, and counts as late in the quantiles") {
  TransactionProbe probe(4);
  feed_first(probe);
  probe.on_observation(at(200), 1, {kTransactionBorn, 2, 300});
  probe.on_observation(at(200), 1, {kTransactionAccepted, 2, 50});
  probe.on_observation(at(240), 2, {kTransactionAccepted, 2, 50});
  const auto rows = summarise_transactions(probe, 4, 0, at(1000).ns);
  const auto& half = row_of(rows, "accepted", 50);
  CHECK(half.transactions == 2);
  CHECK(half.mean_ns == 25e6);  // 10 and 40 ms
  CHECK(half.mean_reached == 3.0);
  const auto& all = row_of(rows, "accepted", 100);
  CHECK(all.short_transactions == 1);
  CHECK_FALSE(all.mean_ns.has_value());
  CHECK(all.median_ns == milliseconds(30).ns);  // the least that half of the two do not exceed
  CHECK_FALSE(all.high_ns.has_value());
}

TEST_CASE("a transaction born too near the end is left out") {
  TransactionProbe probe(4);
  feed_first(probe);
  CHECK(summarise_transactions(probe, 4, 0, at(99).ns).empty());
  CHECK(row_of(summarise_transactions(probe, 4, 0, at(100).ns), "accepted", 100).transactions == 1);
}

TEST_CASE("an announcement by txid is one of the transaction that was born, and a node counts once") {
  TransactionProbe probe(4);
  probe.on_observation(at(0), 0, {kTransactionBorn, 1, 300});
  probe.on_observation(at(0), 0, {kTransactionNamed, 77, 1});  // 77: its txid
  probe.on_observation(at(0), 0, {kTransactionAccepted, 1, 50});
  probe.on_observation(at(10), 1, {kTransactionAnnounced, 77, 0});
  probe.on_observation(at(15), 1, {kTransactionAnnounced, 1, 0});
  probe.on_observation(at(20), 2, {kTransactionAnnounced, 1, 0});
  const auto rows = summarise_transactions(probe, 4, 0, at(1000).ns);
  CHECK(row_of(rows, "announced", 0).mean_reached == 2.0);
  CHECK(row_of(rows, "announced", 0).mean_ns == 10e6);
  CHECK(row_of(rows, "announced", 50).mean_ns == 20e6);
}

TEST_CASE("the time to confirmation is that of all transactions, confirmed or not") {
  const auto value = [](const std::vector<MetricRow>& rows, const std::string& name) -> std::optional<double> {
    for (const MetricRow& row : rows)
      if (row.metric == name) return row.value;
    return std::nullopt;
  };
  TransactionProbe probe(4);
  feed_first(probe);
  probe.on_observation(at(200), 1, {kTransactionBorn, 2, 300});
  probe.on_observation(at(1100), 2, {kTransactionConfirmed, 1, 7});
  probe.on_observation(at(1200), 3, {kTransactionConfirmed, 1, 7});
  probe.on_observation(at(1200), 3, {kTransactionRejected, 9, 3});
  auto rows = transaction_metrics(probe, 0);
  CHECK(value(rows, "transactions") == 2.0);
  CHECK(value(rows, "transactions_confirmed") == 1.0);
  CHECK(value(rows, "transactions_refused") == 1.0);
  CHECK(value(rows, "median_time_to_confirmation") == 1.0);  // half of the two took at most 1 s
  probe.on_observation(at(300), 1, {kTransactionBorn, 3, 300});
  rows = transaction_metrics(probe, 0);
  CHECK_FALSE(value(rows, "median_time_to_confirmation").has_value());
}

TEST_CASE("a probe that hears of arrivals out of the order of time sorts them") {
  // What feed_first tells, from the last node to the first: busy nodes tell ahead of their time.
  for (const std::int64_t whole : {std::int64_t{0}, std::int64_t{4}}) {
    TransactionProbe probe(whole);
    probe.on_observation(at(100), 0, {kTransactionBorn, 1, 300});
    for (NodeId node = 3; node >= 1; --node) {
      probe.on_observation(at(100 + 10 * node - 5), node, {kTransactionAnnounced, 1, 0});
      probe.on_observation(at(100 + 10 * node), node, {kTransactionAccepted, 1, 50});
    }
    probe.on_observation(at(100), 0, {kTransactionAccepted, 1, 50});
    const auto rows = summarise_transactions(probe, 4, 0, at(1000).ns);
    for (const auto& [percent, ms] : {std::pair{0, 0}, {25, 0}, {50, 10}, {75, 20}, {80, 30}, {100, 30}})
      CHECK(row_of(rows, "accepted", percent).mean_ns == 1e6 * ms);
    for (const auto& [percent, ms] : {std::pair{0, 5}, {30, 5}, {50, 15}, {65, 15}, {70, 25}, {100, 25}})
      CHECK(row_of(rows, "announced", percent).mean_ns == 1e6 * ms);
  }
}

TEST_CASE("the first confirmation is the earliest, whatever is told first") {
  TransactionProbe probe(4);
  feed_first(probe);
  for (const std::int64_t ms : {1200, 1100, 1300}) probe.on_observation(at(ms), 2, {kTransactionConfirmed, 1, 7});
  CHECK(probe.first_confirmed_ns().at(1) == at(1100).ns);
}

}  // namespace hearsay::app
