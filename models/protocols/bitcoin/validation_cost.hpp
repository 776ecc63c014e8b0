// How long the message thread of a node on the reference machine is busy with what it is sent: the formulas, and
// nothing else. Which transactions a node has validated before, when it pays and how fast its machine is are the node's
// business (MessageThread). Costs that Bitcoin Core pays in other threads (checksums, wallets, indexes) are no part of
// it.
//
// Invariants: pure functions of the parameters and counts, in whole nanoseconds; each division rounds down, once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/chain/block.hpp"
#include "models/chain/mempool_verdict.hpp"
#include "models/protocols/bitcoin/validation_parameters.hpp"

namespace hearsay::bitcoin {

// What there is to do about a block once its transactions are known to be in order.
struct BlockContent {
  std::int64_t bytes = 0;
  std::int64_t transactions = 0;  // the coinbase and its input apart
  std::int64_t cached_inputs = 0;
  std::int64_t fetched_inputs = 0;  // of transactions that the node had not validated
  std::int64_t outputs = 0;

  constexpr bool operator==(const BlockContent&) const = default;
};

// How far a transaction that was offered to the mempool got (MemPoolAccept, Bitcoin Core validation.cpp).
enum class AcceptanceStage : std::uint8_t { alone, coins, scripts };
[[nodiscard]] AcceptanceStage stage_of(chain::MempoolVerdict verdict);

// Whether the node had checked the scripts of a transaction before: Core then finds the result in its cache.
enum class Scripts : std::uint8_t { unchecked, cached };

class ValidationCost {
 public:
  // `cores` of the machine; the parameters outlive this and have passed their descriptions.
  ValidationCost(const ValidationParameters& parameters, std::int64_t cores);

  // Whether there is anything to pay at all; whether which transactions were validated before makes a difference.
  [[nodiscard]] bool is_off() const { return model_ == Model::off; }
  [[nodiscard]] bool tells_transactions_apart() const { return model_ == Model::core; }

  [[nodiscard]] Duration of_message() const;
  [[nodiscard]] Duration of_headers(std::size_t count) const;
  // A block or transaction as it comes off the wire.
  [[nodiscard]] Duration of_bytes(std::size_t bytes) const;
  [[nodiscard]] Duration of_acceptance(AcceptanceStage stage, std::size_t inputs, Scripts scripts) const;
  [[nodiscard]] Duration of_connecting(const BlockContent& block) const;
  // Its bytes and undo data are read and its coins put back; what returns to the mempool is paid apart.
  [[nodiscard]] Duration of_disconnecting(const BlockContent& block) const;
  [[nodiscard]] Duration of_template(std::int64_t transactions, std::int64_t inputs) const;
  [[nodiscard]] Duration of_sending_block() const;

  // `is_validated(transaction)`: this node has checked its scripts.
  template <class IsValidated>
  [[nodiscard]] BlockContent content_of(const chain::Block& block, IsValidated is_validated) const {
    BlockContent content = padding_of(block);
    for (std::size_t i = 1; i < block.transactions().size(); ++i) {
      const chain::Transaction& transaction = *block.transactions()[i];
      const auto inputs = static_cast<std::int64_t>(transaction.inputs().size());
      ++content.transactions;
      (is_validated(transaction) ? content.cached_inputs : content.fetched_inputs) += inputs;
      content.outputs += static_cast<std::int64_t>(transaction.outputs().size());
    }
    return content;
  }

 private:
  enum class Model : std::uint8_t { off, core, gervais, simblock };

  // Bytes, outputs of the coinbase, and what the padding stands for.
  [[nodiscard]] BlockContent padding_of(const chain::Block& block) const;

  const ValidationParameters& parameters_;
  Model model_;
  std::int64_t script_threads_;
};

}  // namespace hearsay::bitcoin
