#include "scenarios/app/worker.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "scenarios/app/results/errors.hpp"
#include "scenarios/app/worker_messages.hpp"
#include "scenarios/app/worker_process.hpp"

namespace hearsay::app {
namespace {

constexpr int kPatienceMs = 30'000;  // with processes that were killed

// Closed unless released.
class Descriptors {
 public:
  Descriptors() = default;
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
  ~Descriptors() {
    for (const int descriptor : ends) {
      if (descriptor >= 0) close(descriptor);
    }
  }
  int release(std::size_t index) { return std::exchange(ends[index], -1); }

  int ends[4] = {-1, -1, -1, -1};  // reports: to read, to write; commands: the worker's, the parent's
};

[[noreturn]] void fail(const std::string& what) {
  throw EnvironmentError(what + ": " + std::generic_category().message(errno));
}

std::string how_it_ended(int status) {
  if (!WIFSIGNALED(status)) return "ended with exit code " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  std::string text = "ended by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  if (number == SIGKILL) text += "; perhaps the system was out of memory";
  return text;
}

double share(const Progress& progress) {
  if (progress.horizon_ns <= 0) return 0.0;
  return static_cast<double>(progress.simulated_ns) / static_cast<double>(progress.horizon_ns);
}

}  // namespace

Worker::Worker(RunOne& run_one, const std::vector<RunKey>& runs, const HandoverFolder& folder) {
  for (const RunKey& key : runs) {
    runs_.emplace_back().key = key;
    folder.remove_file_of(key.run);
  }
  Descriptors channels;
  if (pipe2(channels.ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channels.ends + 2) != 0) fail("cannot make a pipe");
  std::fflush(nullptr);  // else both processes write what is buffered
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) fail("cannot start a process");
  if (process_ == 0) {
    close(channels.ends[0]);
    close(channels.ends[3]);
    be_a_worker(run_one, runs, folder, {channels.ends[1], channels.ends[2]}, parent);
  }
  reports_ = channels.release(0);
  commands_ = channels.release(3);
  fcntl(reports_, F_SETFL, O_NONBLOCK);
  if (alone()) runs_.front().state = State::running;
}

Worker::~Worker() {
  kill();
}

Worker::Run* Worker::find(std::int64_t run) {
  const auto found = std::find_if(runs_.begin(), runs_.end(), [run](const Run& one) { return one.key.run == run; });
  return found == runs_.end() ? nullptr : &*found;
}

std::size_t Worker::simulating() const {
  if (over_) return 0;
  if (!warm_) return 1;
  return static_cast<std::size_t>(
      std::count_if(runs_.begin(), runs_.end(), [](const Run& run) { return run.state == State::running; }));
}

bool Worker::can_start() const {
  return warm_ && !over_ && !dismissed_ &&
         std::any_of(runs_.begin(), runs_.end(), [](const Run& run) { return run.state == State::waiting; });
}

void Worker::start_next() {
  const auto next =
      std::find_if(runs_.begin(), runs_.end(), [](const Run& run) { return run.state == State::waiting; });
  next->state = State::running;
  next->progress = warm_up_.progress;
  command(next->key.run);
  if (!can_start()) dismiss();
}

void Worker::dismiss() {
  if (dismissed_ || alone()) return;
  dismissed_ = true;
  if (warm_) return command(kNoMoreRuns);
  kill();
}

