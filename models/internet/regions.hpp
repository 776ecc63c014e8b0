// Published tables of regions: where nodes are, how far apart they are, how fast their access links are.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/core/random.hpp"
#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

inline constexpr std::size_t kRegions = 6;

// Means by region. Latency is one way, milliseconds, from the sender's region (row) to the receiver's (column).
struct RegionTable {
  std::string_view name;
  std::string_view source;
  std::array<std::string_view, kRegions> regions;
  std::array<std::array<double, kRegions>, kRegions> latency_ms;
  std::array<std::int64_t, kRegions> upload_bits_per_second;
  std::array<std::int64_t, kRegions> download_bits_per_second;
  std::array<double, kRegions> node_share;  // sums to 1 up to the rounding of the source
};

[[nodiscard]] const std::vector<RegionTable>& region_tables();
// Null if there is no such table.
[[nodiscard]] const RegionTable* find_region_table(std::string_view name);

// Draws a region by the shares of nodes, from the node's own stream.
[[nodiscard]] std::uint16_t draw_region(const RegionTable& table, RandomStream& stream);

// The table's mean between two regions, the same for every pair of hosts and every message.
class RegionMatrixPath final : public PathModel {
 public:
  explicit RegionMatrixPath(const RegionTable& table);
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const override;

 private:
  std::array<std::array<Duration, kRegions>, kRegions> delay_;
};

}  // namespace hearsay::internet
