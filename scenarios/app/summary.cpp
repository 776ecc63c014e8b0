#include "scenarios/app/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "scenarios/app/summary_json.hpp"
#include "scenarios/app/summary_numbers.hpp"
#include "scenarios/app/text_format.hpp"

namespace hearsay::app {
namespace {

constexpr std::size_t kWidth = 100;

// From the most telling to the most terse.
enum class Detail { one_decimal, whole, without_intervals };

std::string counted(std::int64_t count, const std::string& thing) {
  return fmt::format("{} {}{}", with_separators(count), thing, count == 1 ? "" : "s");
}

// Rounded down, so that as many as there are means all.
std::string mean_count(double value) {
  return value == std::floor(value) ? with_separators(value, 0) : with_separators(std::floor(value * 10) / 10, 1);
}

// Rounded down, so that 100 % means all.
std::string share_text(double percent) {
  return fmt::format("{:.2f} %", std::floor(percent * 100 + 1e-6) / 100);
}

std::string meaning_of_interval(std::int64_t runs) {
  if (runs < 2) return "";
  return runs < kRunsForAnInterval ? " ± half of min..max" : " ± 95 % t interval";
}

std::string paragraph(const std::string& text) {
  std::string lines;
  for (const std::string& line : wrapped(text, kWidth)) lines += cut(line, kWidth) + "\n";
  return lines;
}

std::string delay_text(const DelayNumbers& delay, Detail detail) {
  if (!delay.ms) return "-";
  const int decimals = detail == Detail::one_decimal ? 1 : 0;
  std::string text = with_separators(delay.ms->mean, decimals);
  if (delay.ms->half_width && detail != Detail::without_intervals) {
    text += " ± " + with_separators(*delay.ms->half_width, decimals);
  }
  return text;
}

std::string stage_table(const std::vector<StageNumbers>& stages, Detail detail) {
  std::vector<std::string> head{"stage", "nodes reached", "of all"};
  for (const int percent : kSummaryPercents) head.push_back(fmt::format("p{} ms", percent));
  TextTable table(std::move(head));
  for (const StageNumbers& stage : stages) {
    std::vector<std::string> row{cut(stage.stage, 20),
                                 fmt::format("{} of {}", mean_count(stage.reached.mean), mean_count(stage.nodes.mean)),
                                 stage.share_percent.runs > 0 ? share_text(stage.share_percent.mean) : "-"};
    for (const DelayNumbers& delay : stage.delays) row.push_back(delay_text(delay, detail));
    table.add(std::move(row));
  }
  return table.print();
}

std::size_t widest_line(std::string_view text) {
  std::size_t widest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    widest = std::max(widest, width_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return widest;
}

// `thing` is what spreads: block or transaction; `born` counts them in all runs, zero if unknown.
// `statistic`: mean or median over things.
std::string stages_text(const std::vector<StageNumbers>& stages, const std::string& thing, const std::string& statistic,
                        std::int64_t born, std::int64_t runs, const std::string& label) {
  if (stages.empty()) return "";
  Detail detail = Detail::one_decimal;
  std::string table = stage_table(stages, detail);
  for (const Detail terser : {Detail::whole, Detail::without_intervals}) {
    if (widest_line(table) <= kWidth) break;
    detail = terser;
    table = stage_table(stages, detail);
  }
  const std::string interval = detail == Detail::without_intervals ? "" : meaning_of_interval(runs);
  std::string text =
      "\n" + paragraph(label + thing + " propagation: time from birth until so many of the nodes have it; " +
                       statistic + " over " + thing + "s" + (runs < 2 ? "" : ", then over runs" + interval));
  text += table;
  const std::int64_t measured = stages.front().objects;
  if (measured < born)
    text += fmt::format("of {} of {}: the others are stale, or born too near the end (measure.propagation.settle)\n",
                        with_separators(measured), counted(born, thing));
  for (const StageNumbers& stage : stages) {
    for (std::size_t index = 0; index < kSummaryPercents.size(); ++index) {
      const std::int64_t count = stage.delays[index].short_objects;
      if (count == 0) continue;
      text +=
          statistic == "median"
              ? fmt::format("{}: in {} most did not reach {} % of the nodes, so there is no median\n",
                            cut(stage.stage, 20), counted(count, "run"), kSummaryPercents[index])
              : fmt::format("{}: {} of {} did not reach {} % of the nodes, so there is no mean\n", cut(stage.stage, 20),
                            with_separators(count), counted(stage.objects, thing), kSummaryPercents[index]);
    }
  }
  return text;
}

std::string outcomes_text(const ReplicateNumbers& numbers, const std::string& label) {
  if (numbers.outcomes.empty()) return "";
  TextTable table({"outcome", "happened", "first", "median", "true for", "watched"});
  for (const OutcomeNumbers& outcome : numbers.outcomes) {
    const auto time = [](const std::optional<double>& seconds) {
      return seconds ? rough_duration(*seconds) : std::string("-");
    };
    table.add(
        {cut(outcome.outcome, 20), fmt::format("{} of {}", outcome.happened, outcome.runs), time(outcome.first_s),
         outcome.happened > 0 && !outcome.median_s ? "censored" : time(outcome.median_s),
         rough_duration(outcome.true_for_s),
         fmt::format("{} to {}", rough_duration(outcome.watched_from_s), rough_duration(outcome.watched_until_s))});
  }
  return "\n" +
         paragraph(label +
                   "outcomes: in how many runs, and when, from the end of the warm-up; the median is over all "
                   "runs, those without it later than all; true for: mean over runs") +
         table.print();
}

std::string metrics_text(const ReplicateNumbers& numbers, const std::string& label) {
  if (numbers.metrics.empty()) return "";
  TextTable table({"metric", "unit", "mean" + meaning_of_interval(numbers.runs)}, 2);
  std::string notes;
  for (const MetricNumbers& metric : numbers.metrics) {
    std::string value = "-";
    if (metric.value) {
      value = four_digits(metric.value->mean);
      // Equal values in a few runs are no certainty about the next one.
      if (metric.value->half_width.value_or(0.0) > 0.0) value += " ± " + four_digits(*metric.value->half_width);
    }
    const std::string name = cut(metric.metric, 40);
    table.add({name, cut(metric.unit, 16), value});
    if (metric.censored > 0)
      notes += fmt::format("{}: none before the end in {} of {}, so there is no mean\n", name, metric.censored,
                           counted(numbers.runs, "run"));
    if (metric.runs_without == metric.censored) continue;
    notes += fmt::format("{}: no value in {} of {}\n", name, metric.runs_without - metric.censored,
                         counted(numbers.runs, "run"));
  }
  return "\n" + (label.empty() ? "" : paragraph(label + "metrics")) + table.print() + notes;
}

std::string traffic_text(const ReplicateNumbers& numbers, const std::string& label) {
  if (numbers.traffic.empty()) return "";
  TrafficNumbers total;
  for (const TrafficNumbers& traffic : numbers.traffic) {
    total.messages += traffic.messages;
    total.payload_bytes += traffic.payload_bytes;
    total.header_bytes += traffic.header_bytes;
    total.tcp_ip_bytes += traffic.tcp_ip_bytes;
  }
  struct Unit {
    const char* name;
    double bytes;
    double largest;
  };
  constexpr Unit kUnits[] = {{"B", 1, 1e10}, {"kB", 1e3, 1e13}, {"MB", 1e6, 1e16}, {"GB", 1e9, 1e300}};
  const Unit& unit = *std::find_if(std::begin(kUnits), std::end(kUnits),
                                   [&](const Unit& candidate) { return total.total_bytes() < candidate.largest; });
  const auto bytes = [&unit](double value) { return with_separators(value / unit.bytes, unit.bytes == 1 ? 0 : 1); };
  const std::string suffix = std::string(" ") + unit.name;
  TextTable table({"message", "messages", "payload" + suffix, "header" + suffix, "TCP/IP" + suffix, "total" + suffix});
  const auto add = [&](const std::string& name, const TrafficNumbers& row) {
    table.add({name, with_separators(row.messages, 0), bytes(row.payload_bytes), bytes(row.header_bytes),
               bytes(row.tcp_ip_bytes), bytes(row.total_bytes())});
  };
  for (const TrafficNumbers& row : numbers.traffic) add(cut(row.message, 20), row);
  add("all", total);
  const char* mean = numbers.runs < 2 ? "" : " in a run, mean over runs";
  return "\n" + paragraph(fmt::format("{}sent by all nodes together{}", label, mean)) + table.print();
}

std::string replicates_text(const ReplicateNumbers& numbers, const std::string& label) {
  const std::string nodes =
      numbers.fewest_nodes == numbers.most_nodes
          ? counted(numbers.most_nodes, "node")
          : fmt::format("{} to {}", with_separators(numbers.fewest_nodes), counted(numbers.most_nodes, "node"));
  std::string text =
      paragraph(fmt::format("{}{}, {} simulated, {} ({})", label, nodes, rough_duration(numbers.horizon_s),
                            counted(numbers.runs, "run"), numbers.seeds));
  text += paragraph(fmt::format("{} ({} on the main chain); per run {} events, {} messages sent, {} dropped",
                                counted(numbers.blocks, "block"), with_separators(numbers.main_chain_blocks),
                                with_separators(numbers.events, 0), with_separators(numbers.messages_sent, 0),
                                with_separators(numbers.messages_dropped, 0)));
  return text + stages_text(numbers.stages, "block", "mean", numbers.blocks, numbers.runs, label) +
         stages_text(numbers.transaction_stages, "transaction", numbers.transaction_statistic, numbers.transactions,
                     numbers.runs, label) +
         outcomes_text(numbers, label) + metrics_text(numbers, label) + traffic_text(numbers, label);
}

// Before each table, so that none can be taken for that of another set. Also a set that is alone has a label, unless
// the experiment has no points or branches at all.
std::string label_of(const ReplicateNumbers& numbers, const std::vector<ReplicateNumbers>& all) {
  const bool points = numbers.point != 0 || std::any_of(all.begin(), all.end(), [&](const auto& other) {
                        return other.point != numbers.point;
                      });
  const bool branches = numbers.branch != "main" || std::any_of(all.begin(), all.end(), [&](const auto& other) {
                          return other.branch != numbers.branch;
                        });
  std::string label;
  if (points) label += fmt::format("point {}, ", numbers.point);
  if (branches) label += fmt::format("branch {}, ", cut(numbers.branch, 40));
  return label.empty() ? label : label.substr(0, label.size() - 2) + ": ";
}

std::string failures_text(const std::vector<FailedRun>& failed) {
  constexpr std::size_t kShown = 10;
  constexpr std::size_t kLongestReason = 200;
  if (failed.empty()) return "";
  const std::string head = failed.size() == 1 ? "1 run failed and is missing here"
                                              : fmt::format("{} runs failed and are missing here", failed.size());
  std::string text = "\n" + head + " (`hearsay export` has the commands that repeat them):\n";
  for (std::size_t index = 0; index < std::min(failed.size(), kShown); ++index) {
    text += paragraph(fmt::format("run {}: {}", failed[index].run, cut(failed[index].reason, kLongestReason)));
  }
  if (failed.size() > kShown) text += fmt::format("and {} more\n", failed.size() - kShown);
  return text;
}

}  // namespace

void print_summary(const std::string& results_path, SummaryFormat format, std::ostream& out) {
  ResultsFile results = ResultsFile::open(results_path);
  const auto experiment = results.experiment();
  const std::vector<ReplicateNumbers> sets = summary_numbers(results);
  const std::vector<FailedRun> failed = results.failed_runs();
  if (format == SummaryFormat::json) {
    out << summary_json(experiment, sets, failed);
    return;
  }
  const auto value = [&experiment](const char* key) {
    const auto found = experiment.find(key);
    return found == experiment.end() ? std::string() : found->second;
  };
  out << paragraph(value("scenario") + ": " + value("question"));
  for (const std::string& warning : warnings_of(experiment)) out << paragraph("warning: " + warning);
  if (sets.empty()) out << "no finished run\n";
  for (const ReplicateNumbers& numbers : sets) {
    out << (&numbers == &sets.front() ? "" : "\n") << replicates_text(numbers, label_of(numbers, sets));
  }
  out << failures_text(failed);
}

}  // namespace hearsay::app
