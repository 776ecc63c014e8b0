// `hearsay check`, `describe`, `models` and `schema`: what is there, without running anything.
#include <fmt/format.h>

#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/language.hpp"
#include "scenarios/app/language_schema.hpp"
#include "scenarios/app/language_text.hpp"
#include "scenarios/app/memory_estimate.hpp"
#include "scenarios/app/resolve.hpp"

namespace hearsay::app {

int check_command(const ScenarioArguments& arguments) {
  const Scenario scenario = resolve_scenario(arguments.file, arguments.sets, arguments.seeds);
  fmt::print("{}: {} nodes in {} groups, no mistakes found; a run needs about {} of memory\n", arguments.file,
             scenario.nodes(), scenario.groups.size(), rough_memory(estimate_memory(scenario).run_bytes()));
  return 0;
}

int describe_command(const ScenarioArguments& arguments) {
  const Scenario scenario = resolve_scenario(arguments.file, arguments.sets, arguments.seeds);
  fmt::print("{}", config::to_yaml(describe_scenario(scenario, SeedsIn::included)));
  fmt::print("# a run needs about {} of memory\n", rough_memory(estimate_memory(scenario).run_bytes()));
  return 0;
}

int models_command(const ModelsArguments& arguments) {
  if (arguments.markdown) {
    fmt::print("{}", language_markdown());
    return 0;
  }
  const std::string text = language_text(arguments.pattern);
  if (!text.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  std::vector<std::string_view> names;
  for (const LanguageSection& section : language()) {
    names.emplace_back(section.path);
    for (const LanguageKey& key : section.keys) names.emplace_back(key.name);
  }
  fmt::print(stderr, "hearsay: no section or key has `{}` in its name{}\n", arguments.pattern,
             config::suggestion(arguments.pattern, names));
  return 2;
}

int schema_command() {
  fmt::print("{}", language_schema());
  return 0;
}

}  // namespace hearsay::app
