// A Bitcoin full node, with or without a miner: handshake, keep-alive, headers-first block relay, transaction relay.
//
// One handler per message type; a payload type without a handler does not compile. Decisions that need no connection
// live in classes of their own (BlockTree, BlockDownload, announce, Miner, Mempool, Orphanage, Reconnection,
// TransactionRequests, TransactionAnnouncements, TransactionSource). What it leaves out is listed in README.md.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/chain/block_tree.hpp"
#include "models/protocols/bitcoin/announce.hpp"
#include "models/protocols/bitcoin/block_download.hpp"
#include "models/protocols/bitcoin/message_thread.hpp"
#include "models/protocols/bitcoin/miner.hpp"
#include "models/protocols/bitcoin/observations.hpp"
#include "models/protocols/bitcoin/parameters.hpp"
#include "models/protocols/bitcoin/peer.hpp"
#include "models/protocols/bitcoin/protocol.hpp"
#include "models/protocols/bitcoin/reconnection.hpp"
#include "models/protocols/bitcoin/transaction_source.hpp"
#include "models/protocols/bitcoin/transaction_state.hpp"
#include "sim/node/connection_set.hpp"
#include "sim/node/deadline_heap.hpp"
#include "sim/node/node.hpp"

namespace hearsay::bitcoin {

// Why a peer was disconnected (values of observed::kPeerMisbehaved).
enum class Misbehaviour : std::uint8_t {
  oversized_message = 1,  // more entries than the protocol allows
  unchained_headers = 2,  // headers that do not follow one another
  invalid_header = 3,
  invalid_block = 4,
  block_without_parent = 5,
  stream_lost = 6,  // the bytes can no longer be cut into messages
  obsolete_version = 7,
  self_connection = 8,
  late_negotiation = 9,       // a message that belongs between version and verack
  unwanted_transaction = 10,  // we had said that we want none
  service_not_offered = 11,
  invalid_transaction = 12,
};

class BitcoinNode final : public Node {
 public:
  BitcoinNode(BitcoinProtocol& protocol, std::shared_ptr<const BitcoinParameters> parameters,
              std::vector<Endpoint> dials, const MinerSettings& mining, TransactionSourceSettings source = {},
              PeerSupply supply = {});

  [[nodiscard]] const chain::BlockTree& tree() const { return tree_; }
  // Null before the first start.
  [[nodiscard]] const TransactionState* transactions() const { return transactions_.get(); }
  // How slow the node is, and what it has spent on validating so far.
  [[nodiscard]] const MessageThread& message_thread() const { return thread_; }

  [[nodiscard]] Protocol& protocol() override { return protocol_; }
  void on_start(Context& context) override;
  [[nodiscard]] Admission on_connect_request(Context& context, const Endpoint& from) override;
  void on_connected(Context& context, ConnectionSlot connection, Direction direction, const Endpoint& peer) override;
  void on_connect_failed(Context& context, ConnectionSlot connection, ConnectFailure) override {
    reconnection_.failed(context, connection);
  }
  void on_message(Context& context, ConnectionSlot connection, const MessageRef& message) override;
  void on_closed(Context& context, ConnectionSlot connection, CloseReason reason) override;
  void on_timer(Context& context, TimerSlot timer) override;

 private:
  static constexpr TimerSlot kPingTimer = 0;
  static constexpr TimerSlot kMiningTimer = 1;
  static constexpr TimerSlot kTemplateTimer = 2;
  static constexpr TimerSlot kRequestTimer = 3;
  static constexpr TimerSlot kTrickleTimer = 4;
  static constexpr TimerSlot kSourceTimer = 5;
  static constexpr TimerSlot kFeeFilterTimer = 6;
  static constexpr TimerSlot kOrphanTimer = 7;
  static constexpr TimerSlot kReconnectionTimer = 8;

  void dispatch(Context& context, ConnectionSlot slot, const Payload& payload);
  void on(Context& context, ConnectionSlot slot, const Version& message);
  void on(Context& context, ConnectionSlot slot, const Verack& message);
  void on(Context& context, ConnectionSlot slot, const Ping& message);
  void on(Context& context, ConnectionSlot slot, const Pong& message);
  void on(Context& context, ConnectionSlot slot, const GetHeaders& message);
  void on(Context& context, ConnectionSlot slot, const Headers& message);
  void on(Context& context, ConnectionSlot slot, const Inv& message);
  void on(Context& context, ConnectionSlot slot, const GetData& message);
  void on(Context& context, ConnectionSlot slot, const BlockMessage& message);
  void on(Context& context, ConnectionSlot slot, const SendHeaders& message);
  void on(Context& context, ConnectionSlot slot, const TxMessage& message);
  void on(Context& context, ConnectionSlot slot, const NotFound& message);
  void on(Context& context, ConnectionSlot slot, const FeeFilter& message);
  void on(Context& context, ConnectionSlot slot, const MempoolRequest& message);
  void on(Context& context, ConnectionSlot slot, const WtxidRelay& message);
  void on(Context& context, ConnectionSlot slot, const Raw& message);

  // Connections (bitcoin_node.cpp).
  void send(Context& context, ConnectionSlot slot, Payload payload) {
    context.send(slot, protocol_.make(std::move(payload)));
  }
  void send_version(Context& context, ConnectionSlot slot);
  void begin_relay(Context& context, ConnectionSlot slot);
  void send_ping(Context& context, ConnectionSlot slot);
  void ping_due_peers(Context& context);
  void disconnect(Context& context, ConnectionSlot slot, Misbehaviour reason);
  void forget(Context& context, ConnectionSlot slot);

