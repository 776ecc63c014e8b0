#include "models/faults/targeted_removal/targeted_removal.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/net/graph_measures.hpp"

namespace hearsay::faults {

namespace {

const std::vector<Parameter<TargetedRemovalParameters>>& describe() {
  using P = TargetedRemovalParameters;
  static const std::vector<Parameter<P>> list = with_timing<P>({
      {"of", &P::of, "the nodes that may be removed", ""},
      {"by",
       &P::by,
       "which of them go first: those with the most connections, those on the most shortest paths, or random ones; "
       "ties "
       "are drawn",
       "Albert, Jeong, Barabasi, Nature 406 (2000); betweenness: Brandes 2001",
       0,
       0,
       {"degree", "betweenness", "random"}},
      {"share", &P::share, "how many of them, rounded to the nearest number", "a choice", 0.0001, 1},
      {"how",
       &P::how,
       "clean: they close their connections; crash: peers hear of it when they send next; vanish: silence",
       "",
       0,
       0,
       {"clean", "crash", "vanish"}},
  });
  return list;
}

void check(const TargetedRemovalParameters& parameters, std::vector<Mistake>& mistakes) {
  check_timing(parameters, mistakes);
}

StopKind stop_kind(const std::string& how) {
  if (how == "clean") return StopKind::clean;
  return how == "crash" ? StopKind::crash : StopKind::vanish;
}

class TargetedRemoval final : public Fault {
 public:
  explicit TargetedRemoval(const TargetedRemovalParameters& parameters) : parameters_(parameters) {}

  // The victims are chosen when they are removed, by the connections of that instant.
  void install(const Site& site) override {
    candidates_ = site.members(parameters_.of);
    RandomStream ties = site.stream("ties");
    ties.shuffle(candidates_);
    for (const Period& period : periods_of(parameters_, site.origin(), site.end())) {
      site.at(period.begin, [this](Simulation& simulation, SimTime now) { remove(simulation, now); });
      if (parameters_.lasts)
        site.at(period.end, [this](Simulation& simulation, SimTime now) { return_all(simulation, now); });
    }
  }

 private:
  void remove(Simulation& simulation, SimTime now) {
    std::vector<NodeId> order;
    for (const NodeId node : candidates_)
      if (simulation.is_online(node)) order.push_back(node);
    const auto count =
        static_cast<std::size_t>(std::llround(parameters_.share.fraction * static_cast<double>(order.size())));
    if (parameters_.by != "random") {
      const std::vector<double> rank = centrality(simulation);
      std::stable_sort(order.begin(), order.end(), [&](NodeId a, NodeId b) { return rank[a] > rank[b]; });
    }
    order.resize(count);
    for (const NodeId node : order) simulation.stop(node, stop_kind(parameters_.how), now);
    removed_ = std::move(order);
  }

  void return_all(Simulation& simulation, SimTime now) {
    for (const NodeId node : removed_)
      if (!simulation.is_online(node)) simulation.start(node, now);
    removed_.clear();
  }

  [[nodiscard]] std::vector<double> centrality(const Simulation& simulation) const {
    Edges edges;
    for (const OpenConnection& connection : simulation.connections())
      edges.emplace_back(connection.dialler, connection.dialled);
    const std::size_t nodes = simulation.world().size();
    return parameters_.by == "degree" ? degrees(nodes, edges) : betweenness(nodes, edges);
  }

  TargetedRemovalParameters parameters_;
  std::vector<NodeId> candidates_;  // in the order in which ties are broken
  std::vector<NodeId> removed_;
};

}  // namespace

const FaultModel<TargetedRemovalParameters>& targeted_removal_model() {
  static const FaultModel<TargetedRemovalParameters> model{
      "targeted_removal",
      "the best connected nodes, or random ones, are taken out of the network",
      describe,
      {"at"},
      {},
      false,
      check,
      [](const TargetedRemovalParameters& parameters) -> std::unique_ptr<Fault> {
        return std::make_unique<TargetedRemoval>(parameters);
      }};
  return model;
}

}  // namespace hearsay::faults
