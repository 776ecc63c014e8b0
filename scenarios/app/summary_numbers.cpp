#include "scenarios/app/summary_numbers.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace hearsay::app {
namespace {

using Runs = std::vector<RunKey>;

// Of one stage in one run.
struct StageOfRun {
  std::int64_t blocks = 0;
  double nodes = 0.0;
  double reached = 0.0;
  double share = 0.0;  // sum over the blocks that could reach any node
  std::int64_t with_share = 0;
  std::array<double, kSummaryPercents.size()> delay_ms{};
  std::array<std::int64_t, kSummaryPercents.size()> short_blocks{};
};

std::string stage_rank(const std::string& stage) {
  constexpr std::array<const char*, 4> kOrder = {"announced", "header", "received", "best_tip"};
  const auto place = std::find(kOrder.begin(), kOrder.end(), stage) - kOrder.begin();
  return std::to_string(place) + stage;
}

void add_reach(Database& database, std::int64_t run,
               std::map<std::string, std::map<std::int64_t, StageOfRun>>& stages) {
  Statement rows = database.prepare(
      "SELECT p.stage, p.nodes, p.reached FROM propagation p JOIN block b ON b.run = p.run AND b.block = p.object"
      " WHERE p.run = ? ORDER BY p.object, p.stage");
  rows.with(run);
  while (rows.step()) {
    StageOfRun& stage = stages[rows.text(0)][run];
    const auto nodes = static_cast<double>(rows.integer(1));
    const auto reached = static_cast<double>(rows.integer(2));
    ++stage.blocks;
    stage.nodes += nodes;
    stage.reached += reached;
    if (nodes <= 0.0) continue;
    stage.share += reached / nodes;
    ++stage.with_share;
  }
}

void add_delays(Database& database, std::int64_t run,
                std::map<std::string, std::map<std::int64_t, StageOfRun>>& stages) {
  // By look-up: a file has 101 quantiles for each of these.
  Statement rows = database.prepare(
      "SELECT q.delay_ms FROM propagation p JOIN block b ON b.run = p.run AND b.block = p.object"
      " LEFT JOIN propagation_quantile q ON q.run = p.run AND q.object = p.object AND q.stage = p.stage"
      " AND q.percent = ?3 WHERE p.run = ?1 AND p.stage = ?2 ORDER BY p.object");
  for (auto& [name, by_run] : stages) {
    const auto found = by_run.find(run);
    if (found == by_run.end()) continue;
    for (std::size_t index = 0; index < kSummaryPercents.size(); ++index) {
      rows.with(run, name, std::int64_t{kSummaryPercents[index]});
      while (rows.step()) {
        if (rows.is_null(0)) {
          ++found->second.short_blocks[index];
        } else {
          found->second.delay_ms[index] += rows.real(0);
        }
      }
    }
  }
}

StageNumbers stage_numbers(const std::string& name, const std::map<std::int64_t, StageOfRun>& by_run) {
  StageNumbers numbers;
  numbers.stage = name;
  std::vector<double> nodes;
  std::vector<double> reached;
  std::vector<double> shares;
  std::array<std::vector<double>, kSummaryPercents.size()> delays;
  for (const auto& [run, stage] : by_run) {
    const auto blocks = static_cast<double>(stage.blocks);
    numbers.objects += stage.blocks;
    nodes.push_back(stage.nodes / blocks);
    reached.push_back(stage.reached / blocks);
    if (stage.with_share > 0) shares.push_back(100.0 * stage.share / static_cast<double>(stage.with_share));
    for (std::size_t index = 0; index < delays.size(); ++index) {
      delays[index].push_back(stage.delay_ms[index] / blocks);
      numbers.delays[index].short_objects += stage.short_blocks[index];
    }
  }
  numbers.nodes = estimate(nodes);
  numbers.reached = estimate(reached);
  if (!shares.empty()) numbers.share_percent = estimate(shares);
  for (std::size_t index = 0; index < delays.size(); ++index) {
    if (numbers.delays[index].short_objects == 0) numbers.delays[index].ms = estimate(delays[index]);
  }
  return numbers;
}

void add_stages(Database& database, const Runs& runs, ReplicateNumbers& numbers) {
  std::map<std::string, std::map<std::int64_t, StageOfRun>> stages;
  for (const RunKey& run : runs) {
    add_reach(database, run.run, stages);
    add_delays(database, run.run, stages);
  }
  for (const auto& [name, by_run] : stages) numbers.stages.push_back(stage_numbers(name, by_run));
  std::sort(numbers.stages.begin(), numbers.stages.end(), [](const StageNumbers& left, const StageNumbers& right) {
    return stage_rank(left.stage) < stage_rank(right.stage);
  });
}

// The file has means over the transactions of each run already.
void add_transactions(Database& database, const Runs& runs, ReplicateNumbers& numbers) {
  struct Columns {
    std::vector<double> nodes, reached, shares;
    std::array<std::vector<double>, kSummaryPercents.size()> delays;
  };
  std::map<std::string, Columns> by_stage;
  Statement shortfalls =
      database.prepare("SELECT count(*) FROM transaction_propagation WHERE run = ?1 AND short_transactions > 0");
  Statement births = database.prepare("SELECT value FROM metric WHERE run = ?1 AND metric = 'transactions'");
  for (const RunKey& run : runs) {
    shortfalls.with(run.run);
    while (shortfalls.step())
      if (shortfalls.integer(0) > 0) numbers.transaction_statistic = "median";
    births.with(run.run);
    while (births.step()) numbers.transactions += static_cast<std::int64_t>(births.real(0));
  }
  Statement rows =
      database.prepare("SELECT stage, transactions, nodes, mean_reached, " + numbers.transaction_statistic +
                       "_ms FROM transaction_propagation WHERE run = ?1 AND percent = ?2 ORDER BY stage");
  std::map<std::string, StageNumbers> stages;
  for (const RunKey& run : runs) {
    for (std::size_t index = 0; index < kSummaryPercents.size(); ++index) {
      rows.with(run.run, std::int64_t{kSummaryPercents[index]});
      while (rows.step()) {
        Columns& columns = by_stage[rows.text(0)];
        StageNumbers& stage = stages[rows.text(0)];
        if (rows.is_null(4)) {  // not even half of them got there
          ++stage.delays[index].short_objects;
        } else {
          columns.delays[index].push_back(rows.real(4));
        }
        if (index > 0) continue;
        stage.objects += rows.integer(1);
        const auto nodes = static_cast<double>(rows.integer(2));
        columns.nodes.push_back(nodes);
        columns.reached.push_back(rows.real(3));
        if (nodes > 0.0) columns.shares.push_back(100.0 * rows.real(3) / nodes);
      }
    }
  }
  for (auto& [name, stage] : stages) {
    Columns& columns = by_stage[name];
    stage.stage = name;
    stage.nodes = estimate(columns.nodes);
    stage.reached = estimate(columns.reached);
    if (!columns.shares.empty()) stage.share_percent = estimate(columns.shares);
    for (std::size_t index = 0; index < kSummaryPercents.size(); ++index)
      if (stage.delays[index].short_objects == 0) stage.delays[index].ms = estimate(columns.delays[index]);
    numbers.transaction_stages.push_back(stage);
  }
  std::sort(numbers.transaction_stages.begin(), numbers.transaction_stages.end(),
            [](const StageNumbers& a, const StageNumbers& b) { return stage_rank(a.stage) < stage_rank(b.stage); });
}

void add_metrics(Database& database, const Runs& runs, ReplicateNumbers& numbers) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> values;
  std::map<std::pair<std::string, std::string>, std::int64_t> censored;
  Statement rows = database.prepare("SELECT metric, unit, value FROM metric WHERE run = ? ORDER BY metric");
  for (const RunKey& run : runs) {
    rows.with(run.run);
    while (rows.step()) {
      auto& of_metric = values[{rows.text(0), rows.text(1)}];
      if (!rows.is_null(2)) of_metric.push_back(rows.real(2));
      if (rows.is_null(2)) ++censored[{rows.text(0), rows.text(1)}];
    }
  }
  for (const auto& [name, of_metric] : values) {
    MetricNumbers metric{name.first, name.second, std::ssize(runs) - std::ssize(of_metric), censored[name],
                         std::nullopt};
    if (!of_metric.empty() && metric.censored == 0) metric.value = estimate(of_metric);
    numbers.metrics.push_back(std::move(metric));
  }
}

