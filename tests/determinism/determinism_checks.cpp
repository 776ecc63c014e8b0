#include "tests/determinism/determinism_checks.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "sim/core/check.hpp"

namespace hearsay::test {

namespace {

class CountingProbe final : public Probe {
 public:
  void on_observation(SimTime, NodeId, const Observation&) override { ++count_; }
  std::uint64_t count_ = 0;
};

std::string hex(std::uint64_t value) {
  std::ostringstream text;
  text << std::hex << std::setw(16) << std::setfill('0') << value;
  return text.str();
}

SimTime end_of(const Simulation& simulation) {
  return SimTime{} + simulation.options().horizon;
}

}  // namespace

Outcome outcome_of(Simulation& simulation) {
  Outcome outcome{simulation.digest(), simulation.slices(), {}, simulation.counters()};
  for (NodeId node = 0; node < simulation.world().size(); ++node)
    outcome.node_digests[simulation.world().host(node).id] = simulation.node_digest(node);
  return outcome;
}

Outcome run(const WorldFactory& factory, const Variant& variant) {
  const std::unique_ptr<TestWorld> world = factory(variant);
  std::vector<CountingProbe> probes(world->simulation().ranks());
  if (variant.probing == Probing::all_ranks)
    for (unsigned rank = 0; rank < probes.size(); ++rank) world->simulation().add_probe(rank, probes[rank]);
  world->simulation().run_until(end_of(world->simulation()));
  return outcome_of(world->simulation());
}

std::string difference(const std::string& sentence, const Outcome& expected, const Outcome& actual) {
  for (std::size_t slice = 0; slice < kDigestSlices; ++slice)
    if (expected.slices[slice] != actual.slices[slice])
      return sentence + " (first in slice " + std::to_string(slice) + " of " + std::to_string(kDigestSlices) + ")";
  for (const auto& [id, digest] : expected.node_digests) {
    const auto found = actual.node_digests.find(id);
    if (found == actual.node_digests.end() || found->second != digest)
      return sentence + " (at the node with id " + hex(id.value) + ")";
  }
  return expected.digest == actual.digest ? "" : sentence + " (in the digest of the run alone)";
}

std::string check_same_seed(const WorldFactory& factory) {
  return difference("the same seed gave another run", run(factory, {}), run(factory, {}));
}

std::string check_other_seed(const WorldFactory& factory) {
  Variant other;
  other.world_seed = 2;
  return run(factory, {}).digest != run(factory, other).digest ? "" : "another seed gave the same run";
}

std::string check_probes(const WorldFactory& factory) {
  Variant probed;
  probed.probing = Probing::all_ranks;
  return difference("a probe changed the run", run(factory, {}), run(factory, probed));
}

std::string check_ranks(const WorldFactory& factory) {
  const Outcome one = run(factory, {});
  for (const unsigned ranks : {2u, 3u, 7u}) {
    Variant split;
    split.ranks = ranks;
    const std::string found =
        difference("splitting over " + std::to_string(ranks) + " ranks changed the run", one, run(factory, split));
    if (!found.empty()) return found;
  }
  return "";
}

std::string check_wire(const WorldFactory& factory) {
  Variant bytes;
  bytes.wire = Wire::bytes;
  return difference("carrying bytes instead of values changed the run", run(factory, {}), run(factory, bytes));
}

std::string check_listing(const WorldFactory& factory) {
  const Outcome plain = run(factory, {});
  for (const std::uint64_t listing : {1u, 2u, 3u}) {
    Variant listed;
    listed.listing = listing;
    const std::string found =
        difference("the order in which the nodes are listed changed the run", plain, run(factory, listed));
    if (!found.empty()) return found;
  }
  return "";
}

std::string check_idle_nodes(const WorldFactory& factory) {
  const Outcome plain = run(factory, {});
  for (const std::uint32_t count : {1u, 5u, 50u}) {
    Variant crowded;
    crowded.idle_nodes = count;
    Outcome outcome = run(factory, crowded);
    if (outcome.node_digests.size() != plain.node_digests.size() + count) return "the idle nodes do not exist";
    outcome.digest = plain.digest;  // that of the whole run counts the idle ones too
    const std::string found = difference("an idle extra node changed what others did", plain, outcome);
    if (!found.empty()) return found;
  }
  return "";
}

std::string check_interleaved(const WorldFactory& factory) {
  Variant other_variant;
  other_variant.world_seed = 2;
  const std::unique_ptr<TestWorld> one = factory({});
  const std::unique_ptr<TestWorld> other = factory(other_variant);
  // Steps of different lengths, so that each stops at many different places while the other runs.
  const Duration horizon = one->simulation().options().horizon;
  for (std::int64_t step = 1; step <= 97; ++step) {
    one->simulation().run_until(SimTime{} + horizon * step / 97);
    other->simulation().run_until(SimTime{} + horizon * (step * step) / (97 * 97));
  }
  const std::string sentence = "a second simulation in the same process changed the run";
  const std::string found = difference(sentence, run(factory, {}), outcome_of(one->simulation()));
  return found.empty() ? difference(sentence, run(factory, other_variant), outcome_of(other->simulation())) : found;
}

std::string check_streams(const WorldFactory& factory) {
  const std::unique_ptr<TestWorld> world = factory({});
  Simulation& simulation = world->simulation();
  try {
    for (std::int64_t step = 1; step <= 50; ++step) {
      simulation.run_until(SimTime{} + simulation.options().horizon * step / 50);
      simulation.check_streams();
    }
  } catch (const CheckFailure& failure) {
    return failure.what();
  }
  return "";
}

const std::vector<NamedCheck>& invariance_checks() {
  static const std::vector<NamedCheck> checks = {{"same_seed", check_same_seed},
                                                 {"probes", check_probes},
                                                 {"ranks", check_ranks},
                                                 {"wire", check_wire},
                                                 {"listing", check_listing},
                                                 {"idle_nodes", check_idle_nodes},
                                                 {"interleaved", check_interleaved},
                                                 {"streams", check_streams}};
  return checks;
}

namespace {

using GoldenDigests = std::map<std::string, std::string>;

const std::string& golden_path() {
  static const std::string path = std::string(HEARSAY_SOURCE_DIR) + "/tests/determinism/golden_digests.csv";
  return path;
}

GoldenDigests read_golden() {
  GoldenDigests golden;
  std::ifstream file(golden_path());
  std::string line;
  std::getline(file, line);  // the names of the columns
  while (std::getline(file, line))
    if (const std::size_t comma = line.find(','); comma != std::string::npos)
      golden[line.substr(0, comma)] = line.substr(comma + 1);
  return golden;
}

// Several test programs may do this at once, each for its own line.
std::string update_golden(const std::string& name, const std::string& digest) {
  const int lock = ::open(golden_path().c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  ::flock(lock, LOCK_EX);
  GoldenDigests golden = read_golden();
  golden[name] = digest;
  std::ofstream file(golden_path());
  file << "name,digest\n";
  for (const auto& [of, value] : golden) file << of << ',' << value << '\n';
  file.close();
  ::close(lock);
  return file.fail() ? "cannot write " + golden_path() : "";
}

}  // namespace

std::string check_golden(const std::string& name, std::uint64_t digest) {
  const std::string actual = hex(digest);
  if (const char* path = std::getenv("HEARSAY_DIGEST_FILE"); path != nullptr && *path != '\0')
    std::ofstream(path, std::ios::app) << name + ' ' + actual + '\n' << std::flush;
  if (const char* update = std::getenv("HEARSAY_UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1")
    return update_golden(name, actual);
  const GoldenDigests golden = read_golden();
  const auto found = golden.find(name);
  if (found == golden.end()) return "no golden digest of " + name + "; it is " + actual;
  if (found->second != actual) return "the digest of " + name + " is " + actual + ", golden is " + found->second;
  return "";
}

}  // namespace hearsay::test
