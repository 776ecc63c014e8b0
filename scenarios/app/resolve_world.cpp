#include "scenarios/app/resolve_world.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/internet/draws.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/resolve_places.hpp"
#include "scenarios/app/resolve_sites.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

static_assert(internet::kLongestPath * 2 < TransportParameters{}.dial_timeout,
              "a dial must be answered before it is given up");

std::vector<std::string_view> region_table_names() {
  std::vector<std::string_view> names;
  for (const auto& table : internet::region_tables()) names.push_back(table.name);
  return names;
}

template <class Model, std::size_t N>
std::optional<Model> read_model(MapReader& map, const std::array<std::string_view, N>& names) {
  const auto name = map.require_choice("model", {names.begin(), names.end()});
  if (!name) return std::nullopt;
  return static_cast<Model>(std::find(names.begin(), names.end(), *name) - names.begin());
}

void complain(MapReader& map, std::string_view key, std::string what) {
  map.problems().add(map.has(key) ? map.take(key)->mark() : map.mark(), std::move(what));
}

// False, and a problem, if the world has no regions.
bool need_regions(MapReader& world, const MapReader& part, const WorldSpec& spec, std::string_view model) {
  if (spec.regions == nullptr && !spec.regions_misnamed)
    world.problems().add(part.mark(), fmt::format("`{}`: {} needs `world.regions`", part.path(), model));
  return spec.regions != nullptr;
}

// A dial takes a round trip, and something on top.
Duration longest_delay(const WorldSpec& spec) {
  return spec.transport.dial_timeout / 2 - milliseconds(100);
}

// `never`: no delay is shorter than this one.
void check_longest(MapReader& latency, std::string_view key, Duration delay, bool never, const WorldSpec& spec) {
  if (delay <= longest_delay(spec)) return;
  const std::string at_most =
      longest_delay(spec) > Duration{} ? "; at most " + config::format_duration(longest_delay(spec)) : "";
  complain(latency, key,
           fmt::format("`{}`: with {} no connection would {}, since a dial is given up after {}{}",
                       latency.path_of(key), config::format_duration(delay), never ? "ever open" : "open in time",
                       config::format_duration(spec.transport.dial_timeout), at_most));
}

void check_least(MapReader& latency, std::string_view key, Duration delay, const WorldSpec& spec) {
  if (delay < spec.links.minimum_latency)
    complain(latency, key,
             fmt::format("`{}`: {} is less than `world.minimum_latency`, {}", latency.path_of(key),
                         config::format_duration(delay), config::format_duration(spec.links.minimum_latency)));
}

void read_region_latency(MapReader& world, MapReader& latency, WorldSpec& spec) {
  if (spec.latency == LatencyModel::region_matrix)
    config::read_parameters(latency, internet::describe_region_matrix(), spec.region_matrix);
  if (!need_regions(world, latency, spec, kLatencyModels[static_cast<std::size_t>(spec.latency)])) return;
  double shortest = spec.regions->latency_ms[0][0];
  for (const auto& row : spec.regions->latency_ms)
    shortest = std::min(shortest, *std::min_element(row.begin(), row.end()));
  if (static_cast<double>(spec.links.minimum_latency.ns) > shortest * 1e6)
    world.problems().add(
        world.take("minimum_latency")->mark(),
        fmt::format("`world.minimum_latency`: {} is more than the shortest "
                    "latency of {}, {} ms",
                    config::format_duration(spec.links.minimum_latency), spec.regions->name, shortest));
}

void read_uniform_latency(MapReader& latency, WorldSpec& spec) {
  config::read_parameters(latency, internet::describe_uniform_latency(), spec.uniform);
  if (spec.uniform.least > spec.uniform.most)
    complain(latency, "least",
             fmt::format("`world.latency.least`: {} is more than `most`, {}",
                         config::format_duration(spec.uniform.least), config::format_duration(spec.uniform.most)));
  check_longest(latency, "most", spec.uniform.most, false, spec);
  check_least(latency, "least", spec.uniform.least, spec);
}

