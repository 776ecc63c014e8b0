// How long nodes stay online: laws of session lengths, each a pure function of uniform numbers.
//
// A network that has been running for long is not made of nodes that have just begun: who is met online at some instant
// is in a session that is longer than most (the inspection paradox), and `remaining` draws what is left of it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sim/core/time.hpp"

namespace hearsay::internet {

// Chances are strictly between 0 and 1.
class SessionLengthLaw {
 public:
  virtual ~SessionLengthLaw() = default;
  [[nodiscard]] virtual double mean_seconds() const = 0;
  // Of a session that begins.
  [[nodiscard]] virtual double length_seconds(double chance) const = 0;
  // Of a session that is met under way, in a stationary state.
  [[nodiscard]] virtual double remaining_seconds(double chance, double other_chance) const = 0;
};

[[nodiscard]] std::unique_ptr<SessionLengthLaw> exponential_sessions(Duration mean);
// `sigma`: standard deviation of the logarithm.
[[nodiscard]] std::unique_ptr<SessionLengthLaw> log_normal_sessions(Duration median, double sigma);

// A share of sessions lasts at least so long.
struct SurvivalPoint {
  double seconds;
  double share;
};
// Reachable Bitcoin nodes as a monitor of KIT saw them, June 2019: the shares of connections that lasted at least 60 s,
// 1 h, 1 d, 7 d, 30 d (dsn.kastel.kit.edu/bitcoin; facts of validation, 1.3). A connection may end while the node
// stays, so sessions are longer rather than shorter.
[[nodiscard]] const std::vector<SurvivalPoint>& kit_2019_survival();
// Between the points straight in the logarithm of time (before the first, in time); beyond the last exponential, with
// the hazard between the last two.
[[nodiscard]] std::unique_ptr<SessionLengthLaw> surviving_sessions(const std::vector<SurvivalPoint>& points);

}  // namespace hearsay::internet
