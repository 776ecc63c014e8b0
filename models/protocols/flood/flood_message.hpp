// The one message of the flood protocol: an item's number, padded to a size.
#pragma once

#include "sim/node/message.hpp"

namespace hearsay::flood {

inline constexpr MessageType kItemType = 0x0101;

class Item final : public Message {
 public:
  // `bytes` on the wire, at least the 8 of the number.
  Item(std::uint64_t number, std::uint32_t bytes);
  [[nodiscard]] std::uint64_t number() const { return content_id(); }
  void encode(std::vector<std::uint8_t>& bytes) const override;
};

// Bytes that are no item (shorter than a number) come out as this.
class Garbage final : public Message {
 public:
  explicit Garbage(std::span<const std::uint8_t> bytes);
  void encode(std::vector<std::uint8_t>& bytes) const override;

 private:
  std::vector<std::uint8_t> bytes_;
};

inline constexpr MessageType kGarbageType = 0x0102;

class FloodProtocol final : public Protocol {
 public:
  [[nodiscard]] MessageRef decode(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] std::string_view message_name(MessageType type) const override;
};

}  // namespace hearsay::flood
