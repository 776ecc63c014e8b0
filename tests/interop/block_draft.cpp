#include "tests/interop/block_draft.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "sim/core/check.hpp"

namespace hearsay::interop {
namespace {

// OP_RETURN, a push of 36 bytes, four bytes of recognition (BIP 141), the hash.
constexpr std::array<std::uint8_t, 6> kCommitmentStart = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed};
constexpr std::size_t kCommitmentBytes = kCommitmentStart.size() + 32;

bool is_commitment(const chain::TxOut& output) {
  return output.script.size() >= kCommitmentBytes &&
         std::equal(kCommitmentStart.begin(), kCommitmentStart.end(), output.script.begin());
}

}  // namespace

TransactionDraft::TransactionDraft(const chain::Transaction& transaction)
    : version(transaction.version()),
      inputs(transaction.inputs()),
      outputs(transaction.outputs()),
      lock_time(transaction.lock_time()) {}

chain::TransactionPointer TransactionDraft::make() const {
  return std::make_shared<const chain::Transaction>(version, inputs, outputs, lock_time);
}

BlockDraft::BlockDraft(const chain::Block& block) : header(block.header()), transactions(block.transactions()) {}

void BlockDraft::change_coinbase(const std::function<void(TransactionDraft&)>& change) {
  TransactionDraft coinbase(*transactions[0]);
  change(coinbase);
  transactions[0] = coinbase.make();
}

void BlockDraft::renew_commitment() {
  const chain::Block unsealed(header, transactions);
  TransactionDraft coinbase(*transactions[0]);
  const auto last = std::find_if(coinbase.outputs.rbegin(), coinbase.outputs.rend(), is_commitment);
  if (last == coinbase.outputs.rend()) return;
  SIM_CHECK(coinbase.inputs[0].witness.size() == 1, "the coinbase holds the reserved value");
  const chain::Hash256 commitment =
      chain::witness_commitment(chain::witness_merkle_root(unsealed).root, coinbase.inputs[0].witness[0]);
  std::copy(commitment.bytes.begin(), commitment.bytes.end(),
            last->script.begin() + static_cast<std::ptrdiff_t>(kCommitmentStart.size()));
  transactions[0] = coinbase.make();
}

void BlockDraft::append_commitment(const chain::Hash256& commitment) {
  change_coinbase([&](TransactionDraft& coinbase) {
    chain::TxOut output{0, {kCommitmentStart.begin(), kCommitmentStart.end()}};
    output.script.insert(output.script.end(), commitment.bytes.begin(), commitment.bytes.end());
    coinbase.outputs.push_back(output);
  });
}

void BlockDraft::renew_merkle_root() {
  header.merkle_root = chain::merkle_root(chain::Block(header, transactions)).root;
}

chain::BlockPointer BlockDraft::seal(Work work) {
  renew_commitment();
  return seal_with_commitment_as_it_is(work);
}

chain::BlockPointer BlockDraft::seal_with_commitment_as_it_is(Work work) {
  renew_merkle_root();
  return seal_as_it_is(work);
}

chain::BlockPointer BlockDraft::seal_as_it_is(Work work) {
  solve(header, work);
  return std::make_shared<const chain::Block>(header, transactions);
}

}  // namespace hearsay::interop
