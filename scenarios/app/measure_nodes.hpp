// How late blocks are at each node: the statistic of Gervais et al. 2016. Not the same as percentiles over nodes of
// each block (measure.hpp): a block is late somewhere else every time, a slow node is late every time.
#pragma once

#include <vector>

#include "scenarios/app/measure.hpp"

namespace hearsay::app {

// For each node the mean, over the blocks that it received whole of those born from `first_birth_ns` up to
// `last_birth_ns`, of the delay since birth. Of these means, over the nodes that received any: node_mean_received_p10,
// _p25, _p50, _p75, _p90 (the element at that share of their sorted list, as there) and _mean, in ms. Nothing if no
// node received any.
[[nodiscard]] std::vector<MetricRow> node_propagation_metrics(const std::vector<BlockProbe>& probes, std::size_t nodes,
                                                              std::int64_t first_birth_ns, std::int64_t last_birth_ns,
                                                              std::int64_t end_ns);

}  // namespace hearsay::app
