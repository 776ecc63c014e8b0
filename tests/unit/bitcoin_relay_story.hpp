// Alice again, among peers that deal in transactions: two that she dialled, two that dialled her, all scripted. Peers
// are ready for each other before 100 ms; what is said at t is heard at t + 10 ms.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/bitcoin_story.hpp"
#include "tests/unit/mempool_world.hpp"

namespace hearsay::test {

using chain::TransactionPointer;

// Announcements leave within a few milliseconds, where the time does not matter.
inline BitcoinParameters quick() {
  BitcoinParameters parameters;
  parameters.inbound_trickle = parameters.outbound_trickle = milliseconds(1);
  return parameters;
}
// Announcements leave after the story.
inline BitcoinParameters silent() {
  BitcoinParameters parameters;
  parameters.inbound_trickle = parameters.outbound_trickle = hours(1'000'000);
  return parameters;
}

struct RelayStory {
  static constexpr std::uint32_t kOutputs = 300;

  explicit RelayStory(const BitcoinParameters& parameters = quick(), chain::SpendForm form = chain::SpendForm::p2wsh,
                      StoryWire wire = StoryWire::values, const bitcoin::MinerSettings& mining = {})
      : settings(parameters),
        story(102, milliseconds(kDelayMs), kOutputs, wire, form),
        alice(&story.node("alice", {"out1", "out2"}, parameters, mining)),
        out1(&story.peer("out1")),
        out2(&story.peer("out2")),
        in1(&story.peer("in1", {"alice"})),
        in2(&story.peer("in2", {"alice"})) {}

  [[nodiscard]] chain::Funding coin() { return story.protocol().spendable().at(next_coin_++); }
  // A transaction that spends a coin of its own.
  [[nodiscard]] TransactionPointer make(std::int64_t fee = 10'000) { return chain::spend({coin()}, fee); }
  [[nodiscard]] const chain::Mempool& mempool() const { return alice->transactions()->mempool; }
  [[nodiscard]] bool accepted(const TransactionPointer& transaction) const {
    return mempool().find_txid(transaction->txid()) != chain::kNoTx;
  }
  [[nodiscard]] std::vector<ScriptedPeer*> peers() const { return {out1, out2, in1, in2}; }
  // Why Alice refused the transaction, each time.
  [[nodiscard]] std::vector<chain::MempoolVerdict> refusals(const TransactionPointer& transaction) const {
    std::vector<chain::MempoolVerdict> list;
    for (const Seen& entry : story.seen("alice", bitcoin::observed::kTransactionRejected))
      if (entry.observation.object == chain::short_id64(transaction->wtxid()))
        list.push_back(static_cast<chain::MempoolVerdict>(entry.observation.value));
    return list;
  }

  BitcoinParameters settings;  // Alice's
  BitcoinStory story;
  BitcoinNode* alice;
  ScriptedPeer* out1;
  ScriptedPeer* out2;
  ScriptedPeer* in1;
  ScriptedPeer* in2;

 private:
  std::size_t next_coin_ = 0;
};

inline bitcoin::Inv txid_inv(const std::vector<TransactionPointer>& transactions) {
  bitcoin::Inv inv;
  for (const TransactionPointer& transaction : transactions)
    inv.inventory.push_back({bitcoin::InventoryType::tx, transaction->txid()});
  return inv;
}
inline bitcoin::Inv wtxid_inv(const std::vector<TransactionPointer>& transactions) {
  bitcoin::Inv inv;
  for (const TransactionPointer& transaction : transactions)
    inv.inventory.push_back({bitcoin::InventoryType::witness_tx_id, transaction->wtxid()});
  return inv;
}
inline bitcoin::TxMessage message(const TransactionPointer& transaction) {
  return {transaction};
}

using Inventory = std::vector<bitcoin::InventoryVector>;

struct Asked {
  std::int64_t ms;
  Inventory inventory;
  bool operator==(const Asked&) const = default;
};
// The getdata that a peer heard, with their times.
inline std::vector<Asked> asked(const ScriptedPeer& peer) {
  std::vector<Asked> list;
  for (const auto& [time, request] : peer.all<bitcoin::GetData>())
    list.push_back({time.ns / 1'000'000, request.inventory});
  return list;
}
// Everything of type M in one list.
template <class M>
Inventory inventory_of(const ScriptedPeer& peer, SimTime from = {}) {
  Inventory list;
  for (const auto& [time, message] : peer.all<M>(from))
    list.insert(list.end(), message.inventory.begin(), message.inventory.end());
  return list;
}
// The transactions that a peer was sent, by wtxid (a stripped one has its txid there).
inline std::vector<Hash256> transactions_heard(const ScriptedPeer& peer) {
  std::vector<Hash256> list;
  for (const auto& [time, tx] : peer.all<bitcoin::TxMessage>()) list.push_back(tx.transaction->wtxid());
  return list;
}

}  // namespace hearsay::test
