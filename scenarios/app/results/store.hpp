// The results file: one SQLite database an experiment. Written by one process, never by one that simulates.
//
// A run is there whole or not at all, whatever ends the process or the machine. Between two runs it is one file, with
// no other beside it. It computes nothing: summaries, comparison and export read it through database().
//
// A worker hands its run over as a file of the same tables, made by write_handover() and taken by take_over().
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenarios/app/results/experiment.hpp"
#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/results/sqlite.hpp"

namespace hearsay::app {

// A run that failed at its last attempt.
struct FailedRun {
  std::int64_t run = 0;
  std::string reason;
  std::string command;  // that repeats it; may be empty
};

// What becomes of a results file that is already there.
enum class Existing { resume, replace };

class ResultsFile {
 public:
  // Makes the file, or opens it to go on. Throws ResultsError if it holds another experiment, saying what differs;
  // what is no results file is never replaced.
  static ResultsFile for_experiment(const std::string& path, const Experiment& experiment, Existing existing);

  // Of any experiment; to read, or to add runs of the experiment that for_experiment() found there.
  static ResultsFile open(const std::string& path, Access access = Access::read);

  const std::string& path() const { return database_.path(); }
  Database& database() { return database_; }

  std::map<std::string, std::string> experiment();
  std::vector<RunKey> finished_runs();  // in the order of the plan

  void write_run(const RunResult& result);
  void take_over(const std::string& handover_path);  // leaves that file where it is

  // Until the run is written or taken over.
  void note_failure(const FailedRun& failed);
  std::vector<FailedRun> failed_runs();

 private:
  explicit ResultsFile(Database database) : database_(std::move(database)) {}
  void create(const Experiment& experiment);
  void expect_schema();
  void expect_same(const Experiment& experiment);

  Database database_;
};

// A file with the tables of one run. Not durable: it lives until the run is taken over.
void write_handover(const std::string& path, const RunResult& result);

// "world 3, mining 5", "point 2, branch control, world 3": which run it is, for a reader.
std::string describe_run(const RunKey& key);

// The columns run, point, branch, world_seed, mining_seed, workload_seed, attack_seed, from column 0 on.
RunKey read_run_key(const Statement& row);
inline constexpr char kRunKeyColumns[] = "run, point, branch, world_seed, mining_seed, workload_seed, attack_seed";

}  // namespace hearsay::app
