// A node that takes time to validate: what it tells is later by exactly that, what it has validated before is cheaper,
// and what it has spent is counted. Everything said at t is heard at t + 10 ms.
#include <string>

#include "tests/unit/bitcoin_relay_story.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::AcceptanceStage;
using bitcoin::BlockContent;
using bitcoin::Scripts;
using bitcoin::ValidationCost;
using bitcoin::Work;

BitcoinParameters validating(BitcoinParameters parameters = silent(), const std::string& model = "core") {
  parameters.validation.model = model;
  return parameters;
}

// What the validation of a block takes on the reference machine: on arrival, and joining the chain.
struct BlockCost {
  Duration arrival;
  Duration connecting;
};
BlockCost cost_of(const BlockPointer& block, std::int64_t cached_inputs, std::int64_t fetched_inputs,
                  const BitcoinParameters& parameters) {
  const ValidationCost cost(parameters.validation, 4);
  BlockContent content = cost.content_of(*block, [](const chain::Transaction&) { return true; });
  REQUIRE(content.cached_inputs == cached_inputs + fetched_inputs);
  content.cached_inputs = cached_inputs;
  content.fetched_inputs = fetched_inputs;
  return {cost.of_bytes(block->total_bytes()), cost.of_connecting(content)};
}

Duration spent(const BitcoinNode& node, Work work) {
  return node.message_thread().busy()[static_cast<std::size_t>(work)];
}

