// Stories about announcing and serving transactions, and about who wants none. Every link takes d = 10 ms one way.
#include <algorithm>
#include <set>

#include "models/protocols/bitcoin/fee_filter.hpp"
#include "tests/unit/bitcoin_relay_story.hpp"

namespace hearsay::test {
namespace {

namespace observed = bitcoin::observed;
using bitcoin::FeeFilter;
using bitcoin::GetData;
using bitcoin::Inv;
using bitcoin::InventoryType;
using bitcoin::MempoolRequest;
using bitcoin::NotFound;
using bitcoin::TxMessage;

bool was_told(const ScriptedPeer& peer, const TransactionPointer& transaction) {
  for (const bitcoin::InventoryVector& entry : inventory_of<Inv>(peer))
    if (entry.hash == transaction->txid() || entry.hash == transaction->wtxid()) return true;
  return false;
}

}  // namespace

TEST_CASE("an accepted transaction is announced by wtxid to peers that agreed on it, by txid to others") {
  RelayStory world;
  world.out2->speaks_wtxid();
  world.in2->speaks_wtxid();
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), message(transaction));
  world.story.run_until(at_ms(300));
  CHECK(inventory_of<Inv>(*world.out1).empty());  // it came from there
  CHECK(inventory_of<Inv>(*world.out2) == Inventory{{InventoryType::witness_tx_id, transaction->wtxid()}});
  CHECK(inventory_of<Inv>(*world.in1) == Inventory{{InventoryType::tx, transaction->txid()}});
  CHECK(inventory_of<Inv>(*world.in2) == Inventory{{InventoryType::witness_tx_id, transaction->wtxid()}});
}

TEST_CASE("peers that announced a transaction, asked or not, are not told of it") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  world.out1->has(transaction);
  world.out1->says(at_ms(100), txid_inv({transaction}));
  world.in1->says(at_ms(105), txid_inv({transaction}));
  world.story.run_until(at_ms(500));
  CHECK_FALSE(was_told(*world.out1, transaction));
  CHECK_FALSE(was_told(*world.in1, transaction));
  CHECK(was_told(*world.out2, transaction));
  CHECK(was_told(*world.in2, transaction));
}

TEST_CASE("a peer that announces what waits to be announced to it is not told") {
  RelayStory world(silent());
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), message(transaction));
  world.story.run_until(at_ms(500));
  for (const ScriptedPeer* peer : world.peers()) CHECK(inventory_of<Inv>(*peer).empty());
  CHECK(world.accepted(transaction));
}

