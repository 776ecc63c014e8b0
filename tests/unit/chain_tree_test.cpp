// Fork choice against a naive twin that follows Bitcoin Core's bookkeeping, on random trees whose headers and bodies
// arrive in random orders; and the verdict on a body, rule by rule.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <set>
#include <vector>

#include "models/chain/block_tree.hpp"
#include "models/chain/coinbase.hpp"
#include "sim/core/check.hpp"
#include "sim/core/random.hpp"

using namespace hearsay::chain;

namespace {

hearsay::RandomStream draws(std::uint64_t seed) {
  return {hearsay::Seeds(seed), hearsay::SeedDomain::world, hearsay::Purpose("test"), hearsay::StableId{}};
}

BlockRef grow(BlockIndex& index, BlockRef parent, std::uint64_t draw) {
  BlockHeader header;
  header.parent = index[parent].hash;
  for (std::size_t i = 0; i < 8; ++i) header.merkle_root.bytes[i] = static_cast<std::uint8_t>(draw >> (8 * i));
  header.unix_time = index[parent].median_time_past + 1;
  header.bits = index[parent].header.bits;
  REQUIRE(solve(header) == Solution::found);
  BlockRef block = kNoBlock;
  REQUIRE(index.add(header, block) == HeaderVerdict::valid);
  return block;
}

// ReceivedBlockTransactions and CBlockIndexWorkComparator of Bitcoin Core validation.cpp, in the plainest form: each
// block gets a number when it becomes complete; the best has the most work, then the lowest number.
class TwinTree {
 public:
  TwinTree(const BlockIndex& index, BlockRef tip) : index_(index), tip_(tip) {
    for (BlockRef block = 0; block < index.size(); ++block) complete_.push_back(block);
    std::stable_partition(complete_.begin(), complete_.end(), [tip](BlockRef block) { return block == tip; });
    headers_.push_back(tip);
  }
  void add_header(BlockRef block) { headers_.push_back(block); }
  void add_body(BlockRef block) {
    bodies_.push_back(block);
    std::deque<BlockRef> queue;
    if (is_complete(index_[block].parent)) queue.push_back(block);
    while (!queue.empty()) {
      const BlockRef next = queue.front();
      queue.pop_front();
      complete_.push_back(next);
      for (const BlockRef body : bodies_)
        if (index_[body].parent == next) queue.push_back(body);
    }
    for (const BlockRef candidate : complete_)  // in the order of their numbers
      if (index_[candidate].chain_work > index_[tip_].chain_work) tip_ = candidate;
  }
  [[nodiscard]] bool is_complete(BlockRef block) const {
    return std::find(complete_.begin(), complete_.end(), block) != complete_.end();
  }
  [[nodiscard]] BlockRef tip() const { return tip_; }
  [[nodiscard]] BlockRef best_header() const {
    return *std::max_element(headers_.begin(), headers_.end(), [this](BlockRef a, BlockRef b) {
      return index_[a].chain_work < index_[b].chain_work;  // of equals, the first one
    });
  }

