// Behaviour of a Bitcoin node that a scenario may change. Defaults are those of
// Bitcoin Core 31 ("core-31").
#pragma once

#include <string>
#include <vector>

#include "models/chain/mempool_parameters.hpp"
#include "models/chain/orphanage_parameters.hpp"
#include "models/chain/params.hpp"
#include "models/protocols/bitcoin/validation_parameters.hpp"
#include "sim/core/parameter.hpp"

namespace hearsay::bitcoin {

struct BitcoinParameters {
  std::string block_relay = "headers";
  bool getdata_on_inv = false;
  Duration ping_interval = minutes(2);
  Duration ping_timeout = minutes(20);
  std::int64_t inbound_slots = 114;
  bool reconnect = true;
  Duration reconnect_delay = milliseconds(500);
  std::int64_t blocks_in_flight_per_peer = 16;
  std::string user_agent = "/Satoshi:31.0.0/";

  bool transaction_relay = true;
  bool wtxid_relay = true;
  bool witness = true;
  bool fee_filter = true;
  bool bloom_service = false;
  Duration inbound_trickle = seconds(5);
  Duration outbound_trickle = seconds(2);
  std::string trickle_law = "exponential";
  std::string inbound_trickle_timer = "shared";
  std::int64_t announcement_target = 70;
  Duration inbound_request_delay = seconds(2);
  Duration txid_request_delay = seconds(2);
  Duration overloaded_request_delay = seconds(2);
  std::int64_t requests_in_flight_per_peer = 100;
  Duration request_expiry = seconds(60);
  std::int64_t announcements_per_peer = 5000;
  std::string invalid_transactions = "ignore";

