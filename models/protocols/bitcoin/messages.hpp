// The messages of the Bitcoin peer-to-peer protocol, as plain values: what a node hands to a connection and gets from
// one. Their bytes are the codec's concern, what they cause is the node's.
//
// Invariants: a message is not changed once sent; large contents are shared. The order of MessageType is the order of
// the alternatives of Payload. Counts are not limited here: a node judges the limits of the protocol (50,000 inventory
// entries, 2,000 headers, 101 locator hashes; Bitcoin Core net_processing.cpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "models/chain/block.hpp"
#include "models/chain/hash256.hpp"

namespace hearsay::bitcoin {

// PROTOCOL_VERSION, Bitcoin Core node/protocol_version.h.
inline constexpr std::int32_t kProtocolVersion = 70016;
// WTXID_RELAY_VERSION and FEEFILTER_VERSION, same file.
inline constexpr std::int32_t kWtxidRelayVersion = 70016;
inline constexpr std::int32_t kFeeFilterVersion = 70013;

// An address inside a version message: services, IPv6 or IPv4-mapped address, port. No time.
struct NetAddress {
  std::uint64_t services = 0;
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;

  bool operator==(const NetAddress&) const = default;
};

// The last byte of a version message (BIP 37). Peers older than BIP 37 leave it out, which means yes.
enum class RelayField : std::uint8_t { no = 0, yes = 1, absent = 2 };

struct Version {
  static constexpr std::string_view kCommand = "version";

  std::int32_t protocol_version = 0;
  std::uint64_t services = 0;
  std::int64_t unix_time = 0;
  NetAddress receiver;
  NetAddress sender;
  std::uint64_t nonce = 0;
  std::string user_agent;
  std::int32_t start_height = 0;
  RelayField relay = RelayField::yes;