 private:
  const BlockIndex& index_;
  BlockRef tip_;
  std::vector<BlockRef> complete_;
  std::vector<BlockRef> headers_;
  std::vector<BlockRef> bodies_;
};

std::vector<BlockRef> path_to(const BlockIndex& index, BlockRef block) {
  std::vector<BlockRef> path;
  for (; block != kNoBlock; block = index[block].parent) path.push_back(block);
  std::reverse(path.begin(), path.end());
  return path;
}

// Adds what random order brings; the first disagreement fails. The result is the number of reorganisations.
std::size_t compare_with_twin(std::uint64_t seed, std::uint64_t branching, std::uint64_t bodies_first) {
  hearsay::RandomStream stream = draws(seed);
  BlockIndex index(regtest_params());
  BlockRef premined = index.genesis();
  for (int i = 0; i < 5; ++i) premined = grow(index, premined, stream());
  BlockTree tree(index, premined);
  TwinTree twin(index, premined);
  const auto shared = static_cast<BlockRef>(index.size());
  for (int i = 0; i < 120; ++i) {
    const bool branch = stream.below(100) < branching;
    grow(index, static_cast<BlockRef>(branch ? stream.below(index.size()) : index.size() - 1), stream());
  }

  std::set<BlockRef> headers;
  std::set<BlockRef> bodies;
  std::size_t reorganisations = 0;
  while (bodies.size() < index.size() - shared) {
    const auto block = static_cast<BlockRef>(shared + stream.below(index.size() - shared));
    const BlockRef parent = index[block].parent;
    if (!headers.contains(block)) {
      if (parent >= shared && !headers.contains(parent)) continue;
      headers.insert(block);
      tree.add_header(block);
      twin.add_header(block);
    } else if (!bodies.contains(block)) {
      if (stream.below(100) >= bodies_first && parent >= shared && !bodies.contains(parent)) continue;
      bodies.insert(block);
      const std::vector<BlockRef> before = path_to(index, tree.tip());
      const TipChange change = tree.add_body(block);
      twin.add_body(block);
      const std::vector<BlockRef> after = path_to(index, twin.tip());
      const auto [lost, gained] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
      CHECK(change.changed == (before != after));
      CHECK(change.disconnected == before.end() - lost);
      CHECK(change.connected == std::vector<BlockRef>(gained, after.end()));
      reorganisations += change.disconnected > 0 ? 1 : 0;
    }
    if (tree.tip() != twin.tip() || tree.best_header() != twin.best_header()) FAIL("another tip or best header");
    if (tree.is_complete(block) != twin.is_complete(block)) FAIL("another opinion of what is complete");
    if (tree.has_header(block) != headers.contains(block) || tree.has_body(block) != bodies.contains(block))
      FAIL("the tree forgot or made up a block");
    if (tree.on_active_chain(block) != index.is_ancestor(block, twin.tip())) FAIL("another active chain");
  }
  return reorganisations;
}

// A place for a body: check_body looks at the Merkle root of the header and at the height.
IndexedBlock place_of(const Block& block, std::int32_t height) {
  IndexedBlock place;
  place.header = block.header();
  place.hash = block.hash();
  place.height = height;
  return place;
}

std::shared_ptr<const Transaction> coinbase_with(std::vector<std::uint8_t> script, std::vector<TxOut> outputs,
                                                 std::vector<std::vector<std::uint8_t>> witness = {}) {
  TxIn input;
  input.script = std::move(script);
  input.witness = std::move(witness);
  return std::make_shared<const Transaction>(2, std::vector<TxIn>{input}, std::move(outputs), 0);
}

std::shared_ptr<const Transaction> payment(std::uint8_t number, std::size_t script_bytes = 1) {
  TxIn input;
  input.previous = {Hash256{{number}}, 0};
  return std::make_shared<const Transaction>(2, std::vector<TxIn>{input},
                                             std::vector<TxOut>{{1, std::vector<std::uint8_t>(script_bytes, 0x51)}}, 0);
}

Block block_of(const std::vector<TransactionPointer>& transactions) {
  BlockHeader header;
  std::vector<Hash256> leaves;
  for (const TransactionPointer& transaction : transactions) leaves.push_back(transaction->txid());
  header.merkle_root = merkle_root(leaves).root;
  return {header, transactions};
}

constexpr std::int32_t kHeight = 1000;  // regtest: 150 blocks a halving, so the subsidy is 50 BTC / 2^6
constexpr std::int64_t kSubsidy = 5'000'000'000 / 64;

BodyVerdict verdict(const Block& block, std::int32_t height = kHeight) {
  return check_body(block, place_of(block, height), regtest_params());
}
BodyVerdict verdict(const std::vector<TransactionPointer>& transactions, std::int32_t height = kHeight) {
  return verdict(block_of(transactions), height);
}

std::vector<std::uint8_t> script_of(std::int32_t height, std::size_t bytes = 10) {
  std::vector<std::uint8_t> script = height_script(height);
  script.resize(bytes);
  return script;
}
TransactionPointer good_coinbase() {
  return coinbase_with(script_of(kHeight), {{kSubsidy, {0x51}}});
}

std::vector<std::uint8_t> commitment_script(const Hash256& commitment) {
  std::vector<std::uint8_t> script = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed};
  for (const std::uint8_t byte : commitment.bytes) script.push_back(byte);
  return script;
}

}  // namespace

TEST_CASE("the tree follows the same chain as its twin, whatever the tree and the order of arrival") {
  std::size_t reorganisations = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::uint64_t branching : {0u, 10u, 40u, 100u})
      for (const std::uint64_t bodies_first : {0u, 50u, 100u}) {
        CAPTURE(seed, branching, bodies_first);
        reorganisations += compare_with_twin(1000 * seed + branching + bodies_first, branching, bodies_first);
      }
  CHECK(reorganisations > 500);
}

