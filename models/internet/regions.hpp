// Published tables of regions: where nodes are, how far apart they are, how fast their access links are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/core/random.hpp"

namespace hearsay::internet {

inline constexpr std::size_t kRegions = 6;

// Means by region. Latency is one way, milliseconds, from the sender's region (row) to the receiver's (column).
struct RegionTable {
  std::string_view name;
  std::string_view source;  // of every number of the table
  std::array<std::string_view, kRegions> regions;
  std::array<std::array<double, kRegions>, kRegions> latency_ms;
  std::array<std::int64_t, kRegions> upload_bits_per_second;
  std::array<std::int64_t, kRegions> download_bits_per_second;
  std::array<double, kRegions> node_share;  // sums to 1 up to the rounding of the source
};

[[nodiscard]] const std::vector<RegionTable>& region_tables();
// Null if there is no such table.
[[nodiscard]] const RegionTable* find_region_table(std::string_view name);

[[nodiscard]] std::optional<std::uint16_t> find_region(const RegionTable& table, std::string_view name);

// Draws a region by the shares of nodes, from the node's own stream.
[[nodiscard]] std::uint16_t draw_region(const RegionTable& table, RandomStream& stream);

}  // namespace hearsay::internet
