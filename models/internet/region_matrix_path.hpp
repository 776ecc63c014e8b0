// The mean latency between two regions, and optionally how far single pairs of hosts are from that mean: a factor of
// their own, log-normal with mean 1, the same in both directions, for every message and every connection between them.
#pragma once

#include <array>

#include "models/internet/draws.hpp"
#include "models/internet/regions.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

class RegionMatrixPath final : public PathModel {
 public:
  explicit RegionMatrixPath(const RegionTable& table) : RegionMatrixPath(table, Seeds(0), Share{}) {}
  // `spread` is the standard deviation of the factor; zero: none.
  RegionMatrixPath(const RegionTable& table, const Seeds& seeds, Share spread);
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const override;

 private:
  std::array<std::array<double, kRegions>, kRegions> delay_ns_;
  KeyedDraw draw_;
  LogNormal factor_;
};

}  // namespace hearsay::internet
