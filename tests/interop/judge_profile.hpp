// The two judges' rules as this project's own code has to see them: the chain's constants and the work of a header.
//
// Not responsible for any rule of validity: blocks are judged by models/chain here and by the judge there.
//
// Invariants: both profiles are regtest; a header solved for a profile meets its target by double SHA-256 always, so
// that models/chain accepts the very bytes that the judge gets; for litecoin it meets the target by scrypt as well
// (Litecoin Core primitives/block.cpp GetPoWHash: scrypt with N 1024, r 1, p 1 over the header as password and salt).
#pragma once

#include <cstdint>
#include <string_view>

#include "models/chain/params.hpp"

namespace hearsay::interop {

enum class Work : std::uint8_t { double_sha256, double_sha256_and_scrypt };

struct JudgeProfile {
  std::string_view name;
  const chain::ChainParams& params;
  Work work;
  // Blocks after which every rule holds at the judge. Litecoin Core 0.21 chainparams.cpp, regtest: BIP 34 from height
  // 500, BIP 68, 112 and 113 from 432, BIP 66 from 1,251, BIP 65 from 1,351, and no option to change them.
  std::int32_t base_blocks;
  // MAX_MONEY: Bitcoin Core consensus/amount.h, Litecoin Core amount.h.
  std::int64_t maximum_money;
};

// The profile called "bitcoin" or "litecoin"; null for any other name.
const JudgeProfile* find_profile(std::string_view name);

// Counts the nonce up until the header meets its own target in every way that the judge wants.
void solve(chain::BlockHeader& header, Work work);
// Counts the nonce up until the header misses its target in every way.
void spoil(chain::BlockHeader& header, Work work);

}  // namespace hearsay::interop
