#include "models/faults/restart/restart.hpp"

#include <algorithm>

namespace hearsay::faults {

namespace {

const std::vector<Parameter<RestartParameters>>& describe() {
  using P = RestartParameters;
  static const std::vector<Parameter<P>> list = {
      {"of", &P::of, "the nodes that restart", ""},
      {"at", &P::at, "when they stop; a list: several times", "", 0, kLongestRunNs},
      {"every", &P::every, "they stop again so long after each `at`, to the end of the run", "", 1e6, kLongestRunNs},
      {"jitter", &P::jitter, "each node stops up to so much earlier or later, uniformly, drawn anew each time", "", 0,
       kLongestRunNs},
      {"down", &P::lasts, "from its stop to its start", "a choice", 1e6, kLongestRunNs},
      {"clean", &P::clean,
       "share of the stops that close connections; the others are crashes, of which a peer hears "
       "when it sends next",
       "a choice", 0, 1},
  };
  return list;
}

void check(const RestartParameters& parameters, std::vector<Mistake>& mistakes) {
  check_timing(parameters, mistakes, "down");
  if (parameters.at.empty()) return;
  if (parameters.jitter > parameters.at.front())
    mistakes.push_back({"jitter", "the first stop would come before its time begins to count"});
  std::optional<Duration> gap = parameters.every;
  for (std::size_t i = 1; i < parameters.at.size(); ++i) {
    const Duration step = parameters.at[i] - parameters.at[i - 1];
    gap = gap ? std::min(*gap, step) : step;
  }
  if (gap && *gap <= *parameters.lasts + parameters.jitter * 2)
    mistakes.push_back({"jitter", "a node could be asked to stop while it is down"});
}

class Restart final : public Fault {
 public:
  explicit Restart(const RestartParameters& parameters) : parameters_(parameters) {}
  void install(const Site& site) override {
    const std::vector<Period> periods = periods_of(parameters_, site.origin(), site.end());
    for (const NodeId node : site.members(parameters_.of)) {
      RandomStream draws = site.stream("restart", node);
      for (const Period& period : periods) {
        const Duration shift = draws.uniform(Duration{-parameters_.jitter.ns}, parameters_.jitter);
        const StopKind how = draws.chance(parameters_.clean) ? StopKind::clean : StopKind::crash;
        const SimTime stops = period.begin + shift;
        site.at(stops, [node, how, down = *parameters_.lasts](Simulation& simulation, SimTime now) {
          if (!simulation.is_online(node)) return;  // another fault has stopped it, and starts it
          simulation.stop(node, how, now);
          do_at(simulation, now + down, [node](Simulation& later, SimTime then) {
            if (!later.is_online(node)) later.start(node, then);
          });
        });
      }
    }
  }

 private:
  RestartParameters parameters_;
};

}  // namespace

const FaultModel<RestartParameters>& restart_model() {
  static const FaultModel<RestartParameters> model{"restart",
                                                   "some nodes stop and start again",
                                                   describe,
                                                   {"of", "at"},
                                                   {},
                                                   false,
                                                   check,
                                                   [](const RestartParameters& parameters) -> std::unique_ptr<Fault> {
                                                     return std::make_unique<Restart>(parameters);
                                                   }};
  return model;
}

}  // namespace hearsay::faults
