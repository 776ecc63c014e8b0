// Some nodes come and go by a law of sessions. See README.md.
#pragma once

#include <string>

#include "models/faults/fault.hpp"

namespace hearsay::faults {

struct ChurnParameters : Timing {
  ChurnParameters() { at = {Duration{}}; }
  TargetName of;
  std::string sessions = "kit-2019";
  Duration mean_session = hours(10);    // exponential
  Duration median_session = hours(10);  // log_normal
  Factor sigma{1.5};                    // log_normal
  Duration mean_pause = hours(1);
  Share clean{0.5};
  Share vanish{0.1};
};

[[nodiscard]] const FaultModel<ChurnParameters>& churn_model();

}  // namespace hearsay::faults
