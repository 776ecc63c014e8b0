// What a connection half needs beyond its cache line while bytes wait at it: what is queued to be sent, the congestion
// window, and what has arrived but was not handed over yet.
//
// Most halves have none: a small message on an empty connection of a node that is not busy needs nothing of this. A
// flow is made when it is first needed and freed with its half.
//
// Not here: which flow the uplink serves next (engine/uplink_queue.hpp), TCP's laws (congestion_window.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/core/event.hpp"
#include "sim/core/random.hpp"
#include "sim/core/time.hpp"
#include "sim/net/congestion_window.hpp"
#include "sim/net/connection_half.hpp"
#include "sim/node/message.hpp"

namespace hearsay {

// First in, first out. Places of what was taken are used again.
template <class T>
class Fifo {
 public:
  [[nodiscard]] bool empty() const { return first_ == items_.size(); }
  [[nodiscard]] std::size_t size() const { return items_.size() - first_; }
  [[nodiscard]] T& front() { return items_[first_]; }
  [[nodiscard]] const T& front() const { return items_[first_]; }
  void push(T item) { items_.push_back(std::move(item)); }
  T pop() {
    T item = std::move(items_[first_++]);
    if (empty()) {
      clear();
    } else if (first_ >= kCompact && 2 * first_ > items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    return item;
  }
  void clear() {
    items_.clear();
    first_ = 0;
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = first_; i < items_.size(); ++i) visit(items_[i]);
  }

 private:
  static constexpr std::size_t kCompact = 64;
  std::vector<T> items_;
  std::size_t first_ = 0;
};

// Something that waits to leave: a message, or the FIN behind all of them.
struct Departing {
  EventKind kind = EventKind::message;
  MessageRef message;  // null: FIN
};

struct Flow {
  // Sending.
  Fifo<Departing> queue;
  std::uint32_t segments_left = 0;     // of the first in the queue
  std::uint32_t quantum_segments = 0;  // of the first in the queue: what leaves at once
  std::uint64_t queued_bytes = 0;      // of messages, headers of TCP/IP not counted
  SimTime ready;                       // the uplink may serve the next quantum from now on
  SimTime sent_until;                  // when what has left so far has passed the slowest link of the path
  Duration round_trip;                 // of a segment on the empty path
  double loss = 0.0;                   // chance that a segment is lost
  Duration repair;                     // how much later than usual it arrives, because parts of it were lost
  CongestionWindow window;
  RandomStream losses;
  bool admitted = false;   // the window has let the next quantum leave, and it has not left yet
  bool scheduled = false;  // the uplink knows of it
  bool no_credit = false;  // the peer takes nothing more at present

  // Bytes that a delivery rule holds.
  bool held = false;
  SimTime held_since;
  Duration retransmission;  // the present timeout

  // Receiving.
  SimTime last_delivery;         // what arrives later is handed over no earlier
  std::uint32_t deferred = 0;    // messages between the downlink and the node
  bool large_begun = false;      // a large message has begun to arrive and has not ended
  bool counted_as_bulk = false;  // among the connections with a large message in the downlink
  Fifo<MessageRef> inbox;        // the node was busy
  std::uint64_t inbox_bytes = 0;
  bool credit_withdrawn = false;  // the peer was told to pause

  explicit Flow(const RandomStream& loss_draws) : losses(loss_draws) {}
};

class FlowStore {
 public:
  [[nodiscard]] Flow& operator[](FlowIndex index) { return *flows_[index]; }
  [[nodiscard]] const Flow& operator[](FlowIndex index) const { return *flows_[index]; }

  FlowIndex add(const RandomStream& losses) {
    auto flow = std::make_unique<Flow>(losses);
    if (free_.empty()) {
      flows_.push_back(std::move(flow));
      return static_cast<FlowIndex>(flows_.size() - 1);
    }
    const FlowIndex index = free_.back();
    free_.pop_back();
    flows_[index] = std::move(flow);
    return index;
  }
  void remove(FlowIndex index) {
    flows_[index].reset();
    free_.push_back(index);
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (const std::unique_ptr<Flow>& flow : flows_)
      if (flow != nullptr) visit(*flow);
  }

 private:
  std::vector<std::unique_ptr<Flow>> flows_;
  std::vector<FlowIndex> free_;
};

}  // namespace hearsay
