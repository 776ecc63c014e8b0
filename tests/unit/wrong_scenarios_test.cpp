// What a user is told about a wrong file: the whole of it, for every file of tests/fixtures/wrong (the message stands
// beside it, in NAME.expected). HEARSAY_UPDATE_GOLDEN=1 writes the messages anew; read them as a user would.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenarios/app/config/problems.hpp"
#include "scenarios/app/resolve.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::app {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(HEARSAY_SOURCE_DIR) / "tests/fixtures/wrong";

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// As the user sees it who stands in that folder. Empty: no mistake was found.
std::string told(const fs::path& path) {
  try {
    (void)resolve_scenario(path.string(), {}, {});
  } catch (const config::ConfigError& error) {
    std::string text = std::string(error.what()) + "\n";
    const std::string prefix = path.parent_path().string() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
      text.erase(at, prefix.size());
    return text;
  }
  return "";
}

std::vector<fs::path> files_with(const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kFolder))
    if (entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("Each wrong file is answered with the message that stands beside it") {
  const auto files = files_with(".yaml");
  CHECK(files.size() >= 45);
  for (const fs::path& file : files) {
    CAPTURE(file.filename().string());
    const std::string message = told(file);
    CHECK_FALSE(message.empty());
    fs::path expected = file;
    expected.replace_extension(".expected");
    if (std::getenv("HEARSAY_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << message;
    CHECK(message == content(expected));
  }
  for (const fs::path& expected : files_with(".expected")) {
    fs::path file = expected;
    CAPTURE(expected.filename().string());
    CHECK(fs::exists(file.replace_extension(".yaml")));
  }
}

TEST_CASE("What a wrong file is told does not depend on where it lies") {
  const config::TemporaryFolder folder;
  const fs::path far = fs::path(folder.path("so")) / std::string(100, 'd') / std::string(100, 'e') / "p";
  fs::create_directories(far);
  fs::copy(kFolder, far, fs::copy_options::recursive);
  for (const fs::path& file : files_with(".yaml")) {
    CAPTURE(file.filename().string());
    CHECK(told(far / file.filename()) == told(file));
  }
}

TEST_CASE("The file that the wrong ones extend is right") {
  CHECK(told(kFolder / "parts/valid.yaml") == "");
}

TEST_CASE("A file over 1 MB is refused, and so is a base over 1 MB; one byte less is read") {
  const config::TemporaryFolder folder;
  const std::string head = "question: q?\nhorizon: 1 h\n";
  const std::string filler(1'000'000 - head.size() - 1, '#');
  const std::string large = folder.write("large.yaml", head + filler + "##");
  CHECK(told(large) == "large.yaml:1:1: this is larger than 1 MB, the most that a scenario may have\n");
  const std::string heir = folder.write("heir.yaml", "extends: large.yaml\n");
  CHECK(told(heir) == "large.yaml:1:1: this is larger than 1 MB, the most that a scenario may have\n");
  const std::string just = folder.write("just.yaml", head + filler);
  CHECK(told(just) ==
        "just.yaml:1:1: missing key `groups`\n"
        "just.yaml:1:1: missing key `topology`\n");
}

TEST_CASE("What is no file is refused") {
  const config::TemporaryFolder folder;
  CHECK(told(folder.path("none.yaml")) == "none.yaml:1:1: cannot read this file: No such file or directory\n");
  fs::create_directory(folder.path("folder.yaml"));
  CHECK(told(folder.path("folder.yaml")) == "folder.yaml:1:1: cannot read this file: it is a directory\n");
}

}  // namespace hearsay::app
