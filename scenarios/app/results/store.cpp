#include "scenarios/app/results/store.hpp"

#include <fmt/format.h>

#include <bit>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "scenarios/app/results/run_rows.hpp"
#include "scenarios/app/results/schema.hpp"

namespace hearsay::app {
namespace {

// Readers by other means (Python, sqlite3) need no second file, and what is committed survives the machine's death.
constexpr char kDurable[] = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA";
constexpr char kNotDurable[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";

bool has_table(Database& database, std::string_view table) {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").with(table).step();
}

bool is_empty(Database& database) {
  return !database.prepare("SELECT 1 FROM sqlite_schema").step();
}

void create_run_tables(Database& database) {
  for (const Table& table : run_tables()) database.execute(table.create());
}

std::map<std::string, std::string> rows_of(const Experiment& experiment) {
  return {
      {"schema_version", std::to_string(kSchemaVersion)},
      {"scenario", experiment.scenario},
      {"question", experiment.question},
      {"scenario_hash", experiment.scenario_hash},
      {"resolved_scenario", experiment.resolved_scenario},
      {"version", experiment.version},
      {"commit_hash", experiment.commit},
      {"tree_dirty", experiment.tree_dirty ? "yes" : "no"},
      {"tree_hash", experiment.tree_hash},
      {"seeds", seeds_text(experiment.plan)},
      {"warnings", nlohmann::json(experiment.warnings).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)},
  };
}

void write_experiment(Database& database, const std::map<std::string, std::string>& rows) {
  Statement insert = database.prepare("INSERT OR REPLACE INTO experiment VALUES (?, ?)");
  for (const auto& [key, value] : rows) insert.run(key, value);
}

[[noreturn]] void not_results(const std::string& path, const std::string& why) {
  throw ResultsError(path + ": not a hearsay results file (" + why + ")");
}

void make_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) throw EnvironmentError(folder.string() + ": cannot make this folder: " + error.message());
}

void remove_file(const std::string& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) throw EnvironmentError(path + ": cannot be removed: " + error.message());
}

bool same_run(const RunKey& left, const RunKey& right) {
  return left.point == right.point && left.branch == right.branch && left.world_seed == right.world_seed &&
         left.mining_seed == right.mining_seed && left.workload_seed == right.workload_seed &&
         left.attack_seed == right.attack_seed;
}

constexpr char kWayOut[] = "; `--fresh` replaces it, `--out` names another file";

}  // namespace

ResultsFile ResultsFile::for_experiment(const std::string& path, const Experiment& experiment, Existing existing) {
  make_folder_of(path);
  if (std::filesystem::is_directory(path)) throw ResultsError(path + ": is a folder, not a results file");
  try {
    ResultsFile file{Database(path, Access::create)};
    if (is_empty(file.database_)) {
      file.create(experiment);
      return file;
    }
    if (!has_table(file.database_, "experiment")) not_results(path, "it has no table `experiment`");
    if (existing == Existing::resume) {
      file.expect_schema();
      file.expect_same(experiment);
      file.database_.execute(kDurable);
      auto runs = file.finished_runs();
      runs.insert(runs.end(), experiment.plan.begin(), experiment.plan.end());
      const std::string seeds = seeds_text(runs);
      if (file.experiment()["seeds"] != seeds) write_experiment(file.database_, {{"seeds", seeds}});
      return file;
    }
  } catch (const SqliteError& error) {
    if (error.kind() == SqliteError::Kind::not_a_database) not_results(path, "it is no SQLite database");
    throw;
  }
  remove_file(path);
  remove_file(path + "-journal");
  ResultsFile file{Database(path, Access::create)};
  file.create(experiment);
  return file;
}

ResultsFile ResultsFile::open(const std::string& path, Access access) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw ResultsError(path + ": is a folder, not a results file");
  if (!std::filesystem::exists(path, error)) throw ResultsError(path + ": there is no such file");
  try {
    ResultsFile file{Database(path, access)};
    if (is_empty(file.database_)) not_results(path, "it is empty");
    file.expect_schema();
    if (access != Access::read) file.database_.execute(kDurable);
    return file;
  } catch (const SqliteError& sqlite) {
    if (sqlite.kind() == SqliteError::Kind::not_a_database) not_results(path, "it is no SQLite database");
    throw;
  }
}

void ResultsFile::create(const Experiment& experiment) {
  database_.execute(kDurable);
  Transaction transaction(database_);
  database_.execute(experiment_table().create());
  create_run_tables(database_);
  write_experiment(database_, rows_of(experiment));
  transaction.commit();
}

