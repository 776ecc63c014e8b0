// Where the cases happen: plans, blocks and spends on the tip of a judged chain, and a purse of coins to spend.
//
// Not responsible for verdicts (CaseStream) nor for the rules that a case breaks.
//
// Invariants: blocks made here are solved for the judge of the profile; coins in the purse are unspent, mature,
// confirmed and of equal value, and are handed out once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/chain/block_assembly.hpp"
#include "models/chain/transaction_builder.hpp"
#include "tests/interop/block_draft.hpp"
#include "tests/interop/case_stream.hpp"

namespace hearsay::interop {

// Unix seconds of the block after genesis: after 2012, when BIP 16 and what came later came into force.
inline constexpr std::uint32_t kBaseTime = 1'700'000'000;
inline constexpr std::int64_t kFee = 20'000;  // satoshis: above every judge's least fee for all sizes used

// A transaction with its fee and the coins that it makes.
struct Spend {
  chain::TransactionPointer transaction;
  std::int64_t fee = 0;
  std::vector<chain::Funding> coins;
};

class World {
 public:
  explicit World(CaseStream& cases) : cases_(cases) {}

  [[nodiscard]] CaseStream& cases() { return cases_; }
  [[nodiscard]] Work work() const { return cases_.profile().work; }
  [[nodiscard]] std::int32_t next_height() const { return tip().height + 1; }
  [[nodiscard]] std::uint32_t median_time_past() const { return tip().median_time_past; }
  [[nodiscard]] const chain::IndexedBlock& tip() const { return cases_.blocks()[cases_.tip()]; }

  // On the tip, a target spacing after it, claiming no fees: so a changed transaction does not make it too rich.
  [[nodiscard]] chain::BlockPlan plan(std::vector<chain::TransactionPointer> transactions = {}) const;
  [[nodiscard]] chain::BlockPlan plan_on(const chain::Block& parent, std::int32_t height,
                                         std::vector<chain::TransactionPointer> transactions = {}) const;
  [[nodiscard]] chain::BlockPointer make(const chain::BlockPlan& plan) const;
  [[nodiscard]] BlockDraft draft(std::vector<chain::TransactionPointer> transactions = {}) const;

  // A valid block of these spends on the tip, that claims their fees.
  void extend(const std::string& name, const std::vector<Spend>& spends);
  // Coinbase-only blocks.
  void extend_by(std::int32_t blocks);

  // The reward of the active chain's block at a height.
  [[nodiscard]] chain::Funding reward(std::int32_t height) const;
  [[nodiscard]] Spend spend(const chain::SpendPlan& plan) const;
  // All of the fundings, less the fee, to one output.
  [[nodiscard]] Spend spend(const std::vector<chain::Funding>& fundings,
                            chain::SpendForm form = chain::SpendForm::p2wsh) const;
  // Spends an output with any locking script: no input script, no witness; one output of value less kFee.
  [[nodiscard]] TransactionDraft raw_spend(const chain::OutPoint& point, std::int64_t value) const;

  // Coins for the cases, put there and handed out in order.
  void put(const std::vector<chain::Funding>& coins);
  [[nodiscard]] chain::Funding take(chain::SpendForm form = chain::SpendForm::p2wsh);
  // Looks without taking: for cases that are refused, which leave the coin unspent.
  [[nodiscard]] const chain::Funding& peek(chain::SpendForm form = chain::SpendForm::p2wsh);

 private:
  [[nodiscard]] std::vector<chain::Funding>& purse(chain::SpendForm form);

  CaseStream& cases_;
  std::vector<chain::Funding> witness_coins_;
  std::vector<chain::Funding> script_hash_coins_;
};

// The groups of cases, in the order in which they build on one another. Each leaves the purse with coins to spare.
void tell_growth(World& world);                         // the base, the first spends, a purse
void tell_valid_blocks(World& world);                   // every rule at the edge where it still holds
void tell_broken_headers(World& world);                 // one rule of headers broken a case
void tell_broken_bodies(World& world);                  // one rule of bodies
void tell_broken_transactions(World& world);            // one rule of transactions
void tell_scripts(World& world, std::uint64_t seed);    // scripts of all kinds, true and false
void tell_mutations(World& world, std::uint64_t seed);  // transactions with a byte changed
void tell_transactions(World& world);                   // for the memory pool
void tell_reorganisations(World& world);                // two branches, the second wins; a branch that fails

}  // namespace hearsay::interop
