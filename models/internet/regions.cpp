#include "models/internet/regions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hearsay::internet {

namespace {

constexpr std::array<std::string_view, kRegions> kNames = {"north_america", "europe", "south_america",
                                                           "asia_pacific",  "japan",  "australia"};
constexpr std::string_view kSource =
    "SimBlock (Aoki, Otsuki, Kaneko, Banno, Shudo 2019), NetworkConfiguration.java: means by region";

const std::vector<RegionTable> kTables = {
    {"simblock-2015",
     kSource,
     kNames,
     {{{36, 119, 255, 310, 154, 208},
       {119, 12, 221, 242, 266, 350},
       {255, 221, 137, 347, 256, 269},
       {310, 242, 347, 99, 172, 278},
       {154, 266, 256, 172, 9, 163},
       {208, 350, 269, 278, 163, 22}}},
     {4'700'000, 8'100'000, 1'800'000, 5'300'000, 3'400'000, 5'200'000},
     {25'000'000, 24'000'000, 6'500'000, 10'000'000, 17'500'000, 14'000'000},
     {0.3869, 0.5159, 0.0113, 0.0574, 0.0119, 0.0166}},
    {"simblock-2019",
     kSource,
     kNames,
     {{{32, 124, 184, 198, 151, 189},
       {124, 11, 227, 237, 252, 294},
       {184, 227, 88, 325, 301, 322},
       {198, 237, 325, 85, 58, 198},
       {151, 252, 301, 58, 12, 126},
       {189, 294, 322, 198, 126, 16}}},
     {19'200'000, 20'700'000, 5'800'000, 15'700'000, 10'200'000, 11'300'000},
     {52'000'000, 40'000'000, 18'000'000, 22'800'000, 22'800'000, 29'900'000},
     {0.3316, 0.4998, 0.0090, 0.1177, 0.0224, 0.0195}},
};

}  // namespace

const std::vector<RegionTable>& region_tables() {
  return kTables;
}

const RegionTable* find_region_table(std::string_view name) {
  const auto found =
      std::find_if(kTables.begin(), kTables.end(), [&](const auto& table) { return table.name == name; });
  return found == kTables.end() ? nullptr : &*found;
}

std::uint16_t draw_region(const RegionTable& table, RandomStream& stream) {
  double rest = std::accumulate(table.node_share.begin(), table.node_share.end(), 0.0);
  std::uint16_t region = 0;
  while (region < kRegions - 1 && !stream.chance({table.node_share[region] / rest})) rest -= table.node_share[region++];
  return region;
}

RegionMatrixPath::RegionMatrixPath(const RegionTable& table) {
  for (std::size_t from = 0; from < kRegions; ++from)
    for (std::size_t to = 0; to < kRegions; ++to)
      delay_[from][to] = Duration{std::llround(table.latency_ms[from][to] * 1e6)};  // the one rounding: to nanoseconds
}

Duration RegionMatrixPath::propagation(const Host& from, const Host& to, std::uint64_t) const {
  return delay_[from.region][to.region];
}

}  // namespace hearsay::internet
