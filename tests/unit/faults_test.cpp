// Faults of a scenario, on small networks: when they act, on whom, and what is left of them afterwards.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "models/catalogue.hpp"
#include "scenarios/app/branch_run.hpp"
#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

using faults::Mistake;
using faults::Period;
using faults::periods_of;
using faults::Timing;

const std::string kQuiet =
    "question: q?\n"
    "horizon: 2 h\n"
    "world: {latency: {model: constant, delay: 20 ms}}\n"
    "groups: {full: {count: 100, role: full}}\n"
    "topology: {model: random_outbound, outbound: 3}\n"
    "targets: {east: {nodes: {share: 40 %}}, west: {not: east}}\n";

SimTime at(std::int64_t seconds_of) {
  return SimTime{} + seconds(seconds_of);
}

// A network that a scenario made, with its faults.
class Town {
 public:
  explicit Town(const Lines& sets, std::uint64_t seed = 1)
      : text_(kQuiet), scenario_(text_.resolved(sets)), network_(scenario_, Seeds(seed), {}) {
    network_.install_faults(scenario_, Duration{}, scenario_.horizon);
  }
  Simulation& until(std::int64_t seconds_of) {
    network_.simulation().run_until(at(seconds_of));
    return network_.simulation();
  }
  [[nodiscard]] std::size_t online(std::string_view target) const {
    std::size_t count = 0;
    for (const NodeId node : network_.targets().members(target)) count += network_.simulation().is_online(node) ? 1 : 0;
    return count;
  }
  // Connections between the two targets.
  [[nodiscard]] std::size_t across() const {
    const std::vector<NodeId>& east = network_.targets().members("east");
    const auto is_east = [&](NodeId node) { return std::find(east.begin(), east.end(), node) != east.end(); };
    std::size_t count = 0;
    for (const OpenConnection& connection : network_.simulation().connections())
      count += is_east(connection.dialler) != is_east(connection.dialled) ? 1 : 0;
    return count;
  }
  [[nodiscard]] const Network& network() const { return network_; }

 private:
  ScenarioText text_;
  Scenario scenario_;
  Network network_;
};

}  // namespace

TEST_CASE("a fault comes at its times, lasts as long as it says, and is cut at the end of the run") {
  const Timing thrice{{minutes(1), minutes(10)}, minutes(2), minutes(20)};
  const std::vector<Period> periods = periods_of(thrice, at(100), at(100 + 35 * 60));
  REQUIRE(periods.size() == 4);  // 1, 10, 21, 30 min; 41 min is beyond the end
  CHECK(periods[2].begin == at(100 + 21 * 60));
  CHECK(periods[2].end == at(100 + 23 * 60));
  CHECK(faults::lies_in(periods, periods[1].begin));
  CHECK_FALSE(faults::lies_in(periods, periods[1].end));
  CHECK_FALSE(faults::lies_in(periods, at(100)));
  const std::vector<Period> endless = periods_of({{minutes(1)}, {}, {}}, at(0), at(600));
  REQUIRE(endless.size() == 1);
  CHECK(endless[0].end == at(600));
}

TEST_CASE("a hard cut ends every connection across once TCP has given up, and none opens before it heals") {
  // Pings every 2 min, so within 2 min each end has something to send; it gives up 15 min after that.
  Town town({"faults.cut={type: partition, between: [east, west], at: 10 min, for: 40 min}"});
  (void)town.until(600);
  CHECK(town.across() > 50);
  (void)town.until(660);
  CHECK(town.across() > 50);  // nobody knows yet
  (void)town.until(40 * 60);
  CHECK(town.across() == 0);
  (void)town.until(50 * 60 - 1);
  CHECK(town.across() == 0);
}

TEST_CASE("a short cut is survived") {
  Town town({"faults.cut={type: partition, between: [east, west], at: 10 min, for: 5 min}"});
  (void)town.until(600);
  const std::size_t before = town.across();
  (void)town.until(25 * 60);
  CHECK(town.across() == before);
}

TEST_CASE("a slow, lossy or one-way partition leaves what it leaves") {
  for (const std::string mode : {"slow", "lossy"}) {
    Town town({"faults.cut={type: partition, between: [east, west], mode: " + mode + ", at: 10 min, for: 40 min}"});
    (void)town.until(600);
    const std::size_t before = town.across();
    (void)town.until(50 * 60);
    CHECK(town.across() >= before - 2);  // at 20 % loss a segment is hardly ever lost for 15 min
  }
  Town one_way({"faults.cut={type: partition, between: [east, west], mode: one_way, at: 10 min, for: 40 min}"});
  (void)one_way.until(49 * 60);
  CHECK(one_way.across() == 0);  // pings of the east are never heard, nor its pongs
}

