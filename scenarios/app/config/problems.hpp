// The user's mistakes in a scenario, collected so that all of them are reported in one go.
//
// Only mistakes that the user can mend belong here; broken invariants of the program do not. The list is always sorted
// by file, line and column, and says nothing twice.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

struct Problem {
  Mark mark;
  std::string message;

  std::string line() const { return mark.place() + ": " + message; }
};

// Thrown with every problem found so far; what() has one line per problem: `file:line:column: message`.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<Problem> problems);
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

class Problems {
 public:
  void add(Mark mark, std::string message);
  bool empty() const { return problems_.empty(); }
  std::size_t count() const { return problems_.size(); }
  const std::vector<Problem>& sorted() const { return problems_; }

  void throw_if_any() const;

 private:
  std::vector<Problem> problems_;
};

// A user's text as a message shows it: in backticks, on one line, and cut after so many characters.
std::string in_backticks(std::string_view text, std::size_t longest = 60);

// "a, b, c"
std::string joined(const std::vector<std::string_view>& words);

}  // namespace hearsay::config
