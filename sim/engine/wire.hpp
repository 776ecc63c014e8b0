// Messages of the engine itself: encoded bytes of a protocol's message, and what the set-up of a connection carries.
#pragma once

#include <cstring>
#include <utility>

#include "sim/net/connection_half.hpp"
#include "sim/net/endpoint.hpp"
#include "sim/node/message.hpp"

namespace hearsay {

inline constexpr MessageType kWireBytesType = 0xffff;
inline constexpr MessageType kSetUpType = 0xfffe;

// A message as bytes, for `wire: bytes` and between ranks. The receiver parses it.
class WireBytes final : public Message {
 public:
  explicit WireBytes(std::vector<std::uint8_t> bytes)
      : Message(kWireBytesType, static_cast<std::uint32_t>(bytes.size()), 0, 0), bytes_(std::move(bytes)) {}
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
  void encode(std::vector<std::uint8_t>& bytes) const override {
    bytes.insert(bytes.end(), bytes_.begin(), bytes_.end());
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

// What SYN and SYN-ACK tell the other end, beyond what TCP says: which half to address.
struct SetUp {
  std::uint64_t connection;
  Endpoint from;
  HalfIndex half;
  std::uint32_t generation;
  std::uint32_t downlink_ps_per_byte;
};

class SetUpMessage final : public Message {
 public:
  explicit SetUpMessage(const SetUp& set_up) : Message(kSetUpType, 0, 0, 0), set_up_(set_up) {}
  explicit SetUpMessage(std::span<const std::uint8_t> bytes) : Message(kSetUpType, 0, 0, 0) {
    std::memcpy(&set_up_, bytes.data(), sizeof(set_up_));
  }
  [[nodiscard]] const SetUp& set_up() const { return set_up_; }
  void encode(std::vector<std::uint8_t>& bytes) const override {
    const auto* memory = reinterpret_cast<const std::uint8_t*>(&set_up_);
    bytes.insert(bytes.end(), memory, memory + sizeof(set_up_));
  }

 private:
  SetUp set_up_;
};

}  // namespace hearsay
