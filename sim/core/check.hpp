// Checks for our own mistakes (never for the user's, nor for what a model says may happen). They are on in every
// build type. A failed check throws CheckFailure, whose text names the condition and the place; the run loop adds
// simulated time, node and seed before the process ends.
#pragma once

#include <stdexcept>
#include <string>

namespace hearsay {

class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void fail_check(const char* condition, const char* file, int line, const char* what) {
  throw CheckFailure(std::string(file) + ":" + std::to_string(line) + ": check failed: " + condition + ": " + what);
}

}  // namespace hearsay

#define SIM_CHECK(condition, what)                                 \
  do {                                                             \
    if (!(condition)) [[unlikely]]                                 \
      ::hearsay::fail_check(#condition, __FILE__, __LINE__, what); \
  } while (false)
