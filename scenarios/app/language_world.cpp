// The scenario language below `world`: laws of the internet.
#include <fmt/format.h>

#include <algorithm>

#include "models/internet/host_classes.hpp"
#include "models/internet/regions.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

namespace {

constexpr const char* kLatency = "world.latency";
constexpr const char* kBandwidth = "world.bandwidth";
constexpr const char* kTransport = "world.transport";

// A model is named where its map is written at all.
LanguageSection models(std::string path, std::string help, std::vector<Choice> choices) {
  LanguageKey model{"model", KeyKind::choice, "the law"};
  model.required = true;
  model.choices = std::move(choices);
  return {std::move(path), std::nullopt, std::move(help), "", {model}};
}

LanguageSection world() {
  LanguageKey regions{
      "regions", KeyKind::choice,
      "a table of regions: shares of nodes, latencies, bandwidths; needed by the laws that go by regions"};
  for (const auto& table : internet::region_tables())
    regions.choices.push_back({std::string(table.name), std::string(table.source)});
  LanguageSection section{"world", std::nullopt, "the internet", "", {regions}};
  return std::move(section)
      .add(model_keys(internet::describe_links()))
      .add({{"latency", KeyKind::map, "how long messages travel; left out: constant, 100 ms"},
            {"bandwidth", KeyKind::map, "how fast hosts send and receive; left out: unlimited"},
            {"addresses", KeyKind::map, "the addresses of hosts; left out: uniform"},
            {"hosts", KeyKind::map, "shares of classes of hosts, in groups that say nothing themselves"},
            {"host_classes", KeyKind::map, "what the access of each class of hosts is like"},
            {"transport", KeyKind::map, "how messages share links"}});
}

void add_latency(std::vector<LanguageSection>& sections) {
  sections.push_back(
      models(kLatency, "how long messages travel one way",
             {{"constant", "the same between all nodes"},
              {"uniform", "drawn for each connection (defaults: the law of txrelaysim, for parity)"},
              {"region_matrix", "by the means of the region table"},
              {"rtt_matrix", "half of the round-trip times of a file; hosts are drawn over its rows"},
              {"coordinates", "by the distance between places; hosts are drawn over them"},
              {"pareto_per_message",
               "around the mean m of the region table, every message draws from a Pareto law with scale m - 5 ms and "
               "shape m / 5 ms, at most 2.4 s (the law of SimBlock, for parity)"},
              {"pareto_per_link", "the same law, drawn once for each connection (Gervais et al. 2016, for parity)"},
              {"log_normal", "drawn for each connection (defaults: the law of Hyperion, for parity)"}}));
  sections.push_back(
      model_section(kLatency, only("model", "constant"), "", internet::describe_constant_latency()).require({"delay"}));
  sections.push_back(model_section(kLatency, only("model", "uniform"), "", internet::describe_uniform_latency()));
  sections.push_back(model_section(kLatency, only("model", "region_matrix"), "", internet::describe_region_matrix()));
  LanguageKey file{
      "file", KeyKind::text,
      "a square table in ms, separated by commas, tabs or blanks; names in the first line and column, and a last "
      "column `weight`, if there are any"};
  file.required = true;
  sections.push_back(
      model_section(kLatency, only("model", "rtt_matrix"), "", internet::describe_rtt_matrix())
          .add({file, LanguageKey{"fingerprint", KeyKind::text,
                                  "of the file, as describe prints it; if it is given, the file must still have it"}}));
  LanguageKey space{"space", KeyKind::choice, "what the numbers of a place mean"};
  space.required = true;
  space.choices = {{"globe", "latitude and longitude in degrees"}, {"plane", "x and y in km"}};
  LanguageKey places{"places", KeyKind::map, "where hosts are"};
  places.required = true;
  sections.push_back(
      model_section(kLatency, only("model", "coordinates"), "", internet::describe_coordinates()).add({space, places}));
  LanguageKey place{"<name>", KeyKind::place, "a place; its weight is the share of hosts it gets"};
  place.example = "[52.5, 13.4]";
  sections.push_back({"world.latency.places", std::nullopt, "places of model coordinates by name", "", {place}});
  sections.push_back(model_section(kLatency, only("model", "log_normal"), "", internet::describe_log_normal_latency()));
}

void add_bandwidth(std::vector<LanguageSection>& sections) {
  sections.push_back(
      models(kBandwidth, "how fast hosts send and receive",
             {{"unlimited", "sending takes no time"},
              {"constant", "the same for all hosts"},
              {"region", "mean uplink and downlink of the region table"},
              {"gervais-2016", "drawn for each host from the regional histograms of Gervais et al. 2016"},
              {"classes", "drawn for each host by its class, see world.host_classes"}}));
  sections.push_back(
      model_section(kBandwidth, only("model", "constant"), "of every host", internet::describe_access_rates())
          .require({"uplink", "downlink"}));
}

void add_hosts(std::vector<LanguageSection>& sections) {
  LanguageSection shares{"world.hosts", std::nullopt, "shares of hosts by class; they add up to 100 %", "", {}};
  LanguageSection classes{"world.host_classes", std::nullopt, "classes of hosts", "", {}};
  for (const std::string_view name : internet::kHostClassNames) {
    LanguageKey share{std::string(name), KeyKind::share, "of hosts that are of this class", "", "0 %"};
    set_range(share, 0, 1);
    shares.keys.push_back(share);
    classes.keys.push_back({std::string(name), KeyKind::map, "access of hosts of this class"});
  }
  sections.push_back(shares);
  sections.push_back(classes);
  for (std::size_t i = 0; i < internet::kHostClasses; ++i)
    sections.push_back(model_section(fmt::format("world.host_classes.{}", internet::kHostClassNames[i]), std::nullopt,
                                     "access of hosts of this class",
                                     internet::describe_host_class(static_cast<internet::HostClass>(i)),
                                     internet::published_host_classes()[i]));
}

void add_transport(std::vector<LanguageSection>& sections) {
  LanguageSection always =
      model_section(kTransport, std::nullopt, "how messages share links", internet::describe_transport());
  const auto of_model = [&](const char* model, const auto& names) {
    LanguageSection part{kTransport, LanguageCondition{"model", {model}}, "", "", {}};
    for (const std::string_view name : names) {
      const auto found =
          std::find_if(always.keys.begin(), always.keys.end(), [&](const auto& key) { return key.name == name; });
      part.keys.push_back(*found);
      always.keys.erase(found);
    }
    return part;
  };
  const LanguageSection tcp = of_model("tcp", internet::kTcpOnly);
  const LanguageSection serial = of_model("serial", internet::kSerialOnly);
  sections.push_back(always);
  sections.push_back(tcp);
  sections.push_back(serial);
}

}  // namespace

void add_world_language(std::vector<LanguageSection>& sections) {
  sections.push_back(world());
  add_latency(sections);
  add_bandwidth(sections);
  add_hosts(sections);
  sections.push_back(
      models("world.addresses", "the addresses of hosts",
             {{"uniform", "IPv4 addresses spread evenly"},
              {"bitnodes-2019", "by autonomous system, as 9,312 reachable nodes were on 2019-07-21 (Bitnodes)"}}));
  add_transport(sections);
}

}  // namespace hearsay::app