  // Whether the sender wants transactions announced.
  bool wants_transactions() const { return relay != RelayField::no; }
  bool operator==(const Version&) const = default;
};

struct Verack {
  static constexpr std::string_view kCommand = "verack";
  bool operator==(const Verack&) const = default;
};

struct Ping {
  static constexpr std::string_view kCommand = "ping";
  std::uint64_t nonce = 0;
  bool operator==(const Ping&) const = default;
};

struct Pong {
  static constexpr std::string_view kCommand = "pong";
  std::uint64_t nonce = 0;
  bool operator==(const Pong&) const = default;
};

struct GetHeaders {
  static constexpr std::string_view kCommand = "getheaders";
  std::uint32_t version = 0;            // ignored by receivers; Bitcoin Core writes its protocol version
  std::vector<chain::Hash256> locator;  // newest first
  chain::Hash256 stop;                  // zero: as many as allowed
  bool operator==(const GetHeaders&) const = default;
};

struct Headers {
  static constexpr std::string_view kCommand = "headers";
  std::vector<chain::BlockHeader> headers;
  bool operator==(const Headers&) const = default;
};

// Values outside this list may arrive, and are kept as they are.
enum class InventoryType : std::uint32_t {
  tx = 1,
  block = 2,
  filtered_block = 3,
  compact_block = 4,
  witness_tx_id = 5,        // a transaction by its wtxid, BIP 339
  witness_tx = 0x40000001,  // BIP 144, as the next
  witness_block = 0x40000002,
};

struct InventoryVector {
  InventoryType type = InventoryType::tx;
  chain::Hash256 hash;
  bool operator==(const InventoryVector&) const = default;
};

struct Inv {
  static constexpr std::string_view kCommand = "inv";
  std::vector<InventoryVector> inventory;
  bool operator==(const Inv&) const = default;
};

struct GetData {
  static constexpr std::string_view kCommand = "getdata";
  std::vector<InventoryVector> inventory;
  bool operator==(const GetData&) const = default;
};

// Never null. It travels with the witnesses that the block has; to send the stripped form, send a block made by
// chain::without_witness.
struct BlockMessage {
  static constexpr std::string_view kCommand = "block";
  chain::BlockPointer block;
};

// Never null. It travels with the witnesses that the transaction has; to send the stripped form, send a transaction
// made by chain::without_witness.
struct TxMessage {
  static constexpr std::string_view kCommand = "tx";
  chain::TransactionPointer transaction;
};

// Answer to a getdata for transactions that are not, or no longer, served.
struct NotFound {
  static constexpr std::string_view kCommand = "notfound";
  std::vector<InventoryVector> inventory;
  bool operator==(const NotFound&) const = default;
};

// BIP 133: transactions below this fee rate need not be announced.
struct FeeFilter {
  static constexpr std::string_view kCommand = "feefilter";
  std::int64_t satoshis_per_kilo_virtual_byte = 0;
  bool operator==(const FeeFilter&) const = default;
};

// BIP 35: asks for an inv of the whole mempool.
struct MempoolRequest {
  static constexpr std::string_view kCommand = "mempool";
  bool operator==(const MempoolRequest&) const = default;
};

// BIP 339, between version and verack: announce transactions by wtxid.
struct WtxidRelay {
  static constexpr std::string_view kCommand = "wtxidrelay";
  bool operator==(const WtxidRelay&) const = default;
};

// BIP 130.
struct SendHeaders {
  static constexpr std::string_view kCommand = "sendheaders";
  bool operator==(const SendHeaders&) const = default;
};

using Magic = std::array<std::uint8_t, 4>;

// Any message by its parts: unknown commands, garbage, wrong checksums, what breaks a stream. A receiver always
// interprets it from these parts, whether it travelled as bytes or not.
struct Raw {
  std::string command;  // at most 12 bytes; what follows them in the header is zeros
  std::vector<std::uint8_t> payload;
  std::array<std::uint8_t, 4> checksum{};
  std::optional<Magic> magic = {};  // another than the network's
  // Another length in the header than that of the payload: only beyond the limit of the protocol, where a receiver
  // reads no further.
  std::optional<std::uint32_t> announced_bytes = {};
  bool operator==(const Raw&) const = default;
};

using Payload = std::variant<Version, Verack, Ping, Pong, GetHeaders, Headers, Inv, GetData, BlockMessage, SendHeaders,
                             TxMessage, NotFound, FeeFilter, MempoolRequest, WtxidRelay, Raw>;

enum class MessageType : std::uint8_t {
  version,
  verack,
  ping,
  pong,
  get_headers,
  headers,
  inv,
  get_data,
  block,
  send_headers,
  tx,
  not_found,
  fee_filter,
  mempool,
  wtxid_relay,
  raw,
};

inline constexpr std::size_t kMessageTypes = std::variant_size_v<Payload>;

template <MessageType kType>
using MessageOf = std::variant_alternative_t<static_cast<std::size_t>(kType), Payload>;

static_assert(static_cast<std::size_t>(MessageType::raw) + 1 == kMessageTypes);
static_assert(std::is_same_v<MessageOf<MessageType::version>, Version>);
static_assert(std::is_same_v<MessageOf<MessageType::get_headers>, GetHeaders>);
static_assert(std::is_same_v<MessageOf<MessageType::get_data>, GetData>);
static_assert(std::is_same_v<MessageOf<MessageType::block>, BlockMessage>);
static_assert(std::is_same_v<MessageOf<MessageType::tx>, TxMessage>);
static_assert(std::is_same_v<MessageOf<MessageType::wtxid_relay>, WtxidRelay>);
static_assert(std::is_same_v<MessageOf<MessageType::raw>, Raw>);

inline MessageType type_of(const Payload& payload) {
  return static_cast<MessageType>(payload.index());
}

inline std::string_view command_of(const Payload& payload) {
  return std::visit(
      [](const auto& message) -> std::string_view {
        if constexpr (std::is_same_v<std::decay_t<decltype(message)>, Raw>) {
          return message.command;
        } else {
          return message.kCommand;
        }
      },
      payload);
}

}  // namespace hearsay::bitcoin
