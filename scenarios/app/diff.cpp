#include "scenarios/app/diff.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <ostream>
#include <tuple>

#include "scenarios/app/results/schema.hpp"
#include "scenarios/app/results/store.hpp"
#include "scenarios/app/text_format.hpp"

namespace hearsay::app {
namespace {

constexpr std::size_t kNamesShown = 5;
constexpr int kSlices = 256;

using SeedKey = std::tuple<std::int64_t, std::string, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

std::map<SeedKey, RunKey> runs_by_seeds(ResultsFile& file) {
  std::map<SeedKey, RunKey> runs;
  for (const RunKey& run : file.finished_runs()) {
    runs.emplace(SeedKey{run.point, run.branch, run.world_seed, run.mining_seed, run.workload_seed, run.attack_seed},
                 run);
  }
  return runs;
}

struct RunHead {
  std::string digest;
  double horizon_s = 0.0;
  std::int64_t nodes = 0;
};

RunHead head_of(ResultsFile& file, std::int64_t run) {
  Statement row = file.database().prepare("SELECT digest, horizon_s, nodes FROM run WHERE run = ?");
  row.with(run);
  RunHead head;
  while (row.step()) head = {row.text(0), row.real(1), row.integer(2)};
  return head;
}

// A row without its run, as text that differs where a value does.
std::vector<std::string> cells_of(const Statement& row) {
  std::vector<std::string> cells;
  for (int column = 1; column < row.columns(); ++column) {
    if (row.is_null(column)) {
      cells.emplace_back("nothing");
    } else if (row.is_real(column)) {
      cells.push_back(fmt::format("{}", row.real(column)));
    } else {
      cells.push_back(row.text(column));
    }
  }
  return cells;
}

class RunDiff {
 public:
  RunDiff(ResultsFile& left, std::int64_t left_run, ResultsFile& right, std::int64_t right_run)
      : left_(left), left_run_(left_run), right_(right), right_run_(right_run) {}

  // What differs, in lines that are indented; empty if nothing does.
  std::string lines() {
    const RunHead left = head_of(left_, left_run_);
    const RunHead right = head_of(right_, right_run_);
    if (left.digest == right.digest) return other_tables();
    std::string text = fmt::format("  digest: A {}, B {}\n", left.digest, right.digest);
    if (left.horizon_s != right.horizon_s) {
      text += fmt::format("  simulated: A {} s, B {} s\n", left.horizon_s, right.horizon_s);
    } else {
      text += first_slice(left.horizon_s);
    }
    return text + differing_nodes() + first_observation();
  }

 private:
  std::string first_slice(double horizon_s) {
    Statement left = left_.database().prepare("SELECT slice, sum FROM digest_slice WHERE run = ? ORDER BY slice");
    Statement right = right_.database().prepare("SELECT sum FROM digest_slice WHERE run = ? AND slice = ?");
    left.with(left_run_);
    while (left.step()) {
      right.with(right_run_, left.integer(0));
      std::string sum;
      while (right.step()) sum = right.text(0);
      if (sum == left.text(1)) continue;
      const double width = horizon_s / kSlices;
      const auto slice = static_cast<double>(left.integer(0));
      return fmt::format("  first difference: between {:.10g} s and {:.10g} s of simulated time\n", slice * width,
                         (slice + 1) * width);
    }
    return "  every slice of time has the same events, but nodes saw them in another order\n";
  }

  std::string differing_nodes() {
    std::map<std::string, std::string> digests;
    Statement left = left_.database().prepare("SELECT node, digest FROM node WHERE run = ?");
    left.with(left_run_);
    while (left.step()) digests.emplace(left.text(0), left.text(1));
    const auto all = std::ssize(digests);
    std::vector<std::string> differing;
    std::vector<std::string> only_right;
    Statement right = right_.database().prepare("SELECT node, digest FROM node WHERE run = ? ORDER BY node");
    right.with(right_run_);
    while (right.step()) {
      const auto found = digests.find(right.text(0));
      if (found == digests.end()) {
        only_right.push_back(right.text(0));
        continue;
      }
      if (found->second != right.text(1)) differing.push_back(found->first);
      digests.erase(found);
    }
    std::vector<std::string> only_left;
    only_left.reserve(digests.size());
    for (const auto& [node, digest] : digests) only_left.push_back(node);
    std::string text = named("differ", differing, all);
    if (!only_left.empty()) text += named("are in A only", only_left, all);
    if (!only_right.empty()) text += named("are in B only", only_right, std::nullopt);
    return text;
  }

  static std::string named(const char* what, const std::vector<std::string>& nodes, std::optional<std::int64_t> all) {
    std::string text = "  nodes that " + std::string(what) + ": " + with_separators(std::ssize(nodes));
    if (all) text += " of " + with_separators(*all);
    for (std::size_t index = 0; index < nodes.size() && index < kNamesShown; ++index) {
      text += (index == 0 ? " (" : ", ") + nodes[index];
    }
    if (nodes.size() > kNamesShown) text += ", ...";
    return text + (nodes.empty() ? "\n" : ")\n");
  }

