// A Bitcoin full node, with or without a miner: handshake, keep-alive, headers-first block relay.
//
// One handler per message type; a payload type without a handler does not compile. Decisions that need no connection
// live in classes of their own (BlockTree, BlockDownload, announce, Miner). What it leaves out is listed in README.md.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/chain/block_tree.hpp"
#include "models/protocols/bitcoin/announce.hpp"
#include "models/protocols/bitcoin/block_download.hpp"
#include "models/protocols/bitcoin/miner.hpp"
#include "models/protocols/bitcoin/observations.hpp"
#include "models/protocols/bitcoin/parameters.hpp"
#include "models/protocols/bitcoin/peer.hpp"
#include "models/protocols/bitcoin/protocol.hpp"
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
};

class BitcoinNode final : public Node {
 public:
  BitcoinNode(BitcoinProtocol& protocol, std::shared_ptr<const BitcoinParameters> parameters,
              std::vector<Endpoint> dials, const MinerSettings& mining);

  [[nodiscard]] const chain::BlockTree& tree() const { return tree_; }

  [[nodiscard]] Protocol& protocol() override { return protocol_; }
  void on_start(Context& context) override;
  [[nodiscard]] Admission on_connect_request(Context& context, const Endpoint& from) override;
  void on_connected(Context& context, ConnectionSlot connection, Direction direction, const Endpoint& peer) override;
  void on_connect_failed(Context&, ConnectionSlot, ConnectFailure) override {}
  void on_message(Context& context, ConnectionSlot connection, const MessageRef& message) override;
  void on_closed(Context& context, ConnectionSlot connection, CloseReason reason) override;
  void on_timer(Context& context, TimerSlot timer) override;

 private:
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
  void accept_body(Context& context, chain::BlockRef block, const chain::BlockPointer& body);
  void request_blocks(Context& context, ConnectionSlot slot);
  void announce(Context& context, const std::vector<chain::BlockRef>& connected);
  void announce_to(Context& context, ConnectionSlot slot, const std::vector<chain::BlockRef>& connected);
  void mine_block(Context& context);

  [[nodiscard]] chain::BlockIndex& index() { return protocol_.index(); }
  // The block of that hash if this node knows its header. (The index may know it from another node.)
  [[nodiscard]] chain::BlockRef known(const chain::Hash256& hash) const;

  BitcoinProtocol& protocol_;
  std::shared_ptr<const BitcoinParameters> parameters_;
  BlockRelay relay_;
  chain::BlockTree tree_;
  BlockDownload download_;
  Miner miner_;
  std::vector<Endpoint> dials_;
  std::vector<Peer> peers_;  // by connection slot
  ConnectionSet ready_;      // handshake complete
  std::int64_t inbound_ = 0;
  DeadlineHeap pings_;
  std::uint32_t next_stamp_ = 1;
  std::uint64_t version_nonce_ = 0;
  std::optional<RandomStream> nonces_;
  std::vector<std::uint64_t> announced_;  // blocks heard of whose headers are not known yet
};

}  // namespace hearsay::bitcoin
