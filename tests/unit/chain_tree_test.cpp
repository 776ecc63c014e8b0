// Fork choice against a naive twin that follows Bitcoin Core's bookkeeping, on random trees whose headers and bodies
// arrive in random orders, some of them with bodies that do not connect.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <set>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/block_tree.hpp"
#include "sim/core/check.hpp"
#include "tests/unit/chain_fixtures.hpp"

using namespace hearsay::chain;

namespace {

// Whether the body of a block will connect: a bad one claims a satoshi too much.
enum class Quality : std::uint8_t { good, bad };

struct Chain {
  Chain() : index(regtest_params()), ledger(index) {}

  BlockRef grow(BlockRef parent, std::uint64_t tag, Quality quality = Quality::good) {
    BlockPlan plan;
    plan.parent = index[parent].hash;
    plan.height = index[parent].height + 1;
    plan.unix_time = index[parent].median_time_past + 1;
    plan.bits = index.next_bits(parent);
    plan.tag = tag;
    plan.fees = quality == Quality::good ? 0 : 1;
    const BlockPointer body = assemble_block(index.params(), plan);
    BlockRef block = kNoBlock;
    if (index.add(body->header(), block) != HeaderVerdict::valid) FAIL("a good header was refused");
    if (check_body(index.params(), *body, index[block]) != BodyVerdict::valid) FAIL("a good body was refused");
    index.set_body(block, body);
    if (quality == Quality::bad) bad.insert(block);
    return block;
  }

  BlockIndex index;
  Ledger ledger;
  std::set<BlockRef> bad;
};

// ReceivedBlockTransactions, InvalidChainFound and CBlockIndexWorkComparator of Bitcoin Core validation.cpp, in the
// plainest form: each block gets a number when it becomes complete; the best has the most work, then the lowest number.
class TwinTree {
 public:
  TwinTree(const Chain& chain, BlockRef tip) : chain_(chain), index_(chain.index), tip_(tip), best_header_(tip) {
    for (BlockRef block = 0; block < index_.size(); ++block) complete_.push_back(block);
    std::stable_partition(complete_.begin(), complete_.end(), [tip](BlockRef block) { return block == tip; });
  }
  void add_header(BlockRef block) {
    headers_.push_back(block);
    if (!has_failed(block) && index_[block].chain_work > index_[best_header_].chain_work) best_header_ = block;
  }
  void add_body(BlockRef block) {
    bodies_.push_back(block);
    std::deque<BlockRef> queue;
    if (is_complete(index_[block].parent)) queue.push_back(block);
    while (!queue.empty()) {
      const BlockRef next = queue.front();
      queue.pop_front();
      if (chain_.bad.contains(next)) {
        roots_of_failure_.push_back(next);
        continue;
      }
      complete_.push_back(next);
      for (const BlockRef body : bodies_)
        if (index_[body].parent == next) queue.push_back(body);
    }
    if (has_failed(best_header_)) choose_best_header();
    for (const BlockRef candidate : complete_)  // in the order of their numbers
      if (index_[candidate].chain_work > index_[tip_].chain_work) tip_ = candidate;
  }
  [[nodiscard]] bool is_complete(BlockRef block) const {
    return std::find(complete_.begin(), complete_.end(), block) != complete_.end();
  }
  [[nodiscard]] bool has_failed(BlockRef block) const {
    for (; block != kNoBlock; block = index_[block].parent)
      if (std::find(roots_of_failure_.begin(), roots_of_failure_.end(), block) != roots_of_failure_.end()) return true;
    return false;
  }
  [[nodiscard]] std::set<BlockRef> failed() const {
    std::set<BlockRef> all;
    for (const BlockRef header : headers_)
      if (has_failed(header)) all.insert(header);
    return all;
  }
  [[nodiscard]] BlockRef tip() const { return tip_; }
  [[nodiscard]] BlockRef best_header() const { return best_header_; }

 private:
  // Before the tip moves.
  void choose_best_header() {
    std::vector<BlockRef> good = {tip_};
    for (const BlockRef header : headers_)
      if (!has_failed(header)) good.push_back(header);
    std::stable_sort(good.begin() + 1, good.end(),
                     [this](BlockRef a, BlockRef b) { return index_[a].hash < index_[b].hash; });
    best_header_ = *std::max_element(good.begin(), good.end(), [this](BlockRef a, BlockRef b) {
      return index_[a].chain_work < index_[b].chain_work;  // of equals, the first one
    });
  }

