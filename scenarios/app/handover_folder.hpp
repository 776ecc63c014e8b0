// The folder beside a results file in which workers leave finished runs: `R.sqlite.partial`.
//
// It is also the lock: one program at a time writes a results file. The system frees the lock when that program ends,
// however it ends; what it left in the folder is deleted by the next one. The destructor removes the folder.
#pragma once

#include <cstdint>
#include <string>

namespace hearsay::app {

class HandoverFolder {
 public:
  // Throws EnvironmentError if another program holds it or it cannot be made.
  explicit HandoverFolder(const std::string& results_path);
  HandoverFolder(const HandoverFolder&) = delete;
  HandoverFolder& operator=(const HandoverFolder&) = delete;
  ~HandoverFolder();

  std::string file_of(std::int64_t run) const;
  void remove_file_of(std::int64_t run) const;

  // In a forked process: the lock is the parent's alone.
  void let_go() const;

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace hearsay::app
