// The identity of a message's content, in whatever form it travelled.
#include <bit>
#include <string_view>
#include <type_traits>

#include "models/protocols/bitcoin/codec.hpp"

namespace hearsay::bitcoin {
namespace {

chain::ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
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
  std::uint64_t operator()(const TxMessage& message) const {
    return chain::fingerprint64(message.transaction->wtxid().bytes, 12);
  }
  std::uint64_t operator()(const NotFound& message) const { return fold_items(13, message.inventory); }
  std::uint64_t operator()(const FeeFilter& message) const { return fold(14, message.satoshis_per_kilo_virtual_byte); }
  std::uint64_t operator()(const MempoolRequest&) const { return fold(15, 0); }
  std::uint64_t operator()(const WtxidRelay&) const { return fold(16, 0); }
  std::uint64_t operator()(const Raw& message) const {
    // The command as the header carries it: zeros at its end make no difference.
    std::uint64_t id = chain::fingerprint64(command_field(message.command), fold(11, message.payload.size()));
    if (message.magic) id = chain::fingerprint64(*message.magic, id);
    if (message.announced_bytes) id = fold(id, *message.announced_bytes);
    return chain::fingerprint64(message.payload, chain::fingerprint64(message.checksum, id));
  }
};

}  // namespace

std::uint64_t content_id(const Payload& payload) {
  return std::visit(ContentId{}, payload);
}

}  // namespace hearsay::bitcoin
