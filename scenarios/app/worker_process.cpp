#include "scenarios/app/worker_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <new>
#include <string>
#include <system_error>

#include "scenarios/app/results/store.hpp"
#include "scenarios/app/worker_messages.hpp"

namespace hearsay::app {
namespace {

using Kind = MessageHeader::Kind;

class Reports {
 public:
  explicit Reports(int pipe) : pipe_(pipe) {}

  void send(Kind kind, std::int64_t run, const void* content = nullptr, std::size_t size = 0) const {
    char message[PIPE_BUF];
    const MessageHeader header{kind, static_cast<std::uint32_t>(size), run};
    std::memcpy(message, &header, sizeof header);
    if (size > 0) std::memcpy(message + sizeof header, content, size);
    while (write(pipe_, message, sizeof header + size) < 0) {
      if (errno != EINTR) _exit(1);  // nobody listens any more
    }
  }

  void failed(Kind kind, std::int64_t run, const char* text) const {
    send(kind, run, text, std::min(std::strlen(text), kLongestMessageText));
  }

  bool has_room() const {
    pollfd room{pipe_, POLLOUT, 0};
    return poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0;
  }

 private:
  int pipe_;
};

class ReportingSink : public ProgressSink {
 public:
  ReportingSink(const Reports& reports, std::int64_t run) : reports_(reports), run_(run) {}

  void at(const Progress& progress) override {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    // While the parent is busy writing, the pipe fills up; news that cannot be delivered at once is not worth a wait.
    if (reports_.has_room()) reports_.send(Kind::progress, run_, &progress, sizeof progress);
  }

 private:
  const Reports& reports_;
  std::int64_t run_;
  std::chrono::steady_clock::time_point next_{};
};

void add_resources(WallClock& clock) {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  if (clock.cpu_s == 0.0) clock.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  if (clock.peak_memory_bytes == 0) clock.peak_memory_bytes = std::int64_t{usage.ru_maxrss} * 1024;
}

[[noreturn]] void end(int status) {
  std::fflush(nullptr);
  _exit(status);
}

// Ends the process if the work throws, after telling why.
template <class Work>
void do_or_end(const Reports& reports, std::int64_t run, const Work& work) {
  try {
    work();
    return;
  } catch (const EnvironmentError& error) {
    reports.failed(Kind::failed_to_store, run, error.what());
  } catch (const std::bad_alloc&) {
    reports.failed(Kind::failed, run, "out of memory");
  } catch (const std::exception& error) {
    reports.failed(Kind::failed, run, error.what());
  } catch (...) {
    reports.failed(Kind::failed, run, "an exception of unknown type");
  }
  end(1);
}

[[noreturn]] void run_to_the_end(RunOne& run_one, const RunKey& key, const HandoverFolder& folder,
                                 const Reports& reports) {
  do_or_end(reports, key.run, [&] {
    ReportingSink sink(reports, key.run);
    RunResult result = run_one.run(key, sink);
    result.key = key;
    add_resources(result.wall_clock);
    write_handover(folder.file_of(key.run), result);
  });
  end(0);
}

void die_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

void note_that_a_branch_ended(int) {}

// The warm process: forks a branch when it is told to, and tells of its end. It costs memory, but no time.
class WarmProcess {
 public:
  WarmProcess(RunOne& run_one, const std::vector<RunKey>& runs, const HandoverFolder& folder, const Reports& reports,
              int commands)
      : run_one_(run_one), runs_(runs), folder_(folder), reports_(reports), commands_(commands) {
    // Delivered while it waits, at no other time: none is missed.
    struct sigaction noting {};
    noting.sa_handler = note_that_a_branch_ended;
    sigaction(SIGCHLD, &noting, nullptr);
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, &former_);
    sigdelset(&former_, SIGCHLD);
  }

  [[noreturn]] void serve() {
    for (;;) {
      collect();
      if (no_more_ && running_.empty()) end(0);
      pollfd command{commands_, POLLIN, 0};
      if (ppoll(&command, no_more_ ? 0 : 1, nullptr, &former_) != 1) continue;
      std::int64_t run = kNoMoreRuns;
      const ssize_t count = read(commands_, &run, sizeof run);
      if (count < 0 && errno == EINTR) continue;
      if (count != sizeof run || run == kNoMoreRuns) {
        no_more_ = true;
      } else {
        start(run);
      }
    }
  }

 private:
  void start(std::int64_t run) {
    const auto key = std::find_if(runs_.begin(), runs_.end(), [run](const RunKey& one) { return one.run == run; });
    const pid_t warm = getpid();
    const pid_t process = fork();
    if (process < 0) {
      const std::string why = "cannot start a process: " + std::generic_category().message(errno);
      const int exit_code_1 = 1 << 8;
      reports_.failed(Kind::failed, run, why.c_str());
      reports_.send(Kind::ended, run, &exit_code_1, sizeof exit_code_1);
      return;
    }
    if (process == 0) {
      die_with(warm);
      signal(SIGCHLD, SIG_DFL);
      sigprocmask(SIG_SETMASK, &former_, nullptr);
      close(commands_);
      run_to_the_end(run_one_, *key, folder_, reports_);
    }
    running_.emplace(process, run);
  }

  void collect() {
    int status = 0;
    pid_t process = 0;
    while ((process = waitpid(-1, &status, WNOHANG)) > 0) {
      const auto found = running_.find(process);
      if (found == running_.end()) continue;
      reports_.send(Kind::ended, found->second, &status, sizeof status);
      running_.erase(found);
    }
  }

  RunOne& run_one_;
  const std::vector<RunKey>& runs_;
  const HandoverFolder& folder_;
  const Reports& reports_;
  int commands_;
  sigset_t former_{};
  std::map<pid_t, std::int64_t> running_;  // the run of each process
  bool no_more_ = false;
};

}  // namespace

void be_a_worker(RunOne& run_one, const std::vector<RunKey>& runs, const HandoverFolder& folder,
                 const WorkerChannels& channels, pid_t parent) {
  // The terminal sends Ctrl-C to all; what becomes of a worker is the parent's decision.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  die_with(parent);
  const Reports reports(channels.reports);
  const bool alone = runs.size() == 1;
  do_or_end(reports, kOfWarmUp, [&] {
    ReportingSink sink(reports, kOfWarmUp);
    run_one.warm_up(runs.front(), sink);
  });
  reports.send(Kind::warm, kOfWarmUp);
  if (alone) run_to_the_end(run_one, runs.front(), folder, reports);
  std::fflush(nullptr);  // else every branch writes what is buffered
  WarmProcess(run_one, runs, folder, reports, channels.commands).serve();
}

}  // namespace hearsay::app
