// The best connected nodes, or random ones, are taken out of the network. See README.md.
#pragma once

#include <string>

#include "models/faults/fault.hpp"

namespace hearsay::faults {

struct TargetedRemovalParameters : Timing {
  TargetName of{"all"};
  std::string by = "degree";
  Share share{0.1};
  std::string how = "crash";
};

[[nodiscard]] const FaultModel<TargetedRemovalParameters>& targeted_removal_model();

}  // namespace hearsay::faults