  const Chain& chain_;
  const BlockIndex& index_;
  BlockRef tip_;
  BlockRef best_header_;
  std::vector<BlockRef> complete_;
  std::vector<BlockRef> headers_;
  std::vector<BlockRef> bodies_;
  std::vector<BlockRef> roots_of_failure_;
};

std::vector<BlockRef> path_to(const BlockIndex& index, BlockRef block) {
  std::vector<BlockRef> path;
  for (; block != kNoBlock; block = index[block].parent) path.push_back(block);
  std::reverse(path.begin(), path.end());
  return path;
}

struct Counts {
  std::size_t reorganisations = 0;
  std::size_t failures = 0;
  std::size_t failures_with_reorganisation = 0;
};

struct Law {
  std::uint64_t branching;     // of 100 blocks, how many do not go on top of the newest
  std::uint64_t bodies_first;  // of 100 bodies, how many may come before their parents'
  std::uint64_t bad;           // of 100 blocks, how many do not connect
};

// Adds what random order brings; the first disagreement fails.
void compare_with_twin(std::uint64_t seed, const Law& law, Counts& counts) {
  hearsay::RandomStream stream = test_draws(seed);
  Chain chain;
  const BlockIndex& index = chain.index;
  BlockRef premined = index.genesis();
  for (int i = 0; i < 5; ++i) {
    premined = chain.grow(premined, stream());
    REQUIRE(chain.ledger.connect(premined) == BodyVerdict::valid);
  }
  BlockTree tree(chain.ledger, premined);
  TwinTree twin(chain, premined);
  const auto shared = static_cast<BlockRef>(index.size());
  for (int i = 0; i < 120; ++i) {
    const bool branch = stream.below(100) < law.branching;
    const auto parent = static_cast<BlockRef>(branch ? stream.below(index.size()) : index.size() - 1);
    chain.grow(parent, stream(), stream.below(100) < law.bad ? Quality::bad : Quality::good);
  }

  std::set<BlockRef> headers;
  std::set<BlockRef> bodies;
  while (bodies.size() < index.size() - shared) {
    const auto block = static_cast<BlockRef>(shared + stream.below(index.size() - shared));
    const BlockRef parent = index[block].parent;
    if (!headers.contains(block)) {
      if (parent >= shared && !headers.contains(parent)) continue;
      headers.insert(block);
      tree.add_header(block);
      twin.add_header(block);
    } else if (!bodies.contains(block)) {
      if (stream.below(100) >= law.bodies_first && parent >= shared && !bodies.contains(parent)) continue;
      bodies.insert(block);
      const std::vector<BlockRef> before = path_to(index, tree.tip());
      const std::set<BlockRef> failed_before = twin.failed();
      const TipChange change = tree.add_body(block);
      twin.add_body(block);
      const std::vector<BlockRef> after = path_to(index, twin.tip());
      const auto [lost, gained] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
      std::vector<BlockRef> disconnected(lost, before.end());
      std::reverse(disconnected.begin(), disconnected.end());
      std::vector<BlockRef> failed;
      const std::set<BlockRef> failed_after = twin.failed();
      std::set_difference(failed_after.begin(), failed_after.end(), failed_before.begin(), failed_before.end(),
                          std::back_inserter(failed));
      std::sort(failed.begin(), failed.end(), [&](BlockRef a, BlockRef b) {
        return index[a].height != index[b].height ? index[a].height < index[b].height : index[a].hash < index[b].hash;
      });
      if (change.changed != (before != after) || change.disconnected != disconnected ||
          change.connected != std::vector<BlockRef>(gained, after.end()) || change.failed != failed)
        FAIL("another change of the tip");
      counts.reorganisations += change.disconnected.empty() ? 0 : 1;
      counts.failures += failed.size();
      counts.failures_with_reorganisation += !failed.empty() && change.changed ? 1 : 0;
    }
    if (tree.tip() != twin.tip() || tree.best_header() != twin.best_header()) FAIL("another tip or best header");
    if (tree.is_complete(block) != twin.is_complete(block)) FAIL("another opinion of what is complete");
    if (tree.has_failed(block) != (headers.contains(block) && twin.has_failed(block)))
      FAIL("another opinion of what has failed");
    if (tree.has_header(block) != headers.contains(block) || tree.has_body(block) != bodies.contains(block))
      FAIL("the tree forgot or made up a block");
    if (tree.on_active_chain(block) != index.is_ancestor(block, twin.tip())) FAIL("another active chain");
  }
  for (BlockRef block = shared; block < index.size(); ++block)
    if (tree.has_failed(block) != twin.has_failed(block)) FAIL("another opinion of what has failed in the end");
}

}  // namespace

TEST_CASE("the tree follows the same chain as its twin, whatever the tree and the order of arrival") {
  Counts counts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::uint64_t branching : {0u, 10u, 40u, 100u})
      for (const std::uint64_t bodies_first : {0u, 50u, 100u}) {
        CAPTURE(seed, branching, bodies_first);
        compare_with_twin(1000 * seed + branching + bodies_first, {branching, bodies_first, 0}, counts);
      }
  CHECK(counts.reorganisations > 500);
  CHECK(counts.failures == 0);
}

