#include "scenarios/app/resolve_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/parameters.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;
using internet::HostClass;
using internet::kHostClasses;
using internet::kHostClassNames;

// `hosts: {data_centre: 70 %, home: 30 %}`
std::optional<internet::HostMix> read_mix(MapReader& map) {
  auto shares = map.take_map("hosts");
  if (!shares) return std::nullopt;
  internet::HostMix mix{};
  const std::size_t problems = map.problems().count();
  for (std::size_t i = 0; i < kHostClasses; ++i)
    mix[i] = shares->take_share(kHostClassNames[i], Share{}, {Share{0.0}, Share{1.0}}).fraction;
  shares->finish();
  const double sum = std::accumulate(mix.begin(), mix.end(), 0.0);
  if (map.problems().count() == problems && std::abs(sum - 1.0) > 1e-9)
    map.problems().add(shares->mark(), fmt::format("`{}`: the shares add up to {}, not to 100 %", shares->path(),
                                                   config::format_share(Share{std::round(sum * 1e9) / 1e9})));
  return mix;
}

void read_class(MapReader& map, HostClass host_class, internet::HostClassLaw& law) {
  config::read_parameters(map, internet::describe_host_class(host_class), law);
  map.finish();
  const auto check = [&](std::string_view median, std::string_view mean, bool ordered) {
    if (!ordered)
      map.problems().add(map.mark(), fmt::format("`{}`: the mean of a log-normal law is not below its median, see `{}` "
                                                 "and `{}`",
                                                 map.path(), median, mean));
  };
  check("access_delay_median", "access_delay_mean", law.access_delay_median <= law.access_delay_mean);
  check("uplink_median", "uplink_mean", law.uplink_median <= law.uplink_mean);
  check("downlink_median", "downlink_mean", law.downlink_median <= law.downlink_mean);
}

// A region for each member, in their order.
void read_regions(MapReader& group, const Value& list, const internet::RegionTable& table, std::int64_t members,
                  PlaceSpec& place) {
  const std::vector<std::string_view> known(table.regions.begin(), table.regions.end());
  for (const Value& item : list.items()) {
    const auto name = config::scalar_text(item, group.path_of("region"), "the name of a region", group.problems());
    if (!name) continue;
    if (const auto region = internet::find_region(table, *name))
      place.regions.push_back(*region);
    else
      group.problems().add(item.mark(), fmt::format("unknown region `{}`{} valid: {}", *name,
                                                    config::suggestion(*name, known), config::joined(known)));
  }
  if (static_cast<std::int64_t>(list.items().size()) != members)
    group.problems().add(list.mark(), fmt::format("`{}`: a list has one region for each of the {} members, found {}",
                                                  group.path_of("region"), members, list.items().size()));
}

}  // namespace

void read_hosts(MapReader& world, WorldSpec& spec) {
  spec.hosts = read_mix(world);
  auto classes = world.take_map("host_classes");
  if (!classes) return;
  for (std::size_t i = 0; i < kHostClasses; ++i)
    if (auto law = classes->take_map(kHostClassNames[i]))
      read_class(*law, static_cast<HostClass>(i), spec.host_classes[i]);
  classes->finish();
}

void read_place(MapReader& group, const WorldSpec& world, std::int64_t members, PlaceSpec& place) {
  config::read_parameters(group, internet::describe_access_rates(), place.rates);
  place.hosts = read_mix(group);
  if (const auto name = group.take_choice("host", {kHostClassNames.begin(), kHostClassNames.end()})) {
    if (place.hosts)
      group.problems().add(group.take("host")->mark(), fmt::format("`{}` and `{}` say the same thing twice; keep one",
                                                                   group.path_of("host"), group.path_of("hosts")));
    place.hosts.emplace();
    place.hosts->fill(0.0);
    (*place.hosts)[static_cast<std::size_t>(std::find(kHostClassNames.begin(), kHostClassNames.end(), *name) -
                                            kHostClassNames.begin())] = 1.0;
  }
  if (world.regions == nullptr) {
    if (const Value* region = group.take("region"); region != nullptr && !world.regions_misnamed)
      group.problems().add(region->mark(),
                           fmt::format("`{}` does nothing: there are no `world.regions`", group.path_of("region")));
    return;
  }
  const std::vector<std::string_view> regions(world.regions->regions.begin(), world.regions->regions.end());
  const Value* region = group.take("region");
  if (region != nullptr && region->is_list()) return read_regions(group, *region, *world.regions, members, place);
  if (const auto name = group.take_choice("region", regions))
    place.regions = {*internet::find_region(*world.regions, *name)};
}

void check_places(MapReader& root, MapReader* world, Scenario& scenario) {
  WorldSpec& spec = scenario.world;
  for (const GroupSpec& group : scenario.groups) {
    const internet::HostMix* mix = spec.mix_of(group);
    spec.classed = spec.classed || mix != nullptr;
    const bool rates_said = group.place.rates.uplink > BitRate{} && group.place.rates.downlink > BitRate{};
    if (spec.bandwidth == BandwidthModel::classes && mix == nullptr && !rates_said)
      root.problems().add(root.place_of({"world.bandwidth.model"}),
                          fmt::format("`groups.{}`: `world.bandwidth` goes by classes of hosts; say `host` or `hosts` "
                                      "here, or `world.hosts`",
                                      group.name));
  }
  if (world != nullptr && !scenario.groups.empty() && !spec.classed && world->has("host_classes"))
    root.problems().add(world->take("host_classes")->mark(),
                        "`world.host_classes` does nothing: no group has `host` or `hosts`, nor has the world");
}

}  // namespace hearsay::app
