#include "models/faults/partition/partition.hpp"

#include <algorithm>
#include <array>

namespace hearsay::faults {

namespace {

const std::vector<Parameter<PartitionParameters>>& describe() {
  using P = PartitionParameters;
  static const std::vector<Parameter<P>> list = with_timing<P>({
      {"between", &P::between, "the two parts: targets or groups without a common node", ""},
      {"mode",
       &P::mode,
       "hard: nothing passes, either way; one_way: nothing passes from the first part to the second; lossy: segments "
       "and "
       "datagrams get lost, either way; slow: everything takes longer, either way",
       "",
       0,
       0,
       {"hard", "one_way", "lossy", "slow"}},
      {"loss", &P::loss, "share of the segments and datagrams that get lost", "a choice", 0.0001, 0.9},
      {"delay", &P::delay, "what each message takes longer", "a choice", 1e6, 60e9},
  });
  return list;
}

void check(const PartitionParameters& parameters, std::vector<Mistake>& mistakes) {
  check_timing(parameters, mistakes);
  if (parameters.between.empty()) return;
  if (parameters.between.size() != 2) mistakes.push_back({"between", "a partition has two parts"});
}

// Bytes of open streams are held, as a cut holds them: TCP sends again. Dials and datagrams are lost.
class Cut final : public DeliveryRule {
 public:
  Cut(const PartitionParameters& parameters, const Site& site)
      : parameters_(parameters), periods_(periods_of(parameters, site.origin(), site.end())) {
    drops_ = site.draw_key("datagrams lost");
    for (std::size_t part = 0; part < 2; ++part)
      for (const NodeId node : site.members(parameters.between[part]))
        parts_[part].push_back(site.simulation().world().host(node).id);
    for (const StableId id : parts_[0]) SIM_CHECK(!is_in(1, id), "the parts of a partition have no common node");
  }

  PacketFate packet(const Passage& passage) const override {
    if (!concerns(passage)) return {};
    if (parameters_.mode == "slow") return {PacketFate::Kind::delay, parameters_.delay};
    if (parameters_.mode != "lossy") return {PacketFate::Kind::drop, {}};
    return {is_lost(drops_, passage.draw, parameters_.loss) ? PacketFate::Kind::drop : PacketFate::Kind::pass, {}};
  }

  StreamFate stream(const Passage& passage) const override {
    StreamFate fate;
    if (!concerns(passage)) return fate;
    if (parameters_.mode == "slow") {
      fate.kind = StreamFate::Kind::delay;
      fate.delay = parameters_.delay;
    } else if (parameters_.mode == "lossy") {
      fate.loss = parameters_.loss;
    } else {
      fate.kind = StreamFate::Kind::hold;
    }
    return fate;
  }

 private:
  [[nodiscard]] bool is_in(std::size_t part, StableId id) const {
    return std::binary_search(parts_[part].begin(), parts_[part].end(), id);
  }
  [[nodiscard]] bool concerns(const Passage& passage) const {
    if (!lies_in(periods_, passage.now)) return false;
    const StableId from = passage.from.id;
    const StableId to = passage.to.id;
    if (is_in(0, from)) return is_in(1, to);
    return parameters_.mode != "one_way" && is_in(1, from) && is_in(0, to);
  }

  PartitionParameters parameters_;
  std::vector<Period> periods_;
  std::array<std::vector<StableId>, 2> parts_;  // sorted, as members are
  std::uint64_t drops_ = 0;
};

class Partition final : public Fault {
 public:
  explicit Partition(const PartitionParameters& parameters) : parameters_(parameters) {}
  void install(const Site& site) override {
    rule_ = std::make_unique<Cut>(parameters_, site);
    site.simulation().add_rule(*rule_);
  }

 private:
  PartitionParameters parameters_;
  std::unique_ptr<Cut> rule_;
};

}  // namespace

const FaultModel<PartitionParameters>& partition_model() {
  static const FaultModel<PartitionParameters> model{
      "partition",
      "two parts of the network cannot reach one another, or only badly",
      describe,
      {"between", "at"},
      {{"loss", "mode", "lossy"}, {"delay", "mode", "slow"}},
      true,
      check,
      [](const PartitionParameters& parameters) -> std::unique_ptr<Fault> {
        return std::make_unique<Partition>(parameters);
      }};
  return model;
}

}  // namespace hearsay::faults
