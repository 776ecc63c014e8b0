// Blocks made by assemble_block: padded ones have every size asked for, and what consensus asks of a coinbase holds.
#include <catch2/catch.hpp>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/body_checks.hpp"
#include "sim/core/check.hpp"
#include "tests/unit/chain_fixtures.hpp"

using namespace hearsay::chain;

namespace {

BlockPlan plan_of(std::int32_t height, std::size_t stripped_bytes, std::uint64_t tag = 0) {
  BlockPlan plan;
  plan.parent = regtest_params().genesis->hash();
  plan.height = height;
  plan.unix_time = 1'767'225'600;
  plan.bits = regtest_params().pow_limit_bits;
  plan.tag = tag;
  plan.least_stripped_bytes = stripped_bytes;
  return plan;
}

std::vector<std::uint8_t> encoded(const Block& block) {
  std::vector<std::uint8_t> bytes;
  ByteWriter writer(bytes);
  block.encode(writer, WitnessForm::included);
  return bytes;
}

// One plain check a size: an assertion macro for each of thousands of blocks would take longer than the blocks.
bool is_as_planned(const BlockPlan& plan) {
  const BlockPointer block = assemble_block(regtest_params(), plan);
  const std::vector<std::uint8_t> bytes = encoded(*block);
  const Transaction& coinbase = *block->transactions().at(0);
  const std::vector<std::uint8_t>& script = coinbase.inputs().at(0).script;
  const std::vector<std::uint8_t> prefix = height_script(plan.height);
  ByteReader reader(bytes);
  const BlockPointer decoded = Block::decode(reader);
  std::int64_t created = 0;
  for (const TxOut& output : coinbase.outputs()) created += output.value;
  return bytes.size() == plan.least_stripped_bytes && block->total_bytes() == plan.least_stripped_bytes &&
         block->weight() == 4 * plan.least_stripped_bytes && coinbase.is_coinbase() && script.size() >= 2 &&
         script.size() <= 100 && std::equal(prefix.begin(), prefix.end(), script.begin()) &&
         created == subsidy(regtest_params(), plan.height) && decoded != nullptr && reader.remaining() == 0 &&
         decoded->content_fingerprint() == block->content_fingerprint() &&
         merkle_root(*block).root == block->header().merkle_root &&
         meets_target(block->hash(), target_of(plan.bits).value());
}

// The first size in the range that is not met exactly; zero if all are.
std::size_t first_miss(std::int32_t height, std::size_t from, std::size_t to) {
  for (std::size_t bytes = from; bytes <= to; ++bytes) {
    if (!is_as_planned(plan_of(height, bytes))) return bytes;
  }
  return 0;
}

}  // namespace

