// A node that does what a test tells it to, when it tells it to, and writes down every call it gets, with its time.
//
// Scripted actions run from timer slot kScriptTimer, so they are ordinary events of the node; the other slots are the
// test's. An action whose time passes while the node is offline is skipped.
#pragma once

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "models/protocols/flood/flood_message.hpp"
#include "sim/node/node.hpp"

namespace hearsay::test {

struct Call {
  SimTime time;
  std::string what;
  bool operator==(const Call&) const = default;
};
using Calls = std::vector<Call>;

inline std::ostream& operator<<(std::ostream& out, const Call& call) {
  return out << call.time.ns << " ns: " << call.what;
}

class ScriptedNode final : public Node {
 public:
  using Action = std::function<void(Context&)>;
  using ConnectionAction = std::function<void(Context&, ConnectionSlot)>;
  using MessageAction = std::function<void(Context&, ConnectionSlot, std::uint64_t)>;
  static constexpr TimerSlot kScriptTimer = kTimerSlots - 1;

  explicit ScriptedNode(Protocol& protocol) : protocol_(protocol) {}

  // Before the run. Actions of one instant run in one handler, in the order of adding.
  void at(SimTime time, Action action) {
    const auto later = [](SimTime wanted, const auto& entry) { return wanted < entry.first; };
    const auto place = std::upper_bound(script_.begin(), script_.end(), time, later);
    script_.emplace(place, time, std::move(action));
  }
  void admit(Admission admission) { admission_ = admission; }
  void when_connected(ConnectionAction action) { when_connected_ = std::move(action); }
  void when_closed(ConnectionAction action) { when_closed_ = std::move(action); }
  void when_message(MessageAction action) { when_message_ = std::move(action); }
  void when_timer(ConnectionAction action) { when_timer_ = std::move(action); }
  void when_datagram(std::function<void(Context&, std::uint64_t)> action) { when_datagram_ = std::move(action); }
  void when_started(Action action) { when_started_ = std::move(action); }

  [[nodiscard]] const Calls& calls() const { return calls_; }
  // What happened at or after `from`.
  [[nodiscard]] Calls calls_from(SimTime from) const {
    Calls later;
    for (const Call& call : calls_)
      if (call.time >= from) later.push_back(call);
    return later;
  }

  [[nodiscard]] Protocol& protocol() override { return protocol_; }
  void on_start(Context& context) override {
    write(context, "started " + std::to_string(context.incarnation()));
    while (next_ < script_.size() && script_[next_].first < context.now()) ++next_;
    if (when_started_) when_started_(context);
    run_script(context);
  }
  [[nodiscard]] Admission on_connect_request(Context& context, const Endpoint&) override {
    write(context, "asked");
    return admission_;
  }
  void on_connected(Context& context, ConnectionSlot slot, Direction direction, const Endpoint&) override {
    write(context, (direction == Direction::outbound ? "connected out " : "connected in ") + std::to_string(slot));
    if (when_connected_) when_connected_(context, slot);
  }
  void on_connect_failed(Context& context, ConnectionSlot slot, ConnectFailure failure) override {
    write(context, (failure == ConnectFailure::refused ? "refused " : "timed out ") + std::to_string(slot));
  }
  void on_message(Context& context, ConnectionSlot slot, const MessageRef& message) override {
    write(context, "item " + std::to_string(message->content_id()) + " on " + std::to_string(slot));
    if (when_message_) when_message_(context, slot, message->content_id());
  }
  void on_closed(Context& context, ConnectionSlot slot, CloseReason reason) override {
    write(context, (reason == CloseReason::finished ? "finished "
                    : reason == CloseReason::reset  ? "reset "
                                                    : "timed out ") +
                       std::to_string(slot));
    if (when_closed_) when_closed_(context, slot);
  }
  void on_datagram(Context& context, const Endpoint&, const MessageRef& message) override {
    write(context, "datagram " + std::to_string(message->content_id()));
    if (when_datagram_) when_datagram_(context, message->content_id());
  }
  void on_timer(Context& context, TimerSlot timer) override {
    if (timer == kScriptTimer) return run_script(context);
    write(context, "timer " + std::to_string(timer));
    if (when_timer_) when_timer_(context, timer);
  }

 private:
  void write(Context& context, std::string what) { calls_.push_back({context.now(), std::move(what)}); }
  void run_script(Context& context) {
    while (next_ < script_.size() && script_[next_].first <= context.now()) script_[next_++].second(context);
    if (next_ < script_.size()) context.set_timer(kScriptTimer, script_[next_].first);
  }

  Protocol& protocol_;
  std::vector<std::pair<SimTime, Action>> script_;
  std::size_t next_ = 0;
  Admission admission_ = Admission::accept;
  Action when_started_;
  ConnectionAction when_connected_;
  ConnectionAction when_closed_;
  ConnectionAction when_timer_;
  MessageAction when_message_;
  std::function<void(Context&, std::uint64_t)> when_datagram_;
  Calls calls_;
};

// An action that sends one item.
inline ScriptedNode::Action send_item(ConnectionSlot slot, std::uint64_t number, std::uint32_t bytes = 32) {
  return [=](Context& context) { context.send(slot, make_message<flood::Item>(number, bytes)); };
}
inline ScriptedNode::Action dial(const Endpoint& endpoint) {
  return [endpoint](Context& context) { context.connect(endpoint); };
}
inline ScriptedNode::Action close_slot(ConnectionSlot slot) {
  return [slot](Context& context) { context.close(slot); };
}
inline ScriptedNode::Action reset_slot(ConnectionSlot slot) {
  return [slot](Context& context) { context.reset(slot); };
}

}  // namespace hearsay::test