// False: without its model, nobody knows which keys the map may have.
bool read_latency(MapReader& world, MapReader& latency, const std::string& folder, WorldSpec& spec) {
  const auto model = read_model<LatencyModel>(latency, kLatencyModels);
  if (!model) return false;
  spec.latency = *model;
  switch (*model) {
    case LatencyModel::constant:
      (void)latency.require("delay");
      config::read_parameters(latency, internet::describe_constant_latency(), spec.constant);
      check_longest(latency, "delay", spec.constant.delay, true, spec);
      break;
    case LatencyModel::uniform:
      read_uniform_latency(latency, spec);
      break;
    case LatencyModel::log_normal:
      config::read_parameters(latency, internet::describe_log_normal_latency(), spec.log_normal);
      check_longest(latency, "mean", spec.log_normal.mean, false, spec);
      check_least(latency, "mean", spec.log_normal.mean, spec);
      break;
    case LatencyModel::rtt_matrix:
      read_rtt_matrix(latency, folder, spec.sites);
      break;
    case LatencyModel::coordinates:
      read_coordinates(latency, spec.sites);
      break;
    case LatencyModel::region_matrix:
    case LatencyModel::pareto_per_message:
    case LatencyModel::pareto_per_link:
      read_region_latency(world, latency, spec);
      break;
  }
  if (spec.sites.table != nullptr && spec.sites.table->longest() > longest_delay(spec))
    check_longest(latency, *model == LatencyModel::rtt_matrix ? "file" : "places", spec.sites.table->longest(), false,
                  spec);
  return true;
}

bool read_bandwidth(MapReader& world, MapReader& bandwidth, WorldSpec& spec) {
  const auto model = read_model<BandwidthModel>(bandwidth, kBandwidthModels);
  if (!model) return false;
  spec.bandwidth = *model;
  if (spec.bandwidth_uses_regions())
    (void)need_regions(world, bandwidth, spec, kBandwidthModels[static_cast<std::size_t>(*model)]);
  if (spec.bandwidth == BandwidthModel::constant) {
    (void)bandwidth.require("uplink");
    (void)bandwidth.require("downlink");
    config::read_parameters(bandwidth, internet::describe_access_rates(), spec.rates);
  }
  return true;
}

void read_transport(MapReader& transport, internet::TransportSettings& settings) {
  config::read_parameters(transport, internet::describe_transport(), settings);
  const bool serial = settings.model == "serial";
  const auto useless = [&](std::string_view key) {
    if (transport.has(key))
      transport.problems().add(transport.take(key)->mark(), fmt::format("`{}` does nothing: the model is {}",
                                                                        transport.path_of(key), settings.model));
  };
  if (serial)
    for (const std::string_view key : internet::kTcpOnly) useless(key);
  else
    for (const std::string_view key : internet::kSerialOnly) useless(key);
}

}  // namespace

void read_world(MapReader& world, const std::string& folder, WorldSpec& spec) {
  if (const auto name = world.take_choice("regions", region_table_names()))
    spec.regions = internet::find_region_table(*name);
  spec.regions_misnamed = spec.regions == nullptr && world.has("regions");
  config::read_parameters(world, internet::describe_links(), spec.links);
  if (auto transport = world.take_map("transport")) {
    read_transport(*transport, spec.transport);
    if (spec.transport.model == "serial" && spec.links.loss > Share{})
      world.problems().add(world.take("loss")->mark(),
                           "`world.loss`: the serial transport of published simulators loses nothing; it needs "
                           "`world.transport.model: tcp`");
    transport->finish();
  }
  if (auto latency = world.take_map("latency")) {
    if (read_latency(world, *latency, folder, spec)) latency->finish();
  } else if (spec.constant.delay > longest_delay(spec)) {
    world.problems().add(world.place_of({"transport.dial_timeout"}),
                         fmt::format("`world.transport.dial_timeout`: within {} no connection would ever open, since "
                                     "messages travel {} unless `world.latency` says otherwise",
                                     config::format_duration(spec.transport.dial_timeout),
                                     config::format_duration(spec.constant.delay)));
  } else if (spec.constant.delay < spec.links.minimum_latency) {
    world.problems().add(
        world.take("minimum_latency")->mark(),
        fmt::format("`world.minimum_latency`: {} is more than the latency, {} "
                    "unless `world.latency` "
                    "says otherwise",
                    config::format_duration(spec.links.minimum_latency), config::format_duration(spec.constant.delay)));
  }
  if (auto bandwidth = world.take_map("bandwidth")) {
    if (read_bandwidth(world, *bandwidth, spec)) bandwidth->finish();
  }
  if (auto addresses = world.take_map("addresses")) {
    if (const auto model = read_model<AddressModel>(*addresses, kAddressModels)) spec.addresses = *model;
    addresses->finish();
  }
  read_hosts(world, spec);
  if (spec.regions != nullptr && !spec.latency_uses_regions() && !spec.bandwidth_uses_regions())
    world.problems().add(world.mark(),
                         "`world.regions` does nothing: neither "
                         "latency nor bandwidth uses regions");
  world.finish();
}

}  // namespace hearsay::app
