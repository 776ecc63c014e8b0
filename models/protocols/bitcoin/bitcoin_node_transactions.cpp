// The part of a Bitcoin node that learns, asks for, judges and announces transactions.
#include <algorithm>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "sim/core/check.hpp"

namespace hearsay::bitcoin {

namespace {

// Bitcoin Core net_processing.cpp: MAX_GETDATA_SZ, MAX_INV_SZ.
constexpr std::size_t kMaximumRequested = 1000;
constexpr std::size_t kMaximumInventory = 50'000;
// A notfound with more entries than could have been asked for is ignored: MAX_PEER_TX_ANNOUNCEMENTS and
// MAX_BLOCKS_IN_TRANSIT_PER_PEER, Bitcoin Core net_processing.cpp.
constexpr std::size_t kMaximumNotFound = 5000 + 16;

// ORPHAN_TX_EXPIRE_INTERVAL, Bitcoin Core txorphanage.cpp (before 30.0).
constexpr Duration kOrphanSweepInterval = minutes(5);

bool names_transaction(InventoryType type) {
  return type == InventoryType::tx || type == InventoryType::witness_tx || type == InventoryType::witness_tx_id;
}

}  // namespace

void BitcoinNode::on(Context& context, ConnectionSlot slot, const WtxidRelay&) {
  Peer& peer = peers_[slot];
  if (!parameters_->wtxid_relay) return;  // an unknown command to this node
  if (peer.ready) return disconnect(context, slot, Misbehaviour::late_negotiation);
  if (peer.wtxid_relay || peer.protocol_version < kWtxidRelayVersion) return;
  peer.wtxid_relay = true;
  ++transactions_->wtxid_peers;
}

void BitcoinNode::begin_transaction_relay(Context& context, ConnectionSlot slot) {
  const Peer& peer = peers_[slot];
  if (!parameters_->transaction_relay) return;
  if (peer.wants_transactions) transactions_->announcements.add_peer(slot, peer.direction, peer.stamp);
  tell_fee_filter(context, slot);
}

void BitcoinNode::forget_transaction_peer(Context& context, ConnectionSlot slot) {
  TransactionState& state = *transactions_;
  if (peers_[slot].wtxid_relay) --state.wtxid_peers;
  state.announcements.forget_peer(slot);
  state.orphanage.disconnected(slot);
  state.requests.forget_peer(slot);
  request_transactions(context);
}

void BitcoinNode::on_transaction_announced(Context& context, ConnectionSlot slot, const InventoryVector& entry) {
  TransactionState& state = *transactions_;
  const bool by_wtxid = entry.type == InventoryType::witness_tx_id;
  const chain::TxRef named = protocol_.transactions().find(entry.hash);
  const chain::TxRef here = by_wtxid ? named : state.mempool.find_txid(entry.hash);
  if (here != chain::kNoTx && state.mempool.contains(here)) return state.announcements.note_known(slot, here);
  if (named != chain::kNoTx && state.orphanage.contains(named)) return add_orphan(context, named, slot);
  if (state.rejects.contains(chain::short_id64(entry.hash))) return;
  const chain::CoinIndex& coins = protocol_.ledger().coins();
  if (by_wtxid ? coins.confirmed_by_wtxid(entry.hash, tree_.tip()) : coins.confirmed(entry.hash, tree_.tip())) return;
  if (!state.requests.tracks(entry.hash))
    context.observe({observed::kTransactionAnnounced, chain::short_id64(entry.hash), 0});
  ask_later(context, slot, entry.hash, by_wtxid ? NameKind::wtxid : NameKind::txid);
}

// AddTxAnnouncement, Bitcoin Core node/txdownloadman_impl.cpp.
void BitcoinNode::ask_later(Context& context, ConnectionSlot slot, const chain::Hash256& hash, NameKind kind) {
  TransactionState& state = *transactions_;
  const bool preferred = peers_[slot].direction == Direction::outbound;
  const auto in_flight = static_cast<std::int64_t>(state.requests.in_flight(slot));
  Duration delay;
  if (!preferred) delay = delay + parameters_->inbound_request_delay;
  if (kind == NameKind::txid && state.wtxid_peers > 0) delay = delay + parameters_->txid_request_delay;
  if (in_flight >= parameters_->requests_in_flight_per_peer) delay = delay + parameters_->overloaded_request_delay;
  state.requests.announced(slot, hash, kind, preferred ? Preference::preferred : Preference::other,
                           context.now() + delay);
}

void BitcoinNode::request_transactions(Context& context) {
  TransactionState& state = *transactions_;
  if (state.requests.next_due() <= context.now()) {
    std::vector<TransactionRequests::Request> due;
    state.requests.take_due(context.now(), due);
    GetData request;
    for (std::size_t i = 0; i < due.size(); ++i) {
      const InventoryType by_txid = parameters_->witness ? InventoryType::witness_tx : InventoryType::tx;
      request.inventory.push_back({due[i].kind == NameKind::wtxid ? InventoryType::witness_tx_id : by_txid,
                                   protocol_.transactions().hash(due[i].transaction)});
      const bool last = i + 1 == due.size() || due[i + 1].peer != due[i].peer;
      if (!last && request.inventory.size() < kMaximumRequested) continue;
      send(context, due[i].peer, std::move(request));
      request = GetData{};
    }
  }
  const SimTime next = state.requests.next_due();
  if (next != SimTime::max()) context.set_timer(kRequestTimer, next);
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const TxMessage& message) {
  if (!parameters_->transaction_relay) return disconnect(context, slot, Misbehaviour::unwanted_transaction);
  spend(context, Work::transactions, thread_.cost().of_bytes(message.transaction->total_bytes()));
  TransactionState& state = *transactions_;
  chain::HeldTransactions held(protocol_.transactions());
  held.adopt(protocol_.transactions().hold(message.transaction));
  const chain::TxRef transaction = held[0];
  const chain::Transaction& body = *message.transaction;
  state.requests.answered(slot, body.wtxid());
  if (body.has_witness()) state.requests.answered(slot, body.txid());
  if (state.mempool.contains(transaction)) {
    state.announcements.note_known(slot, transaction);
  } else if (state.orphanage.contains(transaction)) {
    add_orphan(context, transaction, slot);
  } else if (!state.rejects.contains(chain::short_id64(body.wtxid()))) {
    offer(context, transaction, slot);
    if (!peers_[slot].ready) return;  // it cost the connection
  }
  try_orphans(context);
  request_transactions(context);
}

// ProcessTransaction, Bitcoin Core net_processing.cpp. The caller holds the transaction.
void BitcoinNode::offer(Context& context, chain::TxRef transaction, ConnectionSlot from) {
  TransactionState& state = *transactions_;
  const chain::TransactionPointer body = protocol_.transactions().transaction(transaction);
  const std::uint64_t id = chain::short_id64(body->wtxid());
  const chain::MempoolAcceptance result = state.mempool.accept(transaction, tree_.tip(), context.now());
  spend_on_acceptance(context, transaction, result.verdict);
  note_left(context, result.replaced);
  note_left(context, result.evicted);
  if (!result.evicted.empty()) update_fee_filters(context);
  switch (chain::class_of(result.verdict)) {
    case chain::VerdictClass::accepted:
      return note_accepted(context, transaction, from);
    case chain::VerdictClass::missing_inputs:
      return keep_orphan(context, transaction, from);
    case chain::VerdictClass::already_known:
    case chain::VerdictClass::invalid:
    case chain::VerdictClass::policy:
    case chain::VerdictClass::low_fee:
      state.note_rejected(id);
      break;
    case chain::VerdictClass::witness_stripped:
      break;  // the same transaction with its witness may be valid
  }
  context.observe({observed::kTransactionRejected, id, static_cast<std::int64_t>(result.verdict)});
  // This form alone: another one of the same txid, with another witness, may be valid, and somebody may have it.
  if (result.verdict != chain::MempoolVerdict::witness_stripped) state.requests.forget(body->wtxid());
  state.orphanage.erase(transaction);
  if (chain::class_of(result.verdict) == chain::VerdictClass::invalid && from != kNoConnection &&
      parameters_->invalid_transactions == "disconnect")
    disconnect(context, from, Misbehaviour::invalid_transaction);
}

void BitcoinNode::note_accepted(Context& context, chain::TxRef transaction, ConnectionSlot from) {
  TransactionState& state = *transactions_;
  const chain::TransactionPointer body = protocol_.transactions().transaction(transaction);
  const auto knows = [&](ConnectionSlot peer) { state.announcements.note_known(peer, transaction); };
  if (from != kNoConnection) knows(from);
  state.requests.for_each_announcer(body->wtxid(), knows);
  if (body->has_witness()) state.requests.for_each_announcer(body->txid(), knows);
  for (const ConnectionSlot peer : state.orphanage.announcers(transaction)) knows(peer);
  forget_requests(*body);
  state.orphanage.erase(transaction);
  if (from == kNoConnection) note_born(context, *body);
  context.observe({observed::kTransactionAccepted, chain::short_id64(body->wtxid()),
                   protocol_.transactions().fee(transaction).value()});
  state.announcements.entered(transaction, context.now());
  arm_trickle(context);
  for (const chain::TxRef child : state.orphanage.children_of(transaction)) {
    const std::vector<ConnectionSlot> announcers = state.orphanage.announcers(child);
    state.orphanage.reconsider(child, announcers[state.draws.below(announcers.size())]);
  }
  note_mempool_changed(context);
}

void BitcoinNode::note_born(Context& context, const chain::Transaction& own) {
  const std::uint64_t id = chain::short_id64(own.wtxid());
  context.observe({observed::kTransactionBorn, id, static_cast<std::int64_t>(own.virtual_bytes())});
  if (own.has_witness())
    context.observe({observed::kTransactionNamed, chain::short_id64(own.txid()), static_cast<std::int64_t>(id)});
}

void BitcoinNode::note_left(Context& context, const chain::HeldTransactions& gone) {
  for (const chain::TxRef transaction : gone) {
    note_validated(*protocol_.transactions().transaction(transaction));
    transactions_->announcements.left(transaction);
    context.observe({observed::kTransactionLeft, chain::short_id64(protocol_.transactions().hash(transaction)), 0});
  }
}

void BitcoinNode::forget_requests(const chain::Transaction& transaction) {
  transactions_->requests.forget(transaction.wtxid());
  if (transaction.has_witness()) transactions_->requests.forget(transaction.txid());
}

void BitcoinNode::keep_orphan(Context& context, chain::TxRef transaction, ConnectionSlot from) {
  TransactionState& state = *transactions_;
  const chain::TransactionPointer body = protocol_.transactions().transaction(transaction);
  const auto is_rejected = [&](const chain::Hash256& parent) {
    return state.rejects.contains(chain::short_id64(parent));
  };
  const std::vector<chain::Hash256> parents = state.mempool.missing_parents(transaction, tree_.tip());
  // A child of something that was refused will not become valid before the tip changes.
  if (from == kNoConnection || std::any_of(parents.begin(), parents.end(), is_rejected)) {
    state.note_rejected(chain::short_id64(body->wtxid()));
    state.note_rejected(chain::short_id64(body->txid()));
    context.observe({observed::kTransactionRejected, chain::short_id64(body->wtxid()),
                     static_cast<std::int64_t>(chain::MempoolVerdict::missing_inputs)});
    forget_requests(*body);
    return state.orphanage.erase(transaction);
  }
  // All who announced it can be asked for its parents.
  std::vector<ConnectionSlot> announcers = {from};
  const auto add = [&](ConnectionSlot peer) {
    if (std::find(announcers.begin(), announcers.end(), peer) == announcers.end()) announcers.push_back(peer);
  };
  state.requests.for_each_announcer(body->wtxid(), add);
  if (body->has_witness()) state.requests.for_each_announcer(body->txid(), add);
  forget_requests(*body);
  std::sort(announcers.begin(), announcers.end());
  for (const ConnectionSlot peer : announcers) add_orphan(context, transaction, peer);
}

void BitcoinNode::add_orphan(Context& context, chain::TxRef transaction, ConnectionSlot announcer) {
  TransactionState& state = *transactions_;
  chain::HeldTransactions evicted(protocol_.transactions());
  const chain::OrphanEntry entry = state.orphanage.add(transaction, announcer, context.now(), evicted);
  if (entry == chain::OrphanEntry::known || entry == chain::OrphanEntry::too_heavy) return;
  if (entry == chain::OrphanEntry::added && state.orphanage.size() == 1)
    context.set_timer(kOrphanTimer, context.now() + kOrphanSweepInterval);
  for (const chain::Hash256& parent : state.mempool.missing_parents(transaction, tree_.tip()))
    ask_later(context, announcer, parent, NameKind::txid);
}

void BitcoinNode::sweep_orphans(Context& context) {
  (void)transactions_->orphanage.expire(context.now());
  if (transactions_->orphanage.size() > 0) context.set_timer(kOrphanTimer, context.now() + kOrphanSweepInterval);
}

void BitcoinNode::try_orphans(Context& context) {
  bool again = transactions_->orphanage.size() > 0;
  while (again) {
    again = false;
    ready_.for_each([&](ConnectionSlot slot) { again = again || transactions_->orphanage.has_reconsidered(slot); });
    if (!again) return;
    ConnectionSlot chosen = kNoConnection;
    ready_.for_each([&](ConnectionSlot slot) {
      if (chosen == kNoConnection && transactions_->orphanage.has_reconsidered(slot)) chosen = slot;
    });
    const chain::TxRef orphan = transactions_->orphanage.take_reconsidered(chosen);
    chain::HeldTransactions held(protocol_.transactions());
    held.add(orphan);
    offer(context, orphan, chosen);
  }
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const NotFound& message) {
  if (message.inventory.size() > kMaximumNotFound) return;
  for (const InventoryVector& entry : message.inventory)
    if (names_transaction(entry.type)) transactions_->requests.answered(slot, entry.hash);
  request_transactions(context);
}

void BitcoinNode::on(Context& context, ConnectionSlot slot, const MempoolRequest&) {
  if (!parameters_->bloom_service) return disconnect(context, slot, Misbehaviour::service_not_offered);
  transactions_->announcements.request_mempool(slot, context.now());
  arm_trickle(context);
}

void BitcoinNode::arm_trickle(Context& context) {
  const SimTime next = transactions_->announcements.next_due();
  if (next != SimTime::max()) context.set_timer(kTrickleTimer, next);
}

void BitcoinNode::announce_transactions(Context& context) {
  const chain::TransactionStore& store = protocol_.transactions();
  for (const TransactionAnnouncements::Batch& batch : transactions_->announcements.take_due(context.now())) {
    const bool by_wtxid = peers_[batch.peer].wtxid_relay;
    Inv message;
    message.inventory.reserve(std::min(batch.transactions.size(), kMaximumInventory));
    for (const chain::TxRef transaction : batch.transactions) {
      if (by_wtxid) {
        message.inventory.push_back({InventoryType::witness_tx_id, store.hash(transaction)});
      } else {
        message.inventory.push_back({InventoryType::tx, store.transaction(transaction)->txid()});
      }
      if (message.inventory.size() < kMaximumInventory) continue;
      send(context, batch.peer, std::move(message));
      message = Inv{};
    }
    if (!message.inventory.empty()) send(context, batch.peer, std::move(message));
  }
  arm_trickle(context);
}

// FindTxForGetData, Bitcoin Core net_processing.cpp: from the mempool what was announced to the peer, or had entered
// before; or from the newest block.
void BitcoinNode::serve_transactions(Context& context, ConnectionSlot slot, const GetData& message) {
  if (!parameters_->transaction_relay || !peers_[slot].wants_transactions) return;
  TransactionState& state = *transactions_;
  NotFound missing;
  for (const InventoryVector& entry : message.inventory) {
    if (!names_transaction(entry.type)) continue;
    const bool by_wtxid = entry.type == InventoryType::witness_tx_id;
    const chain::TxRef here =
        by_wtxid ? protocol_.transactions().find(entry.hash) : state.mempool.find_txid(entry.hash);
    chain::TransactionPointer found;
    if (here != chain::kNoTx && state.mempool.contains(here)) {
      if (state.announcements.may_serve(slot, here)) found = protocol_.transactions().transaction(here);
    } else {
      for (const chain::TransactionPointer& confirmed : index()[tree_.tip()].body->transactions())
        if ((by_wtxid ? confirmed->wtxid() : confirmed->txid()) == entry.hash) found = confirmed;
    }
    if (found == nullptr) {
      missing.inventory.push_back(entry);
    } else {
      context.send(
          slot, protocol_.transaction_message(entry.type == InventoryType::tx ? chain::without_witness(found) : found));
    }
  }
  if (!missing.inventory.empty()) send(context, slot, std::move(missing));
}

void BitcoinNode::follow_tip(Context& context, const chain::TipChange& change) {
  TransactionState& state = *transactions_;
  const chain::MempoolTipChange left =
      state.mempool.tip_changed(change.disconnected, change.connected, tree_.tip(), context.now());
  spend_on_returning(context, left.returned);
  const std::int32_t height = index()[tree_.tip()].height;
  for (const chain::TxRef transaction : left.confirmed) {
    state.announcements.left(transaction);
    context.observe(
        {observed::kTransactionConfirmed, chain::short_id64(protocol_.transactions().hash(transaction)), height});
  }
  note_left(context, left.conflicted);
  note_left(context, left.dropped);
  for (const chain::TxRef transaction : left.returned)
    forget_requests(*protocol_.transactions().transaction(transaction));
  for (const chain::BlockRef block : change.connected) {
    const chain::BlockPointer& body = index()[block].body;
    (void)state.orphanage.erase_for_block(*body);
    for (const chain::TransactionPointer& transaction : body->transactions()) forget_requests(*transaction);
  }
  state.rejects.clear();
  update_fee_filters(context);
  request_transactions(context);
}

void BitcoinNode::send_own_transaction(Context& context) {
  if (const chain::TransactionPointer made = source_.make()) {
    chain::HeldTransactions held(protocol_.transactions());
    held.adopt(protocol_.transactions().hold(made));
    offer(context, held[0], kNoConnection);
    if (transactions_->mempool.contains(held[0])) {
      source_.accepted(*made);
    } else {
      source_.refused();
    }
  } else {
    context.observe({observed::kSourceStarved, 0, 0});
  }
  if (const SimTime next = source_.next(context); next != SimTime::max()) context.set_timer(kSourceTimer, next);
}

}  // namespace hearsay::bitcoin
