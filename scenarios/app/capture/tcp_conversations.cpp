#include "scenarios/app/capture/tcp_conversations.hpp"

#include <algorithm>
#include <tuple>

#include "sim/core/check.hpp"
#include "sim/engine/rank.hpp"

namespace hearsay::app {

namespace {

// Ports that hosts dial from (RFC 6335, 6).
constexpr std::uint16_t kFirstEphemeralPort = 49'152;
constexpr std::uint16_t kEphemeralPorts = 16'384;

std::size_t other(std::size_t end) {
  return 1 - end;
}

// Milliseconds of the simulated date: a rate that RFC 7323, 5.4 allows. It wraps.
std::uint32_t tcp_timestamp(SimTime time) {
  return static_cast<std::uint32_t>(kUnixEpochSeconds * 1000 + time.ns / 1'000'000);
}

// Initial sequence numbers must not be guessable (RFC 6528); here it is enough that they differ.
std::uint32_t initial_sequence(std::uint64_t connection, std::size_t end) {
  return static_cast<std::uint32_t>(fingerprint(connection, std::uint64_t{end}));
}

std::uint32_t segments_of(std::uint32_t stream_bytes) {
  return (stream_bytes + kSegmentBytes - 1) / kSegmentBytes;
}

std::uint8_t flags_of(TcpStep step) {
  switch (step) {
    case TcpStep::syn:
      return kTcpSyn;
    case TcpStep::syn_ack:
      return kTcpSyn | kTcpAck;
    case TcpStep::ack:
    case TcpStep::message:
      return kTcpAck;
    case TcpStep::finish:
      return kTcpFin | kTcpAck;
    case TcpStep::refuse:
    case TcpStep::reset:
      break;
  }
  return kTcpRst | kTcpAck;
}

TcpOptions options_of(TcpStep step) {
  if (step == TcpStep::syn || step == TcpStep::syn_ack) return TcpOptions::set_up;
  return step == TcpStep::refuse ? TcpOptions::none : TcpOptions::timestamps;
}

}  // namespace

struct TcpConversations::Underway {
  Transmission told;
  MessageRef message;
  std::uint64_t number = 0;
  std::uint32_t segments = 1;
  std::uint32_t stream_bytes = 0;  // of this part of the message
  bool ends_message = true;
  HostState becomes = HostState::silent;  // of a change of presence, which has no transmission
  Connection* connection = nullptr;       // from the first departure on
  std::vector<std::uint8_t> bytes;        // likewise
  std::vector<TcpSegment> sent;           // as they left, for the other end

