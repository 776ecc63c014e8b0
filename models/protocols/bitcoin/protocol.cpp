#include "models/protocols/bitcoin/protocol.hpp"

#include <array>

#include "sim/core/time.hpp"

namespace hearsay::bitcoin {

namespace {

// A frame that cannot be interpreted is still a message: the receiver decides what to do about it. Its parts are kept
// as far as they can be told apart; a stream that cannot be followed any further becomes one nameless Raw.
Raw raw_from(chain::ByteView bytes) {
  Raw raw;
  if (bytes.size() < kFrameHeaderBytes) {
    raw.payload.assign(bytes.begin(), bytes.end());
    return raw;
  }
  for (std::size_t i = 4; i < 4 + kCommandBytes; ++i) raw.command.push_back(static_cast<char>(bytes[i]));
  while (!raw.command.empty() && raw.command.back() == '\0') raw.command.pop_back();
  std::copy_n(bytes.begin() + 4 + kCommandBytes + 4, raw.checksum.size(), raw.checksum.begin());
  raw.payload.assign(bytes.begin() + kFrameHeaderBytes, bytes.end());
  return raw;
}

constexpr std::array<std::string_view, kMessageTypes> kNames = {
    Version::kCommand,      Verack::kCommand,      Ping::kCommand, Pong::kCommand,
    GetHeaders::kCommand,   Headers::kCommand,     Inv::kCommand,  GetData::kCommand,
    BlockMessage::kCommand, SendHeaders::kCommand, "raw"};

}  // namespace

BitcoinMessage::BitcoinMessage(const Magic& magic, chain::BodyCache* bodies, Payload payload)
    : Message(wire_type(type_of(payload)), static_cast<std::uint32_t>(bitcoin::payload_bytes(payload)),
              static_cast<std::uint32_t>(kFrameHeaderBytes), bitcoin::content_id(payload)),
      magic_(magic),
      bodies_(bodies),
      payload_(std::move(payload)) {}

void BitcoinMessage::encode(std::vector<std::uint8_t>& bytes) const {
  const std::vector<std::uint8_t> frame = encode_frame(magic_, payload_, bodies_);
  bytes.insert(bytes.end(), frame.begin(), frame.end());
}

BitcoinProtocol::BitcoinProtocol(const chain::ChainParams& params, std::uint32_t premined_blocks)
    : index_(params), premined_tip_(chain::premine(index_, premined_blocks, kUnixEpochSeconds)) {}

MessageRef BitcoinProtocol::decode(std::span<const std::uint8_t> bytes) {
  DecodedFrame frame = decode_frame(params().magic, bytes, &bodies_);
  if (Payload* payload = std::get_if<Payload>(&frame.outcome)) return make(std::move(*payload));
  return make(raw_from(bytes));
}

std::string_view BitcoinProtocol::message_name(hearsay::MessageType type) const {
  const std::size_t number = type & 0xff;
  return number < kNames.size() ? kNames[number] : std::string_view("unknown");
}

}  // namespace hearsay::bitcoin
