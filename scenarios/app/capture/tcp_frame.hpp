// One TCP segment as the bytes of an Ethernet frame: Ethernet II, IPv4 (RFC 791) or IPv6 (RFC 8200), TCP (RFC 9293)
// with the timestamps option (RFC 7323), all checksums computed.
//
// Not here: which numbers a segment carries (TcpConversations), and when (the same).
//
// What the simulation does not know is constant: time to live 64, identification 0 with "don't fragment", and a window
// that is never in the way. MAC addresses are locally administered and follow from the address.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/net/endpoint.hpp"

namespace hearsay::app {

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpPsh = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;

inline constexpr std::uint32_t kEthernetHeaderBytes = 14;
inline constexpr std::uint32_t kIpv4HeaderBytes = 20;
inline constexpr std::uint32_t kIpv6HeaderBytes = 40;
// Ethernet's 1,500 bytes less IP's and TCP's 20 each.
inline constexpr std::uint16_t kMaximumSegmentSize = 1460;
// Window scale is offered at its largest (RFC 7323, 2.3): the window is 1 GiB, since flow control is not simulated.
inline constexpr std::uint8_t kWindowScale = 14;
inline constexpr std::uint16_t kWindow = 65'535;

enum class TcpOptions : std::uint8_t {
  none,
  timestamps,  // 12 bytes
  set_up,      // maximum segment size, timestamps, window scale: 20 bytes
};

struct TcpSegment {
  Endpoint source;
  Endpoint destination;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint8_t flags = 0;
  TcpOptions options = TcpOptions::timestamps;
  std::uint32_t timestamp = 0;
  std::uint32_t timestamp_echo = 0;
};

// Clears `frame` and writes the segment with its payload there. IPv4 if both addresses are IPv4-mapped, else IPv6.
void write_frame(const TcpSegment& segment, std::span<const std::uint8_t> payload, std::vector<std::uint8_t>& frame);

}  // namespace hearsay::app
