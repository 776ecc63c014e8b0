// The facts that Bitcoin nodes observe. `object` is the first 64 bits of the block's hash (chain::short_id64).
#pragma once

#include <array>
#include <string_view>

#include "sim/observe/observation.hpp"

namespace hearsay::bitcoin::observed {

inline constexpr ObservationKind kBlockBorn = 0x0201;       // by its miner; value: height
inline constexpr ObservationKind kBlockAnnounced = 0x0202;  // first inv, headers or block naming it; value: 0
inline constexpr ObservationKind kHeaderAccepted = 0x0203;  // value: height
inline constexpr ObservationKind kBlockReceived = 0x0204;   // a body that passed the checks; value: height
inline constexpr ObservationKind kBestTip = 0x0205;         // the node now follows it; value: height
inline constexpr ObservationKind kReorganised = 0x0206;     // object: new tip; value: blocks disconnected
inline constexpr ObservationKind kPeerMisbehaved = 0x0207;  // object: 0; value: a Misbehaviour

// `object` is the first 64 bits of the wtxid.
inline constexpr ObservationKind kTransactionBorn = 0x0208;       // accepted by its sender; value: virtual bytes
inline constexpr ObservationKind kTransactionAnnounced = 0x0209;  // first inv (object: the hash in it); value: 0
inline constexpr ObservationKind kTransactionAccepted = 0x020a;   // into the mempool; value: fee in satoshis
inline constexpr ObservationKind kTransactionRejected = 0x020b;   // value: a chain::MempoolVerdict
inline constexpr ObservationKind kTransactionLeft = 0x020c;       // the mempool, unconfirmed; value: 0
inline constexpr ObservationKind kTransactionConfirmed =
    0x020d;  // left the mempool by a block; value: height of the tip
// With a birth, where txid and wtxid differ; object: the first 64 bits of the txid; value: of the wtxid, as a signed
// number.
inline constexpr ObservationKind kTransactionNamed = 0x020f;
inline constexpr ObservationKind kSourceStarved = 0x020e;  // a sender without a spendable coin; object: 0; value: 0

struct Name {
  ObservationKind kind;
  std::string_view name;
  std::string_view value;  // what the value means
};
inline constexpr std::array<Name, 15> kNames = {{
    {kBlockBorn, "block_born", "height"},
    {kBlockAnnounced, "block_announced", ""},
    {kHeaderAccepted, "header_accepted", "height"},
    {kBlockReceived, "block_received", "height"},
    {kBestTip, "best_tip", "height"},
    {kReorganised, "reorganised", "depth_blocks"},
    {kPeerMisbehaved, "peer_misbehaved", "reason"},
    {kTransactionBorn, "transaction_born", "virtual_bytes"},
    {kTransactionAnnounced, "transaction_announced", ""},
    {kTransactionAccepted, "transaction_accepted", "fee_satoshis"},
    {kTransactionRejected, "transaction_rejected", "verdict"},
    {kTransactionLeft, "transaction_left", ""},
    {kTransactionConfirmed, "transaction_confirmed", "height"},
    {kTransactionNamed, "transaction_named", "wtxid"},
    {kSourceStarved, "source_starved", ""},
}};

}  // namespace hearsay::bitcoin::observed
