#include "models/protocols/bitcoin/codec.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sim/core/check.hpp"

namespace hearsay::bitcoin {
namespace {

using chain::ByteReader;
using chain::ByteView;
using chain::ByteWriter;
using chain::compact_size_bytes;

constexpr std::size_t kNetAddressBytes = 8 + 16 + 2;
constexpr std::size_t kInventoryVectorBytes = 4 + 32;
// A header travels with the number of its transactions, always zero.
constexpr std::size_t kListedHeaderBytes = chain::BlockHeader::kBytes + 1;

using CommandField = std::array<std::uint8_t, kCommandBytes>;

CommandField command_field(std::string_view command) {
  SIM_CHECK(command.size() <= kCommandBytes, "a command has at most 12 bytes");
  CommandField field{};
  std::copy(command.begin(), command.end(), field.begin());
  return field;
}

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

ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void encode_address(ByteWriter& writer, const NetAddress& address) {
  writer.u64(address.services);
  writer.bytes(address.ip);
  writer.u16_big_endian(address.port);
}

NetAddress decode_address(ByteReader& reader) {
  NetAddress address;
  address.services = reader.u64();
  address.ip = reader.array<16>();
  address.port = reader.u16_big_endian();
  return address;
}

std::size_t inventory_bytes(const std::vector<InventoryVector>& inventory) {
  return compact_size_bytes(inventory.size()) + kInventoryVectorBytes * inventory.size();
}

void encode_inventory(ByteWriter& writer, const std::vector<InventoryVector>& inventory) {
  writer.compact_size(inventory.size());
  for (const InventoryVector& entry : inventory) {
    writer.u32(static_cast<std::uint32_t>(entry.type));
    writer.hash(entry.hash);
  }
}

std::vector<InventoryVector> decode_inventory(ByteReader& reader) {
  std::vector<InventoryVector> inventory(reader.item_count(kInventoryVectorBytes));
  for (InventoryVector& entry : inventory) {
    entry.type = static_cast<InventoryType>(reader.u32());
    entry.hash = reader.hash();
  }
  return inventory;
}

// What follows the receiver's address was added over the years; Bitcoin Core (net_processing.cpp) accepts a message
// that ends at any of these places, and these are its defaults.
Version decode_version(ByteReader& reader) {
  Version message;
  message.protocol_version = reader.i32();
  message.services = reader.u64();
  message.unix_time = reader.i64();
  message.receiver = decode_address(reader);
  message.nonce = 1;
  message.start_height = -1;
  message.relay = RelayField::absent;
  if (reader.remaining() > 0) {
    message.sender = decode_address(reader);
    message.nonce = reader.u64();
  }
  if (reader.remaining() > 0) {
    const std::size_t length = reader.compact_size();
    if (length > kMaximumUserAgentBytes) reader.fail();
    const ByteView text = reader.bytes(length);
    message.user_agent.assign(text.begin(), text.end());
  }
  if (reader.remaining() > 0) message.start_height = reader.i32();
  if (reader.remaining() > 0) message.relay = reader.u8() != 0 ? RelayField::yes : RelayField::no;
  return message;
}

GetHeaders decode_get_headers(ByteReader& reader) {
  GetHeaders message;
  message.version = reader.u32();
  message.locator.resize(reader.item_count(32));
  for (chain::Hash256& hash : message.locator) hash = reader.hash();
  message.stop = reader.hash();
  return message;
}

Headers decode_headers(ByteReader& reader) {
  Headers message;
  message.headers.resize(reader.item_count(kListedHeaderBytes));
  for (chain::BlockHeader& header : message.headers) {
    header = chain::BlockHeader::decode(reader);
    reader.compact_size();  // Bitcoin Core ignores the number
    if (!reader.ok()) break;
  }
  return message;
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
    return Payload(Raw{std::string(command_text(field)), {payload.begin(), payload.end()}, checksum});
  }
  std::optional<Payload> decoded = decode_payload(type, payload);
  if (!decoded) return DecodeFailure::unparsable_payload;
  if (use_cache) cache->insert(key, {std::get<BlockMessage>(*decoded).block, checksum});
  return std::move(*decoded);
}

// Fixed-size fields of a message, gathered to be hashed at once.
template <class... Fields>
std::uint64_t fold(std::uint64_t seed, Fields... fields) {
  const std::array<std::uint64_t, sizeof...(Fields)> words = {static_cast<std::uint64_t>(fields)...};
  return chain::fingerprint64({reinterpret_cast<const std::uint8_t*>(words.data()), sizeof(words)}, seed);
}

// A list whose items have no padding, hashed where it lies.
template <class Item>
std::uint64_t fold_items(std::uint64_t seed, const std::vector<Item>& items) {
  static_assert(std::has_unique_object_representations_v<Item>);
  return chain::fingerprint64({reinterpret_cast<const std::uint8_t*>(items.data()), items.size() * sizeof(Item)}, seed);
}

// The memory of numbers is hashed as it lies, so the result would differ on another byte order.
static_assert(std::endian::native == std::endian::little);

struct ContentId {
  std::uint64_t operator()(const Version& message) const {
    std::uint64_t id = fold(1, message.protocol_version, message.services, message.unix_time, message.nonce,
                            message.start_height, message.relay, message.receiver.services, message.receiver.port,
                            message.sender.services, message.sender.port);
    id = chain::fingerprint64(message.receiver.ip, id);
    id = chain::fingerprint64(message.sender.ip, id);
    return chain::fingerprint64(view_of(message.user_agent), id);
  }
  std::uint64_t operator()(const Verack&) const { return fold(2, 0); }
  std::uint64_t operator()(const Ping& message) const { return fold(3, message.nonce); }
  std::uint64_t operator()(const Pong& message) const { return fold(4, message.nonce); }
  std::uint64_t operator()(const GetHeaders& message) const {
    return chain::fingerprint64(message.stop.bytes, fold_items(fold(5, message.version), message.locator));
  }
  std::uint64_t operator()(const Headers& message) const { return fold_items(6, message.headers); }
  std::uint64_t operator()(const Inv& message) const { return fold_items(7, message.inventory); }
  std::uint64_t operator()(const GetData& message) const { return fold_items(8, message.inventory); }
  std::uint64_t operator()(const BlockMessage& message) const {
    return chain::fingerprint64(message.block->hash().bytes, fold(9, message.block->content_fingerprint()));
  }
  std::uint64_t operator()(const SendHeaders&) const { return fold(10, 0); }
  std::uint64_t operator()(const Raw& message) const {
    // The command as the header carries it: zeros at its end make no difference.
    const std::uint64_t id = chain::fingerprint64(command_field(message.command), fold(11, message.payload.size()));
    return chain::fingerprint64(message.payload, chain::fingerprint64(message.checksum, id));
  }
};

}  // namespace

