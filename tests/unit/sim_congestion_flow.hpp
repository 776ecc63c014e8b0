// An uplink for tests of CongestionWindow: it serves quanta as the engine does, and says when the last byte arrives.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/net/congestion_window.hpp"

namespace hearsay::test {

inline constexpr std::int64_t kSegmentBytes = 1448;
inline constexpr std::int64_t kSegmentBits = (kSegmentBytes + 40) * 8;
inline constexpr std::uint32_t kQuanta = 16;

inline RandomStream congestion_stream(std::uint64_t seed = 1) {
  return RandomStream(Seeds(seed), SeedDomain::world, Purpose("segment loss"), StableId{1});
}

// A path whose slowest link is an uplink of this rate (zero: not limited); 6 MB buffers.
inline CongestionPath congestion_path(Duration one_way, std::int64_t bits_per_second, CongestionControl control) {
  CongestionPath path;
  path.segment_picoseconds = bits_per_second == 0 ? 0 : kSegmentBits * 1'000'000'000'000 / bits_per_second;
  path.round_trip = one_way * 2 + Duration{path.segment_picoseconds / 1000};
  path.queue_segments = 100;
  path.window_limit = 6'000'000 / static_cast<std::uint32_t>(kSegmentBytes);
  path.control = control;
  return path;
}

inline std::uint32_t segments_of(std::int64_t bytes) {
  return static_cast<std::uint32_t>((bytes + kSegmentBytes - 1) / kSegmentBytes);
}

// One direction of one connection that shares the uplink, and what it has to send.
struct UplinkFlow {
  CongestionPath path;
  Duration one_way;
  CongestionWindow window{};
  std::uint32_t left = 0;      // segments not yet admitted
  std::uint32_t quantum = 0;   // segments
  std::uint32_t admitted = 0;  // segments of the quantum that waits for the uplink
  WindowOpening opening{};
  SimTime arrival{};  // of the last byte so far: quanta arrive in order

  void write(std::int64_t bytes) {
    left = segments_of(bytes);
    quantum = (left + kQuanta - 1) / kQuanta;
  }
  void admit(SimTime now, RandomStream& stream) {
    admitted = std::min(quantum, left);
    left -= admitted;
    if (admitted > 0) opening = window.admit(now, admitted, path, stream, left);
  }
};

// Serves the flows' messages from `now` on, one quantum of each flow in turn.
inline void serve(std::vector<UplinkFlow>& flows, SimTime now, RandomStream& stream) {
  for (UplinkFlow& flow : flows) flow.admit(now, stream);
  SimTime free = now;
  for (std::size_t turn = 0;; ++turn) {
    SimTime next = SimTime::max();
    for (const UplinkFlow& flow : flows)
      if (flow.admitted > 0) next = std::min(next, std::max(free, flow.opening.start));
    if (next == SimTime::max()) return;
    while (flows[turn % flows.size()].admitted == 0 || flows[turn % flows.size()].opening.start > next) ++turn;
    UplinkFlow& flow = flows[turn % flows.size()];
    flow.window.postpone(next - flow.opening.start);
    free = next + Duration{flow.admitted * flow.path.segment_picoseconds / 1000};
    flow.arrival = std::max(flow.arrival, free + flow.one_way + flow.opening.repair);
    flow.admit(free, stream);
  }
}

// From writing a message into a connection that has the uplink to itself until the last byte is there.
inline Duration completion(UplinkFlow& flow, std::int64_t bytes, SimTime now, RandomStream& stream) {
  std::vector<UplinkFlow> flows = {flow};
  flows[0].write(bytes);
  serve(flows, now, stream);
  flow = flows[0];
  return flow.arrival - now;
}

}  // namespace hearsay::test
