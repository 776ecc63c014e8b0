// The Bitcoin protocol as the engine sees it: its message values, and what the nodes of a rank share.
#pragma once

#include <memory>
#include <optional>

#include "models/chain/block_index.hpp"
#include "models/chain/body_cache.hpp"
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

// One a rank: codec, header index and body cache. Everything in it is a pure function of bytes.
class BitcoinProtocol final : public Protocol {
 public:
  // Starts from a premined chain of that many blocks on the genesis block, the last one dated at the simulated epoch.
  BitcoinProtocol(const chain::ChainParams& params, std::uint32_t premined_blocks);

  [[nodiscard]] MessageRef decode(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] std::string_view message_name(hearsay::MessageType type) const override;

  [[nodiscard]] MessageRef make(Payload payload) {
    return make_message<BitcoinMessage>(index_.params().magic, &bodies_, std::move(payload));
  }
  [[nodiscard]] const chain::ChainParams& params() const { return index_.params(); }
  [[nodiscard]] chain::BlockIndex& index() { return index_; }
  [[nodiscard]] const chain::BlockIndex& index() const { return index_; }
  [[nodiscard]] chain::BodyCache& bodies() { return bodies_; }
  [[nodiscard]] chain::BlockRef premined_tip() const { return premined_tip_; }

 private:
  chain::BlockIndex index_;
  chain::BodyCache bodies_;
  chain::BlockRef premined_tip_;
};

}  // namespace hearsay::bitcoin
