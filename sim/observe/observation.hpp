// Observations: typed facts that models emit ("this node accepted block X"). Probes listen to them and never steer.
#pragma once

#include <cstdint>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"

namespace hearsay {

// Protocol number (high byte) and the protocol's own number of the fact (low byte), as for message types.
using ObservationKind = std::uint16_t;

// Integers only: an observation enters the digest.
struct Observation {
  ObservationKind kind = 0;
  std::uint64_t object = 0;  // what it is about, for example the first 64 bits of a block hash
  std::int64_t value = 0;    // meaning and unit are the kind's
};

// Listens to the observations of one rank. Probes of several ranks are merged after the run by their owner.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual void on_observation(SimTime now, NodeId node, const Observation& observation) = 0;
};

}  // namespace hearsay