std::size_t payload_bytes(const Version& message) {
  SIM_CHECK(message.user_agent.size() <= kMaximumUserAgentBytes, "a user agent has at most 256 bytes");
  return 4 + 8 + 8 + 2 * kNetAddressBytes + 8 + compact_size_bytes(message.user_agent.size()) +
         message.user_agent.size() + 4 + (message.relay == RelayField::absent ? 0U : 1U);
}
std::size_t payload_bytes(const Verack&) {
  return 0;
}
std::size_t payload_bytes(const Ping&) {
  return 8;
}
std::size_t payload_bytes(const Pong&) {
  return 8;
}
std::size_t payload_bytes(const GetHeaders& message) {
  return 4 + compact_size_bytes(message.locator.size()) + 32 * message.locator.size() + 32;
}
std::size_t payload_bytes(const Headers& message) {
  return compact_size_bytes(message.headers.size()) + kListedHeaderBytes * message.headers.size();
}
std::size_t payload_bytes(const Inv& message) {
  return inventory_bytes(message.inventory);
}
std::size_t payload_bytes(const GetData& message) {
  return inventory_bytes(message.inventory);
}
std::size_t payload_bytes(const BlockMessage& message) {
  return message.block->total_bytes();
}
std::size_t payload_bytes(const SendHeaders&) {
  return 0;
}
std::size_t payload_bytes(const Raw& message) {
  return message.payload.size();
}
std::size_t payload_bytes(const Payload& payload) {
  const std::size_t bytes = std::visit([](const auto& message) { return payload_bytes(message); }, payload);
  SIM_CHECK(bytes <= kMaximumPayloadBytes || type_of(payload) == MessageType::raw,
            "a typed message is within the limit of the protocol");
  return bytes;
}

