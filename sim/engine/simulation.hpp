// A simulation: a world, its nodes on one or more ranks, the control events, and the loop that advances time.
//
// Use: construct; install a node object for every number; add probes and control events; run_until(horizon). A
// Simulation is a value: several may live in one process, interleaved, without touching one another.
//
// Ranks split the nodes; they do not change results. They are executed window by window: a window starts at the
// earliest pending event of all ranks and lasts `minimum_latency`, the least time that anything sent takes to arrive.
// Within a window ranks run in a shuffled order, so that a hidden dependence on that order shows in tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/rank.hpp"
#include "sim/engine/world.hpp"
#include "sim/net/transport_parameters.hpp"

namespace hearsay {

struct SimulationOptions {
  Duration horizon = hours(1);
  Duration minimum_latency = microseconds(100);
  unsigned ranks = 1;
  bool wire_bytes = false;
  TransportParameters transport{};
};

class Simulation;

// What a control event may do. Control events concern several nodes at once (faults) or the whole run (samples) and are
// executed before all other events of their instant.
class ControlEvent {
 public:
  virtual ~ControlEvent() = default;
  virtual void apply(Simulation& simulation, SimTime now) = 0;
};

class Simulation {
 public:
  Simulation(const Seeds& seeds, const SimulationOptions& options, World world);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  [[nodiscard]] const World& world() const { return world_; }
  [[nodiscard]] const Seeds& seeds() const { return seeds_; }
  [[nodiscard]] const SimulationOptions& options() const { return options_; }

  [[nodiscard]] unsigned ranks() const { return static_cast<unsigned>(ranks_.size()); }
  [[nodiscard]] unsigned rank_of(NodeId node) const { return node / nodes_per_rank_; }
  void install(NodeId node, std::unique_ptr<Node> object) { ranks_[rank_of(node)]->install(node, std::move(object)); }
  [[nodiscard]] const Node& node(NodeId number) const { return ranks_[rank_of(number)]->node(number); }

  // Listens to the nodes of one rank. The probe must outlive the simulation.
  void add_probe(unsigned rank, Probe& probe) { ranks_[rank]->add_probe(probe); }

  // Told about packets, for whichever nodes it asks for. Before the first run_until; must outlive the simulation.
  void set_tap(PacketTap& tap) {
    for (const auto& rank : ranks_) rank->set_tap(tap);
  }

  // Asked about everything that leaves a host from now on. Before the first run_until, between two calls of it, or from
  // a control event; must outlive the simulation.
  void add_rule(const DeliveryRule& rule) {
    for (const auto& rank : ranks_) rank->add_rule(rule);
  }

  // Nodes start at time zero unless told otherwise here, before the first run_until.
  void starts_offline(NodeId node) { offline_at_start_[node] = true; }
  // From `from` on the node comes and goes by this law, and no more by the one before; null: by none, and it starts
  // then if it is offline. Before the first run_until, between two calls of it, or from a control event; from >= now().
  // At time zero the law alone says whether the node is online; later it takes over from whatever the node is then, as
  // a control event added here. What control events do to the node between two events of its sessions holds until the
  // next of these.
  void set_sessions(NodeId node, std::shared_ptr<const SessionLaw> law, SimTime from);
  // For times >= now(): before the first run_until, between two calls of it, or from a control event. Events of one
  // instant are applied in the order in which they were added.
  void at(SimTime time, std::unique_ptr<ControlEvent> event);

  // Executes every event before `limit` (control events included). May be called again with a later limit.
  void run_until(SimTime limit);
  [[nodiscard]] SimTime now() const { return now_; }

  // For control events, and between two calls of run_until with now().
  void start(NodeId node, SimTime now) { ranks_[rank_of(node)]->start(node, now); }
  void stop(NodeId node, StopKind kind, SimTime now) { ranks_[rank_of(node)]->stop(node, kind, now); }

  // From now on whatever the node spends (Context::spend) takes that many times as long: 1 is its usual speed. Survives
  // restarts.
  void slow(NodeId node, Factor slowness, SimTime now) { ranks_[rank_of(node)]->slow(node, slowness, now); }

  // The state of the network, for control events and between two calls of run_until.
  [[nodiscard]] bool is_online(NodeId node) const { return ranks_[rank_of(node)]->is_online(node); }
  // Every connection that is open at the end that dialled it, in the order of stable ids (dialler, then dialled); two
  // nodes may have several. The other end opens, and learns of an end, with the latency of the path.
  [[nodiscard]] std::vector<OpenConnection> connections() const;
  // Grows whenever one end of a connection becomes open or stops being open: while it stands still, so do they.
  [[nodiscard]] std::uint64_t connection_changes() const;
  // All starts and stops so far; of one node in the order of time.
  [[nodiscard]] std::vector<PresenceChange> presence_log() const;
  [[nodiscard]] std::uint64_t presence_changes() const;

  [[nodiscard]] std::uint64_t digest() const;
  [[nodiscard]] std::uint64_t node_digest(NodeId node) const { return ranks_[rank_of(node)]->node_digest(node); }
  [[nodiscard]] DigestSlices slices() const;
  [[nodiscard]] Counters counters() const;
  // Traffic of a type, summed over ranks; type 0 is what connections cost to open and close.
  [[nodiscard]] Traffic traffic(MessageType type) const;
  [[nodiscard]] std::size_t message_types() const { return ranks_[0]->traffic_by_type().size(); }
  // Messages in flight, for the conservation law sent = delivered + dropped + in flight.
  [[nodiscard]] std::size_t messages_in_flight() const;
  [[nodiscard]] std::size_t halves_in_use() const;
  // Throws CheckFailure unless, on every connection that is open at both ends, what was handed over and what is on its
  // way are what was sent, in order and once; and unless sent = delivered + dropped + in flight.
  void check_streams() const;

 private:
  void start_nodes();
  void advance(SimTime limit);
  void exchange();

  Seeds seeds_;
  SimulationOptions options_;
  World world_;
  NodeId nodes_per_rank_;
  std::vector<std::unique_ptr<Rank>> ranks_;
  std::multimap<SimTime, std::unique_ptr<ControlEvent>> control_;  // to come; of one instant as they were added
  std::vector<bool> offline_at_start_;
  std::map<NodeId, std::shared_ptr<const SessionLaw>> sessions_at_start_;
  RandomStream rank_order_;
  SimTime now_;
  bool started_ = false;
};

}  // namespace hearsay