TEST_CASE("every size from the minimum to 1,000 bytes is met exactly, whatever the length of the height") {
  for (const std::int32_t height : {1, 16, 17, 127, 128, 32'767, 32'768, 8'388'608, 2'147'483'647}) {
    CHECK(first_miss(height, minimum_block_bytes(plan_of(height, 0)), 1'000) == 0);
  }
}

TEST_CASE("sizes where the length of the padding grows from three bytes to five are met exactly") {
  CHECK(first_miss(1, 65'536 - 600, 65'536 + 600) == 0);
  CHECK(first_miss(900'000, 65'536 - 600, 65'536 + 600) == 0);
}

TEST_CASE("sizes up to the largest stripped block are met exactly") {
  CHECK(first_miss(101, 999'990, 1'000'000) == 0);
}

TEST_CASE("a size below the minimum gives the minimum") {
  CHECK(minimum_block_bytes(plan_of(1, 0)) == 185);
  CHECK(assemble_block(regtest_params(), plan_of(1, 184))->stripped_bytes() == 185);
  CHECK(assemble_block(regtest_params(), plan_of(1, 0))->total_bytes() == 185);
}

TEST_CASE("the genesis block is not for assembly") {
  CHECK_THROWS_AS(assemble_block(regtest_params(), plan_of(0, 0)), hearsay::CheckFailure);
}

TEST_CASE("heights are pushed as BIP 34 and Bitcoin Core write them") {
  const std::pair<std::int32_t, std::string_view> vectors[] = {{0, "00"},
                                                               {1, "51"},
                                                               {16, "60"},
                                                               {17, "0111"},
                                                               {127, "017f"},
                                                               {128, "028000"},
                                                               {255, "02ff00"},
                                                               {256, "020001"},
                                                               {32'767, "02ff7f"},
                                                               {32'768, "03008000"},
                                                               {227'931, "035b7a03"},
                                                               {8'388'608, "0400008000"},
                                                               {2'147'483'647, "04ffffff7f"}};
  for (const auto& [height, hex] : vectors) CHECK(bytes_to_hex(height_script(height)) == hex);
}

TEST_CASE("the first output pays the subsidy, and the fees, to the script of the form asked for") {
  const BlockPointer block = assemble_block(regtest_params(), plan_of(150, 1'000));
  const TxOut& output = block->transactions()[0]->outputs()[0];
  CHECK(output.value == 2'500'000'000);
  CHECK(output.script == output_script(SpendForm::p2wsh));
  BlockPlan other = plan_of(150, 1'000);
  other.form = SpendForm::p2sh;
  other.fees = 7;
  const BlockPointer with_fees = assemble_block(regtest_params(), other);
  CHECK(with_fees->stripped_bytes() == 1'000);
  CHECK(with_fees->transactions()[0]->outputs()[0].value == 2'500'000'007);
  CHECK(with_fees->transactions()[0]->outputs()[0].script == output_script(SpendForm::p2sh));
}

TEST_CASE("the same plan gives the same block, another tag another one of the same size") {
  const BlockPointer one = assemble_block(regtest_params(), plan_of(5, 400, 1));
  const BlockPointer same = assemble_block(regtest_params(), plan_of(5, 400, 1));
  const BlockPointer other = assemble_block(regtest_params(), plan_of(5, 400, 2));
  CHECK(encoded(*one) == encoded(*same));
  CHECK(one->hash() != other->hash());
  CHECK(one->total_bytes() == other->total_bytes());
  CHECK(one->header().parent == other->header().parent);
}

TEST_CASE("solve finds the nonce of the mainnet genesis block") {
  BlockHeader header = mainnet_params().genesis->header();
  const std::uint32_t nonce = header.nonce;
  header.nonce = nonce - 1'000;
  CHECK(solve(header) == Solution::found);
  CHECK(header.nonce == nonce);
}

TEST_CASE("solve gives up when the nonces end or the target is not valid") {
  BlockHeader header = mainnet_params().genesis->header();
  header.nonce = 0xFFFFFFF0;
  CHECK(solve(header) == Solution::exhausted);
  header.bits = 0;
  CHECK(solve(header) == Solution::exhausted);
}

namespace {

// A transaction whose one input has a witness (or a script, as P2SH) of that size in all.
TransactionPointer spend_of(std::uint8_t number, SpendForm form, std::size_t total_bytes) {
  SpendPlan plan;
  plan.fundings = {{{Hash256{{number}}, 0}, 1'000, form}};
  plan.output_values = {900};
  plan.total_bytes = total_bytes;
  return make_spend(plan);
}

}  // namespace

TEST_CASE("a block commits to its witnesses if there are any, and to nothing if there are none") {
  for (const SpendForm form : {SpendForm::p2wsh, SpendForm::p2sh}) {
    BlockPlan plan = plan_of(102, 0);
    plan.transactions = {spend_of(1, form, 300), spend_of(2, form, 400)};
    const BlockPointer block = assemble_block(regtest_params(), plan);
    CHECK(check_body(regtest_params(), *block, place_of(*block, 102)) == BodyVerdict::valid);
    CHECK(block->has_witness() == (form == SpendForm::p2wsh));
    CHECK(find_witness_commitment(*block).has_value() == (form == SpendForm::p2wsh));
    CHECK(block->stripped_bytes() == minimum_block_bytes(plan));
    CHECK(block->transactions().size() == 3);
  }
}

TEST_CASE("blocks with transactions are padded to every size above their own") {
  for (const SpendForm form : {SpendForm::p2wsh, SpendForm::p2sh}) {
    BlockPlan plan = plan_of(102, 0);
    for (std::uint8_t i = 0; i < 252; ++i) plan.transactions.push_back(spend_of(i, form, 0));
    const std::size_t least = minimum_block_bytes(plan);
    std::size_t missed = 0;
    for (std::size_t bytes = least - 3; bytes < least + 400; ++bytes) {
      plan.least_stripped_bytes = bytes;
      const BlockPointer block = assemble_block(regtest_params(), plan);
      missed += block->stripped_bytes() != std::max(bytes, least);
      missed += check_body(regtest_params(), *block, place_of(*block, 102)) != BodyVerdict::valid;
    }
    CHECK(missed == 0);
  }
}

TEST_CASE("padding leaves room for the weight of witnesses") {
  BlockPlan plan = plan_of(200, 1'000'000);
  SpendPlan spend;
  spend.fundings = {{{regtest_params().genesis->transactions()[0]->txid(), 0}, 5'000, SpendForm::p2wsh}};
  spend.output_values = {4'000};
  spend.total_bytes = 1'500;
  plan.transactions = {make_spend(spend)};
  const BlockPointer block = assemble_block(regtest_params(), plan);
  CHECK(block->weight() <= 4'000'000);
  CHECK(block->weight() > 4'000'000 - 4);
}
