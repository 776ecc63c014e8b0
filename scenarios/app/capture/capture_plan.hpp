// What the user asks to be captured, checked before anything runs: which file, which nodes.
//
// Not here: packets. A mistake is a CaptureError, the user's; it ends the program with exit code 2.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/results/store.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

class CaptureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CapturePlan {
  std::string path;                // empty: no capture
  std::vector<std::string> nodes;  // names, in the order of the scenario
};

// The nodes that selections name: `full[7]`, `full[0..9]`, `full` (the whole group), `all`; several are separated by
// commas. In the order of the scenario, each once. Throws CaptureError for a selection that names nothing.
[[nodiscard]] std::vector<std::string> select_nodes(const Scenario& scenario,
                                                    const std::vector<std::string>& selections);

// Without a selection the first node of each group is captured. Throws CaptureError if there is more than one run, or
// if the file cannot be written.
[[nodiscard]] CapturePlan plan_capture(const std::string& path, const std::vector<std::string>& selections,
                                       const Scenario& scenario, const std::vector<RunKey>& runs);
// Throws CaptureError if the results file holds the run already, which would then not run, or is the same file.
void expect_capturable(const CapturePlan& plan, const std::string& results_path, Existing existing);

// "full[0], pools[0] and 12 more"
[[nodiscard]] std::string describe_nodes(const CapturePlan& plan);

// Where a capture grows until it is whole; the path itself if that is no regular file (a pipe).
[[nodiscard]] std::string unfinished_capture(const std::string& path);

}  // namespace hearsay::app
