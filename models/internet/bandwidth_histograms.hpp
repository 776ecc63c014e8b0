// Published histograms of access bandwidth by region, and the draw from them: a bin by its weight, then uniform in the
// bin (a piecewise-constant density). Uplink and downlink of a host are drawn apart, as in the source.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/internet/regions.hpp"
#include "sim/core/units.hpp"

namespace hearsay::internet {

struct BandwidthBin {
  std::uint16_t number = 0;
  std::uint16_t weight = 0;
};

class BandwidthHistogram {
 public:
  BandwidthHistogram() = default;
  // Bin i goes from least + i * width to least + (i + 1) * width.
  BandwidthHistogram(BitRate least, BitRate width, std::vector<BandwidthBin> bins);

  // The rate that a host stays below with this chance.
  [[nodiscard]] BitRate quantile(double chance) const;
  [[nodiscard]] double mean_bits_per_second() const;
  [[nodiscard]] double deviation_bits_per_second() const;

 private:
  [[nodiscard]] double lower_end(const BandwidthBin& bin) const;

  BitRate least_;
  BitRate width_;
  std::vector<BandwidthBin> bins_;
  double total_ = 0.0;
};

[[nodiscard]] std::array<BandwidthHistogram, kRegions> make_histograms(
    BitRate least, BitRate width, const std::array<std::vector<BandwidthBin>, kRegions>& bins);

// Gervais et al. 2016. By region, in the order of the region tables.
[[nodiscard]] const std::array<BandwidthHistogram, kRegions>& gervais_uplinks();
[[nodiscard]] const std::array<BandwidthHistogram, kRegions>& gervais_downlinks();

}  // namespace hearsay::internet
