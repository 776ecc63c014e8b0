// Writes one run as rows. No transaction of its own: that is the caller's.
#pragma once

#include "scenarios/app/results/run_result.hpp"
#include "scenarios/app/results/sqlite.hpp"

namespace hearsay::app {

void insert_run(Database& database, const RunResult& result);

}  // namespace hearsay::app
