// A small flood network for tests: a topology, a path model, who starts which item when.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/protocols/flood/flood_node.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/net/topology.hpp"

namespace hearsay::test {

struct Arrival {
  SimTime time;
  std::uint64_t item = 0;
  std::uint32_t position = 0;  // of the node in the topology
};

class ArrivalProbe final : public Probe {
 public:
  void on_observation(SimTime now, NodeId node, const Observation& observation) override {
    if (observation.kind == flood::kItemSeen) arrivals_.push_back({now, observation.object, node});
  }
  std::vector<Arrival> arrivals_;
};

struct FloodWorldOptions {
  SimulationOptions simulation;
  std::uint64_t world_seed = 1;
  bool probe = true;
  BitRate uplink;
  std::uint32_t item_bytes = 32;
};

class FloodWorld {
 public:
  FloodWorld(const Topology& topology, std::unique_ptr<PathModel> path, std::vector<flood::FloodSource> sources,
             const FloodWorldOptions& options) {
    const Seeds seeds(options.world_seed);
    std::vector<NodeSpec> specs;
    for (std::uint32_t i = 0; i < topology.size(); ++i)
      specs.push_back({name(i), ipv4_endpoint(0x0a000000 + i, 8333), 0, options.uplink});
    const std::vector<NodeSpec> copy = specs;
    simulation_ = std::make_unique<Simulation>(seeds, options.simulation, World(seeds, specs, std::move(path)));
    protocols_.resize(simulation_->ranks());
    probes_.resize(simulation_->ranks());
    if (options.probe)
      for (unsigned rank = 0; rank < simulation_->ranks(); ++rank) simulation_->add_probe(rank, probes_[rank]);
    sources.resize(topology.size());
    flood::FloodParameters parameters;
    parameters.item_bytes = options.item_bytes;
    for (std::uint32_t i = 0; i < topology.size(); ++i) {
      std::vector<Endpoint> dials;
      for (const std::uint32_t peer : topology.dials[i]) dials.push_back(copy[peer].endpoint);
      const NodeId node = simulation_->world().node_at(i);
      simulation_->install(node, std::make_unique<flood::FloodNode>(protocols_[simulation_->rank_of(node)], parameters,
                                                                    std::move(dials), sources[i], 4096));
    }
  }

  static std::string name(std::uint32_t position) { return "groups.node[" + std::to_string(position) + "]"; }
  [[nodiscard]] Simulation& simulation() { return *simulation_; }

  // First arrivals of all ranks; `position` refers to the topology.
  [[nodiscard]] std::vector<Arrival> arrivals() const {
    std::vector<std::uint32_t> position_of(simulation_->world().size());
    for (std::uint32_t i = 0; i < position_of.size(); ++i) position_of[simulation_->world().node_at(i)] = i;
    std::vector<Arrival> all;
    for (const ArrivalProbe& probe : probes_)
      for (Arrival arrival : probe.arrivals_) {
        arrival.position = position_of[arrival.position];
        all.push_back(arrival);
      }
    return all;
  }

 private:
  std::unique_ptr<Simulation> simulation_;
  std::vector<flood::FloodProtocol> protocols_;
  std::vector<ArrivalProbe> probes_;
};

// One constant latency per connection, 10 to 200 ms in whole microseconds, the same in both directions.
class PerConnectionPath final : public PathModel {
 public:
  [[nodiscard]] static Duration latency(std::uint64_t connection) {
    return microseconds(static_cast<std::int64_t>(10'000 + fingerprint(connection) % 190'001));
  }
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    return latency(connection);
  }
};

}  // namespace hearsay::test