void add_outcomes(Database& database, const Runs& runs, ReplicateNumbers& numbers) {
  std::map<std::string, OutcomeNumbers> outcomes;
  std::map<std::string, std::vector<double>> firsts;
  Statement rows = database.prepare(
      "SELECT outcome, watched_from_s, watched_until_s, first_s, true_for_s FROM outcome WHERE run = ? ORDER BY "
      "outcome");
  for (const RunKey& run : runs) {
    rows.with(run.run);
    while (rows.step()) {
      OutcomeNumbers& outcome = outcomes[rows.text(0)];
      ++outcome.runs;
      outcome.watched_from_s = rows.real(1);
      outcome.watched_until_s = rows.real(2);
      if (!rows.is_null(3)) firsts[rows.text(0)].push_back(rows.real(3));
      outcome.true_for_s += rows.real(4);
    }
  }
  for (auto& [name, outcome] : outcomes) {
    std::vector<double>& first = firsts[name];
    std::sort(first.begin(), first.end());
    outcome.outcome = name;
    outcome.happened = std::ssize(first);
    outcome.true_for_s /= static_cast<double>(outcome.runs);
    if (!first.empty()) outcome.first_s = first.front();
    const auto middle = static_cast<std::size_t>((outcome.runs + 1) / 2);  // what is censored comes later than all
    if (middle <= first.size()) outcome.median_s = first[middle - 1];
    numbers.outcomes.push_back(outcome);
  }
}

