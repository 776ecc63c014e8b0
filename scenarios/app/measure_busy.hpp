// How busy the message threads of the nodes were: shares of the horizon, over the nodes.
#pragma once

#include <array>
#include <vector>

#include "models/protocols/bitcoin/message_thread.hpp"
#include "scenarios/app/results/run_result.hpp"
#include "sim/engine/simulation.hpp"

namespace hearsay::app {

// Of what each node spent: busy_share_mean, _p50, _p99, _max (in percent of the horizon; pXX: so many percent of the
// nodes are not busier), and the mean by kind of work, busy_share_blocks, _transactions, _other. Nothing of a run that
// ended where it began.
[[nodiscard]] std::vector<MetricRow> busy_metrics(const std::vector<bitcoin::BusyTime>& nodes, Duration horizon);

// What each node of a simulation of Bitcoin nodes has spent until now.
[[nodiscard]] std::vector<bitcoin::BusyTime> busy_so_far(const Simulation& simulation, SimTime now);

}  // namespace hearsay::app
