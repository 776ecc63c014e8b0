// What a scenario may set of the laws of the internet, described once: keys, defaults, ranges and sources. (Host
// classes have theirs in host_classes.hpp, the transport in transport_settings.hpp.)
#pragma once

#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::internet {

// Keys of `world`.
struct LinkParameters {
  Duration minimum_latency = microseconds(100);
  Duration jitter;
  Share loss;
};

inline const std::vector<Parameter<LinkParameters>>& describe_links() {
  using P = LinkParameters;
  static const std::vector<Parameter<P>> list = {
      {"minimum_latency", &P::minimum_latency, "the least time that anything sent takes to arrive",
       "ours: below any path between two machines; it is the engine's "
       "lookahead",
       1, 1e9},
      {"jitter", &P::jitter, "mean of the exponential time by which each message is later than its path says",
       "ours: none unless asked for", 0, 1e9},
      {"loss", &P::loss, "of segments between any two hosts, beside what their access links lose",
       "ours: none unless asked for", 0, 0.1},
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

// Keys of `world.latency` with the model `region_matrix`.
struct RegionMatrixParameters {
  Share spread;
};

inline const std::vector<Parameter<RegionMatrixParameters>>& describe_region_matrix() {
  using P = RegionMatrixParameters;
  static const std::vector<Parameter<P>> list = {
      {"spread", &P::spread,
       "standard deviation, over pairs of hosts, of their delay in relation to the table's mean; log-normal",
       "ours: none, so that the table is taken as it is", 0, 1},
  };
  return list;
}

// Keys of `world.latency` with the model `log_normal`.
struct LogNormalLatencyParameters {
  Duration mean = milliseconds(10);
  Duration deviation = milliseconds(2);
};

inline const std::vector<Parameter<LogNormalLatencyParameters>>& describe_log_normal_latency() {
  using P = LogNormalLatencyParameters;
  static const std::vector<Parameter<P>> list = {
      {"mean", &P::mean, "one way; each connection has its own delay from a log-normal law", "Hyperion, network.rs",
       100e3, 3600e9},
      {"deviation", &P::deviation, "standard deviation over connections",
       "Hyperion, network.rs: a coefficient of variation of 0.2 (its README calls 2 ms the variance)", 0, 3600e9},
  };
  return list;
}

// Keys of `world.latency` with the model `rtt_matrix`, beside `file`.
struct RttMatrixParameters {
  Share asymmetry;
};

inline const std::vector<Parameter<RttMatrixParameters>>& describe_rtt_matrix() {
  using P = RttMatrixParameters;
  static const std::vector<Parameter<P>> list = {
      {"asymmetry", &P::asymmetry,
       "by how much of the longer the round-trip times of a pair may differ between its directions; their mean counts",
       "ours: a round trip has no direction", 0, 1},
  };
  return list;
}

// Keys of `world.latency` with the model `coordinates`, beside `space` and `places`.
struct CoordinateParameters {
  Duration per_1000_km = microseconds(10'507);
  Duration least = microseconds(500);
};

inline const std::vector<Parameter<CoordinateParameters>>& describe_coordinates() {
  using P = CoordinateParameters;
  static const std::vector<Parameter<P>> list = {
      {"per_1000_km", &P::per_1000_km, "one way, for each 1,000 km of distance",
       "2.1 times light in fibre (5.003 ms at 2/3 c): Bozkurt et al., Dissecting Latency in the Internet's Fiber "
       "Infrastructure, 2018",
       1e6, 1e9},
      {"least", &P::least, "one way, beside the distance: routers and the way out of town", "ours: half a millisecond",
       0, 1e9},
  };
  return list;
}

// Keys of `world.bandwidth` with the model `constant`, and of a group.
struct AccessRates {
  BitRate uplink;
  BitRate downlink;
};

inline const std::vector<Parameter<AccessRates>>& describe_access_rates() {
  using P = AccessRates;
  static const std::vector<Parameter<P>> list = {
      {"uplink", &P::uplink, "rate at which a host sends", "ours: none; must be said", 2'000, 1e12},
      {"downlink", &P::downlink, "rate at which a host receives", "ours: none; must be said", 2'000, 1e12},
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
