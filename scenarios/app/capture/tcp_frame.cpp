#include "scenarios/app/capture/tcp_frame.hpp"

#include <algorithm>
#include <array>

#include "sim/core/check.hpp"
#include "sim/core/fingerprint.hpp"

namespace hearsay::app {

namespace {

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kTimeToLive = 64;  // as sent and as received: the number of hops is not simulated
constexpr std::size_t kTcpHeaderBytes = 20;
// Kinds and lengths of TCP options: RFC 9293, 3.1; RFC 7323, 2.2 and 3.2.
constexpr std::uint8_t kNoOperation = 1;

using Bytes = std::vector<std::uint8_t>;

void put8(Bytes& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value));
}
void put16(Bytes& bytes, std::uint32_t value) {
  put8(bytes, value >> 8);
  put8(bytes, value);
}
void put32(Bytes& bytes, std::uint32_t value) {
  put16(bytes, value >> 16);
  put16(bytes, value);
}
void put(Bytes& bytes, std::span<const std::uint8_t> part) {
  bytes.insert(bytes.end(), part.begin(), part.end());
}
void set16(Bytes& bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

// The sum of RFC 1071 before it is folded and inverted.
std::uint64_t sum_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  if (bytes.size() % 2 != 0) sum += static_cast<std::uint32_t>(bytes.back() << 8);
  return sum;
}
std::uint16_t checksum_of(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

bool is_ipv4_mapped(const Endpoint& endpoint) {
  const auto& address = endpoint.address;
  return std::all_of(address.begin(), address.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
         address[10] == 0xff && address[11] == 0xff;
}

// 02 marks an address that no manufacturer has given (IEEE 802, local bit); the rest is the IPv4 address, or a
// fingerprint of the IPv6 one.
void put_mac(Bytes& frame, const Endpoint& endpoint) {
  put8(frame, 0x02);
  if (is_ipv4_mapped(endpoint)) {
    put8(frame, 0);
    return put(frame, std::span(endpoint.address).last(4));
  }
  std::array<std::uint64_t, 2> halves{};
  for (std::size_t i = 0; i < 16; ++i) halves[i / 8] = halves[i / 8] << 8 | endpoint.address[i];
  const std::uint64_t print = fingerprint(halves[0], halves[1]);
  put8(frame, static_cast<std::uint32_t>(print >> 32));
  put32(frame, static_cast<std::uint32_t>(print));
}

void put_timestamps(Bytes& frame, const TcpSegment& segment) {
  put8(frame, kNoOperation);
  put8(frame, kNoOperation);
  put8(frame, 8);
  put8(frame, 10);
  put32(frame, segment.timestamp);
  put32(frame, segment.timestamp_echo);
}

void put_options(Bytes& frame, const TcpSegment& segment) {
  if (segment.options == TcpOptions::none) return;
  if (segment.options == TcpOptions::timestamps) return put_timestamps(frame, segment);
  put8(frame, 2);
  put8(frame, 4);
  put16(frame, kMaximumSegmentSize);
  put_timestamps(frame, segment);
  put8(frame, kNoOperation);
  put8(frame, 3);
  put8(frame, 3);
  put8(frame, kWindowScale);
}

std::size_t options_bytes(TcpOptions options) {
  return options == TcpOptions::none ? 0 : options == TcpOptions::timestamps ? 12 : 20;
}

void put_ipv4(Bytes& frame, const TcpSegment& segment, std::size_t tcp_bytes) {
  const std::size_t start = frame.size();
  put16(frame, 0x4500);  // version 4, five words of header, no differentiated service
  put16(frame, static_cast<std::uint32_t>(kIpv4HeaderBytes + tcp_bytes));
  put16(frame, 0);       // identification: nothing is ever fragmented
  put16(frame, 0x4000);  // don't fragment
  put8(frame, kTimeToLive);
  put8(frame, kProtocolTcp);
  put16(frame, 0);
  put(frame, std::span(segment.source.address).last(4));
  put(frame, std::span(segment.destination.address).last(4));
  set16(frame, start + 10, checksum_of(sum_of(std::span(frame).subspan(start, kIpv4HeaderBytes))));
}

void put_ipv6(Bytes& frame, const TcpSegment& segment, std::size_t tcp_bytes) {
  put32(frame, 0x60000000);  // version 6
  put16(frame, static_cast<std::uint32_t>(tcp_bytes));
  put8(frame, kProtocolTcp);
  put8(frame, kTimeToLive);
  put(frame, segment.source.address);
  put(frame, segment.destination.address);
}

}  // namespace

void write_frame(const TcpSegment& segment, std::span<const std::uint8_t> payload, std::vector<std::uint8_t>& frame) {
  const bool ipv4 = is_ipv4_mapped(segment.source) && is_ipv4_mapped(segment.destination);
  const std::size_t header_bytes = kTcpHeaderBytes + options_bytes(segment.options);
  const std::size_t tcp_bytes = header_bytes + payload.size();
  SIM_CHECK(tcp_bytes + kIpv4HeaderBytes <= 0xffff, "a segment fits into an IP packet");
  frame.clear();
  put_mac(frame, segment.destination);
  put_mac(frame, segment.source);
  put16(frame, ipv4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
  ipv4 ? put_ipv4(frame, segment, tcp_bytes) : put_ipv6(frame, segment, tcp_bytes);

  const std::size_t start = frame.size();
  put16(frame, segment.source.port);
  put16(frame, segment.destination.port);
  put32(frame, segment.sequence);
  put32(frame, segment.acknowledgement);
  put8(frame, static_cast<std::uint32_t>(header_bytes / 4 << 4));
  put8(frame, segment.flags);
  put16(frame, kWindow);
  put16(frame, 0);  // checksum
  put16(frame, 0);  // urgent pointer
  put_options(frame, segment);
  put(frame, payload);

  // The pseudo header: addresses, protocol, length (RFC 9293, 3.1; RFC 8200, 8.1).
  const std::size_t addresses = ipv4 ? 8 : 32;
  const std::uint64_t sum = sum_of(std::span(frame).subspan(start - addresses)) + kProtocolTcp + tcp_bytes;
  set16(frame, start + 16, checksum_of(sum));
}

}  // namespace hearsay::app
