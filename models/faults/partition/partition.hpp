// Two parts of the network cannot reach one another, or only badly, for some time. See README.md.
#pragma once

#include <string>

#include "models/faults/fault.hpp"

namespace hearsay::faults {

struct PartitionParameters : Timing {
  std::vector<TargetName> between;
  std::string mode = "hard";
  Share loss{0.2};
  Duration delay = seconds(1);
};

[[nodiscard]] const FaultModel<PartitionParameters>& partition_model();

}  // namespace hearsay::faults
