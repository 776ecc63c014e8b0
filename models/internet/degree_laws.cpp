#include "models/internet/degree_laws.hpp"

#include <algorithm>
#include <numeric>

#include "models/internet/draws.hpp"
#include "sim/core/check.hpp"

namespace hearsay::internet {

const std::vector<OutDegreeLaw>& out_degree_laws() {
  static const std::vector<OutDegreeLaw> laws = {
      {"simblock-bitcoin-2015",
       "SimBlock (Aoki et al. 2019), NetworkConfiguration.java: Bitcoin 2015",
       {.025, .05, .075, .10, .20, .30, .40, .50, .60, .70, .80, .85, .90, .95, .97, .97, .98, .99, .995, 1}},
      {"simblock-litecoin",
       "SimBlock (Aoki et al. 2019), NetworkConfiguration.java: Litecoin",
       {.01, .02, .04, .07, .09, .14, .20, .28, .39, .5, .6, .69, .76, .81, .85, .87, .89, .92, .93, 1}},
      {"simblock-dogecoin",
       "SimBlock (Aoki et al. 2019), NetworkConfiguration.java: Dogecoin",
       {0, 0, 0, 0, 0, 0, 0, 1}},
  };
  return laws;
}

const OutDegreeLaw* find_out_degree_law(std::string_view name) {
  const auto& laws = out_degree_laws();
  const auto found = std::find_if(laws.begin(), laws.end(), [&](const auto& law) { return law.name == name; });
  return found == laws.end() ? nullptr : &*found;
}

std::vector<std::uint32_t> deal_out_degrees(const OutDegreeLaw& law, const std::vector<StableId>& nodes,
                                            const Seeds& seeds) {
  std::vector<std::uint32_t> order(nodes.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&nodes](auto a, auto b) { return nodes[a] < nodes[b]; });
  RandomStream stream(seeds, SeedDomain::world, Purpose("out-degrees"), StableId{});
  stream.shuffle(order);
  std::vector<std::uint32_t> degrees(nodes.size());
  std::uint32_t degree = 1;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    while (degree < law.at_most.size() &&
           static_cast<double>(rank) > static_cast<double>(nodes.size()) * law.at_most[degree - 1])
      ++degree;
    degrees[order[rank]] = degree;
  }
  return degrees;
}

const std::vector<DegreeBoundsLaw>& degree_bounds_laws() {
  static const std::vector<DegreeBoundsLaw> laws = {
      {"gervais-2016",
       "Gervais et al. 2016, Bitcoin-Simulator, bitcoin-topology-helper.cc: 1, 5, 10, 15, 20, 30, 125, each less its "
       "place",
       {1, 4, 8, 12, 16, 25, 119},
       {10, 40, 30, 13, 6, 1},
       {700, 800}},
  };
  return laws;
}

const DegreeBoundsLaw* find_degree_bounds_law(std::string_view name) {
  const auto& laws = degree_bounds_laws();
  const auto found = std::find_if(laws.begin(), laws.end(), [&](const auto& law) { return law.name == name; });
  return found == laws.end() ? nullptr : &*found;
}

DegreeBounds draw_degree_bounds(const DegreeBoundsLaw& law, StableId node, const Seeds& seeds) {
  const KeyedDraw draw(seeds, Purpose("degree bounds"));
  double left = draw(node.value, 0) * std::accumulate(law.weights.begin(), law.weights.end(), 0.0);
  std::size_t bin = 0;
  while (bin + 1 < law.weights.size() && left >= law.weights[bin]) left -= law.weights[bin++];
  SIM_CHECK(left >= 0.0, "a draw lies in a bin");
  const double within = std::min(left / law.weights[bin], 1.0);
  const auto least = static_cast<std::uint32_t>(law.ends[bin] + within * (law.ends[bin + 1] - law.ends[bin]));
  return {least, least + static_cast<std::uint32_t>(bin) + 1};
}

}  // namespace hearsay::internet
