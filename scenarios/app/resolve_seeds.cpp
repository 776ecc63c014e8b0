#include "scenarios/app/resolve_seeds.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/quantity.hpp"

namespace hearsay::app {

using config::MapReader;

void read_seeds(MapReader& root, const std::vector<std::string>& given, Scenario& scenario) {
  constexpr std::int64_t kMostSeeds = 1'000'000;
  std::map<SeedDomain, config::Mark> marks;
  config::Mark mark_of_all = root.mark();
  if (auto seeds = root.take_map("seeds")) {
    mark_of_all = seeds->mark();
    for (std::size_t domain = 0; domain < kSeedDomains; ++domain) {
      const auto named = static_cast<SeedDomain>(domain);
      const std::string key(seed_domain_name(named));
      if (const auto range = seeds->take_range(key)) {
        if (range->first < 0 || range->last - range->first >= kMostSeeds)
          root.problems().add(seeds->take(key)->mark(),
                              fmt::format("`seeds.{}`: at most 1,000,000 seeds, none below 0", key));
        else
          scenario.seeds[named] = {static_cast<std::uint64_t>(range->first), static_cast<std::uint64_t>(range->last)};
        marks[named] = seeds->take(key)->mark();
      }
    }
    seeds->finish();
  }
  for (const std::string& text : given) {
    const std::size_t equals = text.find('=');
    const std::string key = equals == std::string::npos ? "world" : text.substr(0, equals);
    const config::Mark mark = config::mark_in("--seeds");
    std::optional<SeedDomain> named;
    for (std::size_t domain = 0; domain < kSeedDomains; ++domain)
      if (seed_domain_name(static_cast<SeedDomain>(domain)) == key) named = static_cast<SeedDomain>(domain);
    const auto range = config::parse_range(equals == std::string::npos ? text : text.substr(equals + 1));
    if (!named) {
      const std::string meant = config::suggestion(key, {"world", "mining", "workload", "attack"});
      root.problems().add(mark, fmt::format("unknown seed domain `{}`{} valid: world, mining, workload, attack", key,
                                            meant.empty() ? ";" : meant));
    } else if (!range.value || range.value->first < 0 || range.value->last - range.value->first >= kMostSeeds) {
      root.problems().add(mark, range.value ? "at most 1,000,000 seeds, none below 0" : range.problem);
    } else {
      scenario.seeds[*named] = {static_cast<std::uint64_t>(range.value->first),
                                static_cast<std::uint64_t>(range.value->last)};
      marks[*named] = mark;
    }
  }
  // Seeds from which nothing is drawn would repeat every run.
  const auto without_use = [&](SeedDomain domain, const char* why) {
    if (scenario.seeds.contains(domain))
      root.problems().add(marks.at(domain), fmt::format("`seeds.{}` does nothing: {}", seed_domain_name(domain), why));
  };
  bool mined = scenario.groups.empty();  // a mistake elsewhere
  for (const GroupSpec& group : scenario.groups) mined = mined || group.role == Role::miner;
  if (!mined) without_use(SeedDomain::mining, "no group has the role miner");
  if (!scenario.transactions.any()) without_use(SeedDomain::workload, "there are no `workload.transactions`");
  without_use(SeedDomain::attack, "there are no adversaries yet");
  scenario.seeds.try_emplace(SeedDomain::world, 1, 1);
  double runs = 1.0;
  for (const auto& [domain, range] : scenario.seeds) runs *= static_cast<double>(range.second - range.first) + 1.0;
  if (runs > static_cast<double>(kMostSeeds))
    root.problems().add(mark_of_all, fmt::format("the seeds cross to {:.0f} runs; at most 1,000,000", runs));
}

}  // namespace hearsay::app
