// Behaviour of a Bitcoin node that a scenario may change. Defaults are those of
// Bitcoin Core 31 ("core-31").
#pragma once

#include <string>
#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::bitcoin {

struct BitcoinParameters {
  std::string block_relay = "headers";
  Duration ping_interval = minutes(2);
  Duration ping_timeout = minutes(20);
  std::int64_t inbound_slots = 114;
  std::int64_t blocks_in_flight_per_peer = 16;
  std::string user_agent = "/Satoshi:31.0.0/";
};

inline const std::vector<Parameter<BitcoinParameters>>& describe_bitcoin_parameters() {
  using P = BitcoinParameters;
  static const std::vector<Parameter<P>> list = {
      {"block_relay",
       &P::block_relay,
       "how a new block is told to peers: headers (to peers that asked for "
       "headers, else inv), inv (always inv), push "
       "(the whole block, unasked)",
       "headers: BIP 130; push: the unsolicited relay of Gervais et al. 2016",
       0,
       0,
       {"headers", "inv", "push"}},
      {"ping_interval", &P::ping_interval, "time between pings on a connection",
       "PING_INTERVAL, Bitcoin Core net_processing.cpp", 1e9, 86'400e9},
      {"ping_timeout", &P::ping_timeout, "a peer that leaves a ping unanswered for so long is disconnected",
       "TIMEOUT_INTERVAL, Bitcoin Core net.h", 1e9, 86'400e9},
      {"inbound_slots", &P::inbound_slots, "inbound connections that a node accepts",
       "125 automatic connections less 8 + 2 outbound and 1 feeler, Bitcoin "
       "Core net.h",
       0, 1e6},
      {"blocks_in_flight_per_peer", &P::blocks_in_flight_per_peer, "blocks requested from one peer at a time",
       "MAX_BLOCKS_IN_TRANSIT_PER_PEER, Bitcoin Core net_processing.cpp", 1, 1024},
      {"user_agent", &P::user_agent, "name in the version message, at most 256 bytes",
       "Bitcoin Core clientversion.cpp"},
  };
  return list;
}

// Keys of `workload.blocks`.
struct BlockWorkload {
  Duration interval = minutes(10);
  ByteCount size{535'000};
};

inline const std::vector<Parameter<BlockWorkload>>& describe_block_workload() {
  using P = BlockWorkload;
  static const std::vector<Parameter<P>> list = {
      // Block times are whole seconds: with a shorter interval they would run
      // ahead of the clock.
      {"interval", &P::interval, "mean time between blocks of the whole network", "nPowTargetSpacing, Bitcoin Core",
       1e9, 365 * 86'400e9},
      // MAX_BLOCK_WEIGHT / WITNESS_SCALE_FACTOR (BIP 141): no block has more
      // stripped bytes.
      {"size", &P::size, "stripped size of a block; at least what holds a coinbase",
       "SimBlock (Aoki et al. 2019), blocks of 535,000 bytes", 0, 1e6},
  };
  return list;
}

}  // namespace hearsay::bitcoin
