// How long bytes take on an access link. Rates are picoseconds a byte, so that rates up to 8 Tbit/s are exact to the
// picosecond; zero stands for a link without limit.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/core/check.hpp"
#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/congestion_window.hpp"

namespace hearsay {

// IPv4 (20) and TCP (20) header without options, as each segment carries them (RFC 791, RFC 9293).
inline constexpr std::uint32_t kTcpIpHeaderBytes = 40;
// IPv4 (20) and UDP (8) header (RFC 768).
inline constexpr std::uint32_t kUdpIpHeaderBytes = 28;
// Payload bytes of a full segment: Ethernet's 1,500 less IPv4, TCP and the 12 bytes of TCP timestamps.
inline constexpr std::uint32_t kSegmentBytes = 1448;
inline constexpr std::uint32_t kFullSegmentBytes = kSegmentBytes + kTcpIpHeaderBytes;
// In how many parts a large message leaves, at most.
inline constexpr std::uint32_t kMostQuanta = 16;

[[nodiscard]] constexpr std::uint32_t segments_of(std::uint32_t stream_bytes) {
  return (stream_bytes + kSegmentBytes - 1) / kSegmentBytes;
}

// How many segments of a message leave at once: all of a small one, even if it waits behind a large one.
[[nodiscard]] constexpr std::uint32_t quantum_segments(std::uint32_t segments) {
  return segments <= kInitialWindow ? segments : (segments + kMostQuanta - 1) / kMostQuanta;
}

// Rounded to the nearest.
[[nodiscard]] inline std::uint32_t picoseconds_per_byte(BitRate rate) {
  if (rate.bits_per_second == 0) return 0;
  const std::int64_t picoseconds = (8'000'000'000'000 + rate.bits_per_second / 2) / rate.bits_per_second;
  SIM_CHECK(picoseconds > 0 && picoseconds < 0xffffffff, "an access link is between 2 kbit/s and 8 Tbit/s");
  return static_cast<std::uint32_t>(picoseconds);
}

// Rounded up to whole nanoseconds.
[[nodiscard]] constexpr Duration link_time(std::uint64_t bytes, std::uint32_t ps_per_byte) {
  return {static_cast<std::int64_t>((bytes * ps_per_byte + 999) / 1000)};
}

// How much later the last byte is through an idle downlink than it has left the uplink, propagation apart. Segments
// are passed on one by one, so bytes * slower rate + one segment * faster rate is the time on both links together.
[[nodiscard]] constexpr Duration beyond_uplink(std::uint64_t bytes, std::uint32_t uplink_ps,
                                               std::uint32_t downlink_ps) {
  if (downlink_ps == 0) return {};
  if (uplink_ps == 0) return link_time(bytes, downlink_ps);
  const std::uint64_t one = std::min<std::uint64_t>(bytes, kFullSegmentBytes);
  if (downlink_ps <= uplink_ps) return link_time(one, downlink_ps);
  return link_time(bytes, downlink_ps - uplink_ps) + link_time(one, uplink_ps);
}

// When and how something leaves.
struct Leaving {
  SimTime starts;            // the first byte is given to the uplink
  SimTime departs;           // the last one has left it
  Duration beyond;           // from then on, apart from propagation
  std::uint32_t offset = 0;  // which part of the message
  std::uint32_t bytes = 0;   // of its stream; zero: all
};

}  // namespace hearsay
