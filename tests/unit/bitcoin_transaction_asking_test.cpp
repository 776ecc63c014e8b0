// Stories about asking for transactions: of whom, when, by which name. Every link takes d = 10 ms one way.
#include <algorithm>

#include "tests/unit/bitcoin_relay_story.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::GetData;
using bitcoin::Inv;
using bitcoin::InventoryType;
using bitcoin::InventoryVector;
using bitcoin::NotFound;

// Of two peers, the one that was asked first, and the other.
std::pair<ScriptedPeer*, ScriptedPeer*> first_asked(ScriptedPeer* a, ScriptedPeer* b) {
  REQUIRE(asked(*a).size() + asked(*b).size() == 1);
  return asked(*a).empty() ? std::pair(b, a) : std::pair(a, b);
}

}  // namespace

TEST_CASE("an outbound peer that announces by txid is asked at once, by txid, for the form with witness") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.story.run_until(at_ms(300));
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, {{InventoryType::witness_tx, transaction->txid()}}}});
  CHECK(world.story.when("alice", observed::kTransactionAnnounced, transaction->txid()) == at_ms(110));
}

TEST_CASE("a node that knows no witnesses asks for transactions without") {
  BitcoinParameters parameters = quick();
  parameters.witness = false;
  parameters.wtxid_relay = false;
  RelayStory world(parameters);
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.story.run_until(at_ms(300));
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, {{InventoryType::tx, transaction->txid()}}}});
}

TEST_CASE("a peer that announces by wtxid is asked by wtxid") {
  RelayStory world;
  world.out1->speaks_wtxid();
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), wtxid_inv({transaction}));
  world.story.run_until(at_ms(300));
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, {{InventoryType::witness_tx_id, transaction->wtxid()}}}});
}

TEST_CASE("announcements by the kind of name that was not agreed on are looked past") {
  RelayStory world;
  world.out1->speaks_wtxid();
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.out2->says(at_ms(100), wtxid_inv({transaction}));
  world.story.run_until(SimTime{} + minutes(5));
  for (const ScriptedPeer* peer : world.peers()) CHECK(asked(*peer).empty());
  CHECK(world.story.verdicts("alice").empty());
}

TEST_CASE("an inbound peer is asked 2 s later") {
  RelayStory world;
  world.in1->speaks_wtxid();
  const TransactionPointer transaction = world.make();
  world.in1->says(at_ms(100), wtxid_inv({transaction}));
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(asked(*world.in1) == std::vector<Asked>{{2120, {{InventoryType::witness_tx_id, transaction->wtxid()}}}});
}

TEST_CASE("while any peer announces by wtxid, an announcement by txid is taken up 2 s later") {
  RelayStory world;
  world.in2->speaks_wtxid();
  const TransactionPointer first = world.make();
  const TransactionPointer second = world.make();
  const TransactionPointer third = world.make();
  world.out1->says(at_ms(100), txid_inv({first}));
  world.in1->says(at_ms(100), txid_inv({second}));
  world.in2->closes(at_ms(5'000));
  world.out1->says(at_ms(6'000), txid_inv({third}));
  world.story.run_until(SimTime{} + seconds(30));
  CHECK(asked(*world.out1) == std::vector<Asked>{{2120, {{InventoryType::witness_tx, first->txid()}}},
                                                 {6020, {{InventoryType::witness_tx, third->txid()}}}});
  CHECK(asked(*world.in1) == std::vector<Asked>{{4120, {{InventoryType::witness_tx, second->txid()}}}});
}

TEST_CASE("a peer that owes 100 transactions is asked for further ones 2 s later") {
  RelayStory world;
  std::vector<TransactionPointer> many;
  for (int i = 0; i < 99; ++i) many.push_back(world.make());
  const TransactionPointer hundredth = world.make();
  const TransactionPointer late = world.make();
  world.out1->says(at_ms(100), txid_inv(many));
  world.out1->says(at_ms(200), txid_inv({hundredth}));
  world.out1->says(at_ms(300), txid_inv({late}));
  world.story.run_until(SimTime{} + seconds(30));
  const std::vector<Asked> requests = asked(*world.out1);
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].ms == 120);
  CHECK(requests[0].inventory.size() == 99);
  CHECK(requests[1].ms == 220);
  CHECK(requests[2] == Asked{2320, {{InventoryType::witness_tx, late->txid()}}});
}

TEST_CASE("a message asks for no more than 1,000 transactions") {
  RelayStory world;
  Inv inv;
  for (std::uint8_t i = 0; i < 8; ++i)
    for (std::uint8_t j = 0; j < 250; ++j) {
      Hash256 hash;
      hash.bytes = {1, i, j};
      inv.inventory.push_back({InventoryType::tx, hash});
    }
  world.out1->says(at_ms(100), inv);
  world.out1->says(at_ms(200), Inv{{{InventoryType::tx, Hash256{{2}}}}});
  world.story.run_until(at_ms(500));
  const std::vector<Asked> requests = asked(*world.out1);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].inventory.size() == 1000);
  CHECK(requests[1].inventory.size() == 1000);
  for (std::size_t i = 0; i < 2000; ++i) CHECK(requests[i / 1000].inventory[i % 1000].hash == inv.inventory[i].hash);
}

