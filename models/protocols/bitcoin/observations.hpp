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

struct Name {
  ObservationKind kind;
  std::string_view name;
  std::string_view value;  // what the value means
};
inline constexpr std::array<Name, 7> kNames = {{
    {kBlockBorn, "block_born", "height"},
    {kBlockAnnounced, "block_announced", ""},
    {kHeaderAccepted, "header_accepted", "height"},
    {kBlockReceived, "block_received", "height"},
    {kBestTip, "best_tip", "height"},
    {kReorganised, "reorganised", "depth_blocks"},
    {kPeerMisbehaved, "peer_misbehaved", "reason"},
}};

}  // namespace hearsay::bitcoin::observed
