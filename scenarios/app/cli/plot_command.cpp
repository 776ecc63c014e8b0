// `hearsay plot`: hands over to the Python package in analysis/, which reads the results file.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "scenarios/app/cli/commands.hpp"

namespace hearsay::app {

namespace {

std::string variable_or(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

}  // namespace

int plot_command(const std::vector<std::string>& arguments) {
  const std::string python = variable_or("HEARSAY_PYTHON", "/usr/bin/python3");
  const std::string package_path = variable_or("HEARSAY_ROOT", HEARSAY_SOURCE_DIR) + "/analysis";
  const std::string inherited = variable_or("PYTHONPATH", "");
  setenv("PYTHONPATH", (inherited.empty() ? package_path : package_path + ":" + inherited).c_str(), 1);
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  std::vector<std::string> words = {python, "-m", "hearsay_analysis", "plot"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execvp(python.c_str(), pointers.data());
  fmt::print(stderr, "hearsay: cannot start {}; set HEARSAY_PYTHON to a Python that has matplotlib and pandas\n",
             python);
  return 1;
}

int draw_figures(const std::string& results_path) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) {
    fmt::print(stderr, "hearsay: no process for the figures could be started\n");
    return 1;
  }
  if (child == 0) _exit(plot_command({results_path}));
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 1;
  if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
  return WEXITSTATUS(status);
}

}  // namespace hearsay::app
