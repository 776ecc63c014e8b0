// What the processes of a worker tell the runner through their pipe, and what it tells them.
//
// They share one pipe: each message is one write of at most PIPE_BUF bytes, which the system does not tear or mix,
// also when the writer is killed. Both sides are the same program: plain memory will do.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>

namespace hearsay::app {

struct MessageHeader {
  enum class Kind : std::uint32_t {
    progress,         // Progress
    warm,             // the branches may be started
    failed,           // text
    failed_to_store,  // text
    ended             // int: the status that waitpid() gave
  };
  Kind kind;
  std::uint32_t size;  // of what follows
  std::int64_t run;    // kOfWarmUp: of the warm-up
};

inline constexpr std::int64_t kOfWarmUp = 0;  // runs are numbered from 1
inline constexpr std::size_t kLongestMessageText = PIPE_BUF - sizeof(MessageHeader);

// A command is the number of the run to start, or this: there will be no more.
inline constexpr std::int64_t kNoMoreRuns = 0;

}  // namespace hearsay::app