TEST_CASE("a transaction goes from node to node by one inv, one getdata and one tx") {
  BitcoinStory story(102, milliseconds(kDelayMs), 10);
  const bool by_wtxid = GENERATE(true, false);
  BitcoinParameters parameters = quick();
  parameters.wtxid_relay = by_wtxid;
  story.node("alice", {"bert"}, parameters);
  story.node("bert", {}, parameters);
  ScriptedPeer& source = story.peer("source", {"alice"});
  const TransactionPointer transaction = chain::spend({story.protocol().spendable().at(0)}, 10'000);
  source.says(at_ms(100), message(transaction));
  story.run_until(SimTime{} + seconds(30));
  const SimTime at_alice = story.when("alice", observed::kTransactionAccepted, transaction);
  const SimTime at_bert = story.when("bert", observed::kTransactionAccepted, transaction);
  const SimTime told_bert =
      story.when("bert", observed::kTransactionAnnounced, by_wtxid ? transaction->wtxid() : transaction->txid());
  CHECK(at_alice == at_ms(110));
  CHECK(told_bert > at_ms(120));
  // Alice dialled: to Bert she is inbound. The getdata takes a delay, the transaction another.
  CHECK(at_bert - told_bert == seconds(2) + milliseconds(2 * kDelayMs));
  const auto type = [](bitcoin::MessageType number) { return bitcoin::wire_type(number); };
  CHECK(story.simulation().traffic(type(bitcoin::MessageType::inv)).messages == 1);
  CHECK(story.simulation().traffic(type(bitcoin::MessageType::get_data)).messages == 1);
  CHECK(story.simulation().traffic(type(bitcoin::MessageType::tx)).messages == 2);
  CHECK(source.all<Inv>().empty());
}

TEST_CASE("a getdata names the form: with witness, or without for a peer from before BIP 144") {
  RelayStory world;
  const TransactionPointer transaction = world.make();
  const TransactionPointer stripped = chain::without_witness(transaction);
  REQUIRE(stripped->wtxid() == transaction->txid());
  world.out1->says(at_ms(100), message(transaction));
  world.in1->says(at_ms(300), GetData{{{InventoryType::tx, transaction->txid()}}});
  world.in1->says(at_ms(400), GetData{{{InventoryType::witness_tx, transaction->txid()}}});
  world.in1->says(at_ms(500), GetData{{{InventoryType::witness_tx_id, transaction->wtxid()}}});
  world.in1->says(at_ms(600), GetData{{{InventoryType::witness_tx_id, transaction->txid()}}});  // no such wtxid
  world.story.run_until(at_ms(1000));
  CHECK(transactions_heard(*world.in1) ==
        std::vector<Hash256>{stripped->wtxid(), transaction->wtxid(), transaction->wtxid()});
  CHECK(inventory_of<NotFound>(*world.in1) == Inventory{{InventoryType::witness_tx_id, transaction->txid()}});
}

TEST_CASE("a transaction is not served before the peer could have been told of it") {
  BitcoinParameters parameters = silent();
  parameters.outbound_trickle = milliseconds(1);
  RelayStory world(parameters);
  const TransactionPointer transaction = world.make();
  const Inventory wanted = {{InventoryType::witness_tx, transaction->txid()}};
  world.out1->says(at_ms(100), message(transaction));
  world.in1->says(at_ms(300), GetData{wanted});
  world.out2->says(at_ms(300), GetData{wanted});
  world.story.run_until(at_ms(500));
  CHECK(transactions_heard(*world.in1).empty());
  CHECK(inventory_of<NotFound>(*world.in1) == wanted);
  CHECK(transactions_heard(*world.out2) == std::vector<Hash256>{transaction->wtxid()});
}

TEST_CASE("of several transactions those that are there come one by one, the others in one notfound") {
  RelayStory world;
  const std::vector<TransactionPointer> there = {world.make(), world.make()};
  const std::vector<TransactionPointer> missing = {world.make(), world.make(), world.make()};
  for (const TransactionPointer& transaction : there) world.out1->says(at_ms(100), message(transaction));
  world.in1->says(at_ms(300), GetData{txid_inv({missing[0], there[0], missing[1], there[1], missing[2]}).inventory});
  world.story.run_until(at_ms(500));
  CHECK(transactions_heard(*world.in1) == std::vector<Hash256>{there[0]->txid(), there[1]->txid()});
  REQUIRE(world.in1->all<NotFound>().size() == 1);
  CHECK(world.in1->all<NotFound>()[0].second.inventory == txid_inv(missing).inventory);
}

TEST_CASE("transactions of the newest block are served, whoever asks; those of the block before are not") {
  RelayStory world(silent());
  const TransactionPointer transaction = world.make();
  const BlockPointer first = world.story.block_with(world.story.tip(), {transaction});
  const BlockPointer second = world.story.block_on(first);
  world.out1->says(at_ms(100), bitcoin::BlockMessage{first});
  world.in1->says(at_ms(200), GetData{{{InventoryType::witness_tx, transaction->txid()}}});
  world.in1->says(at_ms(220), GetData{{{InventoryType::witness_tx_id, transaction->wtxid()}}});
  world.in1->says(at_ms(240), GetData{{{InventoryType::tx, transaction->txid()}}});
  world.out1->says(at_ms(300), bitcoin::BlockMessage{second});
  world.in1->says(at_ms(400), GetData{{{InventoryType::witness_tx, transaction->txid()}}});
  world.story.run_until(at_ms(600));
  CHECK(transactions_heard(*world.in1) ==
        std::vector<Hash256>{transaction->wtxid(), transaction->wtxid(), transaction->txid()});
  CHECK(inventory_of<NotFound>(*world.in1) == Inventory{{InventoryType::witness_tx, transaction->txid()}});
}

TEST_CASE("a peer that wants no transactions is told of none, and served none") {
  RelayStory world;
  world.in1->wants_no_transactions();
  const TransactionPointer transaction = world.make();
  world.out1->says(at_ms(100), message(transaction));
  world.in1->says(at_ms(300), GetData{txid_inv({transaction}).inventory});
  world.story.run_until(at_ms(600));
  CHECK(was_told(*world.in2, transaction));
  CHECK(world.in1->all<Inv>().empty());
  CHECK(transactions_heard(*world.in1).empty());
  CHECK(inventory_of<NotFound>(*world.in1).empty());
}

TEST_CASE("what pays less than a peer's fee filter is not announced to it") {
  RelayStory world;
  const TransactionPointer poor = world.make(1'000);
  const TransactionPointer rich = world.make(100'000);
  world.in1->says(at_ms(90), FeeFilter{50'000});
  world.in2->says(at_ms(90), FeeFilter{-1});                      // out of range: ignored
  world.out2->says(at_ms(90), FeeFilter{2'100'000'000'000'001});  // likewise
  world.out1->says(at_ms(100), message(poor));
  world.out1->says(at_ms(100), message(rich));
  world.story.run_until(at_ms(300));
  CHECK_FALSE(was_told(*world.in1, poor));
  CHECK(was_told(*world.in1, rich));
  CHECK(was_told(*world.in2, poor));
  CHECK(was_told(*world.out2, poor));
}

TEST_CASE("the first fee filter is the minimum for relay, for everybody") {
  const std::int64_t minimum = GENERATE(std::int64_t{100}, std::int64_t{1'000});
  BitcoinStory story;
  BitcoinParameters parameters;
  parameters.mempool.minimum_relay_fee = minimum;
  story.node("alice", {}, parameters);
  std::vector<ScriptedPeer*> peers;
  for (int i = 0; i < 30; ++i) peers.push_back(&story.peer("peer" + std::to_string(i), {"alice"}));
  story.run_until(at_ms(200));
  for (const ScriptedPeer* peer : peers) {
    REQUIRE(peer->all<FeeFilter>().size() == 1);
    CHECK(peer->all<FeeFilter>()[0].second.satoshis_per_kilo_virtual_byte == minimum);
  }
}

TEST_CASE("a full mempool raises the fee filter, in steps of the grid, at times of its own for each peer") {
  BitcoinParameters parameters = quick();
  parameters.mempool.size_limit = ByteCount{2'000};
  RelayStory world(parameters);
  std::vector<ScriptedPeer*> peers = world.peers();
  for (int i = 0; i < 12; ++i) peers.push_back(&world.story.peer("more" + std::to_string(i), {"alice"}));
  for (int i = 0; i < 40; ++i) world.out1->says(at_ms(1'000 + i), message(world.make(1'000 + 500 * i)));
  // An answer to a ping that comes late must not be in the way.
  for (ScriptedPeer* peer : peers) {
    peer->ignores_pings();
    peer->at(at_ms(180'000), [&world, peer](Context& context) {
      context.send(0, world.story.protocol().make(bitcoin::Pong{peer->all<bitcoin::Ping>().at(0).second.nonce}));
    });
  }
  world.story.run_until(SimTime{} + minutes(19));
  const auto& steps = bitcoin::fee_filter_steps();
  std::set<SimTime> times;
  std::size_t told = 0;
  for (const ScriptedPeer* peer : peers) {
    const auto filters = peer->all<FeeFilter>();
    REQUIRE(!filters.empty());
    CHECK(filters[0].second.satoshis_per_kilo_virtual_byte == 100);
    for (std::size_t i = 1; i < filters.size(); ++i) {
      CHECK(filters[i].second.satoshis_per_kilo_virtual_byte > 10'000);
      CHECK(std::binary_search(steps.begin(), steps.end(), filters[i].second.satoshis_per_kilo_virtual_byte));
    }
    told += filters.size() > 1 && filters[1].first > at_ms(180'000) ? 1 : 0;
    if (filters.size() > 1) times.insert(filters[1].first);
  }
  // Within 18 minutes of mean intervals of 10 minutes all but 16 % are told: 13 of 16, less three standard deviations.
  CHECK(times.size() >= 9);
  CHECK(told >= 5);
}

TEST_CASE("what was replaced before its announcement is not announced, nor served") {
  BitcoinParameters parameters;
  parameters.inbound_trickle = parameters.outbound_trickle = seconds(5);
  RelayStory world(parameters);
  const chain::Funding coin = world.coin();
  const TransactionPointer cheap = chain::spend({coin}, 2'000);
  const TransactionPointer dear = chain::spend({coin}, 20'000);
  world.out1->says(at_ms(100), message(cheap));
  world.out1->says(at_ms(101), message(dear));
  world.in1->says(at_ms(100'000), GetData{txid_inv({cheap}).inventory});
  world.story.run_until(SimTime{} + minutes(2));
  CHECK(world.story.when("alice", observed::kTransactionLeft, cheap) == at_ms(111));
  for (const ScriptedPeer* peer : {world.out2, world.in1, world.in2}) {
    CHECK_FALSE(was_told(*peer, cheap));
    CHECK(was_told(*peer, dear));
  }
  CHECK(inventory_of<NotFound>(*world.in1).size() == 1);
}

TEST_CASE("a mempool message is answered by an inv of the whole mempool, where the service is offered") {
  BitcoinParameters parameters = quick();
  parameters.bloom_service = true;
  parameters.inbound_trickle = milliseconds(1);
  RelayStory world(parameters);
  world.out2->speaks_wtxid();
  std::set<Hash256> txids;
  std::set<Hash256> wtxids;
  for (int i = 0; i < 200; ++i) {
    const TransactionPointer transaction = world.make();
    txids.insert(transaction->txid());
    wtxids.insert(transaction->wtxid());
    world.out1->says(at_ms(100), message(transaction));
  }
  // All has been announced by then, and is listed again.
  world.in1->says(at_ms(2'000), MempoolRequest{});
  world.out2->says(at_ms(2'000), MempoolRequest{});
  world.story.run_until(at_ms(3'000));
  const auto hashes = [](const ScriptedPeer& peer) {
    std::set<Hash256> set;
    REQUIRE(peer.all<Inv>(at_ms(2'000)).size() == 1);
    for (const auto& entry : inventory_of<Inv>(peer, at_ms(2'000))) set.insert(entry.hash);
    return set;
  };
  CHECK((hashes(*world.in1) == txids));
  CHECK((hashes(*world.out2) == wtxids));
  CHECK(world.in2->all<Inv>(at_ms(2'000)).empty());
  CHECK(world.story.verdicts("alice").empty());
}

TEST_CASE("an announcement to a peer that came later lacks what was there before") {
  RelayStory world;
  ScriptedPeer& late = world.story.peer("late");
  late.at(at_ms(500), [](Context& context) { context.connect(BitcoinStory::endpoint("alice")); });
  const TransactionPointer before = world.make();
  const TransactionPointer after = world.make();
  world.out1->says(at_ms(100), message(before));
  world.out1->says(at_ms(700), message(after));
  world.story.run_until(at_ms(1'000));
  CHECK_FALSE(was_told(late, before));
  CHECK(was_told(late, after));
}

TEST_CASE("a node sends transactions of its own, and everybody comes to have them") {
  BitcoinStory story(102, milliseconds(kDelayMs), 100);
  bitcoin::TransactionSourceSettings source;
  source.mean_interval = seconds(10);
  source.mean_millibytes = 300'000;
  source.least_fee_rate = 1'000;
  source.most_fee_rate = 50'000;
  source.coins = story.protocol().spendable();
  story.node("alice", {"bert"}, {}, {}, source);
  BitcoinNode& bert = story.node("bert", {"carol"});
  BitcoinNode& carol = story.node("carol");
  story.run_until(SimTime{} + minutes(10));
  const auto born = story.seen("alice", observed::kTransactionBorn);
  CHECK(born.size() > 30);
  CHECK(story.seen("alice", observed::kTransactionAccepted).size() == born.size());
  CHECK(story.seen("alice", observed::kSourceStarved).empty());
  // Two hops of announcements: what is a minute old has come through.
  std::size_t old = 0;
  for (const Seen& entry : born) {
    if (entry.time > SimTime{} + minutes(9)) continue;
    ++old;
    for (const char* name : {"bert", "carol"}) {
      std::vector<SimTime> times;
      for (const Seen& accepted : story.seen(name, observed::kTransactionAccepted))
        if (accepted.observation.object == entry.observation.object) times.push_back(accepted.time);
      REQUIRE(times.size() == 1);
      CHECK(times[0] >= entry.time + milliseconds(30));
    }
  }
  CHECK(bert.transactions()->mempool.size() >= old);
  CHECK(carol.transactions()->mempool.size() >= old);
}

}  // namespace hearsay::test
