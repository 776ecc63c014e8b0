// The Bitcoin protocol as the engine sees it: its message values, and what the nodes of a rank share.
#pragma once

#include <memory>
#include <optional>

#include "models/chain/block_index.hpp"
#include "models/chain/body_cache.hpp"
#include "models/chain/ledger.hpp"
#include "models/chain/premine.hpp"
#include "models/chain/transaction_store.hpp"
#include "models/protocols/bitcoin/codec.hpp"
#include "models/protocols/bitcoin/messages.hpp"
#include "sim/node/message.hpp"

namespace hearsay::bitcoin {

// High byte of Bitcoin's message types and observations.
inline constexpr std::uint16_t kProtocolNumber = 2;

constexpr hearsay::MessageType wire_type(MessageType type) {
  return static_cast<hearsay::MessageType>(kProtocolNumber << 8 | static_cast<unsigned>(type));
}

class BitcoinMessage final : public Message {
 public:
  BitcoinMessage(const Magic& magic, chain::BodyCache* bodies, Payload payload);
  [[nodiscard]] const Payload& payload() const { return payload_; }
  void encode(std::vector<std::uint8_t>& bytes) const override;

 private:
  Magic magic_;
  chain::BodyCache* bodies_;
  Payload payload_;
};

// One a rank: codec, header index, ledger, live transactions and body cache. Everything in it is a pure function of
// bytes.
class BitcoinProtocol final : public Protocol {
 public:
  // Starts from a premined chain of that many blocks on the genesis block, the last one dated at the simulated epoch,
  // with that many outputs to spend.
  BitcoinProtocol(const chain::ChainParams& params, std::uint32_t premined_blocks, std::uint32_t spendable_outputs = 0,
                  chain::SpendForm form = chain::SpendForm::p2wsh);

  [[nodiscard]] MessageRef decode(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] std::string_view message_name(hearsay::MessageType type) const override;

  // A Raw that spells a known message becomes that message, as it would on the wire.
  [[nodiscard]] MessageRef make(Payload payload);
  [[nodiscard]] const chain::ChainParams& params() const { return index_.params(); }
  [[nodiscard]] chain::BlockIndex& index() { return index_; }
  [[nodiscard]] const chain::BlockIndex& index() const { return index_; }
  [[nodiscard]] chain::BodyCache& bodies() { return bodies_; }
  [[nodiscard]] chain::Ledger& ledger() { return ledger_; }
  [[nodiscard]] const chain::Ledger& ledger() const { return ledger_; }
  [[nodiscard]] chain::TransactionStore& transactions() { return transactions_; }
  [[nodiscard]] const chain::TransactionStore& transactions() const { return transactions_; }
  // The message for this transaction: one for all its senders while the store has it.
  [[nodiscard]] MessageRef transaction_message(const chain::TransactionPointer& transaction);
  [[nodiscard]] chain::BlockRef premined_tip() const { return premine_.tip; }
  // The outputs of the premined chain that can be spent.
  [[nodiscard]] const std::vector<chain::Funding>& spendable() const { return premine_.spendable; }

 private:
  [[nodiscard]] MessageRef make_as_is(Payload payload) {
    return make_message<BitcoinMessage>(index_.params().magic, &bodies_, std::move(payload));
  }

  chain::BlockIndex index_;
  chain::Ledger ledger_;
  chain::BodyCache bodies_;
  chain::TransactionStore transactions_;
  std::vector<MessageRef> transaction_messages_;  // by TxRef; stale ones carry another transaction
  chain::Premine premine_;
};

}  // namespace hearsay::bitcoin
