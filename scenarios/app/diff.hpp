// Compares two results files run by run: the same results? If not, where they part first.
//
// Runs belong together by point, branch and seeds. It looks at digests first, then at everything else that is a result;
// wall-clock times never count. Scenario and program may differ: that is said, and the results decide.
#pragma once

#include <iosfwd>
#include <string>

namespace hearsay::app {

// The exit code: 0 the same, 1 they differ, 2 a file cannot be read (the reason goes to `errors`).
int diff_results(const std::string& left_path, const std::string& right_path, std::ostream& out, std::ostream& errors);

}  // namespace hearsay::app
