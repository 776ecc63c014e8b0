// Sizes and layouts of the payloads.
#include <algorithm>
#include <string_view>
#include <utility>

#include "models/protocols/bitcoin/codec.hpp"
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
std::size_t payload_bytes(const TxMessage& message) {
  return message.transaction->total_bytes();
}
std::size_t payload_bytes(const NotFound& message) {
  return inventory_bytes(message.inventory);
}
std::size_t payload_bytes(const FeeFilter&) {
  return 8;
}
std::size_t payload_bytes(const MempoolRequest&) {
  return 0;
}
std::size_t payload_bytes(const WtxidRelay&) {
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
void encode_payload(ByteWriter& writer, const TxMessage& message) {
  message.transaction->encode(writer, chain::WitnessForm::included);
}
void encode_payload(ByteWriter& writer, const NotFound& message) {
  encode_inventory(writer, message.inventory);
}
void encode_payload(ByteWriter& writer, const FeeFilter& message) {
  writer.i64(message.satoshis_per_kilo_virtual_byte);
}
void encode_payload(ByteWriter&, const MempoolRequest&) {}
void encode_payload(ByteWriter&, const WtxidRelay&) {}
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
    case MessageType::tx: payload = TxMessage{chain::Transaction::decode(reader)}; break;
    case MessageType::not_found: payload = NotFound{decode_inventory(reader)}; break;
    case MessageType::fee_filter: payload = FeeFilter{reader.i64()}; break;
    case MessageType::mempool: payload = MempoolRequest{}; break;
    case MessageType::wtxid_relay: payload = WtxidRelay{}; break;
    case MessageType::raw: break;
  }
  // clang-format on
  if (!reader.ok()) return std::nullopt;
  return payload;
}

bool spells(ByteView bytes, const Payload& payload) {
  if (payload_bytes(payload) != bytes.size()) return false;
  // Only these have several encodings of one length.
  const MessageType type = type_of(payload);
  if (type != MessageType::version && type != MessageType::headers) return true;
  const std::vector<std::uint8_t> encoded = encode_payload(payload);
  return std::equal(encoded.begin(), encoded.end(), bytes.begin());
}

}  // namespace hearsay::bitcoin