void Worker::command(std::int64_t run) {
  // If it is gone by now, its end says so.
  while (send(commands_, &run, sizeof run, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

std::vector<Worker::EndedRun> Worker::listen() {
  if (!over_) {
    read_reports();
    // The pipe closes with the last process that holds it: once it has, the end is near and can be waited for.
    int status = 0;
    pid_t ended = 0;
    do {
      ended = waitpid(process_, &status, reports_ < 0 ? 0 : WNOHANG);
    } while (ended < 0 && errno == EINTR);
    if (ended != 0) {
      await_the_last();
      reap(status);
    }
  }
  return std::exchange(ended_, {});
}

void Worker::kill() {
  if (!over_) {
    ::kill(process_, SIGKILL);
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    await_the_last();
    over_ = true;
  }
  for (int* descriptor : {&reports_, &commands_}) {
    if (*descriptor >= 0) close(*descriptor);
    *descriptor = -1;
  }
}

// What the first process forked was killed with it, and is gone when the pipe is closed.
void Worker::await_the_last() {
  read_reports();
  while (reports_ >= 0) {
    pollfd news{reports_, POLLIN, 0};
    const int ready = poll(&news, 1, kPatienceMs);
    if (ready == 0 || (ready < 0 && errno != EINTR)) return;
    read_reports();
  }
}

void Worker::read_reports() {
  char buffer[8192];
  while (reports_ >= 0) {
    const ssize_t count = read(reports_, buffer, sizeof buffer);
    if (count > 0) {
      received_.append(buffer, static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else {
      if (count == 0 || errno != EAGAIN) {
        close(reports_);
        reports_ = -1;
      }
      break;
    }
  }
  interpret();
}

void Worker::interpret() {
  using Kind = MessageHeader::Kind;
  std::size_t start = 0;
  MessageHeader header;
  while (received_.size() - start >= sizeof header) {
    std::memcpy(&header, received_.data() + start, sizeof header);
    if (received_.size() - start - sizeof header < header.size) break;
    start += sizeof header;
    const char* content = received_.data() + start;
    Run* run = header.run == kOfWarmUp ? &warm_up_ : find(header.run);
    switch (header.kind) {
      case Kind::progress:
        std::memcpy(&run->progress, content, sizeof run->progress);
        break;
      case Kind::warm:
        warm_ = true;
        if (alone()) runs_.front().progress = warm_up_.progress;
        break;
      case Kind::failed:
      case Kind::failed_to_store:
        run->failure.assign(content, header.size);
        run->reported = header.kind == Kind::failed ? State::failed : State::failed_to_store;
        break;
      case Kind::ended: {
        int status = 0;
        std::memcpy(&status, content, sizeof status);
        end_run(*run, status);
        break;
      }
    }
    start += header.size;
  }
  received_.erase(0, start);
}

void Worker::end_run(Run& run, int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    run.state = State::finished;
    run.failure.clear();
  } else {
    run.state = run.reported;
    if (run.failure.empty()) run.failure = (WIFSIGNALED(status) ? "" : "its process ") + how_it_ended(status);
  }
  ended_.push_back({run.key, run.state, run.failure});
}

// The first process has ended; runs that have not are lost with it.
void Worker::reap(int status) {
  over_ = true;
  if (alone()) {
    Run& run = runs_.front();
    if (!warm_ && !warm_up_.failure.empty()) {
      run.failure = warm_up_.failure;
      run.reported = warm_up_.reported;
    }
    end_run(run, status);
    return;
  }
  const bool as_it_should = warm_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  for (Run& run : runs_) {
    if (run.state == State::waiting && as_it_should) continue;
    if (run.state != State::waiting && run.state != State::running) continue;
    run.state = warm_ ? State::failed : warm_up_.reported;
    if (warm_) {
      run.failure = "the process that it was forked from " + how_it_ended(status);
    } else if (!warm_up_.failure.empty()) {
      run.failure = "the warm-up that it shares failed: " + warm_up_.failure;
    } else {
      run.failure = "the warm-up that it shares " + how_it_ended(status);
    }
    ended_.push_back({run.key, run.state, run.failure});
  }
}

std::vector<ProcessProgress> Worker::progress() const {
  std::vector<ProcessProgress> all;
  if (over_) return all;
  if (!warm_) {
    ProcessProgress& one = all.emplace_back();
    for (const Run& run : runs_) one.runs.push_back(run.key.run);
    one.warming_up = !alone();
    one.progress = warm_up_.progress;
    return all;
  }
  for (const Run& run : runs_) {
    if (run.state == State::running) all.push_back({{run.key.run}, false, run.progress});
  }
  return all;
}

std::int64_t Worker::events() const {
  std::int64_t events = warm_up_.progress.events;
  for (const Run& run : runs_) events += std::max<std::int64_t>(0, run.progress.events - warm_up_.progress.events);
  return events;
}

double Worker::warm_share() const {
  return share(warm_up_.progress);
}

double Worker::work_done() const {
  const double warm = warm_share();
  double work = warm;
  for (const Run& run : runs_) {
    if (run.state == State::waiting) continue;
    work += run.state == State::running ? std::max(0.0, share(run.progress) - warm) : 1.0 - warm;
  }
  return work;
}

}  // namespace hearsay::app
