#include "scenarios/app/export.hpp"

#include <fmt/format.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "scenarios/app/results/schema.hpp"
#include "scenarios/app/results/store.hpp"

namespace hearsay::app {
namespace {

// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) quoted.append(character == '"' ? 2 : 1, character);
  return quoted + '"';
}

enum class Meaning { plain, seed };

std::string csv_value(const Statement& row, int column, Meaning meaning) {
  if (row.is_null(column)) return {};
  if (row.is_real(column)) return fmt::format("{}", row.real(column));
  if (!row.is_integer(column)) return csv_field(row.text(column));
  if (meaning == Meaning::seed) return std::to_string(std::bit_cast<std::uint64_t>(row.integer(column)));
  return std::to_string(row.integer(column));
}

void write_table(Database& database, const Table& table, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  Statement rows = database.prepare(table.ordered());
  std::vector<Meaning> meanings;
  std::string line;
  for (int column = 0; column < rows.columns(); ++column) {
    const std::string name = rows.column_name(column);
    meanings.push_back(name.ends_with("_seed") ? Meaning::seed : Meaning::plain);
    line.append(column == 0 ? "" : ",").append(name);
  }
  file << line << '\n';
  while (file && rows.step()) {
    line.clear();
    for (int column = 0; column < rows.columns(); ++column) {
      if (column > 0) line += ',';
      line += csv_value(rows, column, meanings[static_cast<std::size_t>(column)]);
    }
    file << line << '\n';
  }
  file.close();
  if (!file) throw EnvironmentError(path + ": cannot be written: " + std::generic_category().message(errno));
}

}  // namespace

std::vector<std::string> export_results(const std::string& results_path, const std::string& folder) {
  ResultsFile results = ResultsFile::open(results_path);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw EnvironmentError(folder + ": cannot make this folder: " + error.message());
  // One state of the file, even while runs are added to it.
  results.database().execute("BEGIN");
  std::vector<std::string> written;
  const auto write = [&](const Table& table) {
    if (table.name == "wall_clock") return;
    const std::filesystem::path path = std::filesystem::path(folder) / (std::string(table.name) + ".csv");
    write_table(results.database(), table, path.string());
    written.push_back(path.string());
  };
  write(experiment_table());
  for (const Table& table : run_tables()) write(table);
  return written;
}

}  // namespace hearsay::app