void encode_payload(ByteWriter& writer, const Version& message) {
  writer.i32(message.protocol_version);
  writer.u64(message.services);
  writer.i64(message.unix_time);
  encode_address(writer, message.receiver);
  encode_address(writer, message.sender);
  writer.u64(message.nonce);
  writer.var_bytes(view_of(message.user_agent));
  writer.i32(message.start_height);
  if (message.relay != RelayField::absent) writer.u8(message.relay == RelayField::yes ? 1 : 0);
}
void encode_payload(ByteWriter&, const Verack&) {}
void encode_payload(ByteWriter& writer, const Ping& message) {
  writer.u64(message.nonce);
}
void encode_payload(ByteWriter& writer, const Pong& message) {
  writer.u64(message.nonce);
}
void encode_payload(ByteWriter& writer, const GetHeaders& message) {
  writer.u32(message.version);
  writer.compact_size(message.locator.size());
  for (const chain::Hash256& hash : message.locator) writer.hash(hash);
  writer.hash(message.stop);
}
void encode_payload(ByteWriter& writer, const Headers& message) {
  writer.compact_size(message.headers.size());
  for (const chain::BlockHeader& header : message.headers) {
    writer.bytes(header.encode());
    writer.compact_size(0);
  }
}
void encode_payload(ByteWriter& writer, const Inv& message) {
  encode_inventory(writer, message.inventory);
}
void encode_payload(ByteWriter& writer, const GetData& message) {
  encode_inventory(writer, message.inventory);
}
void encode_payload(ByteWriter& writer, const BlockMessage& message) {
  message.block->encode(writer, chain::WitnessForm::included);
}
void encode_payload(ByteWriter&, const SendHeaders&) {}
void encode_payload(ByteWriter& writer, const Raw& message) {
  writer.bytes(message.payload);
}
std::vector<std::uint8_t> encode_payload(const Payload& payload) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(payload_bytes(payload));
  ByteWriter writer(bytes);
  std::visit([&writer](const auto& message) { encode_payload(writer, message); }, payload);
  return bytes;
}

std::optional<Payload> decode_payload(MessageType type, ByteView bytes) {
  SIM_CHECK(type != MessageType::raw, "Raw has no layout to decode");
  ByteReader reader(bytes);
  std::optional<Payload> payload;
  // clang-format off
  switch (type) {
    case MessageType::version: payload = decode_version(reader); break;
    case MessageType::verack: payload = Verack{}; break;
    case MessageType::ping: payload = Ping{reader.u64()}; break;
    case MessageType::pong: payload = Pong{reader.u64()}; break;
    case MessageType::get_headers: payload = decode_get_headers(reader); break;
    case MessageType::headers: payload = decode_headers(reader); break;
    case MessageType::inv: payload = Inv{decode_inventory(reader)}; break;
    case MessageType::get_data: payload = GetData{decode_inventory(reader)}; break;
    case MessageType::block: payload = BlockMessage{chain::Block::decode(reader)}; break;
    case MessageType::send_headers: payload = SendHeaders{}; break;
    case MessageType::raw: break;
  }
  // clang-format on
  if (!reader.ok()) return std::nullopt;
  return payload;
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
  writer.bytes(magic);
  writer.bytes(command_field(command_of(payload)));
  writer.u32(static_cast<std::uint32_t>(length));
  writer.u32(0);  // the checksum, known only when the payload is there
  std::visit([&writer](const auto& message) { encode_payload(writer, message); }, payload);

  const ByteView body = ByteView(frame).subspan(kFrameHeaderBytes);
  std::array<std::uint8_t, 4> checksum;
  if (const Raw* raw = std::get_if<Raw>(&payload)) {
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
  if (message.payload.size() > kMaximumPayloadBytes) return DecodeFailure::oversize;
  return interpret_parts(command_field(message.command), message.checksum, message.payload, cache);
}

std::uint64_t content_id(const Payload& payload) {
  return std::visit(ContentId{}, payload);
}

}  // namespace hearsay::bitcoin
