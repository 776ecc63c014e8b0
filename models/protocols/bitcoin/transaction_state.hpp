// What a running node knows of transactions: its mempool, orphans, what it asked for, what it has to announce. Made
// anew at every start of the node.
#pragma once

#include <tsl/robin_set.h>

#include <string>
#include <string_view>

#include "models/chain/mempool.hpp"
#include "models/chain/orphanage.hpp"
#include "models/protocols/bitcoin/parameters.hpp"
#include "models/protocols/bitcoin/protocol.hpp"
#include "models/protocols/bitcoin/transaction_announcements.hpp"
#include "models/protocols/bitcoin/transaction_requests.hpp"

namespace hearsay::bitcoin {

[[nodiscard]] inline TrickleSettings trickle_settings(const BitcoinParameters& parameters) {
  TrickleSettings settings;
  settings.inbound_mean = parameters.inbound_trickle;
  settings.outbound_mean = parameters.outbound_trickle;
  settings.law = parameters.trickle_law == "uniform" ? TrickleLaw::uniform : TrickleLaw::exponential;
  settings.inbound = parameters.inbound_trickle_timer == "own" ? InboundTrickle::own : InboundTrickle::shared;
  settings.target = static_cast<std::size_t>(parameters.announcement_target);
  return settings;
}

struct TransactionState {
  // A life does not repeat the draws of the one before.
  [[nodiscard]] static RandomStream stream(const Context& context, std::string_view purpose) {
    return context.stream(SeedDomain::world,
                          Purpose(std::string(purpose) + " " + std::to_string(context.incarnation())));
  }

  TransactionState(BitcoinProtocol& protocol, const BitcoinParameters& parameters, Context& context)
      : mempool(protocol.transactions(), protocol.ledger(), parameters.mempool),
        orphanage(protocol.transactions(), stream(context, "orphan eviction"), parameters.orphanage),
        draws(stream(context, "transaction relay")),
        requests(protocol.transactions(),
                 {static_cast<std::size_t>(parameters.announcements_per_peer), parameters.request_expiry, draws()}),
        announcements(protocol.transactions(), mempool, trickle_settings(parameters)) {
    announcements.start(stream(context, "trickle"));
  }

  chain::Mempool mempool;
  chain::Orphanage orphanage;
  RandomStream draws;
  TransactionRequests requests;
  TransactionAnnouncements announcements;
  // At most as many as Bitcoin Core's Bloom filter holds (node/txdownloadman.h); then all are forgotten at once.
  void note_rejected(std::uint64_t id) {
    if (rejects.size() >= 120'000) rejects.clear();
    rejects.insert(id);
  }

  // As many results of scripts as Bitcoin Core keeps (DEFAULT_SCRIPT_EXECUTION_CACHE_BYTES, script/sigcache.h: 16 MiB
  // of 32 bytes); then all are forgotten at once.
  void note_validated(std::uint64_t id) {
    if (validated.size() >= 524'288) validated.clear();
    validated.insert(id);
  }

  // First 64 bits of the wtxids of transactions whose scripts were checked and that are not in the mempool: those that
  // left it, and those of blocks that left the active chain.
  tsl::robin_set<std::uint64_t> validated;
  // First 64 bits of the hashes of transactions that were refused since the last change of the tip.
  tsl::robin_set<std::uint64_t> rejects;
  std::size_t wtxid_peers = 0;
};

}  // namespace hearsay::bitcoin
