#include "models/internet/bandwidth_histograms.hpp"

#include <cmath>
#include <utility>

namespace hearsay::internet {

BandwidthHistogram::BandwidthHistogram(BitRate least, BitRate width, std::vector<BandwidthBin> bins)
    : least_(least), width_(width), bins_(std::move(bins)) {
  for (const BandwidthBin& bin : bins_) total_ += bin.weight;
}

double BandwidthHistogram::lower_end(const BandwidthBin& bin) const {
  return static_cast<double>(least_.bits_per_second + bin.number * width_.bits_per_second);
}

BitRate BandwidthHistogram::quantile(double chance) const {
  double rest = chance * total_;
  std::size_t bin = 0;
  while (bin + 1 < bins_.size() && rest >= bins_[bin].weight) rest -= bins_[bin++].weight;
  const double within = rest / bins_[bin].weight * static_cast<double>(width_.bits_per_second);
  return {std::llround(lower_end(bins_[bin]) + within)};  // the one rounding: to bits per second
}

double BandwidthHistogram::mean_bits_per_second() const {
  double sum = 0.0;
  const double half = 0.5 * static_cast<double>(width_.bits_per_second);
  for (const BandwidthBin& bin : bins_) sum += bin.weight * (lower_end(bin) + half);
  return sum / total_;
}

double BandwidthHistogram::deviation_bits_per_second() const {
  double sum = 0.0;
  const auto width = static_cast<double>(width_.bits_per_second);
  const double mean = mean_bits_per_second();
  for (const BandwidthBin& bin : bins_) {
    const double off = lower_end(bin) + 0.5 * width - mean;
    sum += bin.weight * (off * off + width * width / 12.0);
  }
  return std::sqrt(sum / total_);
}

std::array<BandwidthHistogram, kRegions> make_histograms(BitRate least, BitRate width,
                                                         const std::array<std::vector<BandwidthBin>, kRegions>& bins) {
  std::array<BandwidthHistogram, kRegions> histograms;
  for (std::size_t region = 0; region < kRegions; ++region) histograms[region] = {least, width, bins[region]};
  return histograms;
}

}  // namespace hearsay::internet
