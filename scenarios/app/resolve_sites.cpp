#include "scenarios/app/resolve_sites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/app/config/parameters.hpp"
#include "sim/core/fingerprint.hpp"

namespace hearsay::app {

namespace {

using config::MapReader;
using config::Value;

constexpr std::size_t kMostPlaces = 2'000;

// A path is relative to the file that says it; said elsewhere (`--set`), to the scenario.
std::filesystem::path path_said_by(const Value& value, const std::string& folder) {
  const std::filesystem::path said = value.text();
  const std::filesystem::path teller = value.mark().file == nullptr ? "" : *value.mark().file;
  const bool in_a_file = std::filesystem::is_regular_file(teller);
  return ((in_a_file ? teller.parent_path() : std::filesystem::path(folder)) / said).lexically_normal();
}

bool read_file(const std::filesystem::path& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) return false;
  text.assign(std::istreambuf_iterator<char>(file), {});
  return !file.bad();
}

// [latitude, longitude], [x, y], and a weight if it is not 1.
void read_place(const Value::Entry& entry, const std::string& path, config::Problems& problems, SiteSpec& sites) {
  const bool globe = sites.space == internet::Space::globe;
  const std::string_view expected =
      globe ? "[latitude, longitude] in degrees, or [latitude, longitude, weight]" : "[x, y] in km, or [x, y, weight]";
  internet::Place place{entry.key};
  const Value& value = entry.value;
  const bool shaped = value.is_list() && (value.items().size() == 2 || value.items().size() == 3);
  if (!shaped) {
    problems.add(value.mark(), fmt::format("`{}`: expected {}, found {}", path, expected, value.shown()));
    return;
  }
  const std::array<double*, 3> parts = {&place.first, &place.second, &place.weight};
  const std::array<double, 3> most = {globe ? 90.0 : 1e5, globe ? 180.0 : 1e5, 1e12};
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    const config::Limits<double> limits{i == 2 ? 0.0 : -most[i], most[i]};
    if (const auto number =
            config::read_quantity<config::NumberQuantity>(value.items()[i], fmt::format("{}", path), limits, problems))
      *parts[i] = *number;
  }
  sites.places.push_back(std::move(place));
}

}  // namespace

void read_rtt_matrix(MapReader& latency, const std::string& folder, SiteSpec& sites) {
  config::read_parameters(latency, internet::describe_rtt_matrix(), sites.rtt);
  const Value* value = latency.require("file");
  const auto fingerprint = latency.take_text("fingerprint");
  if (value == nullptr || !latency.take_text("file")) return;
  const std::filesystem::path path = path_said_by(*value, folder);
  const bool absolute = std::filesystem::path(value->text()).is_absolute();
  sites.file = absolute ? path.string() : path.lexically_proximate(folder.empty() ? "." : folder).string();
  std::string text;
  if (!read_file(path, text)) {
    latency.problems().add(value->mark(), fmt::format("`world.latency.file`: cannot read `{}`", path.string()));
    return;
  }
  sites.fingerprint = fmt::format("{:016x}", fingerprint_text(text));
  if (fingerprint && *fingerprint != sites.fingerprint)
    latency.problems().add(latency.take("fingerprint")->mark(),
                           fmt::format("`world.latency.fingerprint`: `{}` is not what it was: expected {}, found {}",
                                       path.string(), *fingerprint, sites.fingerprint));
  std::vector<internet::CellProblem> cells;
  sites.table = internet::SiteTable::from_round_trips(text, sites.rtt.asymmetry, cells);
  for (const internet::CellProblem& cell : cells)
    latency.problems().add(config::mark_in(path.string(), cell.line, cell.column), cell.message);
}

void read_coordinates(MapReader& latency, SiteSpec& sites) {
  const std::size_t problems = latency.problems().count();
  config::read_parameters(latency, internet::describe_coordinates(), sites.coordinates);
  if (const auto space = latency.require_choice("space", {kSpaces.begin(), kSpaces.end()}))
    sites.space = *space == "plane" ? internet::Space::plane : internet::Space::globe;
  auto places = latency.require_map("places");
  if (!places) return;
  for (const Value::Entry* entry : places->take_rest())
    read_place(*entry, places->path_of(entry->key), latency.problems(), sites);
  std::sort(sites.places.begin(), sites.places.end(),
            [](const internet::Place& a, const internet::Place& b) { return a.name < b.name; });
  const bool peopled =
      std::any_of(sites.places.begin(), sites.places.end(), [](const auto& p) { return p.weight > 0; });
  if (latency.problems().count() == problems && !peopled)
    latency.problems().add(places->mark(), "`world.latency.places`: no place that hosts could be in");
  if (sites.places.size() > kMostPlaces)
    latency.problems().add(places->mark(), fmt::format("`world.latency.places`: more than {} places", kMostPlaces));
  if (latency.problems().count() == problems)
    sites.table = internet::SiteTable::from_places(sites.space, sites.places, sites.coordinates.least,
                                                   sites.coordinates.per_1000_km);
}

}  // namespace hearsay::app
