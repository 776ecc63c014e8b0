// Some nodes stop and start again. See README.md.
#pragma once

#include "models/faults/fault.hpp"

namespace hearsay::faults {

struct RestartParameters : Timing {
  RestartParameters() { lasts = minutes(2); }
  TargetName of;
  Duration jitter;
  Share clean{1.0};

  [[nodiscard]] Duration earliest() const { return at.front() - jitter; }
};

[[nodiscard]] const FaultModel<RestartParameters>& restart_model();

}  // namespace hearsay::faults
