// What a scenario may set of the laws of the internet, described once: keys,
// defaults, ranges and sources.
#pragma once

#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::internet {

// Keys of `world`.
struct LinkParameters {
  Duration minimum_latency = microseconds(100);
};

inline const std::vector<Parameter<LinkParameters>>& describe_links() {
  using P = LinkParameters;
  static const std::vector<Parameter<P>> list = {
      {"minimum_latency", &P::minimum_latency, "the least time that anything sent takes to arrive",
       "ours: below any path between two machines; it is the engine's "
       "lookahead",
       1, 1e9},
  };
  return list;
}

// Keys of `world.latency` with the model `constant`.
struct ConstantLatencyParameters {
  Duration delay = milliseconds(100);
};

inline const std::vector<Parameter<ConstantLatencyParameters>>& describe_constant_latency() {
  using P = ConstantLatencyParameters;
  static const std::vector<Parameter<P>> list = {
      {"delay", &P::delay, "one way, the same between all nodes", "ours: a round number", 100e3, 3600e9},
  };
  return list;
}

// Keys of `world.latency` with the model `uniform`.
struct UniformLatencyParameters {
  Duration least = milliseconds(5);
  Duration most = milliseconds(100);
};

inline const std::vector<Parameter<UniformLatencyParameters>>& describe_uniform_latency() {
  using P = UniformLatencyParameters;
  static const std::vector<Parameter<P>> list = {
      {"least", &P::least, "one way; each connection has its own delay between this and the next",
       "txrelaysim (Naumenko et al. 2019)", 100e3, 3600e9},
      {"most", &P::most, "one way", "txrelaysim (Naumenko et al. 2019)", 100e3, 3600e9},
  };
  return list;
}

// Keys of `topology` with the model `random_outbound`.
struct RandomOutboundParameters {
  std::int64_t outbound = 8;
};

inline const std::vector<Parameter<RandomOutboundParameters>>& describe_random_outbound() {
  using P = RandomOutboundParameters;
  static const std::vector<Parameter<P>> list = {
      {"outbound", &P::outbound, "others that every node dials, drawn uniformly",
       "MAX_OUTBOUND_FULL_RELAY_CONNECTIONS, Bitcoin Core net.h", 1, 1000},
  };
  return list;
}

}  // namespace hearsay::internet
