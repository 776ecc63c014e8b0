// Delays without geography: each link has one of its own, the same both ways, from a log-normal law. The law of
// Hyperion (sr-gi/hyperion, hyper-lib/src/network.rs: mean 10 ms, coefficient of variation 0.2), a preset for parity
// with it.
#pragma once

#include "models/internet/draws.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

class LogNormalPath final : public PathModel {
 public:
  LogNormalPath(const Seeds& seeds, Duration mean, Duration deviation)
      : law_(LogNormal::of_mean_and_deviation(static_cast<double>(mean.ns), static_cast<double>(deviation.ns))),
        draw_(seeds, Purpose("log-normal latency")) {}
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    return rounded(law_.quantile(draw_(connection, 0)), kLongestPath);
  }

 private:
  LogNormal law_;
  KeyedDraw draw_;
};

}  // namespace hearsay::internet