TEST_CASE("a transaction is asked of one peer at a time, and of the next after 60 s without an answer") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.out2->says(at_ms(101), txid_inv({transaction}));
  world.story.run_until(SimTime{} + minutes(10));
  const Inventory wanted = {{InventoryType::witness_tx, transaction->txid()}};
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, wanted}});
  CHECK(asked(*world.out2) == std::vector<Asked>{{60'120, wanted}});
}

TEST_CASE("a preferred peer is asked before an inbound one that announced long before") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.in1->says(at_ms(100), txid_inv({transaction}));
  world.out1->says(at_ms(1500), txid_inv({transaction}));
  world.story.run_until(SimTime{} + minutes(5));
  const Inventory wanted = {{InventoryType::witness_tx, transaction->txid()}};
  CHECK(asked(*world.out1) == std::vector<Asked>{{1520, wanted}});
  CHECK(asked(*world.in1) == std::vector<Asked>{{61'520, wanted}});
}

TEST_CASE("the next peer is asked at once when the first says that it does not have it") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  const Inventory wanted = {{InventoryType::witness_tx, transaction->txid()}};
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.out2->says(at_ms(100), txid_inv({transaction}));
  for (ScriptedPeer* peer : {world.out1, world.out2})
    peer->at(at_ms(1000), [&world, peer, wanted](Context& context) {
      if (!asked(*peer).empty()) context.send(0, world.story.protocol().make(NotFound{wanted}));
    });
  world.story.run_until(at_ms(900));
  const auto [first, second] = first_asked(world.out1, world.out2);
  world.story.run_until(SimTime{} + minutes(5));
  CHECK(asked(*first) == std::vector<Asked>{{120, wanted}});
  CHECK(asked(*second) == std::vector<Asked>{{1020, wanted}});
}

TEST_CASE("the next peer is asked at once when the first goes away") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  const Inventory wanted = {{InventoryType::witness_tx, transaction->txid()}};
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.out2->says(at_ms(110), txid_inv({transaction}));
  world.out1->closes(at_ms(1000));
  world.story.run_until(SimTime{} + minutes(5));
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, wanted}});
  CHECK(asked(*world.out2) == std::vector<Asked>{{1020, wanted}});
}

