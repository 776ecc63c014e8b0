#include "models/protocols/flood/flood_message.hpp"

#include <algorithm>

#include "sim/core/fingerprint.hpp"

namespace hearsay::flood {

Item::Item(std::uint64_t number, std::uint32_t bytes) : Message(kItemType, std::max(bytes, 8u), 0, number) {}

void Item::encode(std::vector<std::uint8_t>& bytes) const {
  for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(number() >> (8 * i)));
  bytes.resize(bytes.size() + payload_bytes() - 8);
}

Garbage::Garbage(std::span<const std::uint8_t> bytes)
    : Message(kGarbageType, static_cast<std::uint32_t>(bytes.size()), 0, XXH3_64bits(bytes.data(), bytes.size())),
      bytes_(bytes.begin(), bytes.end()) {}

void Garbage::encode(std::vector<std::uint8_t>& bytes) const {
  bytes.insert(bytes.end(), bytes_.begin(), bytes_.end());
}

MessageRef FloodProtocol::decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 8) return make_message<Garbage>(bytes);
  std::uint64_t number = 0;
  for (unsigned i = 0; i < 8; ++i) number |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return make_message<Item>(number, static_cast<std::uint32_t>(bytes.size()));
}

std::string_view FloodProtocol::message_name(MessageType type) const {
  return type == kItemType ? "item" : "garbage";
}

}  // namespace hearsay::flood
