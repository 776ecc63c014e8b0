// The part of `hearsay models` that lists the laws of the internet.
#include "models/internet/regions.hpp"
#include "scenarios/app/cli/print_models.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

namespace {

void print_latency_models() {
  fmt::print("\nworld.latency, model constant\n");
  print_parameters(internet::describe_constant_latency());
  fmt::print("\nworld.latency, model uniform (preset: the law of txrelaysim, for parity)\n");
  print_parameters(internet::describe_uniform_latency());
  fmt::print("\nworld.latency, model region_matrix: the mean of the region table, one way\n");
  print_parameters(internet::describe_region_matrix());
  fmt::print(
      "\nworld.latency, model rtt_matrix: half of the round-trip times of a file; hosts are drawn over its rows\n");
  print_line("file",
             "a square table in ms, separated by commas, tabs or blanks; first line: names, last column: weight");
  print_line("fingerprint", "of the file, as describe prints it; if it is given, the file must still have it");
  print_parameters(internet::describe_rtt_matrix());
  fmt::print("\nworld.latency, model coordinates: the distance between places; hosts are drawn over them\n");
  print_line("space", "globe (latitude and longitude in degrees) or plane (x and y in km)");
  print_line("places", "a map of names to [latitude, longitude] or [x, y], and a weight if it is not 1");
  print_parameters(internet::describe_coordinates());
  fmt::print(
      "\nworld.latency, model pareto_per_message (preset: the law of SimBlock, for parity): around the mean m of the "
      "region table,\n  every message draws from a Pareto law with scale m - 5 ms and shape m / 5 ms; at most 2.4 s\n");
  fmt::print(
      "\nworld.latency, model pareto_per_link (preset: the law of Gervais et al. 2016, for parity): the same law, "
      "drawn "
      "once\n  for each connection\n");
  fmt::print("\nworld.latency, model log_normal (preset: the law of Hyperion, for parity)\n");
  print_parameters(internet::describe_log_normal_latency());
}

void print_bandwidth_models() {
  fmt::print("\nworld.bandwidth, model unlimited: sending takes no time\n");
  fmt::print("\nworld.bandwidth, model constant\n");
  print_line("uplink, downlink", "of every host; both must be said");
  fmt::print("\nworld.bandwidth, model region: mean uplink and downlink of the region table\n");
  fmt::print(
      "\nworld.bandwidth, model gervais-2016: drawn for each host from the regional histograms of Gervais et al. "
      "2016\n");
  fmt::print("\nworld.bandwidth, model classes: drawn for each host by its class, see world.host_classes\n");
}

}  // namespace

void print_world_models() {
  fmt::print("\nworld\n");
  print_parameters(internet::describe_links());
  for (const auto& table : internet::region_tables()) print_line("regions: " + std::string(table.name), table.source);
  print_latency_models();
  print_bandwidth_models();
  fmt::print(
      "\nworld.hosts (shares of classes for all groups), or `host: CLASS` or `hosts: {{CLASS: 70 %, ...}}` of a "
      "group\n");
  for (std::size_t i = 0; i < internet::kHostClasses; ++i) {
    fmt::print("\nworld.host_classes.{}\n", internet::kHostClassNames[i]);
    print_parameters(internet::describe_host_class(static_cast<internet::HostClass>(i)),
                     internet::published_host_classes()[i]);
  }
  fmt::print("\nplace (keys of a group)\n");
  print_line("region", "all its nodes are there; default: drawn by the shares of the region table");
  print_line("uplink, downlink", "of all its nodes, whatever world.bandwidth says");
  fmt::print("\nworld.addresses\n");
  print_line("model: uniform", "IPv4 addresses spread evenly (default)");
  print_line("model: bitnodes-2019", "by autonomous system, as 9,312 reachable nodes were on 2019-07-21 (Bitnodes)");
  fmt::print("\nworld.transport\n");
  print_parameters(internet::describe_transport());
}

}  // namespace hearsay::app
