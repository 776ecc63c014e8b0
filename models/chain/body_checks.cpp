#include "models/chain/body_checks.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "models/chain/block_assembly.hpp"

namespace hearsay::chain {
namespace {

bool states_height(const Transaction& coinbase, std::int32_t height) {
  const std::vector<std::uint8_t> expected = height_script(height);
  const std::vector<std::uint8_t>& script = coinbase.inputs()[0].script;
  return script.size() >= expected.size() && std::equal(expected.begin(), expected.end(), script.begin());
}

// BIP 141 (CheckWitnessMalleation, Bitcoin Core validation.cpp). Without this rule a header would have several valid
// bodies, which differ in witnesses that nothing commits to.
bool commits_to_witnesses(const Block& block) {
  const std::optional<Hash256> commitment = find_witness_commitment(block);
  if (!commitment) return !block.has_witness();
  const auto& reserved = block.transactions()[0]->inputs()[0].witness;
  return reserved.size() == 1 && reserved[0].size() == 32 &&
         witness_commitment(witness_merkle_root(block).root, reserved[0]) == *commitment;
}

}  // namespace

BodyVerdict check_body(const ChainParams& params, const Block& block, const IndexedBlock& place) {
  const MerkleRoot merkle = merkle_root(block);
  if (merkle.root != place.header.merkle_root) return BodyVerdict::merkle_root_mismatch;
  if (merkle.mutated) return BodyVerdict::mutated;
  const auto& transactions = block.transactions();
  if (transactions.empty() || !transactions[0]->is_coinbase()) return BodyVerdict::no_coinbase;
  for (std::size_t i = 1; i < transactions.size(); ++i)
    if (transactions[i]->is_coinbase()) return BodyVerdict::no_coinbase;
  if (block.weight() > params.block_weight_limit || block.total_bytes() > kMaximumBlockBytes ||
      block.stripped_bytes() * static_cast<std::size_t>(kWitnessScale) > params.block_weight_limit)
    return BodyVerdict::too_large;
  std::int64_t sigops = 0;
  for (const TransactionPointer& transaction : transactions) {
    const TransactionVerdict verdict = check_transaction(params, *transaction);
    if (verdict != TransactionVerdict::valid) return body_verdict(verdict);
    sigops += legacy_sigop_count(*transaction);
  }
  if (kWitnessScale * sigops > kMaximumBlockSigopCost) return BodyVerdict::too_many_sigops;
  if (!commits_to_witnesses(block)) return BodyVerdict::witness_mismatch;
  return states_height(*transactions[0], place.height) ? BodyVerdict::valid : BodyVerdict::wrong_height;
}

}  // namespace hearsay::chain