// Bob dials Alice and Carol dials Bob; a peer gives Alice a block. When Carol follows it:
SimTime carol_follows(const BitcoinParameters& bob, Duration& bob_spends) {
  BitcoinStory story;
  ScriptedPeer& peer = story.peer("peer", {"alice"});
  story.node("alice");
  const BitcoinNode& middle = story.node("bob", {"alice"}, bob);
  story.node("carol", {"bob"});
  const BlockPointer block = story.block_on(story.tip());
  peer.says(at_ms(1'000), headers_of({block}));
  peer.says(at_ms(1'100), bitcoin::BlockMessage{block});
  Duration before;
  story.run_until(at_ms(900));
  for (const Duration spell : middle.message_thread().busy()) before = before + spell;
  story.run_until(at_ms(3'000));
  for (const Duration spell : middle.message_thread().busy()) bob_spends = bob_spends + spell;
  bob_spends = bob_spends - before;
  return story.when("carol", observed::kBestTip, block);
}

TEST_CASE("a slow node in the middle delays its child by exactly what it spends on the block") {
  Duration nothing;
  const SimTime undelayed = carol_follows({}, nothing);
  // Six messages of 10 ms: headers, getdata and block, twice.
  CHECK(undelayed == at_ms(1'110 + 6 * kDelayMs));
  CHECK(nothing == Duration{});
  for (const std::string machine : {"desktop", "single_board"}) {
    BitcoinParameters parameters = validating({});
    parameters.validation.machine = machine;
    Duration spends;
    const SimTime delayed = carol_follows(parameters, spends);
    CHECK(delayed - undelayed == spends);
    // A header, and a block of 300 bytes without transactions: 1,000 + 300 x 1.350 + 3,100,000 + 2 x 1,300 ns (the
    // coinbase has a reward and padding), each term on the single board 3.4 times as long.
    const std::int64_t reference = 1'000 + 405 + (3'100'000 + 2 * 1'300);
    CHECK(spends.ns == (machine == "desktop" ? reference : reference * 34 / 10));
  }
}

TEST_CASE("the presets delay as the published simulators do") {
  Duration none;
  const SimTime undelayed = carol_follows({}, none);
  Duration gervais;
  // 300 x 174,000,000 / 458,263 ns.
  CHECK((carol_follows(validating({}, "gervais-2016"), gervais) - undelayed).ns == 113'908);
  Duration simblock;
  // Bob hands the block to Carol alone.
  CHECK(carol_follows(validating({}, "simblock"), simblock) - undelayed == milliseconds(2));
}

TEST_CASE("a transaction is announced after it was judged, and its scripts are not checked again in a block") {
  RelayStory s(validating());
  const TransactionPointer seen = s.make();
  const TransactionPointer unseen = s.make();
  s.out1->says(at_ms(200), message(seen));
  const BlockPointer block = s.story.block_with(s.story.tip(), {seen, unseen});
  s.out1->says(at_ms(1'000), bitcoin::BlockMessage{block});
  s.story.run_until(at_ms(2'000));

  const ValidationCost cost(s.settings.validation, 4);
  const Duration parsed = cost.of_bytes(seen->total_bytes());
  // 60,000 + 22,000 + 45,800 ns for its one input.
  const Duration judged{127'800};
  CHECK(cost.of_acceptance(AcceptanceStage::scripts, 1, Scripts::unchecked) == judged);
  CHECK(s.story.when("alice", observed::kTransactionAccepted, seen) == at_ms(210) + parsed + judged);
  CHECK(spent(*s.alice, Work::transactions) == parsed + judged);

  const BlockCost block_cost = cost_of(block, 1, 1, s.settings);
  CHECK(s.story.when("alice", observed::kBlockReceived, block) == at_ms(1'010) + block_cost.arrival);
  CHECK(s.story.when("alice", observed::kBestTip, block) == at_ms(1'010) + block_cost.arrival + block_cost.connecting);
  CHECK(spent(*s.alice, Work::blocks) == block_cost.arrival + block_cost.connecting);
  // Had she not seen the one: a coin to fetch, a quarter of a script.
  CHECK((cost_of(block, 0, 2, s.settings).connecting - block_cost.connecting).ns == 14'000 + 45'800 / 4);
}

TEST_CASE("what is refused costs as far as it got, an orphan again when its parent comes") {
  RelayStory s(validating());
  const TransactionPointer parent = s.make();
  const TransactionPointer child = chain::spend({chain::output_of(parent)}, 10'000);
  const TransactionPointer poor = s.make(0);
  s.out1->says(at_ms(200), message(child));
  s.out1->says(at_ms(300), message(poor));
  s.out1->says(at_ms(500), message(parent));
  s.story.run_until(at_ms(400));
  const ValidationCost cost(s.settings.validation, 4);
  const auto parsed = [&](const TransactionPointer& transaction) { return cost.of_bytes(transaction->total_bytes()); };
  const Duration no_scripts{60'000 + 22'000};
  const Duration refused = parsed(child) + parsed(poor) + no_scripts * 2;
  CHECK(spent(*s.alice, Work::transactions) == refused);
  s.story.run_until(at_ms(600));
  REQUIRE(s.accepted(child));
  CHECK(spent(*s.alice, Work::transactions) == refused + parsed(parent) + (no_scripts + Duration{45'800}) * 2);
}

TEST_CASE("a reorganisation pays for the blocks that leave and for those that join") {
  RelayStory s(validating());
  const TransactionPointer moved = s.make();
  const BlockPointer first = s.story.block_with(s.story.tip(), {moved}, 1);
  const BlockPointer rival = s.story.block_with(s.story.tip(), {moved}, 2);
  const BlockPointer next = s.story.block_with(rival, {}, 3);
  s.out1->says(at_ms(200), bitcoin::BlockMessage{first});
  s.out1->says(at_ms(400), bitcoin::BlockMessage{rival});
  s.out1->says(at_ms(600), bitcoin::BlockMessage{next});
  s.story.run_until(at_ms(500));
  const BlockCost of_first = cost_of(first, 0, 1, s.settings);
  // The rival has no more work: it is parsed, and kept.
  const BlockCost of_rival = cost_of(rival, 1, 0, s.settings);
  const Duration before = of_first.arrival + of_first.connecting + of_rival.arrival;
  CHECK(spent(*s.alice, Work::blocks) == before);
  s.story.run_until(at_ms(900));
  REQUIRE(s.alice->tree().on_active_chain(s.story.protocol().index().find(next->hash())));
  // The transaction left with the first block; its scripts need not be checked a second time.
  const ValidationCost cost(s.settings.validation, 4);
  const BlockContent content = cost.content_of(*first, [](const chain::Transaction&) { return true; });
  const BlockCost of_next = cost_of(next, 0, 0, s.settings);
  CHECK(spent(*s.alice, Work::blocks) ==
        before + of_next.arrival + cost.of_disconnecting(content) + of_rival.connecting + of_next.connecting);
  CHECK(spent(*s.alice, Work::transactions) == Duration{});
}

TEST_CASE("a miner's own block costs it no validation; its templates cost their transactions") {
  bitcoin::MinerSettings mining;
  mining.mean_interval = minutes(1);
  RelayStory s(validating(), chain::SpendForm::p2wsh, StoryWire::values, mining);
  for (std::int64_t i = 0; i < 5; ++i) s.out1->says(at_ms(200 + 10 * i), message(s.make()));
  s.story.run_until(SimTime{} + minutes(10));
  const auto mined = s.story.seen("alice", observed::kBlockBorn);
  REQUIRE(mined.size() > 3);
  const Duration blocks = spent(*s.alice, Work::blocks);
  // Templates alone: whole multiples of one transaction with one input, 3,500 + 8,000 ns, up to five a template.
  CHECK(blocks > Duration{});
  CHECK(blocks.ns % 11'500 == 0);
  CHECK(blocks.ns / 11'500 <= 5 * 30);
}

TEST_CASE("without a model a node spends nothing") {
  RelayStory s(silent());
  s.out1->says(at_ms(200), message(s.make()));
  s.out1->says(at_ms(400), bitcoin::BlockMessage{s.story.block_with(s.story.tip(), {s.make()})});
  s.story.run_until(at_ms(900));
  for (const Duration spell : s.alice->message_thread().busy()) CHECK(spell == Duration{});
}

TEST_CASE("the speed of a node is drawn once, by its name, and is the same in every life") {
  BitcoinParameters parameters = validating();
  parameters.validation.spread = "log_normal";
  const auto slowness = [&](const std::string& extra) {
    BitcoinStory story;
    if (!extra.empty()) story.node(extra, {}, parameters);
    const BitcoinNode& alice = story.node("alice", {}, parameters);
    const BitcoinNode& bob = story.node("bob", {}, parameters);
    story.run_until(at_ms(1));
    CHECK(alice.message_thread().slowness_millionths() != bob.message_thread().slowness_millionths());
    return alice.message_thread().slowness_millionths();
  };
  CHECK(slowness("") == slowness("another"));
  CHECK(slowness("") != 1'000'000);
}

}  // namespace
}  // namespace hearsay::test
