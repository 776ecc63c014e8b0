// A mempool and what announces its transactions, without a node: a test says what enters and leaves, and asks what is
// due.
#pragma once

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "models/protocols/bitcoin/transaction_announcements.hpp"
#include "tests/unit/mempool_world.hpp"

namespace hearsay::bitcoin {

using chain::FeeRate;
using chain::Funding;
using chain::HeldTransactions;
using chain::TransactionPointer;
using chain::TxRef;
using Transactions = std::vector<TransactionPointer>;

inline TrickleSettings core_settings() {
  TrickleSettings settings;
  settings.inbound_mean = seconds(5);
  settings.outbound_mean = seconds(2);
  return settings;
}

struct Told {
  SimTime time;
  ConnectionSlot peer;
  Transactions transactions;
};

struct Rig {
  explicit Rig(const TrickleSettings& settings = core_settings(), std::uint32_t outputs = 40)
      : world(outputs, chain::least_premined_blocks(outputs) + 1),
        mempool(world.store, world.ledger, parameters),
        announcements(world.store, mempool, settings),
        held(world.store) {
    announcements.start(chain::test_draws(5));
  }

  // Offers a transaction, without a word to the announcements.
  TxRef accept(const TransactionPointer& transaction) {
    held.adopt(world.store.hold(transaction));
    const TxRef place = held[held.size() - 1];
    const chain::MempoolAcceptance result = mempool.accept(place, world.tip, now);
    REQUIRE(result.accepted());
    for (const TxRef gone : result.replaced) announcements.left(gone);
    return place;
  }
  TxRef enter(const TransactionPointer& transaction) {
    const TxRef place = accept(transaction);
    announcements.entered(place, now);
    return place;
  }
  // A transaction with that fee that spends a coin of its own.
  TransactionPointer make(std::int64_t fee) { return chain::spend({world.spendable.at(next_coin++)}, fee); }
  TransactionPointer enter_new(std::int64_t fee = 10'000) {
    TransactionPointer made = make(fee);
    enter(made);
    return made;
  }
  // Lets the mempool and the store forget everything.
  void empty() {
    for (TxRef t = mempool.first(); t != chain::kNoTx; t = mempool.next(t)) announcements.left(t);
    mempool.clear();
    held.clear();
  }

  // Up to the next instant at which something is due; what is told then. Nothing: no timer runs.
  std::vector<Told> next() {
    std::vector<Told> told;
    if (announcements.next_due() == SimTime::max()) return told;
    REQUIRE(announcements.next_due() > now);
    now = announcements.next_due();
    for (const TransactionAnnouncements::Batch& batch : announcements.take_due(now)) {
      told.push_back({now, batch.peer, {}});
      for (const TxRef place : batch.transactions) told.back().transactions.push_back(world.store.transaction(place));
    }
    return told;
  }
  std::vector<Told> all() {
    std::vector<Told> list;
    while (announcements.next_due() != SimTime::max())
      for (Told& told : next()) list.push_back(std::move(told));
    return list;
  }

  chain::MempoolWorld world;
  chain::MempoolParameters parameters;
  chain::Mempool mempool;
  TransactionAnnouncements announcements;
  HeldTransactions held;
  SimTime now{};
  std::size_t next_coin = 0;
};

}  // namespace hearsay::bitcoin
