// Runs in which peers send damaged messages are pure functions of their seeds, too: the same for values and bytes, on
// any number of ranks.
#include <catch2/catch.hpp>
#include <map>

#include "models/protocols/bitcoin/bitcoin_node.hpp"
#include "tests/determinism/bitcoin_offence_world.hpp"

namespace hearsay::test {
namespace {

class Offences final : public Probe {
 public:
  void on_observation(SimTime, NodeId, const Observation& observation) override {
    ++seen_[observation.kind];
    if (observation.kind == bitcoin::observed::kPeerMisbehaved)
      ++verdicts_[static_cast<bitcoin::Misbehaviour>(observation.value)];
  }
  std::map<ObservationKind, std::size_t> seen_;
  std::map<bitcoin::Misbehaviour, std::size_t> verdicts_;
};

const WorldFactory& factory() {
  static const WorldFactory made = bitcoin_offence_world().factory;
  return made;
}

}  // namespace

TEST_CASE("the world under fire is worth testing: offences of many kinds, and a network that goes on") {
  const std::unique_ptr<TestWorld> world = factory()({});
  Offences probe;
  Simulation& simulation = world->simulation();
  simulation.add_probe(0, probe);
  simulation.run_until(SimTime{} + simulation.options().horizon);
  namespace observed = bitcoin::observed;
  using bitcoin::Misbehaviour;
  CHECK(probe.seen_[observed::kPeerMisbehaved] > 300);
  CHECK(probe.seen_[observed::kBlockBorn] > 8);
  CHECK(probe.seen_[observed::kTransactionAccepted] > 1'500);
  CHECK(probe.seen_[observed::kTransactionConfirmed] > 500);
  CHECK(probe.seen_[observed::kTransactionRejected] > 20);
  for (const Misbehaviour verdict :
       {Misbehaviour::invalid_header, Misbehaviour::stream_lost, Misbehaviour::late_negotiation,
        Misbehaviour::unwanted_transaction, Misbehaviour::service_not_offered}) {
    CAPTURE(static_cast<int>(verdict));
    CHECK(probe.verdicts_[verdict] > 0);
  }
  const auto messages = [&](bitcoin::MessageType type) {
    return simulation.traffic(bitcoin::wire_type(type)).messages;
  };
  CHECK(messages(bitcoin::MessageType::raw) > 1'000);
  for (std::size_t type = 0; type < bitcoin::kMessageTypes; ++type) {
    CAPTURE(type);
    CHECK(messages(static_cast<bitcoin::MessageType>(type)) > 0);
  }
}

TEST_CASE("damaged messages as values and as bytes give the same run") {
  CHECK(check_wire(factory()) == "");
}

TEST_CASE("one, two, three and seven ranks give the same run under fire") {
  CHECK(check_ranks(factory()) == "");
}

TEST_CASE("bytes on one, two and three ranks give the same run under fire") {
  const Outcome plain = run(factory(), {});
  for (const unsigned ranks : {1u, 2u, 3u}) {
    Variant variant;
    variant.ranks = ranks;
    variant.wire = Wire::bytes;
    CHECK(difference("bytes and ranks changed the run", plain, run(factory(), variant)) == "");
  }
}

TEST_CASE("the same seed, probes, the order of listing and idle nodes do not matter under fire") {
  CHECK(check_same_seed(factory()) == "");
  CHECK(check_probes(factory()) == "");
  CHECK(check_listing(factory()) == "");
  CHECK(check_idle_nodes(factory()) == "");
  CHECK(check_other_seed(factory()) == "");
}

}  // namespace hearsay::test
