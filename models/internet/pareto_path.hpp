// The laws of two published simulators, for parity with them: around the mean m of two regions, a Pareto law with scale
// m - 5 ms and shape m / 5 ms. SimBlock (Aoki et al. 2019) draws for every message, Gervais et al. (2016) once for
// every link. No host measured such tails: these are presets, not a claim about the internet.
//
// SimBlock rounds to whole milliseconds; this does not. Draws are cut at kLongestPath.
#pragma once

#include <array>

#include "models/internet/draws.hpp"
#include "models/internet/regions.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

enum class DrawnPer : std::uint8_t { message, link };

class ParetoPath final : public PathModel {
 public:
  ParetoPath(const RegionTable& table, const Seeds& seeds, DrawnPer per)
      : mean_ms_(table.latency_ms), draw_(seeds, Purpose("Pareto latency")), per_(per) {}

  // Per link: the delay of the link, both ways. Per message: the mean.
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const override {
    const double mean = mean_ms_[from.region][to.region];
    if (per_ == DrawnPer::message) return rounded(mean * 1e6, kLongestPath);
    return drawn(mean, connection, 0);
  }
  [[nodiscard]] bool redraws() const override { return per_ == DrawnPer::message; }
  [[nodiscard]] Duration redrawn(const Host& from, const Host& to, Duration usual,
                                 const PathDraw& draw) const override {
    return per_ == DrawnPer::link ? usual : drawn(mean_ms_[from.region][to.region], draw.stream, draw.number);
  }

 private:
  [[nodiscard]] Duration drawn(double mean_ms, std::uint64_t id, std::uint64_t number) const {
    return rounded(latency_pareto_quantile(mean_ms, draw_(id, number)) * 1e6, kLongestPath);
  }

  std::array<std::array<double, kRegions>, kRegions> mean_ms_;
  KeyedDraw draw_;
  DrawnPer per_;
};

}  // namespace hearsay::internet
