#include "models/internet/site_table.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

#include "models/internet/draws.hpp"
#include "models/internet/site_delays.hpp"

namespace hearsay::internet {

SiteTable::SiteTable(std::unique_ptr<const Delays> delays, std::vector<double> weights)
    : delays_(std::move(delays)), weights_(std::move(weights)) {
  const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (double& weight : weights_) weight /= total;
}

SiteTable::~SiteTable() = default;

Duration SiteTable::delay(std::uint32_t from, std::uint32_t to) const {
  return {delays_->ns(from, to)};
}

Duration SiteTable::longest() const {
  return {delays_->ns.maxCoeff()};
}

std::uint32_t SiteTable::drawn_site(double chance) const {
  std::uint32_t site = 0;
  while (site + 1 < weights_.size() && chance >= weights_[site]) chance -= weights_[site++];
  while (site > 0 && weights_[site] <= 0.0) --site;  // rounding must not give a place without hosts
  return site;
}

namespace {

double kilometres(Space space, const Place& a, const Place& b) {
  if (space == Space::plane) return std::hypot(a.first - b.first, a.second - b.second);
  constexpr double kEarthRadiusKm = 6371.0088;  // mean radius, IUGG
  constexpr double kRadian = std::numbers::pi / 180.0;
  const double up = std::sin(0.5 * (a.first - b.first) * kRadian);
  const double along = std::sin(0.5 * (a.second - b.second) * kRadian);
  const double h = up * up + std::cos(a.first * kRadian) * std::cos(b.first * kRadian) * along * along;
  return 2.0 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));  // haversine formula
}

}  // namespace

std::shared_ptr<const SiteTable> SiteTable::from_places(Space space, const std::vector<Place>& places, Duration least,
                                                        Duration per_1000_km) {
  auto delays = std::make_unique<Delays>();
  const auto size = static_cast<Eigen::Index>(places.size());
  delays->ns.resize(size, size);
  std::vector<double> weights;
  for (Eigen::Index from = 0; from < size; ++from) {
    const Place& a = places[static_cast<std::size_t>(from)];
    weights.push_back(a.weight);
    for (Eigen::Index to = 0; to <= from; ++to) {
      const double distance = kilometres(space, a, places[static_cast<std::size_t>(to)]);
      const double ns = static_cast<double>(least.ns) + distance / 1000.0 * static_cast<double>(per_1000_km.ns);
      delays->ns(from, to) = delays->ns(to, from) = rounded(ns, hours(1)).ns;
    }
  }
  return std::make_shared<const SiteTable>(std::move(delays), std::move(weights));
}

}  // namespace hearsay::internet
