// Frames of every type of message, flipped, cut, stretched and spliced, delivered to a running node: no crash, no
// failed check, the same reaction to parts and to bytes, bounded memory.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "models/chain/block_assembly.hpp"
#include "tests/unit/bitcoin_node_under_fire.hpp"
#include "tests/unit/mempool_world.hpp"

namespace hearsay::test {
namespace {

using bitcoin::InventoryType;
using bitcoin::MessageType;
using bitcoin::Payload;
using Bytes = std::vector<std::uint8_t>;

// Valid messages of every type, about the chain and the coins of the node that will get them.
std::vector<Payload> valid_messages(bitcoin::BitcoinProtocol& protocol) {
  std::vector<Payload> list;
  const chain::BlockIndex& index = protocol.index();
  const chain::IndexedBlock& tip = index[protocol.premined_tip()];
  std::vector<chain::TransactionPointer> transactions;
  for (std::size_t i = 0; i < 8; ++i)
    transactions.push_back(chain::spend({protocol.spendable().at(i)}, 5'000, 2, 200 + 40 * i));
  // A child that may come before its parent, and two that compete.
  transactions.push_back(chain::spend({chain::output_of(transactions[0])}, 20'000));
  transactions.push_back(chain::spend({protocol.spendable().at(1)}, 50'000));

  std::vector<chain::BlockPointer> blocks;
  for (std::uint32_t i = 0; i < 4; ++i) {
    chain::BlockPlan plan;
    plan.parent = i == 0 ? tip.hash : blocks.back()->hash();
    plan.height = tip.height + 1 + static_cast<std::int32_t>(i);
    plan.unix_time = tip.header.unix_time + 1 + i;
    plan.bits = tip.header.bits;
    plan.tag = i;
    if (i == 0) plan.transactions = {transactions[2], transactions[3]};
    blocks.push_back(chain::assemble_block(protocol.params(), plan));
  }

  bitcoin::Headers headers;
  bitcoin::Inv inv;
  for (const chain::BlockPointer& block : blocks) {
    headers.headers.push_back(block->header());
    list.emplace_back(bitcoin::Headers{{block->header()}});
    list.emplace_back(bitcoin::BlockMessage{block});
    list.emplace_back(bitcoin::Inv{{{InventoryType::block, block->hash()}}});
    inv.inventory.push_back({InventoryType::block, block->hash()});
  }
  list.emplace_back(headers);
  bitcoin::GetData getdata{{{InventoryType::witness_block, blocks[0]->hash()}, {InventoryType::block, tip.hash}}};
  for (const chain::TransactionPointer& transaction : transactions) {
    list.emplace_back(bitcoin::TxMessage{transaction});
    list.emplace_back(bitcoin::TxMessage{chain::without_witness(transaction)});
    inv.inventory.push_back({InventoryType::tx, transaction->txid()});
    inv.inventory.push_back({InventoryType::witness_tx_id, transaction->wtxid()});
    getdata.inventory.push_back({InventoryType::witness_tx, transaction->txid()});
    getdata.inventory.push_back({InventoryType::tx, transaction->txid()});
    getdata.inventory.push_back({InventoryType::witness_tx_id, transaction->wtxid()});
  }
  list.emplace_back(inv);
  list.emplace_back(getdata);
  list.emplace_back(bitcoin::NotFound{inv.inventory});
  bitcoin::Version version;
  version.protocol_version = bitcoin::kProtocolVersion;
  version.user_agent = "/mutant/";
  list.emplace_back(version);
  list.emplace_back(bitcoin::Verack{});
  list.emplace_back(bitcoin::WtxidRelay{});
  list.emplace_back(bitcoin::SendHeaders{});
  list.emplace_back(bitcoin::MempoolRequest{});
  list.emplace_back(bitcoin::Ping{1});
  list.emplace_back(bitcoin::Pong{1});
  list.emplace_back(bitcoin::FeeFilter{20'000});
  list.emplace_back(bitcoin::GetHeaders{bitcoin::kProtocolVersion, index.locator(protocol.premined_tip()), {}});
  list.emplace_back(bitcoin::GetHeaders{bitcoin::kProtocolVersion, {}, tip.hash});
  bitcoin::Raw unknown{"sendcmpct", Bytes(9), {}, {}, {}};
  unknown.checksum = bitcoin::payload_checksum(unknown.payload);
  list.emplace_back(unknown);
  return list;
}

class Mutator {
 public:
  Mutator(std::vector<Bytes> frames, std::uint64_t seed)
      : frames_(std::move(frames)), draws_(chain::test_draws(seed)) {}

  Bytes next() {
    Bytes frame = any();
    const std::uint64_t edits = draws_.below(5);  // none, too: the node has to live on between the blows
    // One time of eight the header is hit as well.
    const std::size_t first = draws_.below(8) == 0 ? 0 : bitcoin::kFrameHeaderBytes;
    for (std::uint64_t i = 0; i < edits; ++i) edit(frame, first);
    if (frame.size() < bitcoin::kFrameHeaderBytes) return frame;
    // Half of the time everything is mended, so that the payload is reached; else the checksum, or all, stays broken.
    const std::uint64_t repair = draws_.below(4);
    const chain::ByteView payload = chain::ByteView(frame).subspan(bitcoin::kFrameHeaderBytes);
    if (repair < 2) {
      const auto checksum = bitcoin::payload_checksum(payload);
      std::copy(checksum.begin(), checksum.end(), frame.begin() + 20);
    }
    if (repair < 3)
      for (std::size_t i = 0; i < 4; ++i) frame[16 + i] = static_cast<std::uint8_t>(payload.size() >> (8 * i));
    return frame;
  }
  Duration pause() { return milliseconds(static_cast<std::int64_t>(draws_.below(2'000))); }
  ConnectionSlot slot() { return static_cast<ConnectionSlot>(draws_.below(2)); }

 private:
  const Bytes& any() { return frames_[draws_.below(frames_.size())]; }
  std::ptrdiff_t place(const Bytes& frame, std::size_t first) {
    return static_cast<std::ptrdiff_t>(first + draws_.below(frame.size() - first));
  }

  void edit(Bytes& frame, std::size_t first) {
    const std::uint64_t kind = draws_.below(8);
    if (kind == 0) {  // a byte more
      const std::size_t at = first + draws_.below(frame.size() - first + 1);
      frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), static_cast<std::uint8_t>(draws_.below(256)));
      return;
    }
    if (frame.size() <= first) return;
    const std::ptrdiff_t at = place(frame, first);
    const auto where = frame.begin() + at;
    if (kind == 1) {  // cut short, or bytes taken out
      const auto end = draws_.below(2) == 0 ? frame.end() : where + 1;
      frame.erase(where, end);
    } else if (kind == 2) {  // spliced with the end of another frame
      const Bytes& other = any();
      frame.erase(where, frame.end());
      frame.insert(frame.end(), other.begin() + place(other, 0), other.end());
    } else if (kind == 3) {  // a part repeated
      const Bytes part(where, where + std::min<std::ptrdiff_t>(frame.end() - where,
                                                               1 + static_cast<std::ptrdiff_t>(draws_.below(90))));
      frame.insert(where, part.begin(), part.end());
    } else if (kind == 4) {  // what opens a long number
      *where = static_cast<std::uint8_t>(0xfd + draws_.below(3));
    } else if (kind == 5) {
      *where = static_cast<std::uint8_t>(draws_.below(2) == 0 ? 0 : 0xff);
    } else {
      *where = static_cast<std::uint8_t>(*where ^ 1U << draws_.below(8));
    }
  }

  std::vector<Bytes> frames_;
  RandomStream draws_;
};

}  // namespace

TEST_CASE("mutated frames of every type do a running node no harm, as parts and as bytes alike") {
  std::size_t typed = 0;
  std::size_t raw = 0;
  std::size_t hang_ups = 0;
  std::size_t sent = 0;
  std::size_t blocks = 0;
  std::size_t in_mempool = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    TwinsUnderFire twins;
    const std::vector<Payload> messages = valid_messages(twins.twin().bitcoin());
    std::set<MessageType> types;
    std::vector<Bytes> frames;
    for (const Payload& payload : messages) {
      types.insert(type_of(payload));
      frames.push_back(encode_frame(twins.twin().bitcoin().params().magic, payload));
    }
    REQUIRE(types.size() == bitcoin::kMessageTypes);
    Mutator mutator(std::move(frames), seed);
    std::size_t most = 0;
    for (int i = 0; i < 4'000; ++i) {
      const ConnectionSlot slot = mutator.slot();
      const Bytes frame = mutator.next();
      const TwinsUnderFire::Fate fate = twins.deliver(slot, frame, mutator.pause());
      typed += fate == TwinsUnderFire::Fate::typed ? 1 : 0;
      raw += fate == TwinsUnderFire::Fate::raw ? 1 : 0;
      most = std::max(most, twins.twin().node().transactions()->mempool.size());
    }
    twins.end();
    hang_ups += twins.twin().hang_ups();
    sent += twins.twin().sent();
    in_mempool += most;
    const bitcoin::BitcoinProtocol& protocol = twins.twin().bitcoin();
    blocks += static_cast<std::size_t>(protocol.index()[twins.twin().node().tree().tip()].height -
                                       protocol.index()[protocol.premined_tip()].height);
  }
  // The fire is worth the name: much is understood, much is not, connections are lost, and the node goes on living.
  CHECK(typed > 12'000);
  CHECK(raw > 12'000);
  CHECK(hang_ups > 4'000);
  CHECK(sent > 40'000);
  CHECK(blocks == 40);
  CHECK(in_mempool > 50);
}

}  // namespace hearsay::test
