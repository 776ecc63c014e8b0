// What must not change a run, as checks on any protocol: each takes a way to build a world and says in one sentence
// what was violated, or nothing (an empty text) if all is well.
//
// A world is built from a Variant. Those of its fields that must not matter are varied by the checks; a factory must
// honour every field. The edges of the network must not depend on `idle_nodes` or `listing`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/engine/simulation.hpp"

namespace hearsay::test {

enum class Wire : std::uint8_t { typed, bytes };
enum class Probing : std::uint8_t { none, all_ranks };

struct Variant {
  std::uint64_t world_seed = 1;
  unsigned ranks = 1;
  Wire wire = Wire::typed;
  Probing probing = Probing::none;
  std::uint64_t listing = 0;     // seed of the order in which the nodes are listed; zero: as they come
  std::uint32_t idle_nodes = 0;  // that exist, dial nobody, are dialled by nobody and observe nothing
};

class TestWorld {
 public:
  virtual ~TestWorld() = default;
  [[nodiscard]] virtual Simulation& simulation() = 0;
};
using WorldFactory = std::function<std::unique_ptr<TestWorld>(const Variant&)>;
struct NamedWorld {
  const char* name;
  WorldFactory factory;
};

// What a run leaves behind.
struct Outcome {
  std::uint64_t digest = 0;
  DigestSlices slices{};
  std::map<StableId, std::uint64_t> node_digests;
  Counters counters;
};

[[nodiscard]] Outcome outcome_of(Simulation& simulation);
[[nodiscard]] Outcome run(const WorldFactory& factory, const Variant& variant);

// Empty when digests, slices and nodes agree; otherwise the sentence, with the first slice and a node that differ.
[[nodiscard]] std::string difference(const std::string& sentence, const Outcome& expected, const Outcome& actual);

[[nodiscard]] std::string check_same_seed(const WorldFactory& factory);
[[nodiscard]] std::string check_other_seed(const WorldFactory& factory);
[[nodiscard]] std::string check_probes(const WorldFactory& factory);
[[nodiscard]] std::string check_ranks(const WorldFactory& factory);
[[nodiscard]] std::string check_wire(const WorldFactory& factory);
[[nodiscard]] std::string check_listing(const WorldFactory& factory);
[[nodiscard]] std::string check_idle_nodes(const WorldFactory& factory);
[[nodiscard]] std::string check_interleaved(const WorldFactory& factory);
// At many instants of the run, streams hand over what was sent on them, and no message is lost from the books.
[[nodiscard]] std::string check_streams(const WorldFactory& factory);

struct NamedCheck {
  std::string name;
  std::string (*check)(const WorldFactory&);
};
// All of the above except check_other_seed, which does not hold for a world without draws and ties.
[[nodiscard]] const std::vector<NamedCheck>& invariance_checks();

// Compares with tests/determinism/golden_digests.csv, so that every compiler and build type must agree on it; empty
// when equal. With HEARSAY_UPDATE_GOLDEN=1 in the environment it writes the file instead. With HEARSAY_DIGEST_FILE it
// also appends `name digest` there, for a comparison of builds.
[[nodiscard]] std::string check_golden(const std::string& name, std::uint64_t digest);

}  // namespace hearsay::test
