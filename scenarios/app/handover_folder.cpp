#include "scenarios/app/handover_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "scenarios/app/results/errors.hpp"

namespace hearsay::app {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kPatience{3000};

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw EnvironmentError(path + ": " + what + ": " + std::generic_category().message(errno));
}

// Between opening and locking, the program that held the lock may have removed the folder.
bool is_still_there(int descriptor, const std::string& path) {
  struct stat opened {};
  struct stat there {};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &there) == 0 && opened.st_ino == there.st_ino &&
         opened.st_dev == there.st_dev;
}

// Workers of a killed program die a moment after it, and hold the lock until then; large ones take their time.
bool lock_soon(int descriptor) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return true;  // a file system that has no locks is used without
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace

HandoverFolder::HandoverFolder(const std::string& results_path) : path_(results_path + ".partial") {
  std::error_code error;
  const fs::path parent = fs::path(results_path).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) throw EnvironmentError(parent.string() + ": cannot make this folder: " + error.message());
  for (;;) {
    if (mkdir(path_.c_str(), 0777) != 0 && errno != EEXIST) fail(path_, "cannot make this folder");
    lock_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock_ < 0) {
      if (errno == ENOENT) continue;
      fail(path_, "cannot open this folder");
    }
    if (!lock_soon(lock_)) {
      close(lock_);
      throw EnvironmentError(results_path + ": another hearsay is writing to this file");
    }
    if (is_still_there(lock_, path_)) break;
    close(lock_);
  }
  for (const auto& entry : fs::directory_iterator(path_, error)) fs::remove(entry.path(), error);
}

HandoverFolder::~HandoverFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
  close(lock_);
}

std::string HandoverFolder::file_of(std::int64_t run) const {
  return path_ + "/run-" + std::to_string(run) + ".sqlite";
}

void HandoverFolder::remove_file_of(std::int64_t run) const {
  std::error_code error;
  fs::remove(file_of(run), error);
  fs::remove(file_of(run) + "-journal", error);
}

}  // namespace hearsay::app
