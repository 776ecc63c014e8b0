// The Context that a rank hands to its nodes. Private to the engine.
#pragma once

#include "sim/core/planted_bug.hpp"
#include "sim/engine/rank.hpp"

namespace hearsay {

class Rank::RankContext final : public Context {
 public:
  RankContext(Rank& rank, NodeId self) : rank_(rank), self_(self) {}

  [[nodiscard]] SimTime now() const override { return rank_.now_; }
  [[nodiscard]] StableId self() const override { return rank_.world_.host(self_).id; }
  [[nodiscard]] const Endpoint& endpoint() const override { return rank_.world_.host(self_).endpoint; }
  [[nodiscard]] std::uint32_t incarnation() const override { return rank_.extra(self_).incarnation; }
  [[nodiscard]] RandomStream stream(SeedDomain domain, Purpose purpose) const override {
    const StableId id = kPlantedBug == PlantedBug::draw_keyed_by_dense_id ? StableId{self_} : self();
    return RandomStream(rank_.seeds_, domain, purpose, id);
  }
  ConnectionSlot connect(const Endpoint& endpoint) override { return rank_.connect(self_, endpoint); }
  void send(ConnectionSlot connection, const MessageRef& message) override { rank_.send(self_, connection, message); }
  void close(ConnectionSlot connection) override { rank_.close(self_, connection); }
  void reset(ConnectionSlot connection) override { rank_.reset(self_, connection); }
  void set_timer(TimerSlot timer, SimTime deadline) override { rank_.set_timer(self_, timer, deadline); }
  void cancel_timer(TimerSlot timer) override { rank_.cancel_timer(self_, timer); }
  void send_datagram(const Endpoint& endpoint, const MessageRef& message) override {
    rank_.send_datagram(self_, endpoint, message);
  }
  void spend(Duration busy) override { rank_.spend(self_, busy); }
  void observe(const Observation& observation) override { rank_.observe(self_, observation); }

 private:
  Rank& rank_;
  NodeId self_;
};

}  // namespace hearsay
