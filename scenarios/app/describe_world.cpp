#include "scenarios/app/describe_world.hpp"

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/parameters.hpp"

namespace hearsay::app {

namespace {

using config::Mark;
using config::put;
using config::put_all;
using config::put_text;
using config::Value;

Value describe_mix(const internet::HostMix& mix) {
  Value map = Value::map(Mark{});
  for (std::size_t i = 0; i < internet::kHostClasses; ++i)
    if (mix[i] > 0.0) put_text(map, internet::kHostClassNames[i], config::format_share(Share{mix[i]}));
  return map;
}

Value describe_places(const std::vector<internet::Place>& places) {
  Value map = Value::map(Mark{});
  for (const internet::Place& place : places) {
    Value numbers = Value::list(Mark{});
    for (const double number : {place.first, place.second, place.weight})
      numbers.add(config::text_value(config::format_number(number)));
    put(map, place.name, std::move(numbers));
  }
  return map;
}

Value describe_latency(const WorldSpec& world) {
  Value map = Value::map(Mark{});
  put_text(map, "model", kLatencyModels[static_cast<std::size_t>(world.latency)]);
  switch (world.latency) {
    case LatencyModel::constant:
      put_all(map, config::describe_parameters(internet::describe_constant_latency(), world.constant));
      break;
    case LatencyModel::uniform:
      put_all(map, config::describe_parameters(internet::describe_uniform_latency(), world.uniform));
      break;
    case LatencyModel::region_matrix:
      put_all(map, config::describe_parameters(internet::describe_region_matrix(), world.region_matrix));
      break;
    case LatencyModel::log_normal:
      put_all(map, config::describe_parameters(internet::describe_log_normal_latency(), world.log_normal));
      break;
    case LatencyModel::rtt_matrix:
      put_text(map, "file", world.sites.file);
      put_text(map, "fingerprint", world.sites.fingerprint);
      put_all(map, config::describe_parameters(internet::describe_rtt_matrix(), world.sites.rtt));
      break;
    case LatencyModel::coordinates:
      put_all(map, config::describe_parameters(internet::describe_coordinates(), world.sites.coordinates));
      put_text(map, "space", kSpaces[static_cast<std::size_t>(world.sites.space)]);
      put(map, "places", describe_places(world.sites.places));
      break;
    case LatencyModel::pareto_per_message:
    case LatencyModel::pareto_per_link:
      break;
  }
  return map;
}

// Without what means nothing under its model.
Value describe_transport(const internet::TransportSettings& transport) {
  Value map = config::describe_parameters(internet::describe_transport(), transport);
  if (transport.model == "serial")
    for (const std::string_view key : internet::kTcpOnly) map.erase(key);
  else
    for (const std::string_view key : internet::kSerialOnly) map.erase(key);
  return map;
}

}  // namespace

Value describe_world(const WorldSpec& world) {
  Value map = Value::map(Mark{});
  if (world.regions != nullptr) put_text(map, "regions", world.regions->name);
  put(map, "latency", describe_latency(world));
  Value bandwidth = Value::map(Mark{});
  put_text(bandwidth, "model", kBandwidthModels[static_cast<std::size_t>(world.bandwidth)]);
  if (world.bandwidth == BandwidthModel::constant)
    put_all(bandwidth, config::describe_parameters(internet::describe_access_rates(), world.rates));
  put(map, "bandwidth", std::move(bandwidth));
  put_all(map, config::describe_parameters(internet::describe_links(), world.links));
  Value addresses = Value::map(Mark{});
  put_text(addresses, "model", kAddressModels[static_cast<std::size_t>(world.addresses)]);
  put(map, "addresses", std::move(addresses));
  if (world.hosts) put(map, "hosts", describe_mix(*world.hosts));
  if (world.classed) {
    Value classes = Value::map(Mark{});
    for (std::size_t i = 0; i < internet::kHostClasses; ++i)
      put(classes, internet::kHostClassNames[i],
          config::describe_parameters(internet::describe_host_class(static_cast<internet::HostClass>(i)),
                                      world.host_classes[i]));
    put(map, "host_classes", std::move(classes));
  }
  put(map, "transport", describe_transport(world.transport));
  return map;
}

void describe_place(Value& group, const PlaceSpec& place, const WorldSpec& world) {
  if (place.regions.size() == 1) put_text(group, "region", world.regions->regions[place.regions[0]]);
  if (place.regions.size() > 1) {
    Value regions = Value::list(Mark{});
    for (const std::uint16_t region : place.regions)
      regions.add(config::text_value(std::string(world.regions->regions[region])));
    put(group, "region", std::move(regions));
  }
  if (place.hosts) put(group, "hosts", describe_mix(*place.hosts));
  internet::AccessRates rates = place.rates;
  for (const Parameter<internet::AccessRates>& rate : internet::describe_access_rates()) {
    const BitRate value = *std::get<BitRate*>(rate.slot_in(rates));
    if (value > BitRate{}) put_text(group, rate.name, config::format_bit_rate(value));
  }
}

}  // namespace hearsay::app
