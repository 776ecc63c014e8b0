// The words of a scenario that concern the internet: what is filled in, what comes back, what mistakes are told, and
// which hosts come of it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "scenarios/app/network_hosts.hpp"
#include "tests/unit/resolve_fixtures.hpp"

namespace hearsay::app {
namespace {

const std::string kBase =
    "question: q?\n"
    "horizon: 1 h\n"
    "groups:\n"
    "  full: {count: 300, role: full}\n"
    "  pools: {count: 2, role: miner}\n"
    "topology: {model: random_outbound, outbound: 4}\n"
    "measure: {propagation: {}}\n"
    "seeds: {world: 1}\n";

// With a matrix of round trips beside the scenario.
struct Case : ScenarioText {
  explicit Case(const std::string& matrix = "") : ScenarioText(kBase) {
    if (!matrix.empty()) rewrite(matrix);
  }
  void rewrite(const std::string& matrix) const { write("rtt.csv", matrix); }
};

Lines messages(const Lines& sets) {
  return Case().messages(sets);
}

const NodeSpec& node(const Hosts& hosts, const std::string& name) {
  return *std::find_if(hosts.nodes.begin(), hosts.nodes.end(), [&](const NodeSpec& one) { return one.name == name; });
}

}  // namespace

TEST_CASE("every law of the world comes back from its description") {
  const Case files("x,a,b,weight\na,,20,1\nb,22,0,2\n");
  const std::vector<Lines> worlds = {
      {"world={regions: gervais-2016, latency: {model: pareto_per_link}, bandwidth: {model: gervais-2016}}",
       "world.transport={model: serial, serial_rate: both_ends}", "groups.pools.region=japan",
       "groups.pools.uplink=100 Mbit/s", "groups.pools.downlink=100 Mbit/s"},
      {"world={regions: simblock-2015, latency: {model: pareto_per_message}, bandwidth: {model: region}}",
       "world.transport={model: serial, serial_rate: narrower, dial_timeout: 7 s}"},
      {"world={latency: {model: log_normal, mean: 11 ms}, jitter: 300 us, loss: 0.05 %}",
       "world.transport={congestion: new_reno, queue_segments: 50, give_up: 4 min}"},
      {"world={latency: {model: rtt_matrix, file: rtt.csv, asymmetry: 10 %}, addresses: {model: bitnodes-2019}}"},
      {"world={latency: {model: coordinates, space: globe, places: {b: [50.1, -8.5], a: [1, 2, 3]}, least: 1 ms}}"},
      {"world={hosts: {data_centre: 70 %, home: 30 %}, bandwidth: {model: classes}}", "groups.pools.host=data_centre",
       "world.host_classes.home.uplink_median=10 Mbit/s"},
      {"world={bandwidth: {model: constant, uplink: 5 Mbit/s, downlink: 50 Mbit/s}}"},
      {"world={regions: mainnet-2026, latency: {model: region_matrix, spread: 30 %}}"},
  };
  for (const Lines& sets : worlds) {
    CAPTURE(sets.front());
    const Scenario scenario = files.resolved(sets);
    const Scenario again = files.again(scenario);
    // Not by the text alone: what describe forgot would be missing from both.
    CHECK(again.world.latency == scenario.world.latency);
    CHECK(again.world.bandwidth == scenario.world.bandwidth);
    CHECK(again.world.addresses == scenario.world.addresses);
    const Hosts one = place_hosts(scenario, Seeds(4));
    const Hosts other = place_hosts(again, Seeds(4));
    const auto path = make_path(scenario.world, Seeds(4), one.losses);
    const auto path_again = make_path(again.world, Seeds(4), other.losses);
    REQUIRE(one.nodes.size() == other.nodes.size());
    for (std::size_t i = 0; i < one.nodes.size(); ++i) {
      CHECK(one.nodes[i].endpoint == other.nodes[i].endpoint);
      CHECK(one.nodes[i].region == other.nodes[i].region);
      CHECK(one.nodes[i].site == other.nodes[i].site);
      CHECK(one.nodes[i].access_delay == other.nodes[i].access_delay);
      CHECK(one.nodes[i].uplink == other.nodes[i].uplink);
      CHECK(one.nodes[i].downlink == other.nodes[i].downlink);
    }
    CHECK(path->redraws() == path_again->redraws());
    CHECK(path->propagation({}, {}, 3) == path_again->propagation({}, {}, 3));
    CHECK(path->redrawn({}, {}, milliseconds(9), {1, 2}) == path_again->redrawn({}, {}, milliseconds(9), {1, 2}));
    CHECK(again.world.transport.parameters().model == scenario.world.transport.parameters().model);
    CHECK(again.world.transport.parameters().serial_rate == scenario.world.transport.parameters().serial_rate);
    CHECK(again.world.transport.parameters().congestion == scenario.world.transport.parameters().congestion);
    CHECK(again.world.transport.give_up == scenario.world.transport.give_up);
  }
}

TEST_CASE("defaults of the transport are the engine's") {
  const TransportParameters said = internet::TransportSettings{}.parameters();
  const TransportParameters engine;
  CHECK(said.model == engine.model);
  CHECK(said.serial_rate == engine.serial_rate);
  CHECK(said.congestion == engine.congestion);
  CHECK(said.socket_buffer == engine.socket_buffer);
  CHECK(said.queue_segments == engine.queue_segments);
  CHECK(said.send_buffer == engine.send_buffer);
  CHECK(said.receive_buffer == engine.receive_buffer);
  CHECK(said.backlog == engine.backlog);
  CHECK(said.dial_timeout == engine.dial_timeout);
  CHECK(said.give_up == engine.give_up);
}

TEST_CASE("what a group says of itself overrides the world") {
  const Case files;
  const Scenario scenario =
      files.resolved({"world={regions: simblock-2019, latency: {model: region_matrix}, bandwidth: {model: region}}",
                      "world.hosts={home: 100 %}", "groups.pools.host=data_centre", "groups.pools.region=japan",
                      "groups.pools.uplink=1 Gbit/s"});
  const Hosts hosts = place_hosts(scenario, Seeds(4));
  const NodeSpec& pool = node(hosts, "pools[1]");
  CHECK(pool.region == 4);
  CHECK(pool.access_delay == microseconds(250));
  CHECK(pool.uplink == BitRate{1'000'000'000});
  CHECK(pool.downlink == BitRate{22'800'000});
  CHECK(node(hosts, "full[0]").access_delay != node(hosts, "full[1]").access_delay);
  const auto path = make_path(scenario.world, Seeds(4), hosts.losses);
  Host home;
  home.id = stable_id("full[0]");
  CHECK(path->loss(home, home).fraction == Approx(1.0 - 0.999 * 0.999));
}

TEST_CASE("hosts of a node are its own: an added group changes nobody's") {
  const Case files;
  const Lines sets = {
      "world={regions: simblock-2019, latency: {model: region_matrix}, bandwidth: {model: classes}, addresses: {model: "
      "bitnodes-2019}, hosts: {data_centre: 50 %, home: 30 %, mobile: 20 %}}"};
  Lines more = sets;
  more.emplace_back("groups.another={count: 50, role: full}");
  const Hosts few = place_hosts(files.resolved(sets), Seeds(4));
  const Hosts many = place_hosts(files.resolved(more), Seeds(4));
  CHECK(many.nodes.size() == few.nodes.size() + 50);
  for (const NodeSpec& before : few.nodes) {
    const NodeSpec& after = node(many, before.name);
    CHECK(after.endpoint == before.endpoint);
    CHECK(after.region == before.region);
    CHECK(after.access_delay == before.access_delay);
    CHECK(after.uplink == before.uplink);
    CHECK(after.downlink == before.downlink);
  }
}

TEST_CASE("settings of the world that mean nothing are told") {
  CHECK(messages({"world.transport.serial_rate=narrower"}) ==
        Lines{"`world.transport.serial_rate` does nothing: the model is tcp"});
  CHECK(messages({"world.transport={model: serial, congestion: cubic}"}) ==
        Lines{"`world.transport.congestion` does nothing: the model is serial"});
  CHECK(messages({"world.host_classes.home.loss=1 %"}) ==
        Lines{"`world.host_classes` does nothing: no group has `host` or `hosts`, nor has the world"});
  CHECK(messages({"groups.full.region=japan"}) ==
        Lines{"`groups.full.region` does nothing: there are no `world.regions`"});
  CHECK(messages({"world.regions=mainnet-2026"}) ==
        Lines{"`world.regions` does nothing: neither latency nor bandwidth uses regions"});
}

TEST_CASE("mistakes about hosts and links are told with what is valid") {
  CHECK(messages({"world.hosts={home: 60 %, mobile: 30 %}"}) ==
        Lines{"`world.hosts`: the shares add up to 90 %, not to 100 %"});
  CHECK(messages({"world.hosts={hom: 100 %}"}) ==
        Lines{"unknown key `hom` in `world.hosts`; did you mean `home`? (known here: data_centre, home, mobile)"});
  CHECK(messages({"groups.full.host=hom"}) ==
        Lines{"unknown host `hom`; did you mean `home`? valid: data_centre, home, mobile"});
  CHECK(messages({"groups.full.host=home", "groups.full.hosts={home: 100 %}"}) ==
        Lines{"`groups.full.host` and `groups.full.hosts` say the same thing twice; keep one"});
  CHECK(
      messages({"world.bandwidth={model: classes}", "groups.full.host=home"}) ==
      Lines{
          "`groups.pools`: `world.bandwidth` goes by classes of hosts; say `host` or `hosts` here, or `world.hosts`"});
  CHECK(messages({"world.bandwidth={model: constant, uplink: 5 Mbit/s}"}) ==
        Lines{"missing key `downlink` in `world.bandwidth`, model constant"});
  CHECK(
      messages({"world.hosts={home: 100 %}", "world.host_classes.home.uplink_mean=1 Mbit/s"}) ==
      Lines{"`world.host_classes.home`: the mean of a log-normal law is not below its median, see `uplink_median` and "
            "`uplink_mean`"});
  CHECK(messages({"world.latency={model: pareto_per_link}"}) ==
        Lines{"`world.latency`: pareto_per_link needs `world.regions`"});
  CHECK(messages({"world.bandwidth={model: gervais-2016}"}) ==
        Lines{"`world.bandwidth`: gervais-2016 needs `world.regions`"});
  CHECK(messages({"world.addresses={model: bitnodes-2020}"}) ==
        Lines{"unknown model `bitnodes-2020`; did you mean `bitnodes-2019`? valid: uniform, bitnodes-2019"});
  CHECK(messages({"world.latency={model: constant, delay: 2 s}", "world.transport.dial_timeout=4 s"}) ==
        Lines{"`world.latency.delay`: with 2 s no connection would ever open, since a dial is given up after 4 s; at "
              "most 1.9 s"});
  CHECK(messages({"world.latency={model: log_normal, mean: 3 s}"}) ==
        Lines{"`world.latency.mean`: with 3 s no connection would open in time, since a dial is given up after 5 s; at "
              "most 2.4 s"});
}

TEST_CASE("a matrix of round trips is read where the scenario is, and its mistakes are placed in it") {
  const std::string set = "world.latency={model: rtt_matrix, file: rtt.csv}";
  const Case good("0,20\n20,0\n");
  const Scenario scenario = good.resolved({set});
  CHECK(scenario.world.sites.file == "rtt.csv");
  CHECK(scenario.world.sites.table->delay(0, 1) == milliseconds(10));
  const Hosts hosts = place_hosts(scenario, Seeds(4));
  // 302 even draws: five standard deviations are 43.
  const auto second = std::count_if(hosts.nodes.begin(), hosts.nodes.end(), [](const auto& n) { return n.site == 1; });
  CHECK(std::abs(second - 151) < 44);
  CHECK(Case().mistakes({set}) == Lines{"--set:1:41: `world.latency.file`: cannot read `rtt.csv`"});
  CHECK(Case("0,20\n-2,0\n").mistakes({set}) ==
        Lines{"rtt.csv:2:1: row 2, column 1: a round-trip time is not negative, found -2"});
  CHECK(Case("0,9000\n9000,0\n").mistakes({set}) ==
        Lines{"--set:1:41: `world.latency.file`: with 4.5 s no connection would open in time, since a dial is given up "
              "after 5 s; at most 2.4 s"});
}

TEST_CASE("a matrix is described from the folder of the scenario, wherever it was named; an absolute path stays one") {
  const test::TemporaryFolder folder;
  const std::string matrix = folder.write("base/data/rtt.csv", "0,20\n20,0\n");
  folder.write("base/world.yaml", "world: {latency: {model: rtt_matrix, file: data/rtt.csv}}\n");
  const std::string path = folder.write("s.yaml", "extends: base/world.yaml\n" + kBase);
  CHECK(resolve_scenario(path, {}, {}).world.sites.file == "base/data/rtt.csv");
  CHECK(resolve_scenario(path, {"world.latency.file=base/data/rtt.csv"}, {}).world.sites.file == "base/data/rtt.csv");
  CHECK(resolve_scenario(path, {"world.latency.file=" + matrix}, {}).world.sites.file == matrix);
}

TEST_CASE("a matrix that changed since it was described is not taken for the same") {
  const Case files("0,20\n20,0\n");
  const Scenario scenario = files.resolved({"world.latency={model: rtt_matrix, file: rtt.csv}"});
  (void)files.again(scenario);
  files.rewrite("0,21\n21,0\n");
  const std::string fingerprint = scenario.world.sites.fingerprint;
  const Lines lines =
      files.mistakes({"world.latency={model: rtt_matrix, file: rtt.csv, fingerprint: \"" + fingerprint + "\"}"});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].rfind("--set:1:63: `world.latency.fingerprint`: `rtt.csv` is not what it was: expected " + fingerprint,
                       0) == 0);
}

TEST_CASE("mistakes about places are told") {
  CHECK(messages({"world.latency={model: coordinates, space: globe, places: {a: [91, 0]}}"}) ==
        Lines{"`world.latency.places.a` must be between -90 and 90, found `91`"});
  CHECK(messages({"world.latency={model: coordinates, space: globe, places: {a: 5}}"}) ==
        Lines{"`world.latency.places.a`: expected [latitude, longitude] in degrees, or [latitude, longitude, weight], "
              "found `5`"});
  CHECK(messages({"world.latency={model: coordinates, space: plane, places: {a: [1, 2, 0]}}"}) ==
        Lines{"`world.latency.places`: no place that hosts could be in"});
  CHECK(messages({"world.latency={model: coordinates, space: sphere, places: {a: [1, 2]}}"}) ==
        Lines{"unknown space `sphere`; valid: globe, plane"});
}

TEST_CASE("the base world of today resolves") {
  const test::TemporaryFolder folder;
  const std::string base = std::string(HEARSAY_SOURCE_DIR) + "/scenarios/base/mainnet-2026.yaml";
  const Scenario scenario = resolve_scenario(folder.write("s.yaml", "extends: " + base + "\n" + kBase), {}, {});
  CHECK(scenario.world.regions->name == "mainnet-2026");
  CHECK(scenario.world.bandwidth == BandwidthModel::classes);
  CHECK(scenario.world.addresses == AddressModel::bitnodes_2019);
  CHECK(scenario.world.links.jitter == milliseconds(1));
  const Hosts hosts = place_hosts(scenario, Seeds(4));
  for (const NodeSpec& one : hosts.nodes) CHECK((one.uplink > BitRate{} && one.downlink > BitRate{}));
}

}  // namespace hearsay::app
