// The folder beside a results file in which workers leave finished runs: `R.sqlite.partial`.
//
// It is also the lock: one program at a time writes a results file. Its workers hold the lock too, by inheritance: the
// system frees it when the last of them has ended, however it ended, so none writes into the folder of the next
// program. What is left in the folder is deleted by that one. The destructor removes the folder.
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

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace hearsay::app
