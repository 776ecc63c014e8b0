#include "models/internet/regions.hpp"

#include <algorithm>
#include <numeric>

namespace hearsay::internet {

namespace {

constexpr std::array<std::string_view, kRegions> kNames = {"north_america", "europe", "south_america",
                                                           "asia_pacific",  "japan",  "australia"};
constexpr std::string_view kSource =
    "SimBlock (Aoki, Otsuki, Kaneko, Banno, Shudo 2019), NetworkConfiguration.java: means by region";

using Latency = std::array<std::array<double, kRegions>, kRegions>;
using Bandwidth = std::array<std::int64_t, kRegions>;

constexpr Latency kLatency2019 = {{{32, 124, 184, 198, 151, 189},
                                   {124, 11, 227, 237, 252, 294},
                                   {184, 227, 88, 325, 301, 322},
                                   {198, 237, 325, 85, 58, 198},
                                   {151, 252, 301, 58, 12, 126},
                                   {189, 294, 322, 198, 126, 16}}};
constexpr Bandwidth kUpload2019 = {19'200'000, 20'700'000, 5'800'000, 15'700'000, 10'200'000, 11'300'000};
constexpr Bandwidth kDownload2019 = {52'000'000, 40'000'000, 18'000'000, 22'800'000, 22'800'000, 29'900'000};

constexpr std::string_view kGervaisSource =
    "Gervais et al., CCS 2016: the published Bitcoin-Simulator (shares of the coin's nodes, mean latencies; bandwidth "
    "is "
    "the mean of its regional histograms)";
constexpr Latency kGervaisLatency = {{{35.5, 119.49, 254.79, 310.11, 154.36, 207.91},
                                      {119.49, 11.61, 221.08, 241.9, 266.45, 350.07},
                                      {254.79, 221.08, 137.09, 346.65, 255.95, 268.91},
                                      {310.11, 241.9, 346.65, 99.46, 172.24, 277.8},
                                      {154.36, 266.45, 255.95, 172.24, 8.76, 162.59},
                                      {207.91, 350.07, 268.91, 277.8, 162.59, 21.72}}};
constexpr Bandwidth kGervaisUpload = {4'634'000, 8'149'450, 1'785'550, 5'379'350, 3'474'750, 5'202'400};
constexpr Bandwidth kGervaisDownload = {24'703'950, 23'765'700, 6'590'000, 10'122'725, 17'530'500, 14'034'750};

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
     kLatency2019,
     kUpload2019,
     kDownload2019,
     {0.3316, 0.4998, 0.0090, 0.1177, 0.0224, 0.0195}},
    {"gervais-2016",
     kGervaisSource,
     kNames,
     kGervaisLatency,
     kGervaisUpload,
     kGervaisDownload,
     {0.3869, 0.5159, 0.0113, 0.0574, 0.0119, 0.0166}},
    {"gervais-2016-litecoin",
     kGervaisSource,
     kNames,
     kGervaisLatency,
     kGervaisUpload,
     kGervaisDownload,
     {0.3661, 0.4791, 0.0149, 0.1022, 0.0238, 0.0139}},
    {"gervais-2016-dogecoin",
     kGervaisSource,
     kNames,
     kGervaisLatency,
     kGervaisUpload,
     kGervaisDownload,
     {0.3924, 0.4879, 0.0212, 0.0697, 0.0106, 0.0182}},
    {"bitnodes-2019",
     "shares: Bitnodes, 2019-07-21, 9,450 reachable nodes with a country; latency and bandwidth: SimBlock 2019",
     kNames,
     kLatency2019,
     kUpload2019,
     kDownload2019,
     {0.3002, 0.5246, 0.0080, 0.1291, 0.0212, 0.0169}},
    {"mainnet-2026",
     "shares: Bitnodes' nodes by country as shown by newhedge.io/bitcoin/node-map, a copy without a date later than "
     "November 2023: 7,670 of 21,515 reachable nodes, the others on Tor; latency and bandwidth: SimBlock 2019",
     kNames,
     kLatency2019,
     kUpload2019,
     kDownload2019,
     {0.3317, 0.5441, 0.0171, 0.0716, 0.0153, 0.0203}},
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

std::optional<std::uint16_t> find_region(const RegionTable& table, std::string_view name) {
  const auto found = std::find(table.regions.begin(), table.regions.end(), name);
  if (found == table.regions.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - table.regions.begin());
}

std::uint16_t draw_region(const RegionTable& table, RandomStream& stream) {
  double rest = std::accumulate(table.node_share.begin(), table.node_share.end(), 0.0);
  std::uint16_t region = 0;
  while (region < kRegions - 1 && !stream.chance({table.node_share[region] / rest})) rest -= table.node_share[region++];
  return region;
}

}  // namespace hearsay::internet