TEST_CASE("a peer that lets a request run out is not asked again, however often it announces") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  // Another announcement keeps the transaction in mind.
  world.in1->says(at_ms(50'000), txid_inv({transaction}));
  world.in2->says(at_ms(100'000), txid_inv({transaction}));
  for (std::int64_t second : {100, 20'000, 61'000, 70'000, 110'000})
    world.out1->says(at_ms(second), txid_inv({transaction}));
  world.story.run_until(SimTime{} + seconds(170));
  const Inventory wanted = {{InventoryType::witness_tx, transaction->txid()}};
  CHECK(asked(*world.out1) == std::vector<Asked>{{120, wanted}});
  CHECK(asked(*world.in1) == std::vector<Asked>{{60'120, wanted}});
  CHECK(asked(*world.in2) == std::vector<Asked>{{120'120, wanted}});
}

TEST_CASE("once the transaction is here nobody is asked any more, by either name") {
  RelayStory world;
  world.out2->speaks_wtxid();
  world.in1->speaks_wtxid();
  const TransactionPointer transaction = world.make();
  world.out2->has(transaction);
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.in1->says(at_ms(100), wtxid_inv({transaction}));
  world.out2->says(at_ms(200), wtxid_inv({transaction}));
  world.story.run_until(SimTime{} + minutes(5));
  CHECK(world.accepted(transaction));
  CHECK(world.story.when("alice", observed::kTransactionAccepted, transaction) == at_ms(230));
  CHECK(asked(*world.out1).empty());
  CHECK(asked(*world.in1).empty());
  CHECK(asked(*world.out2).size() == 1);
}

TEST_CASE("what the mempool has, or has just refused, is not asked for") {
  RelayStory world;
  const TransactionPointer good = world.make();
  const TransactionPointer bad = world.make(-1);  // pays out more than it takes in
  world.out1->speaks_wtxid();
  world.out1->says(at_ms(100), message(good));
  world.out1->says(at_ms(100), message(bad));
  world.out1->says(at_ms(200), wtxid_inv({good, bad}));
  world.out2->says(at_ms(200), txid_inv({good}));
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(world.refusals(bad) == std::vector<chain::MempoolVerdict>{chain::MempoolVerdict::outputs_above_inputs});
  CHECK(asked(*world.out1).empty());
  CHECK(asked(*world.out2).empty());
  CHECK(world.story.seen("alice", observed::kTransactionAnnounced).empty());
}

TEST_CASE("a transaction that was refused is not judged again, until the tip changes") {
  RelayStory world;
  const TransactionPointer bad = world.make(-1);
  world.out1->speaks_wtxid();
  for (const std::int64_t ms : {100, 200, 400}) world.out1->says(at_ms(ms), message(bad));
  world.in1->says(at_ms(300), bitcoin::BlockMessage{world.story.block_on(world.story.tip())});
  world.out1->says(at_ms(500), wtxid_inv({bad}));
  world.story.run_until(at_ms(250));
  CHECK(world.refusals(bad).size() == 1);
  world.story.run_until(at_ms(450));
  CHECK(world.refusals(bad).size() == 2);
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(asked(*world.out1).empty());
}

TEST_CASE("after a new tip, a transaction that was refused is asked for again") {
  RelayStory world;
  const TransactionPointer bad = world.make(-1);
  world.out1->speaks_wtxid();
  world.out1->says(at_ms(100), message(bad));
  world.out1->says(at_ms(200), wtxid_inv({bad}));
  world.in1->says(at_ms(300), bitcoin::BlockMessage{world.story.block_on(world.story.tip())});
  world.out1->says(at_ms(400), wtxid_inv({bad}));
  world.story.run_until(SimTime{} + minutes(1));
  CHECK(asked(*world.out1) == std::vector<Asked>{{420, {{InventoryType::witness_tx_id, bad->wtxid()}}}});
}

TEST_CASE("a refused transaction that comes again answers the request for its txid: the next peer is asked at once") {
  // Its witness is not part of its txid, so another form of it may be good.
  RelayStory world;
  const TransactionPointer bad = world.make(-1);
  world.in1->says(at_ms(100), message(bad));
  world.out1->has(bad);
  world.out1->says(at_ms(200), txid_inv({bad}));
  world.out2->says(at_ms(201), txid_inv({bad}));
  world.story.run_until(SimTime{} + minutes(1));
  const Inventory wanted = {{InventoryType::witness_tx, bad->txid()}};
  CHECK(asked(*world.out1) == std::vector<Asked>{{220, wanted}});
  CHECK(asked(*world.out2) == std::vector<Asked>{{240, wanted}});
  CHECK(world.refusals(bad).size() == 1);
}

TEST_CASE("an invalid transaction costs nothing, or the connection, as the parameters say") {
  const std::string cost = GENERATE(as<std::string>(), "ignore", "disconnect");
  BitcoinParameters parameters = quick();
  parameters.invalid_transactions = cost;
  RelayStory world(parameters);
  world.out1->says(at_ms(100), message(world.make(-1)));
  world.out2->says(at_ms(100), message(world.make(0)));  // pays too little: no offence
  world.story.run_until(at_ms(500));
  CHECK(world.out1->was_closed() == (cost == "disconnect"));
  CHECK_FALSE(world.out2->was_closed());
  if (cost == "disconnect")
    CHECK(world.story.verdicts("alice") == std::vector<Misbehaviour>{Misbehaviour::invalid_transaction});
}

TEST_CASE("a transaction that nobody asked for is judged like any other") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.in1->says(at_ms(100), message(transaction));
  world.story.run_until(at_ms(200));
  CHECK(world.story.when("alice", observed::kTransactionAccepted, transaction) == at_ms(110));
}

TEST_CASE("a transaction without its witness is refused, and asked for with it") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.out1->speaks_wtxid();
  world.out1->says(at_ms(100), message(chain::without_witness(transaction)));
  world.out1->says(at_ms(200), wtxid_inv({transaction}));
  world.out1->has(transaction);
  world.story.run_until(at_ms(500));
  CHECK(asked(*world.out1) == std::vector<Asked>{{220, {{InventoryType::witness_tx_id, transaction->wtxid()}}}});
  CHECK(world.accepted(transaction));
}

TEST_CASE("a notfound longer than anything that could have been asked for is ignored") {
  const std::size_t length = GENERATE(std::size_t{5016}, std::size_t{5017});
  RelayStory world;
  const TransactionPointer transaction = world.make();
  const InventoryVector entry{InventoryType::witness_tx, transaction->txid()};
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.in1->says(at_ms(100), txid_inv({transaction}));
  world.out1->says(at_ms(5000), NotFound{Inventory(length, entry)});
  world.story.run_until(at_ms(5500));
  CHECK(asked(*world.in1).size() == (length == 5016 ? 1 : 0));
  CHECK_FALSE(world.out1->was_closed());
}

TEST_CASE("a transaction without its witness does not make the node forget who has it whole") {
  RelayStory world;
  const TransactionPointer whole = world.make();
  world.out1->says(at_ms(100), txid_inv({whole}));  // is asked, and never answers
  world.out2->has(whole);
  world.out2->says(at_ms(105), txid_inv({whole}));
  world.in1->says(at_ms(150), message(chain::without_witness(whole)));  // unasked
  world.story.run_until(SimTime{} + minutes(2));
  CHECK(world.refusals(chain::without_witness(whole)) ==
        std::vector<chain::MempoolVerdict>{chain::MempoolVerdict::witness_stripped});
  CHECK(asked(*world.out2).size() == 1);
  CHECK(world.accepted(whole));
}

}  // namespace hearsay::test
