#include "tests/unit/bitcoin_misbehaviour_cast.hpp"

#include <utility>

namespace hearsay::test {
namespace {

using bitcoin::BlockMessage;
using bitcoin::GetData;
using bitcoin::GetHeaders;
using bitcoin::Headers;
using bitcoin::Inv;
using bitcoin::InventoryType;
using bitcoin::NotFound;
using bitcoin::Ping;
using bitcoin::Pong;
using bitcoin::Raw;
using bitcoin::TxMessage;
using bitcoin::Verack;
using bitcoin::WtxidRelay;
using Messages = std::vector<Payload>;

Inventory many(std::size_t count, InventoryType type) {
  Hash256 hash;
  hash.bytes[5] = 9;
  return Inventory(count, {type, hash});
}
// Headers that follow one another and the tip, properly solved.
std::vector<BlockPointer> blocks(RelayStory& world, std::size_t count) {
  return world.story.chain_on(world.story.tip(), count);
}
chain::BlockHeader resolved(chain::BlockHeader header) {
  REQUIRE(chain::solve(header) == chain::Solution::found);
  return header;
}
// A block with that header and those transactions, whatever they hash to.
BlockMessage composed(const chain::BlockHeader& header, std::vector<chain::TransactionPointer> transactions) {
  return {std::make_shared<const chain::Block>(header, std::move(transactions))};
}
// One message of each type, from its fields: valid, so that only its place in the conversation matters.
BlockPointer next_block(RelayStory& world) {
  return blocks(world, 1)[0];
}

void add_frames(std::vector<Offence>& list) {
  const auto ping = [] { return raw_of(Ping{77}); };
  list.push_back({"a damaged checksum", Stage::ready, [=](RelayStory&) {
                    Raw raw = ping();
                    raw.checksum[3] ^= 1;
                    return Messages{raw};
                  }});
  list.push_back({"a damaged payload", Stage::ready, [=](RelayStory&) {
                    Raw raw = ping();
                    raw.payload[0] ^= 1;
                    return Messages{raw};
                  }});
  list.push_back({"a truncated ping", Stage::ready, [](RelayStory&) {
                    return Messages{raw_of("ping", {1, 2, 3, 4, 5, 6, 7})};
                  }});
  list.push_back({"a truncated inv", Stage::ready, [](RelayStory&) {
                    std::vector<std::uint8_t> bytes = encode_payload(Inv{many(3, InventoryType::tx)});
                    bytes.pop_back();
                    return Messages{raw_of("inv", bytes)};
                  }});
  list.push_back({"an inv that claims more entries than a message can hold", Stage::ready, [](RelayStory&) {
                    return Messages{raw_of("inv", {0xfe, 0xff, 0xff, 0xff, 0x01, 1, 2, 3})};
                  }});
  list.push_back({"a number that is not in its shortest form", Stage::ready, [](RelayStory&) {
                    return Messages{raw_of("inv", {0xfd, 0x00, 0x00})};
                  }});
  list.push_back({"a truncated tx", Stage::ready, [](RelayStory& world) {
                    std::vector<std::uint8_t> bytes = encode_payload(TxMessage{world.make()});
                    bytes.resize(bytes.size() / 2);
                    return Messages{raw_of("tx", bytes)};
                  }});
  list.push_back({"a truncated block", Stage::ready, [](RelayStory& world) {
                    std::vector<std::uint8_t> bytes = encode_payload(BlockMessage{next_block(world)});
                    bytes.pop_back();
                    return Messages{raw_of("block", bytes)};
                  }});
  list.push_back({"surplus bytes", Stage::ready, [=](RelayStory&) {
                    std::vector<std::uint8_t> bytes = ping().payload;
                    bytes.push_back(0);
                    return Messages{raw_of("ping", bytes)};
                  }});
  list.push_back({"an unknown command", Stage::ready, [](RelayStory&) {
                    return Messages{raw_of("nonsense", {1, 2, 3})};
                  }});
  list.push_back({"an empty command", Stage::ready, [](RelayStory&) { return Messages{raw_of("", {})}; }});
  list.push_back(
      {"an unprintable command", Stage::ready, [](RelayStory&) { return Messages{raw_of("pi\x07ng", {1})}; }});
  list.push_back({"a command that goes on after a zero", Stage::ready, [](RelayStory&) {
                    return Messages{raw_of(std::string("ping\0x", 6), std::vector<std::uint8_t>(8))};
                  }});
  list.push_back({"the magic of another network", Stage::ready,
                  [=](RelayStory&) {
                    Raw raw = ping();
                    raw.magic = bitcoin::Magic{0xf9, 0xbe, 0xb4, 0xd9};
                    return Messages{raw};
                  },
                  Misbehaviour::stream_lost});
  list.push_back({"the magic of another network before the version", Stage::before_version,
                  [=](RelayStory&) {
                    Raw raw = raw_of(ScriptedPeer::version());
                    raw.magic = bitcoin::Magic{0xf9, 0xbe, 0xb4, 0xd9};
                    return Messages{raw};
                  },
                  Misbehaviour::stream_lost});
  list.push_back({"a message of 4,000,001 bytes", Stage::ready,
                  [](RelayStory&) { return Messages{raw_of("nonsense", std::vector<std::uint8_t>(4'000'001))}; },
                  Misbehaviour::stream_lost});
  list.push_back({"a message of 4,000,000 bytes", Stage::ready,
                  [](RelayStory&) { return Messages{raw_of("nonsense", std::vector<std::uint8_t>(4'000'000))}; }});
  list.push_back({"a header that announces 4,000,001 bytes", Stage::ready,
                  [=](RelayStory&) {
                    Raw raw = ping();
                    raw.announced_bytes = 4'000'001;
                    return Messages{raw};
                  },
                  Misbehaviour::stream_lost});
}

void add_counts(std::vector<Offence>& list) {
  const auto row = [&list](const std::string& name, Payload payload, std::optional<Misbehaviour> verdict) {
    list.push_back({name, Stage::ready, [payload](RelayStory&) { return Messages{payload}; }, verdict});
  };
  const auto oversized = Misbehaviour::oversized_message;
  row("an inv of 50,001 entries", Inv{many(50'001, InventoryType::tx)}, oversized);
  row("an inv of 50,000 entries", Inv{many(50'000, InventoryType::tx)}, {});
  row("a getdata of 50,001 entries", GetData{many(50'001, InventoryType::filtered_block)}, oversized);
  row("a getdata of 50,000 entries", GetData{many(50'000, InventoryType::filtered_block)}, {});
  row("a locator of 102 hashes", GetHeaders{70016, std::vector<Hash256>(102), {}}, oversized);
  row("a locator of 101 hashes", GetHeaders{70016, std::vector<Hash256>(101), {}}, {});
  row("a notfound of 5,017 entries", NotFound{many(5'017, InventoryType::tx)}, {});
  row("2,001 headers", Headers{std::vector<chain::BlockHeader>(2'001)}, oversized);
  list.push_back(
      {"2,000 headers", Stage::ready, [](RelayStory& world) { return Messages{headers_of(blocks(world, 2'000))}; }});
  row("no headers", Headers{}, {});
  row("an inventory of unknown types", Inv{many(3, static_cast<InventoryType>(0xdeadbeef))}, {});
}

void add_headers(std::vector<Offence>& list) {
  const auto row = [&list](const std::string& name, auto headers, std::optional<Misbehaviour> verdict) {
    list.push_back(
        {name, Stage::ready, [headers](RelayStory& world) { return Messages{Headers{headers(world)}}; }, verdict});
  };
  using List = std::vector<chain::BlockHeader>;
  row(
      "headers that do not follow one another",
      [](RelayStory& world) {
        const auto chain = blocks(world, 3);
        return List{chain[0]->header(), chain[2]->header()};
      },
      Misbehaviour::unchained_headers);
  row(
      "headers in the wrong order",
      [](RelayStory& world) {
        const auto chain = blocks(world, 2);
        return List{chain[1]->header(), chain[0]->header()};
      },
      Misbehaviour::unchained_headers);
  row(
      "a header without work", [](RelayStory& world) { return List{unsolved(next_block(world)->header())}; },
      Misbehaviour::invalid_header);
  row(
      "headers of which the second has no work",
      [](RelayStory& world) {
        const auto chain = blocks(world, 2);
        return List{chain[0]->header(), unsolved(chain[1]->header())};
      },
      Misbehaviour::invalid_header);
  row(
      "a header with another difficulty than the rule's",
      [](RelayStory& world) {
        chain::BlockHeader header = next_block(world)->header();
        header.bits = 0x207ffffe;
        return List{resolved(header)};
      },
      Misbehaviour::invalid_header);
  row(
      "a header with a negative target",
      [](RelayStory& world) {
        chain::BlockHeader header = next_block(world)->header();
        header.bits = 0x04923456;
        return List{header};
      },
      Misbehaviour::invalid_header);
  row(
      "a header older than the median of its ancestors",
      [](RelayStory& world) {
        chain::BlockHeader header = next_block(world)->header();
        header.unix_time = 1'300'000'000;
        return List{resolved(header)};
      },
      Misbehaviour::invalid_header);
  row(
      "a header of an obsolete version",
      [](RelayStory& world) {
        chain::BlockHeader header = next_block(world)->header();
        header.version = 1;
        return List{resolved(header)};
      },
      Misbehaviour::invalid_header);
  row("a header from the future",
      [](RelayStory& world) {
        chain::BlockHeader header = next_block(world)->header();
        header.unix_time = static_cast<std::uint32_t>(kUnixEpochSeconds) + 7'300;
        return List{resolved(header)};
      },
      {});
  row("a header that does not connect", [](RelayStory& world) { return List{blocks(world, 2)[1]->header()}; }, {});
}

void add_blocks(std::vector<Offence>& list) {
  const auto row = [&list](const std::string& name, auto block, std::optional<Misbehaviour> verdict) {
    list.push_back({name, Stage::ready, [block](RelayStory& world) { return Messages{block(world)}; }, verdict});
  };
  row(
      "a block whose parent is not known", [](RelayStory& world) { return BlockMessage{blocks(world, 2)[1]}; },
      Misbehaviour::block_without_parent);
  row(
      "a block without work",
      [](RelayStory& world) {
        const BlockPointer block = next_block(world);
        return composed(unsolved(block->header()), block->transactions());
      },
      Misbehaviour::invalid_header);
  row(
      "a block with the transactions of another",
      [](RelayStory& world) {
        return composed(next_block(world)->header(), world.story.block_on(world.story.tip(), 9)->transactions());
      },
      Misbehaviour::invalid_block);
  row(
      "a block with a repeated transaction (CVE-2012-2459)",
      [](RelayStory& world) {
        std::vector<chain::TransactionPointer> three =
            world.story.block_with(world.story.tip(), {world.make(), world.make()})->transactions();
        const BlockPointer block = world.story.block_with(world.story.tip(), {three[1], three[2]});
        std::vector<chain::TransactionPointer> repeated = block->transactions();
        repeated.push_back(repeated.back());
        return composed(block->header(), repeated);
      },
      Misbehaviour::invalid_block);
  row(
      "a block without its witnesses",
      [](RelayStory& world) {
        return BlockMessage{chain::without_witness(world.story.block_with(world.story.tip(), {world.make()}))};
      },
      Misbehaviour::invalid_block);
  row(
      "a block without transactions", [](RelayStory& world) { return composed(next_block(world)->header(), {}); },
      Misbehaviour::invalid_block);
  row(
      "a block that spends what does not exist",
      [](RelayStory& world) {
        const TransactionPointer parent = world.make();
        return BlockMessage{
            world.story.block_with(world.story.tip(), {chain::spend({chain::output_of(parent)}, 1'000)})};
      },
      Misbehaviour::invalid_block);
  row(
      "a block that spends more than there is",
      [](RelayStory& world) { return BlockMessage{world.story.block_with(world.story.tip(), {world.make(-1)})}; },
      Misbehaviour::invalid_block);
  row("a valid block that nobody asked for", [](RelayStory& world) { return BlockMessage{next_block(world)}; }, {});
  list.push_back({"a header that descends from an invalid block", Stage::ready,
                  [](RelayStory& world) {
                    const BlockPointer bad = world.story.block_with(world.story.tip(), {world.make(-1)});
                    const BlockPointer above = world.story.block_on(bad, 7);
                    return Messages{headers_of({bad, above}), BlockMessage{bad}};
                  },
                  Misbehaviour::invalid_block});
}

void add_conversation(std::vector<Offence>& list) {
  const auto row = [&list](const std::string& name, Stage stage, Messages messages,
                           std::optional<Misbehaviour> verdict = {}) {
    list.push_back({name, stage, [messages](RelayStory&) { return messages; }, verdict});
  };
  row("a second version", Stage::ready, {ScriptedPeer::version(1), ScriptedPeer::version(2)});
  row("a second verack", Stage::ready, {Verack{}, Verack{}});
  row("wtxidrelay after the verack", Stage::ready, {WtxidRelay{}}, Misbehaviour::late_negotiation);
  row("wtxidrelay twice before the verack", Stage::before_verack, {WtxidRelay{}, WtxidRelay{}});
  row("wtxidrelay before the version", Stage::before_version, {WtxidRelay{}});
  row("a pong that nobody asked for", Stage::ready, {Pong{12345}, Pong{0}});
  bitcoin::Version old = ScriptedPeer::version();
  old.protocol_version = 31'799;
  row("a version that is too old", Stage::before_version, {old}, Misbehaviour::obsolete_version);
  const Messages early = {Verack{},
                          Ping{1},
                          Pong{1},
                          GetHeaders{70016, {}, {}},
                          Headers{},
                          Inv{many(50'001, InventoryType::tx)},
                          GetData{},
                          bitcoin::SendHeaders{},
                          NotFound{},
                          bitcoin::FeeFilter{1},
                          bitcoin::MempoolRequest{}};
  row("everything before the version", Stage::before_version, early);
  row("everything but the verack before the verack", Stage::before_verack, {early.begin() + 1, early.end()});
  list.push_back({"a block and a transaction before the verack", Stage::before_verack, [](RelayStory& world) {
                    return Messages{BlockMessage{blocks(world, 2)[1]}, TxMessage{world.make()}};
                  }});
  row("mempool, where the service is not offered", Stage::ready, {bitcoin::MempoolRequest{}},
      Misbehaviour::service_not_offered);
  row("a fee filter above all money", Stage::ready, {bitcoin::FeeFilter{INT64_MAX}, bitcoin::FeeFilter{INT64_MIN}});

  const auto blocks_only = [](BitcoinParameters& parameters) { parameters.transaction_relay = false; };
  list.push_back({"a transaction for a node that wants none", Stage::ready,
                  [](RelayStory& world) { return Messages{TxMessage{world.make()}}; },
                  Misbehaviour::unwanted_transaction, blocks_only});
  list.push_back({"a transaction announced to a node that wants none", Stage::ready,
                  [](RelayStory& world) { return Messages{txid_inv({world.make()})}; },
                  Misbehaviour::unwanted_transaction, blocks_only});
  list.push_back({"a transaction announced by the kind of name that was not agreed on, to a node that wants none",
                  Stage::ready,
                  [](RelayStory& world) { return Messages{wtxid_inv({world.make()})}; },
                  {},
                  blocks_only});
  list.push_back({"a block announced to a node that wants no transactions",
                  Stage::ready,
                  [](RelayStory& world) { return Messages{inv_of(next_block(world))}; },
                  {},
                  blocks_only});
  list.push_back({"a transaction that breaks consensus rules, to a node that forgives it", Stage::ready,
                  [](RelayStory& world) { return Messages{TxMessage{world.make(-1)}}; }});
  list.push_back({"a transaction that breaks consensus rules, to a node that does not", Stage::ready,
                  [](RelayStory& world) { return Messages{TxMessage{world.make(-1)}}; },
                  Misbehaviour::invalid_transaction,
                  [](BitcoinParameters& parameters) { parameters.invalid_transactions = "disconnect"; }});
  list.push_back({"a getdata for a block that nobody has", Stage::ready, [](RelayStory& world) {
                    return Messages{GetData{{{InventoryType::witness_block, next_block(world)->hash()}}}};
                  }});
}

}  // namespace

std::vector<Offence> offences() {
  std::vector<Offence> list;
  add_frames(list);
  add_counts(list);
  add_headers(list);
  add_blocks(list);
  add_conversation(list);
  return list;
}

}  // namespace hearsay::test
