// Helpers of the tests of scenarios/app/config: problems as lines, and a folder that is gone after the test.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "scenarios/app/config/load.hpp"
#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

using Lines = std::vector<std::string>;

inline Lines lines_of(const Problems& problems) {
  Lines lines;
  for (const Problem& problem : problems.sorted()) lines.push_back(problem.line());
  return lines;
}

// A text that must load without a problem.
inline Value loaded(const std::string& text) {
  Problems problems;
  Value value = load_yaml_text(text, "t.yaml", problems);
  problems.throw_if_any();
  return value;
}

// Everything that loading the text reports, whether or not it goes on.
inline Lines complaints(const std::string& text) {
  Problems problems;
  try {
    load_yaml_text(text, "t.yaml", problems);
  } catch (const ConfigError& error) {
    // What is thrown is what was collected.
    if (error.problems().size() != problems.count()) return {"ConfigError and Problems differ"};
  }
  return lines_of(problems);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "config_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace hearsay::config
