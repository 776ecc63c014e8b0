// A sender of transactions: makes one after exponentially distributed times, from coins of its own.
//
// It stands for the wallets behind a node. Coins are spent in the order in which they came, whether confirmed or not;
// what a transaction pays goes back to the sender (a payment and the change), so coins do not run out: one input while
// there are no more coins than at the start, else two. Whom a payment goes to does not matter to the network.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "models/chain/transaction_builder.hpp"
#include "sim/node/context.hpp"

namespace hearsay::bitcoin {

struct TransactionSourceSettings {
  Duration mean_interval;            // of this sender; zero: it sends nothing
  SimTime until = SimTime::max();    // none from then on
  std::int64_t mean_millibytes = 0;  // in thousandths of a byte: sizes are the whole numbers around it
  std::int64_t least_fee_rate =
      0;  // satoshis per 1,000 virtual bytes; drawn between these two, each doubling alike likely
  std::int64_t most_fee_rate = 0;
  chain::SpendForm form = chain::SpendForm::p2wsh;
  std::vector<chain::Funding> coins;
};

class TransactionSource {
 public:
  explicit TransactionSource(TransactionSourceSettings settings);

  [[nodiscard]] bool active() const { return settings_.mean_interval > Duration{}; }
  // A new life of the node: the draws go on, the coins are those that it had.
  void start(Context& context);
  // SimTime::max(): no more.
  [[nodiscard]] SimTime next(const Context& context);
  // Null without coins. Its inputs are reserved until one of the next two is called.
  [[nodiscard]] chain::TransactionPointer make();
  void accepted(const chain::Transaction& transaction);
  void refused();
  [[nodiscard]] std::size_t coins() const { return coins_.size(); }

 private:
  [[nodiscard]] std::int64_t draw_fee_rate();

  TransactionSourceSettings settings_;
  std::deque<chain::Funding> coins_;
  std::vector<chain::Funding> reserved_;
  std::optional<RandomStream> times_;
  std::optional<RandomStream> contents_;
};

}  // namespace hearsay::bitcoin
