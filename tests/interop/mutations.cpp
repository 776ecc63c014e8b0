// Transactions with one byte changed at random, in blocks that commit to them as they are: what our decoding or our
// validation takes for something else than the judges do would show here.
#include <string>
#include <vector>

#include "tests/interop/random_script.hpp"
#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::SpendForm;

namespace {

constexpr int kMutations = 150;
// After the version: the marker and the flags of a transaction with a witness (BIP 144).
constexpr std::size_t kFlagsPosition = 5;

std::vector<std::uint8_t> encode(const chain::Transaction& transaction) {
  std::vector<std::uint8_t> bytes;
  chain::ByteWriter writer(bytes);
  transaction.encode(writer, chain::WitnessForm::included);
  return bytes;
}

// Two inputs of both forms, locks that are over, two outputs.
TransactionDraft rich_draft(World& world) {
  chain::SpendPlan plan;
  plan.fundings = {world.peek(SpendForm::p2wsh), world.peek(SpendForm::p2sh)};
  plan.output_values = {10'000'000, 20'000'000};
  plan.lock_time = static_cast<std::uint32_t>(world.next_height() - 1);
  plan.sequence = 1;
  plan.total_bytes = 450;
  return TransactionDraft(*chain::make_spend(plan));
}

// A block with these bytes for its second transaction; its Merkle root is another one.
std::vector<std::uint8_t> block_around(const World& world, const std::vector<std::uint8_t>& transaction) {
  BlockDraft draft = world.draft();
  solve(draft.header, world.work());
  std::vector<std::uint8_t> bytes;
  chain::ByteWriter writer(bytes);
  const auto header = draft.header.encode();
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.push_back(2);
  draft.transactions[0]->encode(writer, chain::WitnessForm::included);
  bytes.insert(bytes.end(), transaction.begin(), transaction.end());
  return bytes;
}

}  // namespace

void tell_mutations(World& world, std::uint64_t seed) {
  RandomScripts source(seed);
  for (int i = 0; i < kMutations; ++i) {
    std::vector<std::uint8_t> bytes = encode(*rich_draft(world).make());
    const std::size_t position = source.below(bytes.size());
    const std::uint8_t before = bytes[position];
    // Small changes and any change.
    const std::size_t change = source.below(2) == 0 ? std::size_t{1} << source.below(8) : 1 + source.below(255);
    bytes[position] = static_cast<std::uint8_t>(before ^ change);
    if (position == kFlagsPosition && world.work() == Work::double_sha256_and_scrypt)
      continue;  // flags of Litecoin's own
    const std::string name = "mutation " + std::to_string(i) + ": byte " + std::to_string(position) + " from " +
                             std::to_string(before) + " to " + std::to_string(bytes[position]);
    chain::ByteReader reader(bytes);
    const chain::TransactionPointer mutated = chain::Transaction::decode(reader);
    if (mutated == nullptr || reader.remaining() != 0) {
      // Bytes too many at the end of a block are none of Bitcoin Core's concern: it sees another Merkle root then.
      world.cases().refuse_bytes(name, block_around(world, bytes),
                                 {.litecoind = mutated == nullptr ? "Block decode failed" : ""});
      continue;
    }
    BlockDraft draft = world.draft({mutated});
    draft.header.unix_time += static_cast<std::uint32_t>(i);  // the same mutation again is another block
    world.cases().compare(name, *draft.seal(world.work()));
  }
}

}  // namespace hearsay::interop
