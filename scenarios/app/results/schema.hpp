// The tables of a results file: names, columns, keys. Columns end in their unit.
//
// Every table but `experiment` belongs to runs, and its key starts with the run. Order by key is the order of export.
// A change here is a new schema version, in analysis/hearsay_analysis/load.py too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearsay::app {

inline constexpr int kSchemaVersion = 3;

// What a column of a table means for whoever compares results.
enum class Nature {
  result,     // a function of (resolved scenario, seeds, version): the same on every machine
  wall_clock  // differs from one execution to the next
};

struct Table {
  std::string_view name;
  std::string_view key;      // columns, separated by commas
  std::string_view columns;  // as CREATE TABLE has them, without the key
  std::string_view storage;
  Nature nature = Nature::result;

  std::string create() const;       // CREATE TABLE
  std::string ordered() const;      // SELECT of all rows, by key
  std::string ordered_run() const;  // SELECT of the rows of one run, by key; the first column is the run
};

const Table& experiment_table();
const std::vector<Table>& run_tables();  // in the order in which a run is written; `run` is the last

}  // namespace hearsay::app
