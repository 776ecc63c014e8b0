// A gossip node whose digest depends on everything that an engine can get wrong: it relays each new item to each
// neighbour after an exponential delay of its own, observes what it drew, and now and then hangs up on a neighbour and
// dials it again.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "models/protocols/flood/flood_node.hpp"

namespace hearsay::test {

inline constexpr ObservationKind kDelayDrawn = 0x0e01;
inline constexpr ObservationKind kStarted = 0x0e02;

class TrickleNode final : public Node {
 public:
  TrickleNode(Protocol& protocol, std::vector<Endpoint> dials, const flood::FloodSource& source)
      : protocol_(protocol), dials_(std::move(dials)), source_(source) {}

  [[nodiscard]] Protocol& protocol() override { return protocol_; }

  void on_start(Context& context) override {
    if (!draws_) draws_ = context.stream(SeedDomain::world, Purpose("trickle"));
    connections_.clear();
    pending_.clear();
    if (!dials_.empty()) context.observe({kStarted, context.incarnation(), 0});
    for (const Endpoint& endpoint : dials_) context.connect(endpoint);
    if (born_ < source_.items) context.set_timer(kBirth, std::max(context.now(), source_.first));
  }
  [[nodiscard]] Admission on_connect_request(Context&, const Endpoint&) override {
    return draws_->chance(Share{0.02}) ? Admission::refuse : Admission::accept;
  }
  void on_connected(Context&, ConnectionSlot slot, Direction direction, const Endpoint& peer) override {
    connections_[slot] = direction == Direction::outbound ? std::optional(peer) : std::nullopt;
  }
  void on_connect_failed(Context&, ConnectionSlot, ConnectFailure) override {}
  void on_closed(Context&, ConnectionSlot slot, CloseReason) override { connections_.erase(slot); }

  void on_message(Context& context, ConnectionSlot slot, const MessageRef& message) override {
    if (!seen_.insert(message->content_id()).second) return;
    trickle(context, message, slot);
    const auto found = connections_.find(slot);
    if (!found->second || !draws_->chance(Share{0.05})) return;
    const Endpoint peer = *found->second;
    connections_.erase(found);
    draws_->chance(Share{0.5}) ? context.close(slot) : context.reset(slot);
    context.connect(peer);
  }
  void on_timer(Context& context, TimerSlot timer) override {
    if (timer == kBirth) return give_birth(context);
    while (!pending_.empty() && pending_.begin()->first <= context.now()) {
      const auto [slot, item] = pending_.begin()->second;
      pending_.erase(pending_.begin());
      if (connections_.contains(slot)) context.send(slot, item);
    }
    if (!pending_.empty()) context.set_timer(kTrickle, pending_.begin()->first);
  }

 private:
  static constexpr TimerSlot kBirth = 0;
  static constexpr TimerSlot kTrickle = 1;

  void give_birth(Context& context) {
    const std::uint64_t number = source_.number + born_++;
    seen_.insert(number);
    const auto bytes = static_cast<std::uint32_t>(20 + draws_->below(3000));
    trickle(context, make_message<flood::Item>(number, bytes), kNobody);
    if (born_ < source_.items) context.set_timer(kBirth, context.now() + draws_->exponential(source_.interval));
  }
  void trickle(Context& context, const MessageRef& item, ConnectionSlot except) {
    for (const auto& [slot, peer] : connections_) {
      if (slot == except) continue;
      const Duration delay = draws_->exponential(milliseconds(40));
      context.observe({kDelayDrawn, item->content_id(), delay.ns});
      pending_.emplace(context.now() + delay, std::pair(slot, item));
    }
    if (!pending_.empty()) context.set_timer(kTrickle, pending_.begin()->first);
  }

  static constexpr ConnectionSlot kNobody = 0xffffffff;
  Protocol& protocol_;
  std::vector<Endpoint> dials_;
  flood::FloodSource source_;
  std::uint64_t born_ = 0;
  std::optional<RandomStream> draws_;
  std::map<ConnectionSlot, std::optional<Endpoint>> connections_;  // with the endpoint of those it dialled
  std::multimap<SimTime, std::pair<ConnectionSlot, MessageRef>> pending_;
  std::set<std::uint64_t> seen_;
};

}  // namespace hearsay::test
