// A story: a few scripted nodes on one simulation, with a constant delay between them unless a path model is given.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine/simulation.hpp"
#include "tests/unit/sim_scripted_node.hpp"
#include "tests/unit/story_time.hpp"

namespace hearsay::test {

class ScriptedControl final : public ControlEvent {
 public:
  using Action = std::function<void(Simulation&, SimTime)>;
  explicit ScriptedControl(Action action) : action_(std::move(action)) {}
  void apply(Simulation& simulation, SimTime now) override { action_(simulation, now); }

 private:
  Action action_;
};

struct StoryOptions {
  std::vector<std::string> names = {"anna", "bert"};  // in the order in which the world lists them
  std::shared_ptr<const PathModel> path = std::make_shared<ConstantPath>(milliseconds(10));
  SimulationOptions simulation;
  BitRate uplink;
  BitRate downlink;
  std::map<std::string, BitRate> uplinks;  // of single hosts, instead
  std::map<std::string, BitRate> downlinks;
  std::vector<std::shared_ptr<const DeliveryRule>> rules;
  std::uint64_t world_seed = 1;
};

class Story {
 public:
  explicit Story(const StoryOptions& options = {}) : names_(options.names), rules_(options.rules) {
    const Seeds seeds(options.world_seed);
    std::vector<NodeSpec> specs;
    const auto rate = [](const std::map<std::string, BitRate>& single, const std::string& name, BitRate usual) {
      return single.contains(name) ? single.at(name) : usual;
    };
    for (const std::string& name : names_)
      specs.push_back({name, endpoint(name), 0, rate(options.uplinks, name, options.uplink),
                       rate(options.downlinks, name, options.downlink)});
    auto path = std::make_unique<SharedPath>(options.path);
    simulation_ =
        std::make_unique<Simulation>(seeds, options.simulation, World(seeds, std::move(specs), std::move(path)));
    for (const auto& rule : rules_) simulation_->add_rule(*rule);
    protocols_.resize(simulation_->ranks());
    for (std::size_t position = 0; position < names_.size(); ++position) {
      const NodeId number = simulation_->world().node_at(position);
      auto node = std::make_unique<ScriptedNode>(protocols_[simulation_->rank_of(number)]);
      nodes_.push_back(node.get());
      simulation_->install(number, std::move(node));
    }
  }

  // A host's address follows from its name, so that listing the nodes in another order moves nobody.
  [[nodiscard]] static Endpoint endpoint(const std::string& name) {
    return ipv4_endpoint(0x0a000000u | static_cast<std::uint32_t>(fingerprint_text(name) & 0xffffff), 8333);
  }
  [[nodiscard]] ScriptedNode& operator[](const std::string& name) { return *nodes_[position(name)]; }
  [[nodiscard]] NodeId number(const std::string& name) const { return simulation_->world().node_at(position(name)); }
  [[nodiscard]] Simulation& simulation() { return *simulation_; }

  void control(SimTime time, ScriptedControl::Action action) {
    simulation_->at(time, std::make_unique<ScriptedControl>(std::move(action)));
  }
  void stop(const std::string& name, StopKind kind, SimTime time) {
    control(time, [id = number(name), kind](Simulation& simulation, SimTime now) { simulation.stop(id, kind, now); });
  }
  void start(const std::string& name, SimTime time) {
    control(time, [id = number(name)](Simulation& simulation, SimTime now) { simulation.start(id, now); });
  }
  void run_until(SimTime time) { simulation_->run_until(time); }

  [[nodiscard]] bool conserves_messages() const {
    simulation_->check_streams();
    const Counters counters = simulation_->counters();
    return counters.sent == counters.delivered + counters.dropped + simulation_->messages_in_flight();
  }

 private:
  class SharedPath final : public PathModel {
   public:
    explicit SharedPath(std::shared_ptr<const PathModel> path) : path_(std::move(path)) {}
    [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const override {
      return path_->propagation(from, to, connection);
    }
    [[nodiscard]] bool redraws() const override { return path_->redraws(); }
    [[nodiscard]] Duration redrawn(const Host& from, const Host& to, Duration usual,
                                   const PathDraw& draw) const override {
      return path_->redrawn(from, to, usual, draw);
    }
    [[nodiscard]] bool lossy() const override { return path_->lossy(); }
    [[nodiscard]] Share loss(const Host& from, const Host& to) const override { return path_->loss(from, to); }

   private:
    std::shared_ptr<const PathModel> path_;
  };

  [[nodiscard]] std::size_t position(const std::string& name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name) return i;
    throw std::logic_error("no node of this story is called " + name);
  }

  std::vector<std::string> names_;
  std::vector<std::shared_ptr<const DeliveryRule>> rules_;
  std::vector<flood::FloodProtocol> protocols_;
  std::unique_ptr<Simulation> simulation_;
  std::vector<ScriptedNode*> nodes_;
};

// Two nodes, `anna` connected to `bert` on slot 0 of both, from 30 ms on.
inline void connect_at_start(Story& story, const std::string& from = "anna", const std::string& to = "bert") {
  story[from].at(SimTime{}, dial(Story::endpoint(to)));
}

}  // namespace hearsay::test
