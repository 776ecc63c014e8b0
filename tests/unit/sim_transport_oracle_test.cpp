// The whole transport of the engine (window, quanta, uplink in turn, order, loss) against ns-3: the cells of
// sim_ns3_table.hpp, each as messages between nodes on an open connection.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/sim_ns3_table.hpp"
#include "tests/unit/sim_story.hpp"

namespace hearsay::test {

namespace {

// One way between the sender and each of its peers; loss on the way from the sender alone.
class StarPath final : public PathModel {
 public:
  StarPath(std::map<Endpoint, Duration> delays, double loss) : delays_(std::move(delays)), loss_(loss) {}
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t) const override {
    return delays_.contains(to.endpoint) ? delays_.at(to.endpoint) : delays_.at(from.endpoint);
  }
  [[nodiscard]] bool lossy() const override { return loss_ > 0; }
  [[nodiscard]] Share loss(const Host&, const Host& to) const override {
    return {delays_.contains(to.endpoint) ? loss_ : 0.0};
  }

 private:
  std::map<Endpoint, Duration> delays_;
  double loss_;
};

struct Cell {
  double rate_mbit = 0;
  std::vector<double> one_way_ms;  // of each peer
  CongestionControl control = CongestionControl::cubic;
  double loss = 0;
  std::int64_t buffer_bytes = 6'000'000;
  std::uint64_t seed = 1;
  TransportModel model = TransportModel::tcp;
};

struct Write {
  Duration after;  // of the opening of all connections
  std::size_t peer = 0;
  std::uint32_t bytes = 0;
};

constexpr SimTime kOpen = at_ms(60'000);

// When each message is complete at its peer, in seconds from its writing.
std::vector<double> completions(const Cell& cell, const std::vector<Write>& writes) {
  StoryOptions options;
  options.names = {"sender"};
  std::map<Endpoint, Duration> delays;
  for (std::size_t i = 0; i < cell.one_way_ms.size(); ++i) {
    options.names.push_back("peer" + std::to_string(i));
    delays[Story::endpoint(options.names.back())] = microseconds(std::llround(cell.one_way_ms[i] * 1000));
  }
  options.path = std::make_shared<StarPath>(delays, cell.loss);
  options.uplinks["sender"] = {std::llround(cell.rate_mbit * 1e6)};
  options.simulation.transport.congestion = cell.control;
  options.simulation.transport.socket_buffer = {cell.buffer_bytes};
  options.simulation.transport.model = cell.model;
  options.simulation.transport.dial_timeout = seconds(30);
  options.world_seed = cell.seed;
  Story story(options);
  for (std::size_t i = 0; i < cell.one_way_ms.size(); ++i)  // slots in the order of peers
    story["sender"].at(SimTime{} + seconds(static_cast<std::int64_t>(i)), dial(Story::endpoint(options.names[i + 1])));
  for (std::size_t i = 0; i < writes.size(); ++i)
    story["sender"].at(kOpen + writes[i].after,
                       send_item(static_cast<ConnectionSlot>(writes[i].peer), i, writes[i].bytes));
  std::vector<double> seconds_taken(writes.size(), -1.0);
  for (std::size_t peer = 0; peer < cell.one_way_ms.size(); ++peer)
    story["peer" + std::to_string(peer)].when_message([&](Context& context, ConnectionSlot, std::uint64_t number) {
      seconds_taken[number] = static_cast<double>((context.now() - (kOpen + writes[number].after)).ns) / 1e9;
    });
  story.run_until(kOpen + hours(1));
  CHECK(story.conserves_messages());
  CHECK(story.simulation().messages_in_flight() == 0);
  return seconds_taken;
}

// The cells that miss, with ours / ns-3's of the same law: the same as those of the windows alone
// (sim_congestion_oracle_test.cpp), for the causes in the oracle's README.
bool is_known_miss(const std::string& cell, CongestionControl control) {
  return control == CongestionControl::cubic && (cell == "single_4mb_100mbit_150ms" || cell == "loss_1_percent");
}

void compare(const std::string& cell, CongestionControl control, double ours_s, const Measured& theirs) {
  CAPTURE(cell, name_of(control), ours_s, theirs.mean("NewReno"), theirs.mean("Cubic"),
          ours_s / theirs.mean(name_of(control)));
  CHECK(inside(ours_s, theirs) != is_known_miss(cell, control));
  CHECK(ours_s / theirs.mean(name_of(control)) > 0.7);
}

}  // namespace

TEST_CASE("a message on an open connection takes as long as in ns-3, through the engine") {
  for (const CongestionControl control : kLaws)
    for (const MessageCell& cell : message_cells()) {
      const std::vector<double> ours =
          completions({static_cast<double>(cell.rate_mbit), {static_cast<double>(cell.one_way_ms)}, control},
                      {{Duration{}, 0, static_cast<std::uint32_t>(cell.bytes)}});
      compare(cell.name, control, ours[0], measured(cell.name));
    }
}

TEST_CASE("small buffers, an idle connection and losses have the effect that they have in ns-3, through the engine") {
  for (const CongestionControl control : kLaws) {
    Cell buffers{100, {50}, control};
    buffers.buffer_bytes = 131'072;
    compare("buffers_128k", control, completions(buffers, {{Duration{}, 0, 4'000'000}})[0], measured("buffers_128k"));

    for (const auto& [cell, first] :
         std::map<std::string, std::uint32_t>{{"idle_restart", 1'500'000}, {"idle_restart_after_small", 100'000}}) {
      const std::vector<double> ours =
          completions({100, {100}, control}, {{Duration{}, 0, first}, {minutes(10), 0, 1'500'000}});
      compare(cell, control, ours[0], measured(cell, 0));
      compare(cell, control, ours[1], measured(cell, 1));
    }

    constexpr std::uint64_t kSeeds = 200;
    for (const auto& [cell, loss] :
         std::map<std::string, double>{{"loss_0.1_percent", 0.001}, {"loss_1_percent", 0.01}}) {
      double sum = 0;
      for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        Cell lossy{10, {50}, control};
        lossy.loss = loss;
        lossy.seed = seed;
        sum += completions(lossy, {{Duration{}, 0, 4'000'000}})[0];
      }
      compare(cell, control, sum / static_cast<double>(kSeeds), measured(cell));
    }
  }
}

// Each as in ns-3 with a fair queue, as Linux hosts have; the mean as with a common queue, where who is ahead is
// chance.
TEST_CASE("connections that share an uplink take as long as in ns-3, through the engine") {
  struct Shared {
    const char* cell;
    double rate_mbit;
    std::uint32_t bytes;
    std::vector<double> one_way_ms;
  };
  const Shared cells[] = {{"two_flows", 10, 4'000'000, {50, 50}},
                          {"eight_peers", 20, 1'500'000, {10, 20, 40, 60, 80, 100, 120, 150}}};
  for (const Shared& shared : cells)
    for (const CongestionControl control : kLaws) {
      std::vector<Write> writes;
      for (std::size_t i = 0; i < shared.one_way_ms.size(); ++i) writes.push_back({Duration{}, i, shared.bytes});
      const std::vector<double> ours = completions({shared.rate_mbit, shared.one_way_ms, control}, writes);
      Measured common;
      double sum = 0;
      for (std::size_t i = 0; i < ours.size(); ++i) {
        compare(shared.cell, control, ours[i], measured(shared.cell, 0, static_cast<int>(i), "fair"));
        for (const char* law : {"NewReno", "Cubic"})
          common.by_law[law].push_back(measured(shared.cell, 0, static_cast<int>(i)).mean(law));
        sum += ours[i];
      }
      compare(shared.cell, control, sum / static_cast<double>(ours.size()), common);
    }
}

// Behind a fair queue, as Linux hosts have it. With a common queue of 100 packets ns-3's takes up to 0.288 s: 238 ms of
// waiting behind the large message, which a sender's own host does not let happen (the oracle's README).
TEST_CASE("a small message beside a large one waits no longer than in ns-3 behind a fair queue") {
  for (const CongestionControl control : kLaws) {
    std::vector<Write> writes = {{Duration{}, 0, 4'000'000}};
    constexpr int kSmall = 12;
    for (int i = 1; i <= kSmall; ++i) writes.push_back({milliseconds(500 * i), 1, 100});
    const std::vector<double> ours = completions({5, {50, 50}, control}, writes);
    for (int i = 1; i <= kSmall; ++i) {
      const Measured theirs = measured("small_beside_bulk", i - 1, 1, "fair");
      CAPTURE(i, ours[static_cast<std::size_t>(i)], theirs.mean("NewReno"), theirs.mean("Cubic"));
      CHECK(inside(ours[static_cast<std::size_t>(i)], theirs));
    }
    CHECK(inside(ours[0], measured("small_beside_bulk", 0, 0, "fair")));
  }
}

}  // namespace hearsay::test
