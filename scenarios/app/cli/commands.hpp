// The commands of the program, each a function from its options to an exit code: 0 done, 1 failed or different, 2 the
// user's mistake, 130 interrupted. Errors are thrown, and told to the user in main.cpp.
#pragma once

#include <string>
#include <vector>

namespace hearsay::app {

struct ScenarioArguments {
  std::string file;
  std::vector<std::string> sets;   // path=value
  std::vector<std::string> seeds;  // 1..20, attack=1..5
};

struct RunArguments {
  ScenarioArguments scenario;
  std::string out;  // empty: results/<scenario name>.sqlite
  int jobs = 0;     // zero: as many as there are processors
  unsigned ranks = 1;
  bool trace = false;
  bool straight = false;                   // no run shares its warm-up with the other branches
  std::vector<std::string> branches;       // empty: all
  std::string capture;                     // a pcapng file; empty: none
  std::vector<std::string> capture_nodes;  // full[7], pools; empty: the first of each group
  bool fresh = false;
  bool figures = true;
  bool json = false;
};

struct ModelsArguments {
  std::string pattern;  // part of the name of a section or key; empty: everything
  bool markdown = false;
};

struct ValidateArguments {
  std::string name;  // a case, a class, `all`; empty: the cases that take minutes
  bool json = false;
};

struct SwarmArguments {
  std::string seeds = "1..50";
  int jobs = 0;        // zero: as many as there are processors
  bool print = false;  // the scenario, instead of checking it
};

int run_command(const RunArguments& arguments);
int check_command(const ScenarioArguments& arguments);
int describe_command(const ScenarioArguments& arguments);
int models_command(const ModelsArguments& arguments);
int schema_command();
// 0: all within their bands; 1: some are not.
int validate_command(const ValidateArguments& arguments);
// 0: all scenarios keep all laws; 1: some do not.
int swarm_command(const SwarmArguments& arguments);

// Hands over to the Python package that draws; returns only if it cannot be started.
int plot_command(const std::vector<std::string>& arguments);
// The same, in a child process; its exit code.
int draw_figures(const std::string& results_path);

}  // namespace hearsay::app
