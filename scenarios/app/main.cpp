// The program: reads the command line, calls the command, and tells the user what went wrong where something did.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "scenarios/app/capture/capture_plan.hpp"
#include "scenarios/app/cli/commands.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/diff.hpp"
#include "scenarios/app/export.hpp"
#include "scenarios/app/results/errors.hpp"
#include "scenarios/app/version.hpp"
#include "sim/core/check.hpp"

namespace {

using namespace hearsay::app;

void add_scenario_options(CLI::App& command, ScenarioArguments& arguments) {
  command.add_option("FILE", arguments.file, "the scenario (YAML)")->required();
  command.add_option("--set", arguments.sets, "override a value: path=value; may be given several times")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  command.add_option("--seeds", arguments.seeds, "seeds: 1..20 (world) or domain=1..5; may be given several times")
      ->type_name("RANGE")
      ->allow_extra_args(false);
}

std::string version_text() {
  const ProgramVersion& program = program_version();
  return fmt::format("hearsay {} ({}{})", program.version, program.commit.substr(0, 12),
                     program.tree_dirty ? ", modified" : "");
}

int execute(int count, char** words) {
  CLI::App app("hearsay simulates blockchain peer-to-peer networks, the same to the byte every time.");
  app.name("hearsay");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  int code = 0;

  RunArguments run;
  CLI::App* run_app = app.add_subcommand("run", "run a scenario over its seeds, store, summarise and draw the results");
  add_scenario_options(*run_app, run.scenario);
  run_app->add_option("--out", run.out, "results file (default: results/<scenario>.sqlite)")->type_name("R.sqlite");
  run_app->add_option("--jobs", run.jobs, "runs at a time (default: one a processor)")->check(CLI::Range(1, 1024));
  run_app->add_option("--ranks", run.ranks, "virtual ranks that share the nodes of a run; results do not depend on it")
      ->check(CLI::Range(1, 64));
  run_app->add_flag("--trace", run.trace, "store every observation, for `diff` and for reading");
  run_app
      ->add_option("--capture", run.capture,
                   "write the packets of some nodes of a single run, for Wireshark and tshark (see docs/capture.md)")
      ->type_name("FILE.pcapng");
  run_app
      ->add_option("--capture-nodes", run.capture_nodes,
                   "which nodes: full[7], full[0..9], full, all; commas or several times (default: the first of each "
                   "group)")
      ->type_name("NODES")
      ->allow_extra_args(false);
  run_app->add_option("--branch", run.branches, "only this branch; may be given several times")
      ->type_name("NAME")
      ->allow_extra_args(false);
  run_app->add_flag("--straight", run.straight,
                    "repeat the warm-up for every branch instead of forking from it; the results are the same");
  run_app->add_flag("--fresh", run.fresh, "replace the results file instead of continuing it");
  run_app->add_flag("!--no-figures", run.figures, "draw no figures");
  run_app->add_flag("--json", run.json, "print the summary as JSON, draw no figures");
  run_app->callback([&] { code = run_command(run); });

  ScenarioArguments check;
  CLI::App* check_app = app.add_subcommand("check", "report all mistakes of a scenario");
  add_scenario_options(*check_app, check);
  check_app->callback([&] { code = check_command(check); });

  ScenarioArguments describe;
  CLI::App* describe_app = app.add_subcommand("describe", "print the resolved scenario, every default filled in");
  add_scenario_options(*describe_app, describe);
  describe_app->callback([&] { code = describe_command(describe); });

  ModelsArguments models;
  CLI::App* models_app = app.add_subcommand("models", "list what a scenario can say, with defaults and sources");
  models_app->add_option("PATTERN", models.pattern, "only sections and keys with this in their names");
  models_app->add_flag("--markdown", models.markdown, "print everything as docs/reference.md");
  models_app->callback([&] { code = models_command(models); });

  CLI::App* schema_app =
      app.add_subcommand("schema", "print the JSON Schema of scenarios, with which editors check and complete them");
  schema_app->callback([&] { code = schema_command(); });

  ValidateArguments validate;
  CLI::App* validate_app =
      app.add_subcommand("validate", "published against simulated: closed forms, other simulators");
  validate_app->add_option("NAME", validate.name, "a case, a class of cases, or all (default: all but the longest)");
  validate_app->add_flag("--json", validate.json, "print JSON");
  validate_app->callback([&] { code = validate_command(validate); });

  SwarmArguments swarm;
  CLI::App* swarm_app =
      app.add_subcommand("swarm", "check hearsay itself: random scenarios, small and short, with every checker on");
  swarm_app->add_option("--seeds", swarm.seeds, "each draws a scenario: 1..50, or one (default: 1..50)")
      ->type_name("RANGE");
  swarm_app->add_option("--jobs", swarm.jobs, "scenarios at a time (default: one a processor)")
      ->check(CLI::Range(1, 1024));
  swarm_app->add_flag("--print", swarm.print, "print the scenario of one seed instead of checking it");
  swarm_app->callback([&] { code = swarm_command(swarm); });

  CLI::App* plot_app =
      app.add_subcommand("plot", "draw figures from a results file: [KIND] R.sqlite (see plot --help)");
  plot_app->prefix_command();
  plot_app->set_help_flag();
  plot_app->callback([&] { code = plot_command(plot_app->remaining()); });

  std::string first;
  std::string second;
  CLI::App* diff_app = app.add_subcommand("diff", "are two results the same? If not, where do they first differ?");
  diff_app->add_option("A", first, "results file")->required();
  diff_app->add_option("B", second, "results file")->required();
  diff_app->callback([&] { code = diff_results(first, second, std::cout, std::cerr); });

  CLI::App* export_app = app.add_subcommand("export", "write the tables of a results file as CSV");
  export_app->add_option("R", first, "results file")->required();
  export_app->add_option("DIR", second, "folder")->required();
  export_app->callback([&] {
    for (const std::string& path : export_results(first, second)) fmt::print("{}\n", path);
    code = 0;
  });

  // CLI11 would only say that a command is missing.
  const std::string word = count > 1 ? words[1] : "";
  const std::vector<std::string_view> commands = {"run",  "check", "describe", "models", "schema", "validate", "swarm",
                                                  "plot", "diff",  "export",   "build",  "test",   "bench"};
  if (!word.empty() && word[0] != '-' && std::find(commands.begin(), commands.end(), word) == commands.end()) {
    fmt::print(stderr, "hearsay: unknown command `{}`{}; see hearsay --help\n", word,
               hearsay::config::suggestion(word, commands));
    return 2;
  }

  try {
    app.parse(count, words);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "hearsay: {}; see hearsay --help\n", error.what());
    return 2;
  }
  return code;
}

}  // namespace

int main(int count, char** words) {
  try {
    return execute(count, words);
  } catch (const hearsay::config::ConfigError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const CaptureError& error) {
    fmt::print(stderr, "hearsay: {}\n", error.what());
    return 2;
  } catch (const ResultsError& error) {
    fmt::print(stderr, "hearsay: {}\n", error.what());
    return 2;
  } catch (const hearsay::CheckFailure& failure) {
    fmt::print(stderr, "hearsay: a mistake in hearsay itself: {}\n", failure.what());
    return 1;
  } catch (const std::exception& error) {  // full disk, unreadable folder: the environment's
    fmt::print(stderr, "hearsay: {}\n", error.what());
    return 1;
  }
}
