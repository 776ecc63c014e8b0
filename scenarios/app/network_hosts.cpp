#include "scenarios/app/network_hosts.hpp"

#include "models/chain/params.hpp"
#include "models/internet/addresses.hpp"
#include "models/internet/bandwidth_histograms.hpp"
#include "models/internet/log_normal_path.hpp"
#include "models/internet/pareto_path.hpp"
#include "models/internet/path_layers.hpp"
#include "models/internet/region_matrix_path.hpp"
#include "models/internet/uniform_path.hpp"

namespace hearsay::app {

namespace {

// What is drawn for a host, each from the world's seed and the host's stable id alone.
struct HostDraws {
  explicit HostDraws(const Seeds& seeds)
      : site(seeds, Purpose("site")),
        host_class(seeds, Purpose("host class")),
        access_delay(seeds, Purpose("access delay")),
        uplink(seeds, Purpose("uplink")),
        downlink(seeds, Purpose("downlink")) {}

  internet::KeyedDraw site;
  internet::KeyedDraw host_class;
  internet::KeyedDraw access_delay;
  internet::KeyedDraw uplink;
  internet::KeyedDraw downlink;
};

void set_rates(NodeSpec& node, StableId id, const WorldSpec& world, const internet::HostClassLaw* law,
               const HostDraws& draws) {
  switch (world.bandwidth) {
    case BandwidthModel::unlimited:
      break;
    case BandwidthModel::constant:
      node.uplink = world.rates.uplink;
      node.downlink = world.rates.downlink;
      break;
    case BandwidthModel::region:
      node.uplink = {world.regions->upload_bits_per_second[node.region]};
      node.downlink = {world.regions->download_bits_per_second[node.region]};
      break;
    case BandwidthModel::gervais_2016:
      node.uplink = internet::gervais_uplinks()[node.region].quantile(draws.uplink(id.value, 0));
      node.downlink = internet::gervais_downlinks()[node.region].quantile(draws.downlink(id.value, 0));
      break;
    case BandwidthModel::classes:
      if (law == nullptr) break;  // the group says both rates itself
      node.uplink = law->uplink(draws.uplink(id.value, 0));
      node.downlink = law->downlink(draws.downlink(id.value, 0));
      break;
  }
}

std::unique_ptr<PathModel> make_propagation(const WorldSpec& world, const Seeds& seeds) {
  switch (world.latency) {
    case LatencyModel::uniform:
      return std::make_unique<internet::UniformPath>(seeds, world.uniform.least, world.uniform.most);
    case LatencyModel::region_matrix:
      return std::make_unique<internet::RegionMatrixPath>(*world.regions, seeds, world.region_matrix.spread);
    case LatencyModel::rtt_matrix:
    case LatencyModel::coordinates:
      return std::make_unique<internet::SitePath>(world.sites.table);
    case LatencyModel::pareto_per_message:
      return std::make_unique<internet::ParetoPath>(*world.regions, seeds, internet::DrawnPer::message);
    case LatencyModel::pareto_per_link:
      return std::make_unique<internet::ParetoPath>(*world.regions, seeds, internet::DrawnPer::link);
    case LatencyModel::log_normal:
      return std::make_unique<internet::LogNormalPath>(seeds, world.log_normal.mean, world.log_normal.deviation);
    case LatencyModel::constant:
      break;
  }
  return std::make_unique<ConstantPath>(world.constant.delay);
}

}  // namespace

Hosts place_hosts(const Scenario& scenario, const Seeds& seeds) {
  const WorldSpec& world = scenario.world;
  const HostDraws draws(seeds);
  Hosts hosts;
  std::vector<StableId> ids;
  for (const GroupSpec& group : scenario.groups) {
    const internet::HostMix* mix = world.mix_of(group);
    std::size_t place = 0;  // of the node in its group
    for (std::string& name : node_names(group)) {
      const std::size_t member = place++ / static_cast<std::size_t>(group.gateways());
      NodeSpec node;
      node.name = std::move(name);
      const StableId id = stable_id(node.name);
      ids.push_back(id);
      if (world.regions != nullptr) {
        RandomStream stream(seeds, SeedDomain::world, Purpose("region"), id);
        const auto& regions = group.place.regions;
        node.region =
            regions.empty() ? internet::draw_region(*world.regions, stream) : regions[regions.size() == 1 ? 0 : member];
      }
      if (world.sites.table != nullptr) node.site = world.sites.table->drawn_site(draws.site(id.value, 0));
      const internet::HostClassLaw* law = nullptr;
      if (mix != nullptr) {
        const auto drawn = internet::drawn_class(*mix, draws.host_class(id.value, 0));
        law = &world.host_classes[static_cast<std::size_t>(drawn)];
        node.access_delay = law->access_delay(draws.access_delay(id.value, 0));
        if (law->loss > Share{}) hosts.losses.emplace_back(id, law->loss);
      }
      set_rates(node, id, world, law, draws);
      if (group.place.rates.uplink > BitRate{}) node.uplink = group.place.rates.uplink;
      if (group.place.rates.downlink > BitRate{}) node.downlink = group.place.rates.downlink;
      hosts.nodes.push_back(std::move(node));
    }
  }
  const auto addresses = world.addresses == AddressModel::bitnodes_2019 ? internet::bitnodes_addresses(ids, seeds)
                                                                        : internet::uniform_addresses(ids);
  for (std::size_t i = 0; i < ids.size(); ++i)
    hosts.nodes[i].endpoint = ipv4_endpoint(addresses[i].ipv4, chain::regtest_params().default_port);
  return hosts;
}

std::unique_ptr<PathModel> make_path(const WorldSpec& world, const Seeds& seeds,
                                     std::vector<std::pair<StableId, Share>> losses) {
  std::unique_ptr<PathModel> path = make_propagation(world, seeds);
  if (world.classed) path = std::make_unique<internet::AccessPath>(std::move(path));
  if (world.links.jitter > Duration{})
    path = std::make_unique<internet::JitterPath>(std::move(path), seeds, world.links.jitter);
  if (world.links.loss > Share{} || !losses.empty())
    path = std::make_unique<internet::LossPath>(std::move(path), world.links.loss, std::move(losses));
  return path;
}

}  // namespace hearsay::app
