// Who was online when: the denominator of whatever is said to reach nodes.
//
// An object counts at the nodes that were online from its birth until they received it, or else to the end of the run.
// Who was away when it was born, or left before it came, was not there to be reached.
#pragma once

#include <vector>

#include "sim/engine/simulation.hpp"

namespace hearsay::app {

class Presence {
 public:
  // `log` as Simulation::presence_log gives it; nodes are numbered below `nodes`.
  Presence(std::size_t nodes, const std::vector<PresenceChange>& log);

  // Without a gap.
  [[nodiscard]] bool online(NodeId node, SimTime from, SimTime until) const;
  // Nobody ever left, and all were there from the beginning.
  [[nodiscard]] bool everybody_always() const { return steady_; }

 private:
  struct Stay {
    SimTime begin;
    SimTime end;
  };
  std::vector<std::vector<Stay>> stays_;  // by number
  bool steady_ = true;
};

}  // namespace hearsay::app
