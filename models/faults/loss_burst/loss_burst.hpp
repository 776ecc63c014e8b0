// Some hosts lose segments and datagrams for some time. See README.md.
#pragma once

#include "models/faults/fault.hpp"

namespace hearsay::faults {

struct LossBurstParameters : Timing {
  TargetName of;
  Share loss{0.1};
};

[[nodiscard]] const FaultModel<LossBurstParameters>& loss_burst_model();

}  // namespace hearsay::faults
