#include "models/protocols/bitcoin/codec.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sim/core/check.hpp"

namespace hearsay::bitcoin {
namespace {

using chain::ByteReader;
using chain::ByteView;
using chain::ByteWriter;

std::string_view command_text(const CommandField& field) {
  const auto end = std::find(field.begin(), field.end(), std::uint8_t{0});
  return {reinterpret_cast<const char*>(field.data()), static_cast<std::size_t>(end - field.begin())};
}

// Bitcoin Core protocol.cpp: printable characters, then zeros.
bool is_valid_command(const CommandField& field) {
  const auto end = std::find(field.begin(), field.end(), std::uint8_t{0});
  return std::all_of(field.begin(), end, [](std::uint8_t byte) { return byte >= 0x20 && byte <= 0x7E; }) &&
         std::all_of(end, field.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The type of a known command; Raw for any other. Walks the alternatives in order: there are few.
template <std::size_t kIndex = 0>
MessageType type_of_command(std::string_view command) {
  if constexpr (kIndex + 1 == kMessageTypes) {
    return MessageType::raw;
  } else {
    using Message = std::variant_alternative_t<kIndex, Payload>;
    return command == Message::kCommand ? static_cast<MessageType>(kIndex) : type_of_command<kIndex + 1>(command);
  }
}

Interpretation interpret_parts(const CommandField& field, const std::array<std::uint8_t, 4>& checksum, ByteView payload,
                               chain::BodyCache* cache) {
  const MessageType type = is_valid_command(field) ? type_of_command(command_text(field)) : MessageType::raw;
  const bool use_cache = cache != nullptr && type == MessageType::block;
  chain::Fingerprint128 key;
  if (use_cache) {
    key = chain::fingerprint128(payload);
    if (auto body = cache->find(key)) {
      if (body->checksum != checksum) return DecodeFailure::bad_checksum;
      return Payload(BlockMessage{std::move(body->block)});
    }
  }
  // Bitcoin Core (net.cpp, V1Transport) judges the checksum before the command.
  if (payload_checksum(payload) != checksum) return DecodeFailure::bad_checksum;
  if (!is_valid_command(field)) return DecodeFailure::bad_command;
  if (type == MessageType::raw) {
    return Payload(Raw{std::string(command_text(field)), {payload.begin(), payload.end()}, checksum, {}, {}});
  }
  std::optional<Payload> decoded = decode_payload(type, payload);
  if (!decoded) return DecodeFailure::unparsable_payload;
  if (use_cache) cache->insert(key, {std::get<BlockMessage>(*decoded).block, checksum});
  return std::move(*decoded);
}

}  // namespace

CommandField command_field(std::string_view command) {
  SIM_CHECK(command.size() <= kCommandBytes, "a command has at most 12 bytes");
  CommandField field{};
  std::copy(command.begin(), command.end(), field.begin());
  return field;
}

std::array<std::uint8_t, 4> payload_checksum(ByteView payload) {
  const chain::Hash256 hash = chain::double_sha256(payload);
  return {hash.bytes[0], hash.bytes[1], hash.bytes[2], hash.bytes[3]};
}

std::vector<std::uint8_t> encode_frame(const Magic& magic, const Payload& payload, chain::BodyCache* cache) {
  const std::size_t length = payload_bytes(payload);
  std::vector<std::uint8_t> frame;
  frame.reserve(kFrameHeaderBytes + length);
  ByteWriter writer(frame);
  const Raw* const raw = std::get_if<Raw>(&payload);
  writer.bytes(raw != nullptr && raw->magic ? *raw->magic : magic);
  writer.bytes(command_field(command_of(payload)));
  writer.u32(raw != nullptr && raw->announced_bytes ? *raw->announced_bytes : static_cast<std::uint32_t>(length));
  writer.u32(0);  // the checksum, known only when the payload is there
  std::visit([&writer](const auto& message) { encode_payload(writer, message); }, payload);

  const ByteView body = ByteView(frame).subspan(kFrameHeaderBytes);
  std::array<std::uint8_t, 4> checksum;
  if (raw != nullptr) {
    checksum = raw->checksum;
  } else if (const BlockMessage* message = std::get_if<BlockMessage>(&payload);
             message != nullptr && cache != nullptr) {
    const chain::Fingerprint128 key = chain::fingerprint128(body);
    if (const auto known = cache->find(key)) {
      checksum = known->checksum;
    } else {
      checksum = payload_checksum(body);
      cache->insert(key, {message->block, checksum});
    }
  } else {
    checksum = payload_checksum(body);
  }
  std::copy(checksum.begin(), checksum.end(), frame.begin() + kFrameHeaderBytes - 4);
  return frame;
}

DecodedFrame decode_frame(const Magic& magic, ByteView bytes, chain::BodyCache* cache) {
  if (bytes.size() < kFrameHeaderBytes) return {DecodeFailure::incomplete};
  ByteReader reader(bytes);
  const Magic found_magic = reader.array<4>();
  const CommandField field = reader.array<kCommandBytes>();
  const std::size_t length = reader.u32();
  const auto checksum = reader.array<4>();
  if (found_magic != magic) return {DecodeFailure::bad_magic};
  if (length > kMaximumPayloadBytes) return {DecodeFailure::oversize};
  if (length > reader.remaining()) return {DecodeFailure::incomplete};
  return {interpret_parts(field, checksum, reader.bytes(length), cache), kFrameHeaderBytes + length};
}

Interpretation interpret(const Raw& message, chain::BodyCache* cache) {
  if (message.magic) return DecodeFailure::bad_magic;
  if (message.announced_bytes || message.payload.size() > kMaximumPayloadBytes) return DecodeFailure::oversize;
  return interpret_parts(command_field(message.command), message.checksum, message.payload, cache);
}

}  // namespace hearsay::bitcoin
