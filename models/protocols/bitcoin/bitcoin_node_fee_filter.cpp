// The part of a Bitcoin node that tells peers which fees it wants, and hears what they want (BIP 133).
#include <algorithm>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "models/protocols/bitcoin/fee_filter.hpp"

namespace hearsay::bitcoin {

namespace {

// AVG_FEEFILTER_BROADCAST_INTERVAL, Bitcoin Core net_processing.cpp.
constexpr Duration kFeeFilterInterval = minutes(10);
constexpr std::int64_t kMaximumMoney = 2'100'000'000'000'000;

}  // namespace

void BitcoinNode::on(Context&, ConnectionSlot slot, const FeeFilter& message) {
  const std::int64_t rate = message.satoshis_per_kilo_virtual_byte;
  if (rate < 0 || rate > kMaximumMoney) return;
  transactions_->announcements.set_fee_filter(slot, {rate});
}

// MaybeSendFeefilter, Bitcoin Core net_processing.cpp. The process of later messages has no memory, so it needs to run
// only while there is something new to say (update_fee_filters).
void BitcoinNode::tell_fee_filter(Context& context, ConnectionSlot slot) {
  Peer& peer = peers_[slot];
  if (!parameters_->fee_filter || peer.protocol_version < kFeeFilterVersion) return;
  const chain::FeeRate minimum = transactions_->mempool.minimum_fee_rate(context.now());
  // Only what eviction raises is rounded; the minimum for relay is no secret.
  const std::int64_t least = parameters_->mempool.minimum_relay_fee;
  const std::int64_t rate = minimum.per_kilobyte <= least
                                ? least
                                : std::max(round_fee_filter(minimum, transactions_->draws).per_kilobyte, least);
  if (rate == peer.fee_filter_sent) return;
  peer.fee_filter_sent = rate;
  peer.minimum_fee_told = minimum.per_kilobyte;
  send(context, slot, FeeFilter{rate});
}

void BitcoinNode::update_fee_filters(Context& context) {
  if (!parameters_->fee_filter) return;
  const chain::FeeRate minimum = transactions_->mempool.minimum_fee_rate(context.now());
  ready_.for_each([&](ConnectionSlot slot) {
    Peer& peer = peers_[slot];
    if (peer.fee_filter_due || peer.fee_filter_sent < 0 || peer.minimum_fee_told == minimum.per_kilobyte) return;
    peer.fee_filter_due = true;
    fee_filters_.push({context.now() + transactions_->draws.exponential(kFeeFilterInterval), slot, peer.stamp});
  });
  if (!fee_filters_.empty()) context.set_timer(kFeeFilterTimer, fee_filters_.next());
}

void BitcoinNode::tell_due_fee_filters(Context& context) {
  Deadline due;
  while (fee_filters_.pop_due(context.now(), due)) {
    Peer& peer = peers_[due.connection];
    if (peer.stamp != due.stamp) continue;
    peer.fee_filter_due = false;
    tell_fee_filter(context, due.connection);
  }
  if (!fee_filters_.empty()) context.set_timer(kFeeFilterTimer, fee_filters_.next());
}

}  // namespace hearsay::bitcoin
