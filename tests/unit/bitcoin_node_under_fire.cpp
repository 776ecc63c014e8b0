#include "tests/unit/bitcoin_node_under_fire.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/core/check.hpp"
#include "sim/core/fingerprint.hpp"

namespace hearsay::test {

using bitcoin::BitcoinMessage;
using bitcoin::Payload;
using bitcoin::Raw;

namespace {

// Of both: what the twins' mempools and orphanages may hold is the same.
constexpr std::uint32_t kSpendableOutputs = 40;
constexpr std::uint32_t kPremined = 103;
// An item of a witness takes one byte on the wire, and a vector here.
constexpr std::size_t kLargestGrowth = 32;

bitcoin::BitcoinParameters parameters_under_fire() {
  bitcoin::BitcoinParameters parameters;
  parameters.bloom_service = true;
  parameters.inbound_trickle = parameters.outbound_trickle = milliseconds(500);
  return parameters;
}

// The parts of a frame, told apart here once more so that the protocol's own way is checked.
Raw parts_of(const bitcoin::Magic& network, std::span<const std::uint8_t> frame) {
  Raw raw;
  bitcoin::Magic magic;
  std::copy_n(frame.begin(), 4, magic.begin());
  if (magic != network) raw.magic = magic;
  std::size_t length = 12;
  while (length > 0 && frame[4 + length - 1] == 0) --length;
  raw.command = std::string(frame.begin() + 4, frame.begin() + 4 + static_cast<std::ptrdiff_t>(length));
  std::uint32_t announced = 0;
  for (std::size_t i = 0; i < 4; ++i) announced |= std::uint32_t{frame[16 + i]} << (8 * i);
  if (announced != frame.size() - bitcoin::kFrameHeaderBytes) raw.announced_bytes = announced;
  std::copy_n(frame.begin() + 20, 4, raw.checksum.begin());
  raw.payload.assign(frame.begin() + bitcoin::kFrameHeaderBytes, frame.end());
  return raw;
}

const Payload& payload_of(const MessageRef& message) {
  return static_cast<const BitcoinMessage&>(*message).payload();
}

std::size_t held_by(const chain::Transaction& transaction) {
  std::size_t bytes = sizeof(chain::Transaction);
  for (const chain::TxIn& input : transaction.inputs()) {
    bytes += sizeof(chain::TxIn) + input.script.capacity();
    for (const auto& item : input.witness) bytes += sizeof(item) + item.capacity();
  }
  for (const chain::TxOut& output : transaction.outputs()) bytes += sizeof(chain::TxOut) + output.script.capacity();
  return bytes;
}

struct Counter {
  std::size_t operator()(const bitcoin::Version& message) const { return message.user_agent.capacity(); }
  std::size_t operator()(const bitcoin::GetHeaders& message) const { return message.locator.capacity() * 32; }
  std::size_t operator()(const bitcoin::Headers& message) const {
    return message.headers.capacity() * sizeof(chain::BlockHeader);
  }
  std::size_t operator()(const bitcoin::Inv& message) const { return inventory(message.inventory); }
  std::size_t operator()(const bitcoin::GetData& message) const { return inventory(message.inventory); }
  std::size_t operator()(const bitcoin::NotFound& message) const { return inventory(message.inventory); }
  std::size_t operator()(const bitcoin::TxMessage& message) const { return held_by(*message.transaction); }
  std::size_t operator()(const bitcoin::BlockMessage& message) const {
    std::size_t bytes = sizeof(chain::Block);
    for (const auto& transaction : message.block->transactions()) bytes += held_by(*transaction);
    return bytes;
  }
  std::size_t operator()(const Raw& message) const { return message.payload.capacity() + message.command.capacity(); }
  template <class Small>
  std::size_t operator()(const Small&) const {
    return sizeof(Small);
  }
  static std::size_t inventory(const std::vector<bitcoin::InventoryVector>& list) {
    return list.capacity() * sizeof(bitcoin::InventoryVector);
  }
};

}  // namespace

std::size_t held_bytes(const Payload& payload) {
  return std::visit(Counter{}, payload);
}

NodeUnderFire::NodeUnderFire(const bitcoin::BitcoinParameters& parameters, std::uint32_t spendable_outputs)
    : protocol_(chain::regtest_params(), kPremined, spendable_outputs), endpoint_(ipv4_endpoint(0x0a000001, 18444)) {
  timers_.fill(SimTime::max());
  const std::vector<Endpoint> dials = {ipv4_endpoint(0x0a000002, 18444)};
  node_ = std::make_unique<bitcoin::BitcoinNode>(
      protocol_, std::make_shared<const bitcoin::BitcoinParameters>(parameters), dials, bitcoin::MinerSettings{});
  node_->on_start(*this);
  reconnect();
}

void NodeUnderFire::fold(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  deeds_ = fingerprint(fingerprint(deeds_, static_cast<std::uint64_t>(now_.ns)), fingerprint(a, b, c));
}

void NodeUnderFire::send(ConnectionSlot connection, const MessageRef& message) {
  SIM_CHECK(open_.at(connection), "a node sends on open connections");
  ++sent_;
  fold(1 + connection, message->type(), message->content_id());
}

void NodeUnderFire::close(ConnectionSlot connection) {
  SIM_CHECK(open_.at(connection), "a node closes open connections");
  open_.at(connection) = false;
  ++hang_ups_;
  fold(10 + connection, 0, 0);
}

void NodeUnderFire::observe(const Observation& observation) {
  fold(observation.kind, observation.object, static_cast<std::uint64_t>(observation.value));
}

void NodeUnderFire::pass_time(SimTime until) {
  for (;;) {
    const auto first = std::min_element(timers_.begin(), timers_.end());
    if (*first > until) break;
    now_ = std::max(now_ + nanoseconds(1), *first);
    *first = SimTime::max();
    node_->on_timer(*this, static_cast<TimerSlot>(first - timers_.begin()));
  }
  now_ = std::max(now_, until);
}

void NodeUnderFire::deliver(ConnectionSlot slot, const MessageRef& message) {
  if (open_.at(slot)) node_->on_message(*this, slot, message);
}

void NodeUnderFire::reconnect() {
  for (const ConnectionSlot slot : {0u, 1u}) {
    if (open_[slot]) continue;
    open_[slot] = true;
    node_->on_connected(*this, slot, slot == 0 ? Direction::inbound : Direction::outbound,
                        ipv4_endpoint(0x0a000002, 18444));
    bitcoin::Version version;
    version.protocol_version = bitcoin::kProtocolVersion;
    version.nonce = ++nonce_;
    deliver(slot, protocol_.make(version));
    // The dialled one announces by wtxid.
    if (slot == 1) deliver(slot, protocol_.make(bitcoin::WtxidRelay{}));
    deliver(slot, protocol_.make(bitcoin::Verack{}));
  }
}

void NodeUnderFire::hang_up() {
  for (const ConnectionSlot slot : {0u, 1u}) {
    if (!open_[slot]) continue;
    open_[slot] = false;
    node_->on_closed(*this, slot, CloseReason::finished);
  }
}

TwinsUnderFire::TwinsUnderFire()
    : from_parts_(parameters_under_fire(), kSpendableOutputs),
      from_bytes_(parameters_under_fire(), kSpendableOutputs) {}

TwinsUnderFire::Fate TwinsUnderFire::deliver(ConnectionSlot slot, std::span<const std::uint8_t> frame,
                                             Duration since_last) {
  if (frame.size() < bitcoin::kFrameHeaderBytes) return Fate::short_of_a_header;
  now_ = now_ + since_last;
  const bitcoin::Magic& network = from_bytes_.bitcoin().params().magic;
  const MessageRef decoded = from_bytes_.bitcoin().decode(frame);
  const MessageRef made = from_parts_.bitcoin().make(parts_of(network, frame));
  SIM_CHECK(decoded->type() == made->type(), "parts and bytes are the same type of message");
  SIM_CHECK(decoded->content_id() == made->content_id(), "parts and bytes are the same message");
  SIM_CHECK(decoded->stream_bytes() == frame.size(), "a message is as long as its bytes");
  for (const MessageRef& message : {decoded, made}) {
    std::vector<std::uint8_t> bytes;
    message->encode(bytes);
    SIM_CHECK(std::equal(bytes.begin(), bytes.end(), frame.begin(), frame.end()), "a message gives its bytes again");
  }
  SIM_CHECK(held_bytes(payload_of(decoded)) <= kLargestGrowth * frame.size() + 512,
            "what a message holds is bounded by its bytes");
  // What a node makes of the parts of a frame is bounded, too, and means the same once it is encoded.
  if (const Raw* raw = std::get_if<Raw>(&payload_of(decoded))) {
    const bitcoin::Interpretation meaning = bitcoin::interpret(*raw);
    if (const Payload* payload = std::get_if<Payload>(&meaning)) {
      SIM_CHECK(held_bytes(*payload) <= kLargestGrowth * frame.size() + 512,
                "what a message holds is bounded by its bytes");
      const auto again = bitcoin::decode_frame(network, bitcoin::encode_frame(network, *payload));
      const Payload* same = std::get_if<Payload>(&again.outcome);
      SIM_CHECK(same != nullptr && type_of(*same) == type_of(*payload), "what was understood can be said again");
      SIM_CHECK(type_of(*payload) == bitcoin::MessageType::version || content_id(*same) == content_id(*payload),
                "what was understood means the same when it is said again");
    }
  }
  for (auto& [twin, message] : {std::pair<NodeUnderFire&, const MessageRef&>(from_parts_, made),
                                std::pair<NodeUnderFire&, const MessageRef&>(from_bytes_, decoded)}) {
    twin.pass_time(now_);
    twin.reconnect();
    twin.deliver(slot, message);
  }
  now_ = std::max(from_parts_.now(), from_bytes_.now());
  SIM_CHECK(from_parts_.deeds() == from_bytes_.deeds(), "twins do the same, whether they get parts or bytes");
  return std::holds_alternative<Raw>(payload_of(decoded)) ? Fate::raw : Fate::typed;
}

void TwinsUnderFire::end() {
  for (NodeUnderFire* twin : {&from_parts_, &from_bytes_}) {
    twin->hang_up();
    twin->pass_time(now_ + minutes(5));
    SIM_CHECK(twin->bitcoin().transactions().live() == twin->node().transactions()->mempool.size(),
              "without peers nothing is held but the mempool");
  }
}

}  // namespace hearsay::test