  // Described by their models; keys of `mempool` in a group or profile.
  chain::MempoolParameters mempool;
  chain::OrphanageParameters orphanage;
  // Keys of `validation` there.
  ValidationParameters validation;
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
      {"getdata_on_inv", &P::getdata_on_inv,
       "whether a block that an inv names is asked for at once, beside the headers up to it, and not when its header "
       "has "
       "come",
       "off: Bitcoin Core 31; on: Bitcoin Core 0.10 to 0.12 (main.cpp; from memory), Gervais et al. 2016, SimBlock"},
      {"ping_interval", &P::ping_interval, "time between pings on a connection",
       "PING_INTERVAL, Bitcoin Core net_processing.cpp", 1e9, 86'400e9},
      {"ping_timeout", &P::ping_timeout, "a peer that leaves a ping unanswered for so long is disconnected",
       "TIMEOUT_INTERVAL, Bitcoin Core net.h", 1e9, 86'400e9},
      {"inbound_slots", &P::inbound_slots, "inbound connections that a node accepts",
       "125 automatic connections less 8 + 2 outbound and 1 feeler, Bitcoin "
       "Core net.h",
       0, 1e6},
      {"reconnect", &P::reconnect,
       "whether an outbound connection that failed or was lost is replaced: by one to another reachable node, or, "
       "under "
       "`edges` and to a pool, to the same",
       "ThreadOpenConnections, Bitcoin Core net.cpp; off: as if connections were made once"},
      {"reconnect_delay", &P::reconnect_delay,
       "from such a loss, and from each attempt, to the next attempt; to the same node it doubles with each failure, "
       "up "
       "to 60 s",
       "500 ms between attempts, ThreadOpenConnections, Bitcoin Core net.cpp; the doubling is ours", 1e6, 3600e9},
      {"blocks_in_flight_per_peer", &P::blocks_in_flight_per_peer, "blocks requested from one peer at a time",
       "MAX_BLOCKS_IN_TRANSIT_PER_PEER, Bitcoin Core net_processing.cpp", 1, 1024},
      {"user_agent", &P::user_agent, "name in the version message, at most 256 bytes",
       "Bitcoin Core clientversion.cpp"},
      {"transaction_relay", &P::transaction_relay,
       "whether the node wants transactions; a peer that announces one although it does not is disconnected",
       "off: -blocksonly, Bitcoin Core init.cpp"},
      {"wtxid_relay", &P::wtxid_relay, "whether transactions are announced by wtxid to peers that do so too",
       "BIP 339, Bitcoin Core from 0.21"},
      {"witness", &P::witness, "whether the node knows witnesses: off is a node from before BIP 141",
       "BIP 144, Bitcoin Core from 0.13.1"},
      {"fee_filter", &P::fee_filter, "whether peers are told the fee rate below which nothing is accepted",
       "BIP 133, Bitcoin Core from 0.13"},
      {"bloom_service", &P::bloom_service, "whether a mempool message is answered; if not, it costs the connection",
       "BIP 35 and BIP 111; off by default from Bitcoin Core 0.19"},
      {"inbound_trickle", &P::inbound_trickle, "mean time between announcements of transactions to inbound peers",
       "INBOUND_INVENTORY_BROADCAST_INTERVAL, Bitcoin Core net_processing.cpp", 1e6, 3600e9},
      {"outbound_trickle", &P::outbound_trickle, "mean time between announcements of transactions to an outbound peer",
       "OUTBOUND_INVENTORY_BROADCAST_INTERVAL, Bitcoin Core net_processing.cpp", 1e6, 3600e9},
      {"trickle_law",
       &P::trickle_law,
       "law of those times: exponential, or uniform between zero and twice the mean",
       "exponential: Bitcoin Core from 0.12; uniform: txrelaysim (Naumenko et al. 2019)",
       0,
       0,
       {"exponential", "uniform"}},
      {"inbound_trickle_timer",
       &P::inbound_trickle_timer,
       "whether inbound peers share one timer, or have one each",
       "shared: Bitcoin Core from 0.17; own: 0.12 to 0.16",
       0,
       0,
       {"shared", "own"}},
      {"announcement_target", &P::announcement_target,
       "transactions an announcement, and 5 more for each 1,000 that wait, up to 1,000",
       "INVENTORY_BROADCAST_TARGET, Bitcoin Core net_processing.cpp (35 before 31)", 1, 1000},
      {"inbound_request_delay", &P::inbound_request_delay, "an inbound peer's offer is taken up so much later",
       "NONPREF_PEER_TX_DELAY, Bitcoin Core node/txdownloadman.h", 0, 3600e9},
      {"txid_request_delay", &P::txid_request_delay,
       "an offer by txid is taken up so much later while any peer offers by wtxid",
       "TXID_RELAY_DELAY, Bitcoin Core node/txdownloadman.h", 0, 3600e9},
      {"overloaded_request_delay", &P::overloaded_request_delay,
       "the offer of a peer that owes us many transactions is taken up so much later",
       "OVERLOADED_PEER_TX_DELAY, Bitcoin Core node/txdownloadman.h", 0, 3600e9},
      {"requests_in_flight_per_peer", &P::requests_in_flight_per_peer,
       "from so many transactions on a peer owes us many",
       "MAX_PEER_TX_REQUEST_IN_FLIGHT, Bitcoin Core node/txdownloadman.h", 1, 1e6},
      {"request_expiry", &P::request_expiry, "a transaction that was asked for is then asked of the next peer",
       "GETDATA_TX_INTERVAL, Bitcoin Core node/txdownloadman.h", 1e9, 86'400e9},
      {"announcements_per_peer", &P::announcements_per_peer, "offers of a peer that are kept",
       "MAX_PEER_TX_ANNOUNCEMENTS, Bitcoin Core node/txdownloadman.h", 1, 1e6},
      {"invalid_transactions",
       &P::invalid_transactions,
       "what sending a transaction that breaks consensus rules costs: nothing, or the connection",
       "ignore: Bitcoin Core from 30; disconnect: before",
       0,
       0,
       {"ignore", "disconnect"}},
  };
  return list;
}

// Keys of a group of miners.
struct MiningParameters {
  std::int64_t gateways = 1;
  Duration job_delay = milliseconds(250);
  Duration template_refresh = seconds(30);
};

inline const std::vector<Parameter<MiningParameters>>& describe_mining_parameters() {
  using P = MiningParameters;
  static const std::vector<Parameter<P>> list = {
      {"gateways", &P::gateways,
       "nodes through which a pool reaches the network: the one that makes its templates, and others connected to it",
       "ours: one; real pools run several", 1, 100},
      {"job_delay", &P::job_delay, "from a new template to the machines that work on it",
       "ours: a path across continents and back; no measurement at hand", 0, 600e9},
      {"template_refresh", &P::template_refresh, "time between templates while the tip stays and transactions come",
       "30 s: the pace at which mining software polls for work", 1e9, 3600e9},
  };
  return list;
}

// Keys of `workload.transactions`, besides `size`.
struct TransactionWorkload {
  Rate rate;
  Duration until;
  std::int64_t least_fee_rate = 1'000;
  std::int64_t most_fee_rate = 50'000;
};

inline const std::vector<Parameter<TransactionWorkload>>& describe_transaction_workload() {
  using P = TransactionWorkload;
  static const std::vector<Parameter<P>> list = {
      {"rate", &P::rate, "transactions of the whole network, made by all nodes alike at random times", "none: required",
       1e-9, 1e6},
      {"until", &P::until, "no transaction is made from then on; 0 s: they go on to the end", "ours: to the end", 0,
       366 * 86'400e9},
      {"least_fee_rate", &P::least_fee_rate,
       "satoshis per 1,000 virtual bytes; fee rates lie between this and the next, each doubling as likely",
       "ours: 1 sat/vB, Bitcoin Core's minimum before 30.0", 1, 1e9},
      {"most_fee_rate", &P::most_fee_rate, "satoshis per 1,000 virtual bytes", "ours: 50 sat/vB", 1, 1e9},
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
      // A block message holds no more; `chain.block_weight_limit` may be the lower limit.
      {"size", &P::size,
       "stripped size of a block, at most a quarter of `chain.block_weight_limit`; at least what holds a coinbase",
       "SimBlock (Aoki et al. 2019), blocks of 535,000 bytes", 0, static_cast<double>(chain::kMaximumBlockBytes)},
  };
  return list;
}

}  // namespace hearsay::bitcoin
