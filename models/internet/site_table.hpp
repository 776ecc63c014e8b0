// Places that hosts stand in, and how long a bit takes from one to another: a measured matrix of round-trip times, or
// points whose distance decides. A host's place is drawn by the weights of the places.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

// What is wrong with a cell of a matrix. Line and column (in characters) start at 1.
struct CellProblem {
  int line = 1;
  int column = 1;
  std::string message;
};

enum class Space : std::uint8_t { globe, plane };

struct Place {
  std::string name;
  double first = 0.0;   // globe: latitude in degrees; plane: x in km
  double second = 0.0;  // globe: longitude in degrees; plane: y in km
  double weight = 1.0;
};

// Immutable. Delays are whole nanoseconds, one way, and the same both ways.
class SiteTable {
 public:
  struct Delays;

  // A square matrix of round-trip times in milliseconds, separated by commas, tabs or blanks. If the first line names
  // the places, each further line starts with a name, in the same order, and a last column called `weight` says how
  // many hosts there are in a place, relative to others. A missing cell is allowed on the diagonal only, and means
  // zero. The two directions of a pair may differ by the share `asymmetry` of the longer; the delay is a quarter of
  // their sum. Null if anything is wrong, with at most ten problems.
  [[nodiscard]] static std::shared_ptr<const SiteTable> from_round_trips(std::string_view text, Share asymmetry,
                                                                         std::vector<CellProblem>& problems);

  // `least`, and `per_1000_km` for the distance: on the globe, of the great circle.
  [[nodiscard]] static std::shared_ptr<const SiteTable> from_places(Space space, const std::vector<Place>& places,
                                                                    Duration least, Duration per_1000_km);

  explicit SiteTable(std::unique_ptr<const Delays> delays, std::vector<double> weights);
  ~SiteTable();
  SiteTable(const SiteTable&) = delete;
  SiteTable& operator=(const SiteTable&) = delete;

  [[nodiscard]] std::size_t size() const { return weights_.size(); }
  [[nodiscard]] Duration delay(std::uint32_t from, std::uint32_t to) const;
  [[nodiscard]] Duration longest() const;
  [[nodiscard]] std::uint32_t drawn_site(double chance) const;

 private:
  std::unique_ptr<const Delays> delays_;
  std::vector<double> weights_;  // they sum to 1
};

// The same for every message and every connection between two places.
class SitePath final : public PathModel {
 public:
  explicit SitePath(std::shared_ptr<const SiteTable> sites) : sites_(std::move(sites)) {}
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t) const override {
    return sites_->delay(from.site, to.site);
  }

 private:
  std::shared_ptr<const SiteTable> sites_;
};

}  // namespace hearsay::internet