  // Transactions (bitcoin_node_transactions.cpp).
  static constexpr ConnectionSlot kNoConnection = 0xffffffff;
  void begin_transaction_relay(Context& context, ConnectionSlot slot);
  void forget_transaction_peer(Context& context, ConnectionSlot slot);
  void on_transaction_announced(Context& context, ConnectionSlot slot, const InventoryVector& entry);
  void ask_later(Context& context, ConnectionSlot slot, const chain::Hash256& hash, NameKind kind);
  void request_transactions(Context& context);
  void serve_transactions(Context& context, ConnectionSlot slot, const GetData& message);
  // Judges a transaction from a peer, or (kNoConnection) of this node's own.
  void offer(Context& context, chain::TxRef transaction, ConnectionSlot from);
  void note_accepted(Context& context, chain::TxRef transaction, ConnectionSlot from);
  void note_born(Context& context, const chain::Transaction& own);
  void note_left(Context& context, const chain::HeldTransactions& gone);
  void forget_requests(const chain::Transaction& transaction);
  void keep_orphan(Context& context, chain::TxRef transaction, ConnectionSlot from);
  void add_orphan(Context& context, chain::TxRef transaction, ConnectionSlot announcer);
  void try_orphans(Context& context);
  void sweep_orphans(Context& context);
  void arm_trickle(Context& context);
  void announce_transactions(Context& context);
  void tell_fee_filter(Context& context, ConnectionSlot slot);
  void update_fee_filters(Context& context);
  void tell_due_fee_filters(Context& context);
  void follow_tip(Context& context, const chain::TipChange& change);
  void send_own_transaction(Context& context);

  // Chain (bitcoin_node_chain.cpp).
  void send_getheaders(Context& context, ConnectionSlot slot, chain::BlockRef from);
  // The newest block of the active chain that a peer with this locator has.
  [[nodiscard]] chain::BlockRef last_common(const std::vector<chain::Hash256>& locator) const;
  void note_announced(Context& context, const chain::Hash256& hash);
  void peer_has(Peer& peer, chain::BlockRef block);
  // False if the header may not be used; the peer may then be gone.
  [[nodiscard]] bool accept_header(Context& context, ConnectionSlot slot, const chain::BlockHeader& header,
                                   chain::BlockRef& block);
  void learn_header(Context& context, chain::BlockRef block);
  enum class BlockOrigin : std::uint8_t { received, mined };
  void accept_body(Context& context, chain::BlockRef block, const chain::BlockPointer& body, BlockOrigin origin);
  void send_block(Context& context, ConnectionSlot slot, const chain::BlockPointer& body);
  void request_blocks(Context& context, ConnectionSlot slot);
  [[nodiscard]] InventoryType block_inventory() const {
    return parameters_->witness ? InventoryType::witness_block : InventoryType::block;
  }
  void announce(Context& context, const std::vector<chain::BlockRef>& connected);
  void announce_to(Context& context, ConnectionSlot slot, const std::vector<chain::BlockRef>& connected);
  void mine_block(Context& context);
  void arm_mining(Context& context);
  void note_mempool_changed(Context& context);
  void refresh_template(Context& context);

  // Time that validating takes (bitcoin_node_validation.cpp).
  void spend(Context& context, Work work, Duration on_reference_machine) {
    thread_.spend(context, work, on_reference_machine);
  }
  // The blocks that leave the active chain, or were found not to connect; then, one by one, those that join it.
  void spend_on_disconnecting(Context& context, const chain::TipChange& change);
  void spend_on_connecting(Context& context, chain::BlockRef block);
  void spend_on_acceptance(Context& context, chain::TxRef transaction, chain::MempoolVerdict verdict);
  void spend_on_returning(Context& context, const chain::HeldTransactions& returned);
  void spend_on_template(Context& context, const chain::BlockTemplate& made);
  [[nodiscard]] bool has_validated(const chain::Transaction& transaction) const;
  void note_validated(const chain::Transaction& transaction);
  [[nodiscard]] BlockContent content_of(const chain::Block& block) const;

  [[nodiscard]] chain::BlockIndex& index() { return protocol_.index(); }
  // The block of that hash if this node knows its header. (The index may know it from another node.)
  [[nodiscard]] chain::BlockRef known(const chain::Hash256& hash) const;

  // First what every message needs: one cache line with the start of the object.
  BitcoinProtocol& protocol_;
  std::shared_ptr<const BitcoinParameters> parameters_;
  std::unique_ptr<TransactionState> transactions_;  // of the current life
  std::vector<Peer> peers_;                         // by connection slot
  MessageThread thread_;
  BlockRelay relay_;
  chain::BlockTree tree_;
  BlockDownload download_;
  Miner miner_;
  std::uint32_t mining_bits_ = 0;  // for which the time of the next block was drawn
  TransactionSource source_;
  Reconnection reconnection_;
  ConnectionSet ready_;  // handshake complete
  std::int64_t inbound_ = 0;
  DeadlineHeap pings_;
  DeadlineHeap fee_filters_;
  std::uint32_t next_stamp_ = 1;
  std::uint64_t version_nonce_ = 0;
  std::optional<RandomStream> nonces_;
  std::vector<std::uint64_t> announced_;  // blocks heard of whose headers are not known yet
};

}  // namespace hearsay::bitcoin