TEST_CASE("of several branches completed by one body, the one whose first block came first is followed") {
  BlockIndex index(regtest_params());
  BlockTree tree(index, index.genesis());
  const BlockRef root = grow(index, index.genesis(), 1);
  const BlockRef late = grow(index, root, 2);
  const BlockRef early = grow(index, root, 3);
  for (const BlockRef block : {root, late, early}) tree.add_header(block);
  CHECK_FALSE(tree.add_body(early).changed);
  CHECK_FALSE(tree.add_body(late).changed);
  const TipChange change = tree.add_body(root);
  CHECK(change.connected == std::vector<BlockRef>{root, early});
  CHECK(tree.tip() == early);
}

TEST_CASE("a body counts once") {
  BlockIndex index(regtest_params());
  BlockTree tree(index, index.genesis());
  const BlockRef block = grow(index, index.genesis(), 1);
  tree.add_header(block);
  CHECK(tree.add_body(block).changed);
  const TipChange again = tree.add_body(block);
  CHECK_FALSE(again.changed);
  CHECK(again.connected.empty());
}

TEST_CASE("a body without header, and a header without parent, are mistakes of the caller") {
  BlockIndex index(regtest_params());
  BlockTree tree(index, index.genesis());
  const BlockRef parent = grow(index, index.genesis(), 1);
  const BlockRef child = grow(index, parent, 2);
  CHECK_THROWS_AS(tree.add_body(parent), hearsay::CheckFailure);
  CHECK_THROWS_AS(tree.add_header(child), hearsay::CheckFailure);
}

TEST_CASE("what the index holds when a tree is made is known to it, what comes later is not") {
  BlockIndex index(regtest_params());
  const BlockRef before = grow(index, index.genesis(), 1);
  const BlockTree tree(index, before);
  const BlockRef after = grow(index, before, 2);
  CHECK(tree.has_header(before));
  CHECK(tree.has_body(before));
  CHECK(tree.is_complete(before));
  CHECK_FALSE(tree.has_header(after));
  CHECK_FALSE(tree.has_body(after));
  CHECK(tree.best_header() == before);
}

TEST_CASE("a plain block is valid, with and without payments") {
  CHECK(verdict({good_coinbase()}) == BodyVerdict::valid);
  CHECK(verdict({good_coinbase(), payment(1), payment(2)}) == BodyVerdict::valid);
}

TEST_CASE("transactions that the header does not commit to are refused") {
  const Block block = block_of({good_coinbase(), payment(1)});
  const Block other(block.header(), {good_coinbase(), payment(2)});
  const Block swapped(block.header(), {block.transactions()[1], block.transactions()[0]});
  CHECK(verdict(other) == BodyVerdict::merkle_root_mismatch);
  CHECK(verdict(swapped) == BodyVerdict::merkle_root_mismatch);
}

TEST_CASE("a body with its end repeated is a mutation, although the root is right") {
  const Block block = block_of({good_coinbase(), payment(1), payment(2)});
  std::vector<TransactionPointer> repeated = block.transactions();
  repeated.push_back(repeated.back());
  CHECK(verdict(block) == BodyVerdict::valid);
  CHECK(verdict(Block(block.header(), repeated)) == BodyVerdict::mutated);
}

TEST_CASE("the first transaction, and no other, is a coinbase") {
  CHECK(verdict(std::vector<TransactionPointer>{}) == BodyVerdict::no_coinbase);
  CHECK(verdict({payment(1), payment(2)}) == BodyVerdict::no_coinbase);
  CHECK(verdict({payment(1), good_coinbase()}) == BodyVerdict::no_coinbase);
  const TransactionPointer second = coinbase_with(script_of(kHeight, 11), {{0, {0x51}}});
  CHECK(verdict({good_coinbase(), second}) == BodyVerdict::no_coinbase);
}

TEST_CASE("the script of a coinbase has 2 to 100 bytes") {
  const auto with_script = [](std::int32_t height, std::size_t bytes) {
    return verdict({coinbase_with(script_of(height, bytes), {{0, {0x51}}})}, height);
  };
  CHECK(with_script(16, 1) == BodyVerdict::bad_coinbase_length);
  CHECK(with_script(16, 2) == BodyVerdict::valid);
  CHECK(with_script(kHeight, 100) == BodyVerdict::valid);
  CHECK(with_script(kHeight, 101) == BodyVerdict::bad_coinbase_length);
}

TEST_CASE("a coinbase opens with the height of its block") {
  CHECK(verdict({good_coinbase()}, kHeight + 1) == BodyVerdict::wrong_height);
  CHECK(verdict({coinbase_with({0x51, 0x51}, {{0, {0x51}}})}) == BodyVerdict::wrong_height);
}