  [[nodiscard]] std::size_t sender() const { return static_cast<std::size_t>(told.sender); }
  [[nodiscard]] std::uint32_t first_byte(std::uint32_t segment) const { return segment * kSegmentBytes; }
  [[nodiscard]] std::uint32_t payload_bytes(std::uint32_t segment) const {
    return std::min(kSegmentBytes, stream_bytes - first_byte(segment));
  }
  // The uplink's time is shared out by the bytes that the engine charges for, headers included.
  [[nodiscard]] SimTime departure(std::uint32_t segment) const {
    if (segment + 1 == segments) return told.departs;
    const std::int64_t whole = std::int64_t{stream_bytes} + std::int64_t{segments} * kTcpIpHeaderBytes;
    const std::int64_t part = std::int64_t{segment + 1} * (kSegmentBytes + kTcpIpHeaderBytes);
    const Duration all = told.departs - told.starts;  // quotient and remainder apart: the product may overflow
    return told.starts + Duration{all.ns / whole * part + all.ns % whole * part / whole};
  }
};

bool TcpConversations::Entry::operator>(const Entry& right) const {
  return std::tie(time, phase, host, from, number, segment) >
         std::tie(right.time, right.phase, right.host, right.from, right.number, right.segment);
}

TcpConversations::TcpConversations(const World& world, const std::vector<NodeId>& tapped, PacketSink& sink)
    : world_(world), sink_(sink), tapped_(world.size(), false), silent_(world.size(), true), counts_(world.size(), 0) {
  for (const NodeId node : tapped) tapped_[node] = true;
}

void TcpConversations::push(SimTime time, Phase phase, NodeId host, std::shared_ptr<Underway> what,
                            std::uint32_t segment) {
  const std::uint64_t from = world_.host(what->told.from).id.value;
  const std::uint64_t number = what->number;
  entries_.push({time, phase, world_.host(host).id.value, from, number, segment, std::move(what)});
}

void TcpConversations::on_transmission(const Transmission& told, const Message* message) {
  if (told.to == told.from) return;  // stays inside the host
  auto what = std::make_shared<Underway>();
  what->told = told;
  what->number = counts_[told.from]++;
  if (told.step == TcpStep::message) {
    what->message = MessageRef(message);
    what->stream_bytes = told.bytes;
    what->ends_message = told.offset + told.bytes == message->stream_bytes();
    what->segments = segments_of(what->stream_bytes);
    if (what->segments == 0) return;
  }
  const SimTime first = what->departure(0);
  push(first, Phase::departure, told.from, std::move(what), 0);
}

void TcpConversations::on_host(SimTime now, NodeId node, HostState state) {
  auto what = std::make_shared<Underway>();
  what->told.from = node;
  what->number = counts_[node]++;
  what->becomes = state;
  push(now, Phase::presence, node, std::move(what), 0);
}

void TcpConversations::play_until(SimTime limit) {
  while (!entries_.empty() && entries_.top().time < limit) {
    const Entry entry = entries_.top();
    entries_.pop();
    switch (entry.phase) {
      case Phase::presence:
        silent_[entry.what->told.from] = entry.what->becomes == HostState::silent;
        break;
      case Phase::arrival:
        arrive(entry);
        break;
      case Phase::departure:
        depart(entry);
        break;
    }
  }
}

void TcpConversations::depart(const Entry& entry) {
  Underway& what = *entry.what;
  const Transmission& told = what.told;
  if (what.connection == nullptr) {
    what.connection = &connection_of(told);
    if (what.message != nullptr) what.message->encode(what.bytes);
    SIM_CHECK(what.bytes.size() >= told.offset + what.stream_bytes, "a message encodes to the size it promised");
    what.message.reset();
  }
  End& end = what.connection->ends[what.sender()];
  const bool set_up = told.step == TcpStep::syn || told.step == TcpStep::syn_ack;
  if (set_up) end.send_next = initial_sequence(told.connection, what.sender());  // again, if it is sent again
  TcpSegment segment;
  segment.source = what.connection->endpoints[what.sender()];
  segment.destination = what.connection->endpoints[other(what.sender())];
  segment.sequence = told.step == TcpStep::refuse ? 0 : end.send_next;  // the answer to a SYN: RFC 9293, 3.5.2
  segment.flags = flags_of(told.step);
  const bool last = entry.segment + 1 == what.segments;
  if (told.step == TcpStep::message) {
    if (last && what.ends_message) segment.flags |= kTcpPsh;
    end.send_next += what.payload_bytes(entry.segment);
  }
  if ((segment.flags & (kTcpSyn | kTcpFin)) != 0) ++end.send_next;
  if ((segment.flags & kTcpAck) != 0) segment.acknowledgement = end.receive_next;
  segment.options = options_of(told.step);
  segment.timestamp = tcp_timestamp(entry.time);
  segment.timestamp_echo = end.recent_timestamp;
  what.sent.push_back(segment);
  show(entry.time, told.from, PacketDirection::outbound, what, entry.segment);
  if (told.to) {
    end.last_arrival = std::max(end.last_arrival, entry.time + (told.arrives - told.departs));
    push(end.last_arrival, Phase::arrival, *told.to, entry.what, entry.segment);
  }
  if (!last) push(what.departure(entry.segment + 1), Phase::departure, told.from, entry.what, entry.segment + 1);
}

void TcpConversations::arrive(const Entry& entry) {
  const Underway& what = *entry.what;
  const NodeId self = *what.told.to;
  if (silent_[self]) return;
  const TcpSegment& segment = what.sent[entry.segment];
  End& end = what.connection->ends[other(what.sender())];
  if ((segment.flags & kTcpRst) == 0) {
    end.receive_next = segment.sequence + ((segment.flags & (kTcpSyn | kTcpFin)) != 0 ? 1 : 0);
    if (what.told.step == TcpStep::message) end.receive_next += what.payload_bytes(entry.segment);
    end.recent_timestamp = segment.timestamp;
  }
  show(entry.time, self, PacketDirection::inbound, what, entry.segment);
}

void TcpConversations::show(SimTime time, NodeId host, PacketDirection direction, const Underway& what,
                            std::uint32_t segment) {
  if (!tapped_[host]) return;
  CapturedPacket packet{time, host, direction, what.sent[segment], {}};
  if (what.told.step == TcpStep::message)
    packet.payload =
        std::span(what.bytes).subspan(what.told.offset + what.first_byte(segment), what.payload_bytes(segment));
  sink_.on_packet(packet);
}

TcpConversations::Connection& TcpConversations::connection_of(const Transmission& told) {
  const auto [found, added] = connections_.try_emplace(told.connection);
  Connection& connection = found->second;
  if (!added) return connection;
  SIM_CHECK(told.step == TcpStep::syn, "a connection begins with a SYN");
  connection.endpoints = {told.from_endpoint, told.to_endpoint};
  connection.endpoints[0].port = take_port(told.from_endpoint, told.to_endpoint, told.connection);
  for (std::size_t end = 0; end < 2; ++end) connection.ends[end].send_next = initial_sequence(told.connection, end);
  return connection;
}

// A port never serves twice between the same two endpoints, until all have.
std::uint16_t TcpConversations::take_port(const Endpoint& from, const Endpoint& to, std::uint64_t connection) {
  std::set<std::uint16_t>& taken = ports_[{from, to}];
  if (taken.size() == kEphemeralPorts) taken.clear();
  auto offset = static_cast<std::uint16_t>(connection % kEphemeralPorts);
  while (!taken.insert(offset).second) offset = static_cast<std::uint16_t>((offset + 1) % kEphemeralPorts);
  return static_cast<std::uint16_t>(kFirstEphemeralPort + offset);
}

}  // namespace hearsay::app
