#include "models/faults/slow_node/slow_node.hpp"

namespace hearsay::faults {

namespace {

const std::vector<Parameter<SlowNodeParameters>>& describe() {
  using P = SlowNodeParameters;
  static const std::vector<Parameter<P>> list = with_timing<P>({
      {"of", &P::of, "the nodes that are slow", ""},
      {"slowness", &P::slowness, "how many times as long everything takes that they compute", "a choice", 1.001, 1e6},
  });
  return list;
}

void check(const SlowNodeParameters& parameters, std::vector<Mistake>& mistakes) {
  check_timing(parameters, mistakes);
}

class SlowNode final : public Fault {
 public:
  explicit SlowNode(const SlowNodeParameters& parameters) : parameters_(parameters) {}
  void install(const Site& site) override {
    const std::vector<NodeId> nodes = site.members(parameters_.of);
    const auto set = [&](SimTime time, Factor slowness) {
      site.at(time, [nodes, slowness](Simulation& simulation, SimTime now) {
        for (const NodeId node : nodes) simulation.slow(node, slowness, now);
      });
    };
    for (const Period& period : periods_of(parameters_, site.origin(), site.end())) {
      set(period.begin, parameters_.slowness);
      set(period.end, Factor{1.0});
    }
  }

 private:
  SlowNodeParameters parameters_;
};

}  // namespace

const FaultModel<SlowNodeParameters>& slow_node_model() {
  static const FaultModel<SlowNodeParameters> model{"slow_node",
                                                    "some nodes take longer for everything that they compute",
                                                    describe,
                                                    {"of", "at"},
                                                    {},
                                                    false,
                                                    check,
                                                    [](const SlowNodeParameters& parameters) -> std::unique_ptr<Fault> {
                                                      return std::make_unique<SlowNode>(parameters);
                                                    }};
  return model;
}

}  // namespace hearsay::faults
