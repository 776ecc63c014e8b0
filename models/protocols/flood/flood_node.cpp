#include "models/protocols/flood/flood_node.hpp"

#include "sim/core/check.hpp"

namespace hearsay::flood {

namespace {
constexpr TimerSlot kNextItem = 0;
constexpr ConnectionSlot kNobody = 0xffffffff;
}  // namespace

FloodNode::FloodNode(Protocol& protocol, const FloodParameters& parameters, std::vector<Endpoint> dials,
                     const FloodSource& source, std::uint64_t item_limit)
    : parameters_(parameters),
      seen_(item_limit / 64 + 1),
      protocol_(protocol),
      source_(source),
      dials_(std::move(dials)) {}

void FloodNode::on_start(Context& context) {
  connections_.clear();
  for (const Endpoint& endpoint : dials_) context.connect(endpoint);
  if (born_ < source_.items)
    context.set_timer(kNextItem, source_.first + source_.interval * static_cast<std::int64_t>(born_));
}

void FloodNode::on_connected(Context&, ConnectionSlot connection, Direction, const Endpoint&) {
  connections_.insert(connection);
}

void FloodNode::on_closed(Context&, ConnectionSlot connection, CloseReason) {
  connections_.erase(connection);
}

bool FloodNode::mark_seen(std::uint64_t number) {
  if (number / 64 != recent_word_) {
    SIM_CHECK(number / 64 < seen_.size(), "item numbers stay below the limit");
    seen_[recent_word_] = recent_;
    recent_word_ = number / 64;
    recent_ = seen_[recent_word_];
  }
  const std::uint64_t bit = std::uint64_t{1} << (number % 64);
  if ((recent_ & bit) != 0) return false;
  recent_ |= bit;
  return true;
}

void FloodNode::on_message(Context& context, ConnectionSlot connection, const MessageRef& message) {
  if (message->type() != kItemType || !mark_seen(static_cast<const Item&>(*message).number())) return;
  relay(context, message, connection);
}

void FloodNode::on_timer(Context& context, TimerSlot) {
  const std::uint64_t number = source_.number + born_++;
  mark_seen(number);
  relay(context, make_message<Item>(number, parameters_.item_bytes), kNobody);
  if (born_ < source_.items) context.set_timer(kNextItem, context.now() + source_.interval);
}

void FloodNode::relay(Context& context, const MessageRef& item, ConnectionSlot except) {
  if (parameters_.observe) context.observe({kItemSeen, item->content_id(), 0});
  connections_.for_each([&](ConnectionSlot connection) {
    if (connection != except) context.send(connection, item);
  });
}

}  // namespace hearsay::flood
