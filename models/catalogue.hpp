// The models that a scenario can name by type, one line each. No model registers itself: what is not here is not there.
#pragma once

#include "models/faults/churn/churn.hpp"
#include "models/faults/loss_burst/loss_burst.hpp"
#include "models/faults/partition/partition.hpp"
#include "models/faults/restart/restart.hpp"
#include "models/faults/slow_node/slow_node.hpp"
#include "models/faults/targeted_removal/targeted_removal.hpp"

namespace hearsay {

// Calls visit(model) with the FaultModel of each fault, in the order of their names.
template <class Visit>
void for_each_fault(Visit&& visit) {
  visit(faults::churn_model());
  visit(faults::loss_burst_model());
  visit(faults::partition_model());
  visit(faults::restart_model());
  visit(faults::slow_node_model());
  visit(faults::targeted_removal_model());
}

}  // namespace hearsay
