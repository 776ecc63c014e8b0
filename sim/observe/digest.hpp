// The fingerprint of a run: what its nodes did and saw.
//
// Each node folds, in its own order, every message it handles and every fact it observes into a 64-bit hash. The run
// digest combines (stable id, node digest) in the order of the stable ids. Beside it stands, for each 1/256 of the
// horizon, the sum of the hashes of that slice's entries: a sum does not depend on order, so it names the first slice
// in which two runs differ however each was split over ranks.
#pragma once

#include <array>
#include <cstdint>

#include "sim/core/fingerprint.hpp"

namespace hearsay {

inline constexpr std::size_t kDigestSlices = 256;
using DigestSlices = std::array<std::uint64_t, kDigestSlices>;

// Order-sensitive: a multiply makes what came first weigh differently from what came last. The factor is the 64-bit
// golden ratio, 2^64 / phi, made odd (Knuth, TAOCP 6.4).
[[nodiscard]] inline std::uint64_t fold_digest(std::uint64_t digest, std::uint64_t entry) {
  return (std::rotl(digest, 23) ^ entry) * 0x9e3779b97f4a7c15u;
}

}  // namespace hearsay
