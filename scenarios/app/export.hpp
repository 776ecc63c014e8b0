// Writes a results file as CSV, one file a table, ordered by key: equal results give equal bytes.
//
// The table of wall-clock times is left out, because it never is equal; that of failed runs is there, and empty once
// all runs are. Nothing is computed or rounded: a real number has the fewest digits that read back as the same. NULL is
// an empty field. Lines end in \n.
#pragma once

#include <string>
#include <vector>

namespace hearsay::app {

// Files of the same names are replaced, others left alone. Returns the paths written. Throws ResultsError if the
// results file cannot be read, EnvironmentError if the folder cannot be written.
std::vector<std::string> export_results(const std::string& results_path, const std::string& folder);

}  // namespace hearsay::app
