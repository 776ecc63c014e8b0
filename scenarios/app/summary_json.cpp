#include "scenarios/app/summary_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace hearsay::app {
namespace {

using Json = nlohmann::ordered_json;

Json json(const Estimate& estimate) {
  if (estimate.runs == 0) return nullptr;
  Json object{{"mean", estimate.mean}, {"low", nullptr}, {"high", nullptr}, {"runs", estimate.runs}};
  if (estimate.half_width) {
    object["low"] = estimate.mean - *estimate.half_width;
    object["high"] = estimate.mean + *estimate.half_width;
  }
  return object;
}

Json json(const StageNumbers& stage) {
  Json object{{"stage", stage.stage},
              {"objects", stage.objects},
              {"nodes", json(stage.nodes)},
              {"reached", json(stage.reached)},
              {"share_percent", json(stage.share_percent)}};
  for (std::size_t index = 0; index < kSummaryPercents.size(); ++index) {
    const DelayNumbers& delay = stage.delays[index];
    Json of_percent{
        {"percent", kSummaryPercents[index]}, {"delay_ms", nullptr}, {"short_objects", delay.short_objects}};
    if (delay.ms) of_percent["delay_ms"] = json(*delay.ms);
    object["delays"].push_back(std::move(of_percent));
  }
  return object;
}

Json json(const ReplicateNumbers& numbers) {
  Json object{{"point", numbers.point},
              {"branch", numbers.branch},
              {"seeds", numbers.seeds},
              {"runs", numbers.runs},
              {"fewest_nodes", numbers.fewest_nodes},
              {"most_nodes", numbers.most_nodes},
              {"horizon_s", numbers.horizon_s},
              {"events", numbers.events},
              {"messages_sent", numbers.messages_sent},
              {"messages_delivered", numbers.messages_delivered},
              {"messages_dropped", numbers.messages_dropped},
              {"blocks", numbers.blocks},
              {"main_chain_blocks", numbers.main_chain_blocks},
              {"propagation", Json::array()},
              {"transaction_propagation", Json::array()},
              {"outcomes", Json::array()},
              {"metrics", Json::array()},
              {"traffic", Json::array()}};
  for (const StageNumbers& stage : numbers.stages) object["propagation"].push_back(json(stage));
  object["transaction_statistic"] = numbers.transaction_statistic;
  for (const StageNumbers& stage : numbers.transaction_stages) object["transaction_propagation"].push_back(json(stage));
  const auto or_null = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  for (const OutcomeNumbers& outcome : numbers.outcomes) {
    object["outcomes"].push_back({{"outcome", outcome.outcome},
                                  {"happened", outcome.happened},
                                  {"runs", outcome.runs},
                                  {"watched_from_s", outcome.watched_from_s},
                                  {"watched_until_s", outcome.watched_until_s},
                                  {"first_s", or_null(outcome.first_s)},
                                  {"median_s", or_null(outcome.median_s)},
                                  {"true_for_s", outcome.true_for_s}});
  }
  for (const MetricNumbers& metric : numbers.metrics) {
    object["metrics"].push_back({{"metric", metric.metric},
                                 {"unit", metric.unit},
                                 {"value", metric.value ? json(*metric.value) : Json(nullptr)},
                                 {"runs_without", metric.runs_without},
                                 {"censored", metric.censored}});
  }
  for (const TrafficNumbers& traffic : numbers.traffic) {
    object["traffic"].push_back({{"message", traffic.message},
                                 {"messages", traffic.messages},
                                 {"payload_bytes", traffic.payload_bytes},
                                 {"header_bytes", traffic.header_bytes},
                                 {"tcp_ip_bytes", traffic.tcp_ip_bytes}});
  }
  return object;
}

}  // namespace

std::vector<std::string> warnings_of(const std::map<std::string, std::string>& experiment) {
  const auto found = experiment.find("warnings");
  if (found == experiment.end()) return {};
  const auto list = nlohmann::json::parse(found->second, nullptr, false);
  if (!list.is_array()) return {found->second};
  std::vector<std::string> warnings;
  for (const auto& warning : list)
    warnings.push_back(warning.is_string() ? warning.get<std::string>() : warning.dump());
  return warnings;
}

std::string summary_json(const std::map<std::string, std::string>& experiment,
                         const std::vector<ReplicateNumbers>& sets, const std::vector<FailedRun>& failed) {
  Json object;
  for (const char* key : {"scenario", "question", "scenario_hash", "version", "commit_hash", "tree_dirty", "seeds"}) {
    const auto found = experiment.find(key);
    object[key] = found == experiment.end() ? Json(nullptr) : Json(found->second);
  }
  object["warnings"] = warnings_of(experiment);
  object["results"] = Json::array();
  for (const ReplicateNumbers& numbers : sets) object["results"].push_back(json(numbers));
  object["failed_runs"] = Json::array();
  for (const FailedRun& run : failed) {
    object["failed_runs"].push_back({{"run", run.run}, {"reason", run.reason}, {"command", run.command}});
  }
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hearsay::app