void add_traffic(Database& database, const Runs& runs, ReplicateNumbers& numbers) {
  std::map<std::string, TrafficNumbers> by_message;
  const auto count = static_cast<double>(runs.size());
  Statement rows = database.prepare(
      "SELECT message, messages, payload_bytes, header_bytes, tcp_ip_bytes FROM traffic WHERE run = ?"
      " ORDER BY message");
  for (const RunKey& run : runs) {
    rows.with(run.run);
    while (rows.step()) {
      TrafficNumbers& traffic = by_message[rows.text(0)];
      traffic.message = rows.text(0);
      // Sums of whole numbers are exact; what is divided at the end is rounded once.
      traffic.messages += static_cast<double>(rows.integer(1));
      traffic.payload_bytes += static_cast<double>(rows.integer(2));
      traffic.header_bytes += static_cast<double>(rows.integer(3));
      traffic.tcp_ip_bytes += static_cast<double>(rows.integer(4));
    }
  }
  for (auto& [name, traffic] : by_message) {
    for (double* sum : {&traffic.messages, &traffic.payload_bytes, &traffic.header_bytes, &traffic.tcp_ip_bytes}) {
      *sum /= count;
    }
    numbers.traffic.push_back(traffic);
  }
  std::stable_sort(
      numbers.traffic.begin(), numbers.traffic.end(),
      [](const TrafficNumbers& left, const TrafficNumbers& right) { return left.total_bytes() > right.total_bytes(); });
}

void add_counts(Database& database, const Runs& runs, ReplicateNumbers& numbers) {
  Statement counts = database.prepare(
      "SELECT nodes, horizon_s, events, messages_sent, messages_delivered, messages_dropped FROM run WHERE run = ?");
  Statement blocks = database.prepare("SELECT count(*), coalesce(sum(on_main_chain), 0) FROM block WHERE run = ?");
  for (const RunKey& run : runs) {
    counts.with(run.run);
    while (counts.step()) {
      const std::int64_t nodes = counts.integer(0);
      const bool first = run.run == runs.front().run;
      numbers.fewest_nodes = first ? nodes : std::min(numbers.fewest_nodes, nodes);
      numbers.most_nodes = std::max(numbers.most_nodes, nodes);
      numbers.horizon_s = std::max(numbers.horizon_s, counts.real(1));
      numbers.events += static_cast<double>(counts.integer(2));
      numbers.messages_sent += static_cast<double>(counts.integer(3));
      numbers.messages_delivered += static_cast<double>(counts.integer(4));
      numbers.messages_dropped += static_cast<double>(counts.integer(5));
    }
    blocks.with(run.run);
    while (blocks.step()) {
      numbers.blocks += blocks.integer(0);
      numbers.main_chain_blocks += blocks.integer(1);
    }
  }
  const auto count = static_cast<double>(runs.size());
  for (double* sum :
       {&numbers.events, &numbers.messages_sent, &numbers.messages_delivered, &numbers.messages_dropped}) {
    *sum /= count;
  }
}

}  // namespace

std::vector<ReplicateNumbers> summary_numbers(ResultsFile& results) {
  results.database().execute("BEGIN");  // one state of the file, even while runs are added to it
  std::vector<Runs> sets;
  for (const RunKey& run : results.finished_runs()) {
    const auto set = std::find_if(sets.begin(), sets.end(), [&run](const Runs& runs) {
      return runs.front().point == run.point && runs.front().branch == run.branch;
    });
    if (set == sets.end()) {
      sets.push_back({run});
    } else {
      set->push_back(run);
    }
  }
  std::stable_sort(sets.begin(), sets.end(),
                   [](const Runs& left, const Runs& right) { return left.front().point < right.front().point; });
  std::vector<ReplicateNumbers> summaries;
  for (const Runs& runs : sets) {
    ReplicateNumbers numbers;
    numbers.point = runs.front().point;
    numbers.branch = runs.front().branch;
    numbers.seeds = seeds_text(runs);
    numbers.runs = std::ssize(runs);
    add_counts(results.database(), runs, numbers);
    add_stages(results.database(), runs, numbers);
    add_transactions(results.database(), runs, numbers);
    add_outcomes(results.database(), runs, numbers);
    add_metrics(results.database(), runs, numbers);
    add_traffic(results.database(), runs, numbers);
    summaries.push_back(std::move(numbers));
  }
  results.database().execute("COMMIT");
  return summaries;
}

}  // namespace hearsay::app