  std::string first_observation() {
    constexpr const char* kSql =
        "SELECT time_ns, node, observation, object, value, time_s FROM trace WHERE run = ? ORDER BY entry";
    Statement left = left_.database().prepare(kSql);
    Statement right = right_.database().prepare(kSql);
    left.with(left_run_);
    right.with(right_run_);
    const auto shown = [](const Statement& row) {
      return fmt::format("{} s, {}: {}, object {}, value {}", row.real(5), row.text(1), row.text(2), row.text(3),
                         row.integer(4));
    };
    const auto same = [&left, &right] {
      if (left.integer(0) != right.integer(0) || left.integer(4) != right.integer(4)) return false;
      return left.text(1) == right.text(1) && left.text(2) == right.text(2) && left.text(3) == right.text(3);
    };
    bool in_left = left.step();
    bool in_right = right.step();
    if (!in_left && !in_right) return "";
    if (!in_left || !in_right) return fmt::format("  only {} has a trace of this run\n", in_left ? "A" : "B");
    for (std::int64_t entry = 1; in_left || in_right; ++entry) {
      if (!in_left || !in_right || !same()) {
        return fmt::format("  first differing observation (number {}):\n    A: {}\n    B: {}\n", with_separators(entry),
                           in_left ? shown(left) : "none any more", in_right ? shown(right) : "none any more");
      }
      in_left = left.step();
      in_right = right.step();
    }
    return "  the traces are the same\n";
  }

  // With equal digests the nodes did and saw the same; what was measured or counted may still differ.
  std::string other_tables() {
    std::string text;
    for (const Table& table : run_tables()) {
      // One of the two may have been run without a trace.
      if (table.nature == Nature::wall_clock || table.name == "trace") continue;
      text += first_row(table);
    }
    return text.empty() ? text : "  the digests are the same, but not what was measured\n" + text;
  }

  std::string first_row(const Table& table) {
    Statement left = left_.database().prepare(table.ordered_run());
    Statement right = right_.database().prepare(table.ordered_run());
    left.with(left_run_);
    right.with(right_run_);
    for (;;) {
      const bool in_left = left.step();
      const bool in_right = right.step();
      if (!in_left && !in_right) return "";
      const auto of_left = in_left ? cells_of(left) : std::vector<std::string>{};
      const auto of_right = in_right ? cells_of(right) : std::vector<std::string>{};
      if (of_left == of_right) continue;
      std::string text = fmt::format("  first differing row of table {} ({}):\n", table.name, columns_of(left));
      text += fmt::format("    A: {}\n", in_left ? fmt::format("{}", fmt::join(of_left, ", ")) : "none any more");
      return text +
             fmt::format("    B: {}\n", in_right ? fmt::format("{}", fmt::join(of_right, ", ")) : "none any more");
    }
  }

  static std::string columns_of(const Statement& rows) {
    std::string text;
    for (int column = 1; column < rows.columns(); ++column) {
      text.append(column == 1 ? "" : ", ").append(rows.column_name(column));
    }
    return text;
  }

  ResultsFile& left_;
  std::int64_t left_run_;
  ResultsFile& right_;
  std::int64_t right_run_;
};

std::string differing_experiment(ResultsFile& left, ResultsFile& right) {
  auto of_left = left.experiment();
  auto of_right = right.experiment();
  std::string text;
  const std::pair<const char*, const char*> compared[] = {{"scenario_hash", "scenario"},
                                                          {"version", "version of hearsay"},
                                                          {"commit_hash", "commit of hearsay"},
                                                          {"tree_hash", "uncommitted changes"}};
  const auto shown = [](const std::string& value) { return value.empty() ? std::string("none") : value.substr(0, 12); };
  for (const auto& [key, name] : compared) {
    if (of_left[key] == of_right[key]) continue;
    text += fmt::format("another {}: A {}, B {}\n", name, shown(of_left[key]), shown(of_right[key]));
  }
  return text;
}

int compare(ResultsFile& left, ResultsFile& right, std::ostream& out) {
  left.database().execute("BEGIN");  // one state of each file, even while runs are added
  right.database().execute("BEGIN");
  out << "A: " << left.path() << "\nB: " << right.path() << "\n" << differing_experiment(left, right);
  auto of_left = runs_by_seeds(left);
  auto of_right = runs_by_seeds(right);
  std::int64_t same = 0;
  std::int64_t different = 0;
  std::int64_t only_left = 0;
  for (const auto& [seeds, run] : of_left) {
    const auto found = of_right.find(seeds);
    if (found == of_right.end()) {
      ++only_left;
      continue;
    }
    const std::string lines = RunDiff(left, run.run, right, found->second.run).lines();
    ++(lines.empty() ? same : different);
    if (!lines.empty()) out << fmt::format("run ({}) differs\n", describe_run(run)) << lines;
  }
  const std::int64_t only_right = std::ssize(of_right) - same - different;
  out << fmt::format("{} of {} runs in both files are the same", with_separators(same),
                     with_separators(same + different));
  if (only_left > 0) out << "; in A only: " << with_separators(only_left);
  if (only_right > 0) out << "; in B only: " << with_separators(only_right);
  out << "\n";
  return different == 0 && only_left == 0 && only_right == 0 ? 0 : 1;
}

}  // namespace

int diff_results(const std::string& left_path, const std::string& right_path, std::ostream& out, std::ostream& errors) {
  try {
    ResultsFile left = ResultsFile::open(left_path);
    ResultsFile right = ResultsFile::open(right_path);
    return compare(left, right, out);
  } catch (const ResultsError& error) {
    errors << "hearsay: " << error.what() << "\n";
  } catch (const EnvironmentError& error) {
    errors << "hearsay: " << error.what() << "\n";
  }
  return 2;
}

}  // namespace hearsay::app
