// Prints what an experiment found, from its results file: a table for people, or the same numbers as JSON.
//
// The table is at most 100 columns wide. It holds no wall-clock times: equal results print equally.
#pragma once

#include <iosfwd>
#include <string>

namespace hearsay::app {

enum class SummaryFormat { table, json };

// Throws ResultsError if the file cannot be read as results. A file without finished runs has a summary too.
void print_summary(const std::string& results_path, SummaryFormat format, std::ostream& out);

}  // namespace hearsay::app
