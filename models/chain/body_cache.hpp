// A cache of decoded block bodies: the same bytes are parsed and hashed once in a process, however many nodes receive
// them. It holds results of pure functions of the bytes and nothing else, so a hit and a miss cannot be told apart by
// what a node does: no clock, no policy, no verdict belongs here.
//
// The key is a fingerprint of the full serialisation, never the header hash: a mutated body has the same header hash.
// The cache does not own bodies; one lives as long as somebody (a block tree, a message in flight) holds it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "models/chain/block.hpp"
#include "models/chain/hash256.hpp"

namespace hearsay::chain {

class BodyCache {
 public:
  // First four bytes of the double SHA-256 of the serialisation, as message headers carry it.
  using Checksum = std::array<std::uint8_t, 4>;
  struct Body {
    BlockPointer block;
    Checksum checksum{};
  };

  // `key` is fingerprint128 of the serialisation.
  std::optional<Body> find(const Fingerprint128& key) const;
  // `body.block` must be what the serialisation decodes to.
  void insert(const Fingerprint128& key, const Body& body);
  void clear();
  // Entries, those whose body is gone included.
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::weak_ptr<const Block> block;
    Checksum checksum{};
  };

  std::map<Fingerprint128, Entry> entries_;
  std::size_t sweep_at_ = 64;
};

}  // namespace hearsay::chain
