#include "models/chain/body_cache.hpp"

#include <algorithm>

namespace hearsay::chain {

std::optional<BodyCache::Body> BodyCache::find(const Fingerprint128& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  BlockPointer block = found->second.block.lock();
  if (block == nullptr) return std::nullopt;
  return Body{std::move(block), found->second.checksum};
}

void BodyCache::insert(const Fingerprint128& key, const Body& body) {
  // Sweeping only when the number of entries has doubled keeps the cost per insertion constant.
  if (entries_.size() >= sweep_at_) {
    std::erase_if(entries_, [](const auto& entry) { return entry.second.block.expired(); });
    sweep_at_ = std::max<std::size_t>(64, 2 * entries_.size());
  }
  entries_[key] = {body.block, body.checksum};
}

void BodyCache::clear() {
  entries_.clear();
}

}  // namespace hearsay::chain
