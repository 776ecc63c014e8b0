// For tests of packet capture: a message with telling bytes, a sink that keeps packets, and a host's own view of TCP,
// computed from what its interface saw and from nothing else.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/app/capture/tcp_conversations.hpp"
#include "tests/unit/sim_story.hpp"

namespace hearsay::app {

// Any number of bytes, each telling its place; from 8 on it is decoded as a flood item of that number.
class Pattern final : public Message {
 public:
  Pattern(std::uint64_t number, std::uint32_t bytes) : Message(flood::kItemType, bytes, 0, number) {}
  [[nodiscard]] static std::uint8_t byte(std::uint64_t number, std::size_t place) {
    return static_cast<std::uint8_t>(place < 8 ? number >> 8 * place : fingerprint(number, place));
  }
  void encode(std::vector<std::uint8_t>& bytes) const override {
    for (std::size_t place = 0; place < stream_bytes(); ++place) bytes.push_back(byte(content_id(), place));
  }
};

inline test::ScriptedNode::Action send_pattern(ConnectionSlot slot, std::uint64_t number, std::uint32_t bytes) {
  return [=](Context& context) { context.send(slot, make_message<Pattern>(number, bytes)); };
}

struct KeptPacket {
  SimTime time;
  NodeId host = 0;
  PacketDirection direction = PacketDirection::outbound;
  TcpSegment segment;
  std::vector<std::uint8_t> payload;

  [[nodiscard]] bool is(std::uint8_t flag) const { return (segment.flags & flag) != 0; }
};

class PacketKeeper final : public PacketSink {
 public:
  void on_packet(const CapturedPacket& packet) override {
    packets_.push_back(
        {packet.time, packet.host, packet.direction, packet.segment, {packet.payload.begin(), packet.payload.end()}});
  }
  [[nodiscard]] const std::vector<KeptPacket>& packets() const { return packets_; }
  [[nodiscard]] std::vector<KeptPacket> at(NodeId host, PacketDirection direction) const {
    std::vector<KeptPacket> some;
    for (const KeptPacket& packet : packets_)
      if (packet.host == host && packet.direction == direction) some.push_back(packet);
    return some;
  }
  // "SYN", "SYN ACK", "ACK 5": flags and bytes of payload.
  [[nodiscard]] static std::string describe(const KeptPacket& packet) {
    std::string text;
    const std::pair<std::uint8_t, const char*> names[] = {
        {kTcpSyn, "SYN "}, {kTcpFin, "FIN "}, {kTcpRst, "RST "}, {kTcpPsh, "PSH "}, {kTcpAck, "ACK "}};
    for (const auto& [flag, name] : names)
      if (packet.is(flag)) text += name;
    return packet.payload.empty() ? text.substr(0, text.size() - 1) : text + std::to_string(packet.payload.size());
  }

 private:
  std::vector<KeptPacket> packets_;
};

// A story with a tap on some of its nodes.
struct CapturedStory {
  explicit CapturedStory(const test::StoryOptions& options, const std::vector<std::string>& tapped)
      : story(options), conversations(story.simulation().world(), numbers(story, tapped), keeper) {
    story.simulation().set_tap(conversations);
  }
  void run_until(SimTime time) {
    story.run_until(time);
    conversations.play_until(time);
  }
  // (time in ns, what) of one host's packets of one direction.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::string>> seen(const std::string& host,
                                                                       PacketDirection direction) {
    std::vector<std::pair<std::int64_t, std::string>> lines;
    for (const KeptPacket& packet : keeper.at(story.number(host), direction))
      lines.emplace_back(packet.time.ns, PacketKeeper::describe(packet));
    return lines;
  }
  static std::vector<NodeId> numbers(test::Story& story, const std::vector<std::string>& names) {
    std::vector<NodeId> list;
    for (const std::string& name : names) list.push_back(story.number(name));
    return list;
  }

  test::Story story;
  PacketKeeper keeper;
  TcpConversations conversations;
};

// Follows one host's packets as its kernel would. Says in a sentence what is wrong, or nothing.
class HostView {
 public:
  enum class Losses { none, possible };
  [[nodiscard]] std::string follow(const KeptPacket& packet, Losses losses) {
    const bool sent = packet.direction == PacketDirection::outbound;
    const TcpSegment& segment = packet.segment;
    const auto key =
        sent ? std::tuple(segment.source, segment.destination) : std::tuple(segment.destination, segment.source);
    Numbers& numbers = connections_[key];
    Stream& stream = sent ? numbers.sent : numbers.received;
    if (packet.time < last_) return "packets of one interface go back in time";
    last_ = packet.time;
    if (packet.is(kTcpAck) && sent && segment.acknowledgement != numbers.received.next)
      return "a host acknowledges something else than what it has received";
    if (packet.is(kTcpAck) && !sent &&
        segment.acknowledgement - numbers.acknowledged > numbers.sent.next - numbers.acknowledged)
      return "a peer acknowledges what was not sent";
    if (packet.is(kTcpAck) && !sent) numbers.acknowledged = segment.acknowledgement;
    if (packet.is(kTcpRst) && !stream.open) return "";  // the answer to a SYN has no stream of its own
    if (packet.is(kTcpSyn)) {
      if (stream.open) return segment.sequence + 1 == stream.next ? "" : "another SYN";  // nobody had answered
      stream = {segment.sequence, true};
      if (sent) numbers.acknowledged = segment.sequence;
    }
    if (!stream.open) return "a segment before the SYN";
    if (losses == Losses::possible && !sent) stream.next = segment.sequence;
    if (segment.sequence != stream.next) return "a gap or an overlap in a stream";
    stream.next += static_cast<std::uint32_t>(packet.payload.size());
    if (packet.is(kTcpSyn) || packet.is(kTcpFin)) ++stream.next;
    (sent ? sent_bytes : received_bytes) += packet.payload.size();
    return "";
  }

  std::size_t sent_bytes = 0;
  std::size_t received_bytes = 0;

 private:
  struct Stream {
    std::uint32_t next = 0;
    bool open = false;
  };
  struct Numbers {
    Stream sent;
    Stream received;
    std::uint32_t acknowledged = 0;
  };
  std::map<std::tuple<Endpoint, Endpoint>, Numbers> connections_;  // (here, there)
  SimTime last_;
};

}  // namespace hearsay::app
