// Alice, a Bitcoin node with two polite scripted peers: the usual cast of a story about blocks.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/bitcoin_story.hpp"

namespace hearsay::test {

struct Alice {
  explicit Alice(const std::string& relay = "headers", bool getdata_on_inv = false) {
    BitcoinParameters parameters;
    parameters.block_relay = relay;
    parameters.getdata_on_inv = getdata_on_inv;
    alice = &story.node("alice", {}, parameters);
    peer = &story.peer("peer", {"alice"});
    other = &story.peer("other", {"alice"});
  }
  [[nodiscard]] Hash256 tip() { return story.protocol().index()[alice->tree().tip()].hash; }
  // Blocks on top of the premined chain, which Alice does not know.
  [[nodiscard]] std::vector<BlockPointer> chain(std::size_t count, std::uint64_t tag = 1) {
    return story.chain_on(story.tip(), count, tag);
  }

  BitcoinStory story;
  BitcoinNode* alice = nullptr;
  ScriptedPeer* peer = nullptr;
  ScriptedPeer* other = nullptr;
};

inline bitcoin::BlockMessage message(const BlockPointer& block) {
  return {block};
}

// The hashes of all blocks that the peer was asked for, and of those that it was sent.
inline std::vector<Hash256> requested(const ScriptedPeer& peer) {
  std::vector<Hash256> hashes;
  for (const auto& [time, request] : peer.all<bitcoin::GetData>())
    for (const Hash256& hash : hashes_of(request)) hashes.push_back(hash);
  return hashes;
}
inline std::vector<Hash256> blocks_heard(const ScriptedPeer& peer) {
  std::vector<Hash256> hashes;
  for (const auto& [time, block] : peer.all<bitcoin::BlockMessage>()) hashes.push_back(block.block->hash());
  return hashes;
}

}  // namespace hearsay::test
