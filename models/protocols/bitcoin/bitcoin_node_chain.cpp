// The part of a Bitcoin node that learns, stores, asks for and announces blocks.
#include <tsl/robin_map.h>

#include <algorithm>
#include <optional>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/core/fingerprint.hpp"
#include "sim/core/planted_bug.hpp"

namespace hearsay::bitcoin {

namespace {

// Bitcoin Core net_processing.cpp: MAX_HEADERS_RESULTS, MAX_INV_SZ, MAX_LOCATOR_SZ, HEADERS_RESPONSE_TIME.
constexpr std::size_t kMaximumHeaders = 2000;
constexpr std::size_t kMaximumInventory = 50'000;
constexpr std::size_t kMaximumLocator = 101;
constexpr Duration kHeadersResponseTime = minutes(2);
// Ours: blocks heard of whose headers have not come.
constexpr std::size_t kMostAnnounced = 256;
// MIN_BLOCKS_TO_KEEP, Bitcoin Core validation.h: how far above the tip an unasked block may lie.
constexpr std::int32_t kUnaskedHeightLimit = 288;

bool asks_for_block(const InventoryVector& entry) {
  return entry.type == InventoryType::block || entry.type == InventoryType::witness_block;
}

// For the planted bug alone. All peers lie in one array, so the lowest bits of their addresses do not depend on where
// it lies; the order of a small table must depend on the others too.
struct AddressHasher {
  std::size_t operator()(const Peer* peer) const { return fingerprint(reinterpret_cast<std::uintptr_t>(peer)); }
};

// What is wrong with headers whatever their parents are.
std::optional<Misbehaviour> flaw_of(const std::vector<chain::BlockHeader>& headers, const chain::ChainParams& params) {
  bool chained = true;
  chain::Hash256 previous = headers.front().parent;
  for (const chain::BlockHeader& header : headers) {
    const chain::Hash256 hash = header.hash();
    const auto target = chain::target_of(header.bits);
    if (!target || *target > params.pow_limit || !chain::meets_target(hash, *target))
      return Misbehaviour::invalid_header;
    chained = chained && header.parent == previous;
    previous = hash;
  }
  return chained ? std::nullopt : std::optional(Misbehaviour::unchained_headers);
}

}  // namespace

chain::BlockRef BitcoinNode::known(const chain::Hash256& hash) const {
  const chain::BlockRef block = protocol_.index().find(hash);
  return block != chain::kNoBlock && tree_.has_header(block) ? block : chain::kNoBlock;
}

void BitcoinNode::send_getheaders(Context& context, ConnectionSlot slot, chain::BlockRef from) {
  Peer& peer = peers_[slot];
  if (context.now() - peer.getheaders_sent < kHeadersResponseTime) return;
  peer.getheaders_sent = context.now();
  GetHeaders request;
  request.version = kProtocolVersion;
  request.locator = index().locator(from);
  send(context, slot, std::move(request));
}

void BitcoinNode::note_announced(Context& context, const chain::Hash256& hash) {
  const std::uint64_t id = chain::short_id64(hash);
  if (known(hash) != chain::kNoBlock) return;
  if (std::find(announced_.begin(), announced_.end(), id) != announced_.end()) return;
  // What never turns up must not fill the memory: whoever names more blocks than this makes the oldest news again.
  if (announced_.size() >= kMostAnnounced) announced_.erase(announced_.begin());
  announced_.push_back(id);
  context.observe({observed::kBlockAnnounced, id, 0});
}

void BitcoinNode::peer_has(Peer& peer, chain::BlockRef block) {
  // Work that turned out invalid does not outweigh what the peer announces now.
  if (peer.best_known == chain::kNoBlock || tree_.has_failed(peer.best_known) ||
      index()[block].chain_work >= index()[peer.best_known].chain_work)
    peer.best_known = block;
}

// FindForkInGlobalIndex, Bitcoin Core validation.cpp.
chain::BlockRef BitcoinNode::last_common(const std::vector<chain::Hash256>& locator) const {
  for (const chain::Hash256& hash : locator) {
    const chain::BlockRef block = known(hash);
    if (block == chain::kNoBlock) continue;
    if (tree_.on_active_chain(block)) return block;
    if (protocol_.index().is_ancestor(tree_.tip(), block)) return tree_.tip();
  }
  return protocol_.index().genesis();
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const GetHeaders& message) {
  if (message.locator.size() > kMaximumLocator) return disconnect(context, slot, Misbehaviour::oversized_message);
  Headers answer;
  chain::BlockRef last = tree_.tip();
  if (message.locator.empty()) {  // asks for the one header that `stop` names
    last = known(message.stop);
    if (last == chain::kNoBlock) return;
    answer.headers.push_back(index()[last].header);
  } else {
    const std::int32_t tip_height = index()[tree_.tip()].height;
    for (std::int32_t height = index()[last_common(message.locator)].height + 1; height <= tip_height; ++height) {
      last = index().ancestor(tree_.tip(), height);
      answer.headers.push_back(index()[last].header);
      if (answer.headers.size() == kMaximumHeaders || index()[last].hash == message.stop) break;
    }
  }
  peers_[slot].best_header_sent = last;
  send(context, slot, std::move(answer));
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Headers& message) {
  if (message.headers.size() > kMaximumHeaders) return disconnect(context, slot, Misbehaviour::oversized_message);
  spend(context, Work::other, thread_.cost().of_headers(message.headers.size()));
  const bool connects = message.headers.empty() || known(message.headers.front().parent) != chain::kNoBlock;
  // A single header that connects is judged where it is entered.
  if (!connects || message.headers.size() > 1)
    if (const auto flaw = flaw_of(message.headers, protocol_.params())) return disconnect(context, slot, *flaw);
  // Headers that do not connect are no answer to a request of ours.
  if (connects) peers_[slot].getheaders_sent = SimTime{INT64_MIN / 2};
  if (message.headers.empty()) return;
  if (!connects) {
    const chain::Hash256 last = message.headers.back().hash();
    note_announced(context, last);
    peers_[slot].last_unknown = last;
    return send_getheaders(context, slot, tree_.best_header());
  }
  chain::BlockRef last = chain::kNoBlock;
  for (const chain::BlockHeader& header : message.headers)
    if (!accept_header(context, slot, header, last)) return;
  peer_has(peers_[slot], last);
  if (message.headers.size() == kMaximumHeaders) send_getheaders(context, slot, last);
  request_blocks(context, slot);
}

bool BitcoinNode::accept_header(Context& context, ConnectionSlot slot, const chain::BlockHeader& header,
                                chain::BlockRef& block) {
  switch (index().add(header, block)) {
    case chain::HeaderVerdict::valid:
      break;
    case chain::HeaderVerdict::unknown_parent:
    case chain::HeaderVerdict::hash_above_target:
    case chain::HeaderVerdict::wrong_bits:
    case chain::HeaderVerdict::time_too_old:
    case chain::HeaderVerdict::bad_version:
      disconnect(context, slot, Misbehaviour::invalid_header);
      return false;
  }
  // A block known to be invalid: an inbound peer may not know it (BLOCK_CACHED_INVALID, Bitcoin Core
  // net_processing.cpp).
  const bool on_failed_parent = tree_.has_failed(index()[block].parent);
  if (tree_.has_failed(block) && !on_failed_parent && peers_[slot].direction == Direction::inbound) return false;
  if (tree_.has_failed(block) || on_failed_parent) {
    disconnect(context, slot, Misbehaviour::invalid_header);
    return false;
  }
  if (tree_.has_header(block)) return true;
  // Not punished, and not remembered as invalid: the clock will catch up.
  if (chain::is_too_new(header, unix_seconds(context.now()))) return false;
  learn_header(context, block);
  return true;
}

void BitcoinNode::learn_header(Context& context, chain::BlockRef block) {
  const chain::IndexedBlock& entry = index()[block];
  const std::uint64_t id = chain::short_id64(entry.hash);
  note_announced(context, entry.hash);
  std::erase(announced_, id);
  tree_.add_header(block);
  download_.learn_header(id, block);
  context.observe({observed::kHeaderAccepted, id, entry.height});
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const Inv& message) {
  if (message.inventory.size() > kMaximumInventory) return disconnect(context, slot, Misbehaviour::oversized_message);
  const chain::Hash256* unknown = nullptr;
  for (const InventoryVector& entry : message.inventory) {
    const bool by_wtxid = entry.type == InventoryType::witness_tx_id;
    if (by_wtxid || entry.type == InventoryType::tx) {
      if (by_wtxid != peers_[slot].wtxid_relay) continue;  // not the kind of name agreed on: looked past
      if (!parameters_->transaction_relay) return disconnect(context, slot, Misbehaviour::unwanted_transaction);
      on_transaction_announced(context, slot, entry);
    }
    if (entry.type != InventoryType::block) continue;
    const chain::BlockRef block = known(entry.hash);
    if (block != chain::kNoBlock) {
      peer_has(peers_[slot], block);
    } else {
      note_announced(context, entry.hash);
      peers_[slot].last_unknown = entry.hash;
      unknown = &entry.hash;
    }
  }
  if (unknown != nullptr) send_getheaders(context, slot, tree_.best_header());
  // The headers were asked for before and come first on this connection, so the block will not be without parent.
  if (unknown != nullptr && parameters_->getdata_on_inv && download_.ask_by_hash(chain::short_id64(*unknown), slot))
    send(context, slot, GetData{{{block_inventory(), *unknown}}});
  request_blocks(context, slot);
  request_transactions(context);
}

void BitcoinNode::request_blocks(Context& context, ConnectionSlot slot) {
  Peer& peer = peers_[slot];
  if (!peer.last_unknown.is_zero()) {
    const chain::BlockRef block = known(peer.last_unknown);
    if (block != chain::kNoBlock) {
      peer_has(peer, block);
      peer.last_unknown = chain::Hash256{};
    }
  }
  GetData request;
  for (const chain::BlockRef block : download_.request(index(), tree_, slot, peer.best_known))
    request.inventory.push_back({block_inventory(), index()[block].hash});
  if (!request.inventory.empty()) send(context, slot, std::move(request));
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const GetData& message) {
  if (message.inventory.size() > kMaximumInventory) return disconnect(context, slot, Misbehaviour::oversized_message);
  serve_transactions(context, slot, message);
  for (const InventoryVector& entry : message.inventory) {
    if (!asks_for_block(entry)) continue;
    const chain::BlockRef block = known(entry.hash);
    if (block == chain::kNoBlock || !tree_.has_body(block) || tree_.has_failed(block)) continue;
    const chain::BlockPointer& body = index()[block].body;
    send_block(context, slot, entry.type == InventoryType::block ? chain::without_witness(body) : body);
  }
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const BlockMessage& message) {
  // Every copy is parsed and checked (ProcessNewBlock, Bitcoin Core validation.cpp).
  spend(context, Work::blocks, thread_.cost().of_bytes(message.block->total_bytes()));
  const chain::BlockHeader& header = message.block->header();
  if (known(header.parent) == chain::kNoBlock) return disconnect(context, slot, Misbehaviour::block_without_parent);
  chain::BlockRef block = chain::kNoBlock;
  if (!accept_header(context, slot, header, block)) return;
  peer_has(peers_[slot], block);
  const bool asked = download_.in_flight(block);
  const chain::IndexedBlock& entry = index()[block];
  const chain::IndexedBlock& tip = index()[tree_.tip()];
  const bool useful = entry.chain_work >= tip.chain_work && entry.height <= tip.height + kUnaskedHeightLimit;
  if (!tree_.has_body(block) && (asked || useful)) {
    // A body is checked once a rank: what passed has the same fingerprint again.
    const bool passed =
        entry.body != nullptr && entry.body->content_fingerprint() == message.block->content_fingerprint();
    if (!passed && chain::check_body(index().params(), *message.block, entry) != chain::BodyVerdict::valid)
      return disconnect(context, slot, Misbehaviour::invalid_block);
    download_.received(block);
    accept_body(context, block, message.block, BlockOrigin::received);
    if (tree_.has_failed(block)) return disconnect(context, slot, Misbehaviour::invalid_block);
  }
  request_blocks(context, slot);
}

// What is announced was validated before: the time that it took has passed.
void BitcoinNode::accept_body(Context& context, chain::BlockRef block, const chain::BlockPointer& body,
                              BlockOrigin origin) {
  if (index()[block].body == nullptr) index().set_body(block, body);
  const std::uint64_t id = chain::short_id64(index()[block].hash);
  context.observe({observed::kBlockReceived, id, index()[block].height});
  const chain::TipChange change = tree_.add_body(block);
  // A pool has tried its own block when it made the template (spend_on_template).
  if (origin == BlockOrigin::received) spend_on_disconnecting(context, change);
  if (!change.changed) return;
  const chain::IndexedBlock& tip = index()[tree_.tip()];
  if (!change.disconnected.empty())
    context.observe(
        {observed::kReorganised, chain::short_id64(tip.hash), static_cast<std::int64_t>(change.disconnected.size())});
  for (const chain::BlockRef connected : change.connected) {
    if (origin == BlockOrigin::received) spend_on_connecting(context, connected);
    context.observe({observed::kBestTip, chain::short_id64(index()[connected].hash), index()[connected].height});
  }
  follow_tip(context, change);
  announce(context, change.connected);
  if (!miner_.active()) return;
  refresh_template(context);
  // The time drawn for another difficulty is void; drawing anew changes nothing else, since the law has no memory.
  if (index().next_bits(tree_.tip()) != mining_bits_) arm_mining(context);
}

void BitcoinNode::announce(Context& context, const std::vector<chain::BlockRef>& connected) {
  std::vector<chain::BlockRef> blocks = connected;
  if (blocks.size() > kMaximumAnnouncedBlocks)
    blocks.erase(blocks.begin(), blocks.end() - static_cast<std::ptrdiff_t>(kMaximumAnnouncedBlocks));
  if constexpr (kPlantedBug == PlantedBug::hash_map_iteration) {
    tsl::robin_map<const Peer*, ConnectionSlot, AddressHasher> by_address;
    ready_.for_each([&](ConnectionSlot slot) { by_address[&peers_[slot]] = slot; });
    for (const auto& [peer, slot] : by_address) announce_to(context, slot, blocks);
    return;
  }
  ready_.for_each([&](ConnectionSlot slot) { announce_to(context, slot, blocks); });
}

void BitcoinNode::announce_to(Context& context, ConnectionSlot slot, const std::vector<chain::BlockRef>& connected) {
  Peer& peer = peers_[slot];
  if (relay_ == BlockRelay::push) {
    const std::vector<chain::BlockRef> blocks = pushed_blocks(index(), peer, connected);
    for (const chain::BlockRef block : blocks) send_block(context, slot, index()[block].body);
    if (!blocks.empty()) return;
  }
  if (std::optional<Payload> payload = announcement(index(), relay_, peer, connected))
    send(context, slot, std::move(*payload));
}

void BitcoinNode::mine_block(Context& context) {
  const chain::BlockPointer body = miner_.solve(context, index());
  chain::BlockRef block = chain::kNoBlock;
  const chain::HeaderVerdict verdict = index().add(body->header(), block);
  SIM_CHECK(verdict == chain::HeaderVerdict::valid, "a miner makes valid headers");
  SIM_CHECK(chain::check_body(index().params(), *body, index()[block]) == chain::BodyVerdict::valid,
            "a miner makes valid blocks");
  context.observe({observed::kBlockBorn, chain::short_id64(body->hash()), index()[block].height});
  learn_header(context, block);
  accept_body(context, block, body, BlockOrigin::mined);
  SIM_CHECK(!tree_.has_failed(block), "a miner makes blocks that connect");
}

void BitcoinNode::arm_mining(Context& context) {
  mining_bits_ = index().next_bits(tree_.tip());
  const chain::Work at_start = chain::work_of(index()[protocol_.premined_tip()].header.bits);
  context.set_timer(kMiningTimer, miner_.next_block(context, chain::work_of(mining_bits_), at_start));
}

void BitcoinNode::note_mempool_changed(Context& context) {
  if (miner_.active()) context.set_timer(kTemplateTimer, std::max(miner_.next_refresh(), context.now()));
}

void BitcoinNode::refresh_template(Context& context) {
  const std::size_t weight = index().params().block_weight_limit - Miner::kReservedWeight;
  chain::BlockTemplate made = transactions_->mempool.block_template(weight);
  spend_on_template(context, made);
  miner_.refresh(context.now(), tree_.tip(), std::move(made));
}

}  // namespace hearsay::bitcoin
