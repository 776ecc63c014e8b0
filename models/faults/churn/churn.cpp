#include "models/faults/churn/churn.hpp"

#include <cmath>

#include "models/internet/session_laws.hpp"
#include "sim/node/session_law.hpp"

namespace hearsay::faults {

namespace {

const std::vector<Parameter<ChurnParameters>>& describe() {
  using P = ChurnParameters;
  static const std::vector<Parameter<P>> list = with_timing<P>({
      {"of", &P::of, "the nodes that come and go", ""},
      {"sessions",
       &P::sessions,
       "the law of how long a node stays: exponential, log_normal, or kit-2019, as measured",
       "kit-2019: connections of reachable nodes that a monitor of KIT saw, June 2019",
       0,
       0,
       {"exponential", "log_normal", "kit-2019"}},
      {"mean_session", &P::mean_session, "their mean", "a choice", 1e9, kLongestRunNs},
      {"median_session", &P::median_session, "their median", "a choice", 1e9, kLongestRunNs},
      {"sigma", &P::sigma, "standard deviation of the logarithm of their length", "a choice", 0.01, 5},
      {"mean_pause", &P::mean_pause, "how long a node is away in the mean; exponential", "a choice", 1e9,
       kLongestRunNs},
      {"clean", &P::clean, "share of the departures that close connections", "a choice", 0, 1},
      {"vanish", &P::vanish,
       "share of the departures in silence, so that peers wait for their own time-outs; the rest are crashes, of which "
       "a "
       "peer hears when it sends next",
       "a choice", 0, 1},
  });
  return list;
}

void check(const ChurnParameters& parameters, std::vector<Mistake>& mistakes) {
  check_timing(parameters, mistakes);
  if (parameters.clean.fraction + parameters.vanish.fraction > 1.0)
    mistakes.push_back({"vanish", "with `clean` it is more than all departures"});
}

std::unique_ptr<internet::SessionLengthLaw> lengths_of(const ChurnParameters& parameters) {
  if (parameters.sessions == "exponential") return internet::exponential_sessions(parameters.mean_session);
  if (parameters.sessions == "log_normal")
    return internet::log_normal_sessions(parameters.median_session, parameters.sigma.value);
  return internet::surviving_sessions(internet::kit_2019_survival());
}

// A stationary renewal process: the network looks as if the law had held for ever.
class ChurnLaw final : public SessionLaw {
 public:
  explicit ChurnLaw(const ChurnParameters& parameters) : parameters_(parameters), lengths_(lengths_of(parameters)) {
    const double pause = static_cast<double>(parameters.mean_pause.ns) / 1e9;
    online_ = {lengths_->mean_seconds() / (lengths_->mean_seconds() + pause)};
  }

  bool begins_online(RandomStream& stream) const override { return stream.chance(online_); }
  Session first_session(RandomStream& stream) const override {
    const double first = chance(stream);
    return {rounded(lengths_->remaining_seconds(first, chance(stream))), end(stream)};
  }
  Absence first_pause(RandomStream& stream) const override {
    const StopKind how = end(stream);
    return {pause(stream), how};  // the exponential law has no memory
  }
  Session session(RandomStream& stream) const override {
    const Duration length = rounded(lengths_->length_seconds(chance(stream)));
    return {length, end(stream)};
  }
  Duration pause(RandomStream& stream) const override { return stream.exponential(parameters_.mean_pause); }

 private:
  static double chance(RandomStream& stream) { return (static_cast<double>(stream() >> 11) + 0.5) * 0x1.0p-53; }
  static Duration rounded(double seconds) {
    constexpr double kLongest = 100.0 * 366 * 86'400;
    return {std::llround(std::min(seconds, kLongest) * 1e9)};
  }
  StopKind end(RandomStream& stream) const {
    const double where = uniform_share(stream());
    if (where < parameters_.clean.fraction) return StopKind::clean;
    return where < parameters_.clean.fraction + parameters_.vanish.fraction ? StopKind::vanish : StopKind::crash;
  }

  ChurnParameters parameters_;
  std::unique_ptr<internet::SessionLengthLaw> lengths_;
  Share online_;
};

class Churn final : public Fault {
 public:
  explicit Churn(const ChurnParameters& parameters) : parameters_(parameters) {}
  void install(const Site& site) override {
    const std::vector<NodeId> nodes = site.members(parameters_.of);
    const auto law = std::make_shared<const ChurnLaw>(parameters_);
    const auto set = [&](SimTime time, const std::shared_ptr<const SessionLaw>& to) {
      if (time == site.simulation().now()) {  // at the very start: who is away does not start first
        for (const NodeId node : nodes) site.simulation().set_sessions(node, to, time);
        return;
      }
      site.at(time, [nodes, to](Simulation& simulation, SimTime now) {
        for (const NodeId node : nodes) simulation.set_sessions(node, to, now);
      });
    };
    for (const Period& period : periods_of(parameters_, site.origin(), site.end())) {
      set(period.begin, law);
      set(period.end, nullptr);
    }
  }

 private:
  ChurnParameters parameters_;
};

}  // namespace

const FaultModel<ChurnParameters>& churn_model() {
  static const FaultModel<ChurnParameters> model{
      "churn",
      "some nodes come and go by a law of sessions",
      describe,
      {"of"},
      {{"mean_session", "sessions", "exponential"},
       {"median_session", "sessions", "log_normal"},
       {"sigma", "sessions", "log_normal"}},
      false,
      check,
      [](const ChurnParameters& parameters) -> std::unique_ptr<Fault> { return std::make_unique<Churn>(parameters); }};
  return model;
}

}  // namespace hearsay::faults
