// From observations to rows: first arrivals, delays by percentage, the main chain.
#include "scenarios/app/measure.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <optional>

#include "models/protocols/bitcoin/observations.hpp"
#include "scenarios/app/measure_nodes.hpp"

namespace hearsay::app {
namespace {

namespace observed = bitcoin::observed;
constexpr std::size_t kAnnounced = 0;
constexpr std::size_t kHeader = 1;
constexpr std::size_t kReceived = 2;
constexpr std::size_t kBestTip = 3;
constexpr std::uint64_t kBlock = 42;

SimTime at(std::int64_t ns) {
  return SimTime{ns};
}

std::vector<std::optional<std::int64_t>> delays(const PropagationRow& row, const std::vector<std::size_t>& percents) {
  std::vector<std::optional<std::int64_t>> list;
  for (const std::size_t percent : percents) list.push_back(row.delay_ns.at(percent));
  return list;
}

std::vector<std::int64_t> times_of(const std::vector<BlockProbe::Arrival>& arrivals) {
  std::vector<std::int64_t> times;
  for (const BlockProbe::Arrival& arrival : arrivals) times.push_back(arrival.time_ns);
  return times;
}

BlockRow block(const std::string& name, const std::string& parent, std::int64_t height, std::int64_t born) {
  BlockRow row;
  row.block = name;
  row.parent = parent;
  row.height = height;
  row.born_ns = born;
  return row;
}

std::vector<std::string> main_chain(std::vector<BlockRow> blocks) {
  mark_main_chain(blocks);
  std::vector<std::string> names;
  for (const BlockRow& row : blocks)
    if (row.on_main_chain) names.push_back(row.block);
  return names;
}

using Delays = std::vector<std::optional<std::int64_t>>;

}  // namespace

TEST_CASE("a probe sorts observations by block and stage") {
  BlockProbe probe;
  probe.on_observation(at(10), 3, {observed::kBlockBorn, kBlock, 7});
  probe.on_observation(at(10), 3, {observed::kBlockAnnounced, kBlock, 0});
  probe.on_observation(at(11), 3, {observed::kHeaderAccepted, kBlock, 7});
  probe.on_observation(at(12), 3, {observed::kBlockReceived, kBlock, 7});
  probe.on_observation(at(13), 3, {observed::kBestTip, kBlock, 7});
  probe.on_observation(at(20), 4, {observed::kBlockAnnounced, kBlock, 0});
  probe.on_observation(at(30), 4, {observed::kBlockAnnounced, kBlock + 1, 0});
  probe.on_observation(at(31), 4, {observed::kPeerMisbehaved, 0, 3});
  REQUIRE(probe.births().size() == 1);
  CHECK(probe.births().at(kBlock).time == at(10));
  CHECK(probe.births().at(kBlock).miner == 3);
  const BlockProbe::Arrivals& arrivals = probe.arrivals().at(kBlock);
  CHECK(times_of(arrivals[kAnnounced]) == std::vector<std::int64_t>{10, 20});
  CHECK(times_of(arrivals[kHeader]) == std::vector<std::int64_t>{11});
  CHECK(times_of(arrivals[kReceived]) == std::vector<std::int64_t>{12});
  CHECK(times_of(arrivals[kBestTip]) == std::vector<std::int64_t>{13});
  CHECK(times_of(probe.arrivals().at(kBlock + 1)[kAnnounced]) == std::vector<std::int64_t>{30});
  CHECK(probe.arrivals().size() == 2);
}

TEST_CASE("a node that returns to a branch does not reach its blocks twice") {
  // Node 5 follows the block, leaves it for a rival, and comes back; node 70 follows it once.
  BlockProbe probe;
  probe.on_observation(at(10), 5, {observed::kBestTip, kBlock, 7});
  probe.on_observation(at(20), 5, {observed::kBestTip, kBlock + 1, 8});
  probe.on_observation(at(30), 5, {observed::kBestTip, kBlock, 7});
  probe.on_observation(at(31), 70, {observed::kBestTip, kBlock, 7});
  CHECK(times_of(probe.arrivals().at(kBlock)[kBestTip]) == std::vector<std::int64_t>{10, 31});
  CHECK(times_of(probe.arrivals().at(kBlock + 1)[kBestTip]) == std::vector<std::int64_t>{20});
}

TEST_CASE("a probe keeps the number of reorganisations and the depth of the deepest") {
  BlockProbe probe;
  CHECK(probe.deepest_reorganisation() == 0);
  for (const std::int64_t depth : {1, 3, 2}) probe.on_observation(at(1), 1, {observed::kReorganised, kBlock, depth});
  CHECK(probe.deepest_reorganisation() == 3);
  CHECK(probe.reorganisations().size() == 3);
}

TEST_CASE("a percentage of nodes is reached when at least that many have the block") {
  // Four nodes, reached after 0, 10, 30 and 70 ns: 25 % at once, 26 % needs the second, and so on.
  const PropagationRow row = summarise("x", "header", 100, 4, {170, 100, 130, 110});
  CHECK(row.object == "x");
  CHECK(row.stage == "header");
  CHECK(row.nodes == 4);
  CHECK(row.reached == 4);
  CHECK(delays(row, {0, 1, 25, 26, 50, 51, 75, 76, 100}) == Delays{0, 0, 0, 10, 10, 30, 30, 70, 70});
}

TEST_CASE("percentages of which too few nodes were reached have no delay") {
  const PropagationRow row = summarise("x", "header", 0, 4, {5, 6});
  CHECK(row.reached == 2);
  CHECK(delays(row, {0, 25, 50, 51, 99, 100}) == Delays{5, 5, 6, {}, {}, {}});
  const PropagationRow none = summarise("x", "header", 0, 4, {});
  CHECK(none.reached == 0);
  for (const auto& delay : none.delay_ns) CHECK_FALSE(delay.has_value());
}

TEST_CASE("with a thousand nodes 99 % is the 990th and 0 % the first") {
  std::vector<std::int64_t> arrivals;
  for (std::int64_t i = 1; i <= 1000; ++i) arrivals.push_back(1001 - i);
  const PropagationRow row = summarise("x", "header", 0, 1000, arrivals);
  CHECK(delays(row, {0, 1, 50, 90, 99, 100}) == Delays{1, 10, 500, 900, 990, 1000});
}

TEST_CASE("the main chain is the highest one; of equally high ones that whose tip was born first") {
  const std::vector<BlockRow> longer = {block("a", "premined", 1, 10), block("b", "premined", 1, 11),
                                        block("c", "b", 2, 20), block("d", "c", 3, 30)};
  CHECK(main_chain(longer) == std::vector<std::string>{"b", "c", "d"});
  const std::vector<BlockRow> tie = {block("a", "premined", 1, 10), block("b", "premined", 1, 11),
                                     block("c", "b", 2, 20), block("d", "a", 2, 21)};
  CHECK(main_chain(tie) == std::vector<std::string>{"b", "c"});
  CHECK(main_chain({}).empty());
}

TEST_CASE("means over blocks at each node, then percentiles over nodes; late blocks are left out") {
  // Two blocks, born at 0 and 10 ms, and one born too late. Node n has them after n and 3n ms: the mean is 2n.
  std::vector<BlockProbe> probes(2);
  const auto ms = [](std::int64_t n) { return at(n * 1'000'000); };
  probes[0].on_observation(ms(0), 0, {observed::kBlockBorn, 1, 5});
  probes[1].on_observation(ms(10), 1, {observed::kBlockBorn, 2, 6});
  probes[1].on_observation(ms(90), 1, {observed::kBlockBorn, 3, 7});
  for (NodeId node = 0; node < 10; ++node) {
    BlockProbe& probe = probes[node % 2];
    probe.on_observation(ms(node), node, {observed::kBlockReceived, 1, 5});
    probe.on_observation(ms(10 + 3 * node), node, {observed::kBlockReceived, 2, 6});
    probe.on_observation(ms(95), node, {observed::kBlockReceived, 3, 7});
  }
  const auto rows = node_propagation_metrics(probes, 11, 0, ms(80).ns, ms(1000).ns);  // node 10 received nothing
  std::map<std::string, double> values;
  for (const MetricRow& row : rows) values[row.metric] = row.value;
  CHECK(values.at("node_mean_received_p10") == 2.0);  // element 1 of 10
  CHECK(values.at("node_mean_received_p50") == 10.0);
  CHECK(values.at("node_mean_received_p90") == 18.0);
  CHECK(values.at("node_mean_received_mean") == 9.0);
  CHECK(node_propagation_metrics({}, 3, 0, 0, 0).empty());
}

}  // namespace hearsay::app
