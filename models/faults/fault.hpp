// The seam for faults: what happens to a network, as against what somebody does to it.
//
// A fault is a folder here: its parameters, its object, its README; and a line in models/catalogue.hpp. It touches the
// network only through its Site: it adds delivery rules and control events, and never looks into a protocol.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/faults/timing.hpp"
#include "sim/core/parameter.hpp"
#include "sim/core/random.hpp"
#include "sim/engine/simulation.hpp"

namespace hearsay::faults {

// Finds the nodes of a target, in the order of their stable ids.
class Members {
 public:
  virtual ~Members() = default;
  [[nodiscard]] virtual std::vector<NodeId> of(const TargetName& target) const = 0;
};

// Calls action(simulation, now) at that time; for what an action leads to later.
template <class A>
void do_at(Simulation& simulation, SimTime time, A action) {
  class Action final : public ControlEvent {
   public:
    explicit Action(A to_do) : to_do_(std::move(to_do)) {}
    void apply(Simulation& at_that_time, SimTime now) override { to_do_(at_that_time, now); }

   private:
    A to_do_;
  };
  simulation.at(time, std::make_unique<Action>(std::move(action)));
}

// Whether one of many draws of a rule, told apart by PathDraw, comes out as lost.
[[nodiscard]] inline bool is_lost(std::uint64_t key, const PathDraw& draw, Share loss) {
  return loss.fraction > 0.0 && uniform_share(random_bits(key, draw.stream, draw.number)) < loss.fraction;
}

// Where a fault is installed: a built network, at or after the instant that its times count from.
class Site {
 public:
  // `path` names the fault in the scenario (`faults.cut`): its draws come from streams of that name.
  Site(Simulation& simulation, std::string path, SimTime origin, SimTime end, const Members& members)
      : simulation_(simulation), path_(std::move(path)), origin_(origin), end_(end), members_(members) {}

  [[nodiscard]] Simulation& simulation() const { return simulation_; }
  [[nodiscard]] SimTime origin() const { return origin_; }
  [[nodiscard]] SimTime end() const { return end_; }
  [[nodiscard]] std::vector<NodeId> members(const TargetName& target) const { return members_.of(target); }

  // A stream of the fault's own, of one of its nodes, or for a rule that draws by PathDraw.
  [[nodiscard]] RandomStream stream(std::string_view purpose) const {
    return {simulation_.seeds(), SeedDomain::world, Purpose(purpose), stable_id(path_)};
  }
  [[nodiscard]] RandomStream stream(std::string_view purpose, NodeId node) const {
    const StableId id{fingerprint(stable_id(path_).value, simulation_.world().host(node).id.value)};
    return {simulation_.seeds(), SeedDomain::world, Purpose(purpose), id};
  }
  [[nodiscard]] std::uint64_t draw_key(std::string_view purpose) const { return stream(purpose)(); }

  // Calls action(simulation, now) at that time. Nothing is done at or after the end of the run.
  template <class A>
  void at(SimTime time, A action) const {
    if (time < end_) do_at(simulation_, time, std::move(action));
  }

 private:
  Simulation& simulation_;
  std::string path_;
  SimTime origin_;
  SimTime end_;
  const Members& members_;
};

class Fault {
 public:
  Fault() = default;
  virtual ~Fault() = default;
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  // Once. The fault then lives as long as the simulation.
  virtual void install(const Site& site) = 0;
};

// What is wrong with a set of parameters as a whole; `key` is the one to blame.
struct Mistake {
  std::string_view key;
  std::string text;
};

// A parameter that means something only where another one, a choice, has this value.
struct OnlyFor {
  std::string_view key;
  std::string_view choice;
  std::string_view value;
};

// What the catalogue says of a fault whose parameters are a P, which derives from Timing.
template <class P>
struct FaultModel {
  std::string_view type;     // its word in a scenario
  std::string_view summary;  // one sentence
  const std::vector<Parameter<P>>& (*describe)();
  std::vector<std::string_view> required;
  std::vector<OnlyFor> only_for;
  bool uses_rules;  // delivery rules, which need the transport of TCP
  void (*check)(const P& parameters, std::vector<Mistake>& mistakes);
  std::unique_ptr<Fault> (*make)(const P& parameters);
};

}  // namespace hearsay::faults