TEST_CASE("the tree follows the same chain as its twin when some blocks do not connect") {
  Counts counts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const std::uint64_t branching : {10u, 40u, 100u})
      for (const std::uint64_t bad : {3u, 20u}) {
        const std::uint64_t bodies_first = 50 * (seed % 3);
        CAPTURE(seed, branching, bodies_first, bad);
        compare_with_twin(7000 * seed + branching + bad, {branching, bodies_first, bad}, counts);
      }
  CHECK(counts.reorganisations > 200);
  CHECK(counts.failures > 1000);
  CHECK(counts.failures_with_reorganisation > 5);
}

TEST_CASE("of several branches completed by one body, the one whose first block came first is followed") {
  Chain chain;
  BlockTree tree(chain.ledger, chain.index.genesis());
  const BlockRef root = chain.grow(chain.index.genesis(), 1);
  const BlockRef late = chain.grow(root, 2);
  const BlockRef early = chain.grow(root, 3);
  for (const BlockRef block : {root, late, early}) tree.add_header(block);
  CHECK_FALSE(tree.add_body(early).changed);
  CHECK_FALSE(tree.add_body(late).changed);
  const TipChange change = tree.add_body(root);
  CHECK(change.connected == std::vector<BlockRef>{root, early});
  CHECK(tree.tip() == early);
}

TEST_CASE("a block that does not connect takes all on top of it with it, and the next best chain is followed") {
  Chain chain;
  BlockTree tree(chain.ledger, chain.index.genesis());
  const BlockRef bad = chain.grow(chain.index.genesis(), 1, Quality::bad);
  const BlockRef child = chain.grow(bad, 2);
  const BlockRef grandchild = chain.grow(child, 3);
  const BlockRef good = chain.grow(chain.index.genesis(), 4);
  for (const BlockRef block : {good, bad, child}) tree.add_header(block);
  CHECK_FALSE(tree.add_body(child).changed);
  CHECK(tree.add_body(good).changed);
  CHECK(tree.best_header() == child);
  const TipChange change = tree.add_body(bad);
  CHECK_FALSE(change.changed);
  CHECK(change.failed == std::vector<BlockRef>{bad, child});
  CHECK(tree.tip() == good);
  CHECK(tree.best_header() == good);
  tree.add_header(grandchild);
  CHECK(tree.has_failed(grandchild));
  CHECK(tree.best_header() == good);
  CHECK(tree.add_body(grandchild).failed.empty());
  CHECK(tree.has_body(grandchild));
  CHECK_FALSE(tree.is_complete(grandchild));
}

TEST_CASE("a body that fails is named to every node that gets it") {
  Chain chain;
  BlockTree first(chain.ledger, chain.index.genesis());
  BlockTree second(chain.ledger, chain.index.genesis());
  const BlockRef bad = chain.grow(chain.index.genesis(), 1, Quality::bad);
  for (BlockTree* tree : {&first, &second}) {
    tree->add_header(bad);
    CHECK_FALSE(tree->has_failed(bad));
    CHECK(tree->add_body(bad).failed == std::vector<BlockRef>{bad});
  }
}

TEST_CASE("a body counts once") {
  Chain chain;
  BlockTree tree(chain.ledger, chain.index.genesis());
  const BlockRef block = chain.grow(chain.index.genesis(), 1);
  tree.add_header(block);
  CHECK(tree.add_body(block).changed);
  const TipChange again = tree.add_body(block);
  CHECK_FALSE(again.changed);
  CHECK(again.connected.empty());
}

TEST_CASE("a body without header, and a header without parent, are mistakes of the caller") {
  Chain chain;
  BlockTree tree(chain.ledger, chain.index.genesis());
  const BlockRef parent = chain.grow(chain.index.genesis(), 1);
  const BlockRef child = chain.grow(parent, 2);
  CHECK_THROWS_AS(tree.add_body(parent), hearsay::CheckFailure);
  CHECK_THROWS_AS(tree.add_header(child), hearsay::CheckFailure);
}

TEST_CASE("what the index holds when a tree is made is known to it, what comes later is not") {
  Chain chain;
  const BlockRef before = chain.grow(chain.index.genesis(), 1);
  const BlockTree tree(chain.ledger, before);
  const BlockRef after = chain.grow(before, 2);
  CHECK(tree.has_header(before));
  CHECK(tree.has_body(before));
  CHECK(tree.is_complete(before));
  CHECK_FALSE(tree.has_header(after));
  CHECK_FALSE(tree.has_body(after));
  CHECK(tree.best_header() == before);
}