TEST_CASE("nodes restart at their times within the jitter, and are down as long as it says") {
  Town town({"faults.r={type: restart, of: east, at: 30 min, jitter: 5 min, down: 2 min, clean: 50 %}"});
  CHECK(town.network().targets().members("east").size() == 40);
  (void)town.until(25 * 60);
  CHECK(town.online("east") == 40);
  (void)town.until(30 * 60);
  const std::size_t half_way = town.online("east");
  CHECK(half_way > 20);  // of those that stop in 10 min, a fifth are down: 8, with a standard deviation of 2.5
  CHECK(half_way < 40);
  (void)town.until(37 * 60 + 1);
  CHECK(town.online("east") == 40);
  std::size_t stops = 0;
  for (const PresenceChange& change : town.network().simulation().presence_log())
    if (!change.online) {
      ++stops;
      CHECK(change.time >= at(25 * 60));
      CHECK(change.time <= at(35 * 60));
    }
  CHECK(stops == 40);
}

TEST_CASE("under churn the share online is E[S] / (E[S] + E[pause]) from the first instant on, and all come back") {
  // 100 nodes, 15 min against 5 min: 75 online, standard deviation sqrt(100 * .75 * .25) = 4.3; five of them over ten
  // networks make 75 +/- 4.3 * 5 / sqrt(10) = 6.9 for a mean. Stated before the first run.
  double first = 0.0;
  double later = 0.0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Town town({"faults.c={type: churn, of: full, at: 1 min, for: 1 h, sessions: exponential, mean_session: 15 min, "
               "mean_pause: 5 min}"},
              seed);
    (void)town.until(59);
    CHECK(town.online("full") == 100);
    (void)town.until(61);
    first += static_cast<double>(town.online("full")) / 10;
    (void)town.until(50 * 60);
    later += static_cast<double>(town.online("full")) / 10;
    (void)town.until(62 * 60);
    CHECK(town.online("full") == 100);
  }
  CHECK(std::abs(first - 75) < 6.9);
  CHECK(std::abs(later - 75) < 6.9);
}

TEST_CASE("churn from the beginning: who is away has never started") {
  Town town({"faults.churn={type: churn, of: full, sessions: exponential, mean_session: 10 min, mean_pause: 10 min}"});
  const Simulation& simulation = town.until(1);
  // Nobody starts and stops in the first instant.
  std::set<NodeId> seen;
  for (const PresenceChange& change : simulation.presence_log())
    if (change.time == SimTime{}) CHECK(seen.insert(change.node).second);
  // Half of a hundred, +/- five standard errors.
  CHECK(town.online("full") > 25);
  CHECK(town.online("full") < 75);
}

TEST_CASE("a node that is down when its restart falls due is not started by it") {
  Town town({"faults.gone={type: targeted_removal, by: random, share: 50 %, at: 5 min, how: crash}",
             "faults.again={type: restart, of: full, at: 10 min, down: 1 min}"});
  (void)town.until(9 * 60);
  CHECK(town.online("full") == 50);
  (void)town.until(10 * 60 + 30);
  CHECK(town.online("full") == 0);
  (void)town.until(12 * 60);
  CHECK(town.online("full") == 50);
}

TEST_CASE("targeted removal takes the best connected nodes of its target, and gives them back") {
  Town town({"faults.gone={type: targeted_removal, of: east, by: degree, share: 25 %, at: 10 min, for: 10 min}"});
  const Simulation& simulation = town.until(600);
  std::vector<double> degree(100);
  for (const OpenConnection& connection : simulation.connections()) {
    ++degree[connection.dialler];
    ++degree[connection.dialled];
  }
  (void)town.until(601);
  CHECK(town.online("east") == 30);
  CHECK(town.online("west") == 60);
  double least_removed = 1e9;
  double most_left = 0.0;
  for (const NodeId node : town.network().targets().members("east"))
    if (simulation.is_online(node))
      most_left = std::max(most_left, degree[node]);
    else
      least_removed = std::min(least_removed, degree[node]);
  CHECK(least_removed >= most_left);
  (void)town.until(20 * 60 + 1);
  CHECK(town.online("all") == 100);
}

TEST_CASE("parts of a partition that turn out to overlap are told as the user's mistake") {
  CHECK_THROWS_WITH(Town({"targets={a: {nodes: {share: 90 %}}, b: {nodes: {share: 90 %}}}",
                          "faults.cut={type: partition, between: [a, b], at: 1 min}"}),
                    Catch::Contains("`faults.cut.between`: `a` and `b` have nodes in common, full["));
}

TEST_CASE("one more fault changes no draw of another") {
  const auto stops = [](const Lines& sets) {
    Town town(sets);
    std::vector<std::int64_t> times;
    (void)town.until(7000);
    for (const PresenceChange& change : town.network().simulation().presence_log())
      if (!change.online) times.push_back(change.time.ns);
    return times;
  };
  const std::string restart = "faults.r={type: restart, of: east, at: 30 min, jitter: 5 min}";
  CHECK(stops({restart}) == stops({restart, "faults.burst={type: loss_burst, of: west, at: 1 min, loss: 1 %}"}));
}

}  // namespace hearsay::app
