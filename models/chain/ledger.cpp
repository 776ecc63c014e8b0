#include "models/chain/ledger.hpp"

#include <tsl/robin_map.h>
#include <tsl/robin_set.h>

#include "models/chain/params.hpp"
#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

struct SpentHasher {
  std::size_t operator()(const OutPoint& point) const {
    return static_cast<std::size_t>(short_id64(point.txid) + std::uint64_t{point.index} * 0x9e3779b97f4a7c15ULL);
  }
};

// What the transactions of one block have created and spent so far, on top of the coins of its parent's chain.
class OpenBlock {
 public:
  OpenBlock(const CoinIndex& coins, const IndexedBlock& place, BlockRef block)
      : coins_(coins), place_(place), block_(block) {
    created_.reserve(place.body->transactions().size());
  }

  // The coins of a transaction, in the order of its inputs, which are spent by that.
  TransactionVerdict spend(const Transaction& transaction, std::vector<Coin>& coins) {
    coins.clear();
    for (const TxIn& input : transaction.inputs()) {
      const std::optional<Coin> coin = find(input.previous);
      if (!coin) {
        const bool was_there = coins_.created(input.previous, place_.parent);
        return was_there ? TransactionVerdict::double_spend : TransactionVerdict::missing_input;
      }
      if (!spent_.insert(input.previous).second) return TransactionVerdict::double_spend;
      coins.push_back(*coin);
    }
    return TransactionVerdict::valid;
  }
  void create(std::uint32_t position) { created_[place_.body->transactions()[position]->txid()] = position; }

 private:
  [[nodiscard]] std::optional<Coin> find(const OutPoint& point) const {
    const auto here = created_.find(point.txid);
    if (here == created_.end()) return coins_.find(point, place_.parent);
    const Transaction& creator = *place_.body->transactions()[here->second];
    if (point.index >= creator.outputs().size()) return std::nullopt;
    return Coin{&creator.outputs()[point.index], place_.height, block_, here->second == 0};
  }

  const CoinIndex& coins_;
  const IndexedBlock& place_;
  BlockRef block_;
  tsl::robin_map<Hash256, std::uint32_t, Hash256Hasher> created_;  // position in the block
  tsl::robin_set<OutPoint, SpentHasher> spent_;
};

}  // namespace

Ledger::Ledger(const BlockIndex& blocks) : blocks_(blocks), coins_(blocks), entries_(1) {
  entries_[blocks.genesis()].verdict = BodyVerdict::valid;
}

BodyVerdict Ledger::connect(BlockRef block) {
  if (const auto known = verdict(block)) return *known;
  SIM_CHECK(blocks_[block].body != nullptr, "a block that is connected has its body in the index");
  SIM_CHECK(verdict(blocks_[block].parent) == BodyVerdict::valid, "a block connects after its parent");
  if (entries_.size() <= block) entries_.resize(block + 1);
  Entry& entry = entries_[block];
  const BodyVerdict found = judge(block, entry.fees);
  entry.verdict = found;
  if (found == BodyVerdict::valid) coins_.enter(block, *blocks_[block].body);
  return found;
}

std::optional<BodyVerdict> Ledger::verdict(BlockRef block) const {
  return block < entries_.size() ? entries_[block].verdict : std::nullopt;
}

std::int64_t Ledger::fees(BlockRef block) const {
  SIM_CHECK(verdict(block) == BodyVerdict::valid, "only a block that connected has fees");
  return entries_[block].fees;
}

CoinAge Ledger::age_of(const Coin& coin) const {
  // The parent of genesis is genesis (CalculateSequenceLocks, Bitcoin Core consensus/tx_verify.cpp).
  const BlockRef parent = blocks_[coin.block].parent;
  return {coin.height, blocks_[parent == kNoBlock ? coin.block : parent].median_time_past};
}

// The order of the rules is that of ConnectBlock, Bitcoin Core validation.cpp; it decides which verdict a body with
// several flaws gets.
BodyVerdict Ledger::judge(BlockRef block, std::int64_t& fees) const {
  const IndexedBlock& place = blocks_[block];
  const std::uint32_t median_time = blocks_[place.parent].median_time_past;
  const auto& transactions = place.body->transactions();
  for (const TransactionPointer& transaction : transactions)
    if (!is_final(*transaction, place.height, median_time)) return BodyVerdict::not_final;

  OpenBlock open(coins_, place, block);
  open.create(0);
  std::int64_t sigops = sigop_cost(*transactions[0], {});
  std::vector<Coin> coins;
  std::vector<CoinAge> ages;
  std::vector<const TxOut*> spent;
  for (std::uint32_t position = 1; position < transactions.size(); ++position) {
    const Transaction& transaction = *transactions[position];
    const TransactionVerdict found = open.spend(transaction, coins);
    if (found != TransactionVerdict::valid) return body_verdict(found);
    const SpendCheck spend = check_spend(transaction, coins, place.height);
    if (spend.verdict != TransactionVerdict::valid) return body_verdict(spend.verdict);
    fees += spend.fee;
    if (has_relative_locks(transaction)) {
      ages.clear();
      for (const Coin& coin : coins) ages.push_back(age_of(coin));
      if (!relative_locks_over(transaction, ages, place.height, median_time)) return BodyVerdict::relative_lock;
    }
    spent.clear();
    for (const Coin& coin : coins) spent.push_back(coin.output);
    sigops += sigop_cost(transaction, spent);
    if (sigops > kMaximumBlockSigopCost) return BodyVerdict::too_many_sigops;
    if (check_scripts(transaction, coins) != ScriptVerdict::valid) return BodyVerdict::bad_script;
    open.create(position);
  }
  const std::int64_t allowed = subsidy(blocks_.params(), place.height) + fees;
  return output_value(*transactions[0]) > allowed ? BodyVerdict::coinbase_too_rich : BodyVerdict::valid;
}

}  // namespace hearsay::chain