void ResultsFile::expect_schema() {
  if (!has_table(database_, "experiment")) not_results(path(), "it has no table `experiment`");
  const auto rows = experiment();
  const auto version = rows.find("schema_version");
  if (version == rows.end()) not_results(path(), "it has no schema version");
  if (version->second != std::to_string(kSchemaVersion)) {
    throw ResultsError(fmt::format("{}: results of schema version {}, but this program has version {}", path(),
                                   version->second, kSchemaVersion));
  }
  for (const Table& table : run_tables()) {
    if (!has_table(database_, table.name)) not_results(path(), fmt::format("it has no table `{}`", table.name));
  }
}

void ResultsFile::expect_same(const Experiment& experiment) {
  auto there = this->experiment();
  const auto here = rows_of(experiment);
  const std::pair<const char*, const char*> compared[] = {
      {"scenario_hash", "scenario"},
      {"version", "version of hearsay"},
      {"commit_hash", "commit of hearsay"},
      {"tree_dirty", "state of hearsay's tree (uncommitted changes?)"},
      {"tree_hash", "fingerprint of uncommitted changes"}};
  for (const auto& [key, name] : compared) {
    if (there[key] == here.at(key)) continue;
    const auto shown = [](const std::string& value) { return value.empty() ? "none" : value.substr(0, 12); };
    throw ResultsError(fmt::format("{}: holds the results of another experiment: its {} is {}, now it is {}{}", path(),
                                   name, shown(there[key]), shown(here.at(key)), kWayOut));
  }
  std::map<std::int64_t, RunKey> finished;
  for (const RunKey& run : finished_runs()) finished.emplace(run.run, run);
  for (const RunKey& planned : experiment.plan) {
    const auto found = finished.find(planned.run);
    if (found == finished.end() || same_run(found->second, planned)) continue;
    throw ResultsError(fmt::format("{}: holds other runs: its run {} is ({}), now it is ({}){}", path(), planned.run,
                                   describe_run(found->second), describe_run(planned), kWayOut));
  }
}

std::map<std::string, std::string> ResultsFile::experiment() {
  std::map<std::string, std::string> found;
  Statement rows = database_.prepare("SELECT key, value FROM experiment");
  while (rows.step()) found.emplace(rows.text(0), rows.text(1));
  return found;
}

std::vector<RunKey> ResultsFile::finished_runs() {
  std::vector<RunKey> found;
  Statement rows = database_.prepare(fmt::format("SELECT {} FROM run WHERE complete = 1 ORDER BY run", kRunKeyColumns));
  while (rows.step()) found.push_back(read_run_key(rows));
  return found;
}

void ResultsFile::write_run(const RunResult& result) {
  Transaction transaction(database_);
  insert_run(database_, result);
  database_.prepare("DELETE FROM failed_run WHERE run = ?").run(result.key.run);
  transaction.commit();
}

void ResultsFile::note_failure(const FailedRun& failed) {
  database_.prepare("INSERT OR REPLACE INTO failed_run VALUES (?, ?, ?)")
      .run(failed.run, failed.reason, failed.command);
}

std::vector<FailedRun> ResultsFile::failed_runs() {
  std::vector<FailedRun> found;
  Statement rows = database_.prepare("SELECT run, reason, command FROM failed_run ORDER BY run");
  while (rows.step()) found.push_back({rows.integer(0), rows.text(1), rows.text(2)});
  return found;
}

void ResultsFile::take_over(const std::string& handover_path) {
  if (!std::filesystem::exists(handover_path)) throw EnvironmentError(handover_path + ": there is no such file");
  const std::string attached = std::filesystem::absolute(handover_path).string();
  database_.prepare("ATTACH ? AS handover").run(attached);
  struct Detach {
    Database& database;
    ~Detach() {
      try {
        database.execute("DETACH handover");
      } catch (const SqliteError&) {
        // Closing the file does it too.
      }
    }
  } const detach{database_};
  Transaction transaction(database_, Transaction::Locks::as_written);
  for (const Table& table : run_tables()) {
    database_.execute(fmt::format("INSERT INTO main.{0} SELECT * FROM handover.{0}", table.name));
  }
  database_.execute("DELETE FROM main.failed_run WHERE run IN (SELECT run FROM handover.run)");
  transaction.commit();
}

void write_handover(const std::string& path, const RunResult& result) {
  Database database(path, Access::create);
  database.execute(kNotDurable);
  Transaction transaction(database);
  create_run_tables(database);
  insert_run(database, result);
  transaction.commit();
}

RunKey read_run_key(const Statement& row) {
  const auto seed = [&row](int column) { return std::bit_cast<std::uint64_t>(row.integer(column)); };
  return {row.integer(0), row.integer(1), row.text(2), seed(3), seed(4), seed(5), seed(6)};
}

}  // namespace hearsay::app
