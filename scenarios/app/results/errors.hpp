// What can go wrong with a results file, by whose it is to mend. Every text names the file first.
//
// A failed simulation is neither: it is reported with its run and the others go on.
#pragma once

#include <stdexcept>

namespace hearsay::app {

// The user's: not a results file, or one of another experiment. Ends the program with exit code 2.
class ResultsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The environment's: no space, no permission, an unreadable disk. Ends the program with exit code 1.
class EnvironmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hearsay::app