TEST_CASE("a block has at most 1,000,000 stripped bytes") {
  const std::size_t rest = block_of({good_coinbase(), payment(1, 70'000)}).stripped_bytes() - 70'000;
  const Block full = block_of({good_coinbase(), payment(1, 1'000'000 - rest)});
  REQUIRE(full.stripped_bytes() == 1'000'000);
  CHECK(verdict(full) == BodyVerdict::valid);
  CHECK(verdict({good_coinbase(), payment(1, 1'000'001 - rest)}) == BodyVerdict::too_large);
}

TEST_CASE("a block has at most 4,000,000 weight units, of which every byte of a witness is one") {
  const std::vector<std::uint8_t> reserved(32, 5);
  const auto block_with = [&](std::size_t witness_bytes) {
    TxIn spending;
    spending.previous = {Hash256{{1}}, 0};
    spending.witness = {std::vector<std::uint8_t>(witness_bytes, 1)};
    const auto segwit =
        std::make_shared<const Transaction>(2, std::vector<TxIn>{spending}, std::vector<TxOut>{{1, {0x51}}}, 0);
    const Hash256 root = merkle_root({Hash256{}, segwit->wtxid()}).root;
    const TransactionPointer coinbase =
        coinbase_with(script_of(kHeight), {{0, commitment_script(witness_commitment(root, reserved))}}, {reserved});
    return block_of({coinbase, segwit});
  };
  const std::size_t rest = block_with(1'000'000).weight() - 1'000'000;
  REQUIRE(block_with(4'000'000 - rest).weight() == 4'000'000);
  CHECK(verdict(block_with(4'000'000 - rest)) == BodyVerdict::valid);
  CHECK(verdict(block_with(4'000'001 - rest)) == BodyVerdict::too_large);
}

TEST_CASE("a coinbase claims at most the subsidy, in every output and in all") {
  const auto claiming = [](std::vector<TxOut> outputs) {
    return verdict({coinbase_with(script_of(kHeight), std::move(outputs))});
  };
  CHECK(claiming({{kSubsidy, {}}}) == BodyVerdict::valid);
  CHECK(claiming({{kSubsidy + 1, {}}}) == BodyVerdict::coinbase_too_rich);
  CHECK(claiming({{kSubsidy - 1, {}}, {1, {}}}) == BodyVerdict::valid);
  CHECK(claiming({{kSubsidy - 1, {}}, {2, {}}}) == BodyVerdict::coinbase_too_rich);
  CHECK(claiming({{kSubsidy + 1, {}}, {-1, {}}}) == BodyVerdict::coinbase_too_rich);
  CHECK(claiming({{kSubsidy, {}}, {-1, {}}}) == BodyVerdict::coinbase_too_rich);
  // Sums that leave 64 bits do not come round again.
  CHECK(claiming({{INT64_MAX, {}}, {INT64_MAX, {}}, {2, {}}}) == BodyVerdict::coinbase_too_rich);
}

TEST_CASE("witnesses are valid only if the coinbase commits to them") {
  const std::vector<std::uint8_t> reserved(32, 5);
  TxIn spending;
  spending.previous = {Hash256{{1}}, 0};
  spending.witness = {{1, 2, 3}};
  const auto segwit =
      std::make_shared<const Transaction>(2, std::vector<TxIn>{spending}, std::vector<TxOut>{{1, {0x51}}}, 0);
  const Hash256 root = merkle_root({Hash256{}, segwit->wtxid()}).root;
  const Hash256 commitment = witness_commitment(root, reserved);
  const auto coinbase = [&](const Hash256& committed, std::vector<std::vector<std::uint8_t>> witness) {
    return coinbase_with(script_of(kHeight), {{0, commitment_script(committed)}}, std::move(witness));
  };
  CHECK(verdict({coinbase(commitment, {reserved}), segwit}) == BodyVerdict::valid);
  CHECK(verdict({coinbase(Hash256{{1}}, {reserved}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {reserved, reserved}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {std::vector<std::uint8_t>(31, 5)}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase(commitment, {std::vector<std::uint8_t>(32, 6)}), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({good_coinbase(), segwit}) == BodyVerdict::witness_mismatch);
  CHECK(verdict({coinbase_with(script_of(kHeight), {{0, {0x51}}}, {reserved})}) == BodyVerdict::witness_mismatch);
}
