// Some nodes take longer for everything that they compute. See README.md.
#pragma once

#include "models/faults/fault.hpp"

namespace hearsay::faults {

struct SlowNodeParameters : Timing {
  TargetName of;
  Factor slowness{10.0};
};

[[nodiscard]] const FaultModel<SlowNodeParameters>& slow_node_model();

}  // namespace hearsay::faults
