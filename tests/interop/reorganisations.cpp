// Branches: which one is followed, and what may be spent after a change. A branch is not judged by our judges before it
// would win, but by us at once: so these cases compare the tips.
#include <map>
#include <string>

#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::BlockPointer;
using chain::Funding;
using chain::SpendForm;
using chain::TransactionPointer;

namespace {

BlockPointer on(const World& world, const chain::Block& parent, std::int32_t height, std::uint64_t tag,
                std::vector<TransactionPointer> transactions = {}) {
  chain::BlockPlan plan = world.plan_on(parent, height, std::move(transactions));
  plan.tag = tag;
  return world.make(plan);
}

}  // namespace

void tell_reorganisations(World& world) {
  CaseStream& cases = world.cases();
  const chain::Block& fork = *world.tip().body;
  const std::int32_t height = world.next_height();
  const Funding contested = world.take();
  const Funding other = world.take(SpendForm::p2sh);
  const Spend first = world.spend({contested});
  const Spend second = world.spend({contested}, SpendForm::p2sh);
  const Spend common = world.spend({other});

  const BlockPointer a1 = on(world, fork, height, 11, {first.transaction});
  const BlockPointer a2 = on(world, *a1, height + 1, 11, {world.spend(first.coins).transaction, common.transaction});
  cases.accept("branch A, first block", *a1);
  cases.accept("branch A, second block", *a2);
  const BlockPointer b1 = on(world, fork, height, 12, {common.transaction, second.transaction});
  const BlockPointer b2 = on(world, *b1, height + 1, 12);
  const BlockPointer b3 = on(world, *b2, height + 2, 12, {world.spend(common.coins).transaction});
  cases.accept("branch B, first block: fewer than A", *b1);
  cases.accept("branch B, second block: as many as A, which was first", *b2);
  cases.accept("branch B, third block: B wins, two blocks are disconnected", *b3);

  cases.refuse("a spend of a coin of branch A, which is gone",
               *world.draft({world.spend(first.coins, SpendForm::p2sh).transaction}).seal(world.work()),
               {.core = "bad-txns-inputs-missingorspent"});
  cases.refuse("a spend of what both branches have spent",
               *world.draft({world.spend({contested}).transaction}).seal(world.work()),
               {.core = "bad-txns-inputs-missingorspent"});
  world.extend("a spend of a coin of branch B", {world.spend(second.coins)});

  // Back to A, which has the blocks a1 and a2 already.
  const BlockPointer a3 = on(world, *a2, height + 2, 11);
  const BlockPointer a4 = on(world, *a3, height + 3, 11);
  const BlockPointer a5 = on(world, *a4, height + 4, 11, {world.spend(common.coins, SpendForm::p2sh).transaction});
  cases.accept("branch A, third block: fewer than B", *a3);
  cases.accept("branch A, fourth block: as many as B, which was first", *a4);
  cases.accept("branch A, fifth block: A wins again, four blocks are disconnected", *a5);

  const std::map<std::string, std::string> no_return = {
      {"bcoin", "after a branch has failed it stays on what is left of that, with less work (chain.js reorganize)"}};
  // More work, but its second block spends twice: the tip stays, also when the third comes.
  const BlockPointer c1 = on(world, *a4, height + 4, 13);
  const BlockPointer c2 = on(world, *c1, height + 5, 13, {world.spend({contested}).transaction});
  const BlockPointer c3 = on(world, *c2, height + 6, 13);
  cases.accept("branch C, first block: as many as A", *c1);
  cases.refuse("branch C, second block: more than A, but spends a coin that its own chain has spent", *c2,
               {.core = "bad-txns-inputs-missingorspent", .skip = no_return});
  cases.refuse("branch C, third block: its parent is invalid", *c3, {.core = "bad-prevblk", .skip = no_return});

  // The invalid block lies below the one that would win.
  const BlockPointer d1 = on(world, *a4, height + 4, 14, {world.spend({contested}).transaction});
  const BlockPointer d2 = on(world, *d1, height + 5, 14);
  cases.refuse_in_time("branch D, first block: invalid, but no more than A", *d1, {.skip = no_return});
  cases.refuse_in_time("branch D, second block: more than A, on an invalid block", *d2, {.skip = no_return});
  const Funding left = world.take();
  world.extend("life goes on", {world.spend({left})});
}

}  // namespace hearsay::interop
