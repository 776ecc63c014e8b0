#include "scenarios/app/worker.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <system_error>

#include "scenarios/app/results/store.hpp"

namespace hearsay::app {
namespace {

// A message on the pipe: its kind, the size of what follows, and that.
struct Header {
  enum class Kind : std::uint32_t { progress, failed, failed_to_store };
  Kind kind;
  std::uint32_t size;
};
constexpr std::size_t kLongestFailure = 60'000;

class PipeSink : public ProgressSink {
 public:
  explicit PipeSink(int pipe) : pipe_(pipe) {}

  void at(const Progress& progress) override {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    // While the parent is busy writing, the pipe fills up; news that cannot be delivered at once is not worth a wait.
    pollfd room{pipe_, POLLOUT, 0};
    if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0) {
      send(Header::Kind::progress, &progress, sizeof progress);
    }
  }

  void failed(Header::Kind kind, const char* text) { send(kind, text, std::min(std::strlen(text), kLongestFailure)); }

 private:
  void send(Header::Kind kind, const void* content, std::size_t size) {
    const Header header{kind, static_cast<std::uint32_t>(size)};
    write_all(&header, sizeof header);
    write_all(content, size);
  }

  void write_all(const void* content, std::size_t size) {
    const char* next = static_cast<const char*>(content);
    while (size > 0) {
      const ssize_t written = write(pipe_, next, size);
      if (written < 0) {
        if (errno == EINTR) continue;
        _exit(1);  // nobody listens any more
      }
      next += written;
      size -= static_cast<std::size_t>(written);
    }
  }

  int pipe_;
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

[[noreturn]] void work(RunOne& run_one, const RunKey& key, const std::string& file, int pipe) {
  PipeSink sink(pipe);
  int status = 1;
  try {
    RunResult result = run_one.run(key, sink);
    result.key = key;
    add_resources(result.wall_clock);
    write_handover(file, result);
    status = 0;
  } catch (const EnvironmentError& error) {
    sink.failed(Header::Kind::failed_to_store, error.what());
  } catch (const std::bad_alloc&) {
    sink.failed(Header::Kind::failed, "out of memory");
  } catch (const std::exception& error) {
    sink.failed(Header::Kind::failed, error.what());
  } catch (...) {
    sink.failed(Header::Kind::failed, "an exception of unknown type");
  }
  std::fflush(nullptr);
  _exit(status);
}

void become_a_worker(pid_t parent) {
  // The terminal sends Ctrl-C to all; what becomes of a worker is the parent's decision.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

}  // namespace

Worker::Worker(RunOne& run_one, const RunKey& key, const HandoverFolder& folder) : key_(key) {
  folder.remove_file_of(key.run);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    throw EnvironmentError("cannot make a pipe: " + std::generic_category().message(errno));
  }
  std::fflush(nullptr);  // else both processes write what is buffered
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) {
    const int reason = errno;
    close(ends[0]);
    close(ends[1]);
    throw EnvironmentError("cannot start a process: " + std::generic_category().message(reason));
  }
  if (process_ == 0) {
    become_a_worker(parent);
    close(ends[0]);
    folder.let_go();
    work(run_one, key, folder.file_of(key.run), ends[1]);
  }
  close(ends[1]);
  pipe_ = ends[0];
  fcntl(pipe_, F_SETFL, O_NONBLOCK);
}

Worker::~Worker() {
  kill();
}

Worker::State Worker::listen() {
  if (state_ != State::running) return state_;
  read_pipe();
  // The pipe closes with the last process that holds it: once it has, the end is near and can be waited for.
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(process_, &status, pipe_ < 0 ? 0 : WNOHANG);
  } while (ended < 0 && errno == EINTR);
  if (ended != 0) {
    read_pipe();
    reap(status);
  }
  return state_;
}

void Worker::kill() {
  if (state_ == State::running) {
    ::kill(process_, SIGKILL);
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    state_ = State::failed;
    failure_ = "stopped";
  }
  if (pipe_ >= 0) close(pipe_);
  pipe_ = -1;
}

void Worker::read_pipe() {
  char buffer[8192];
  while (pipe_ >= 0) {
    const ssize_t count = read(pipe_, buffer, sizeof buffer);
    if (count > 0) {
      received_.append(buffer, static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else {
      if (count == 0 || errno != EAGAIN) {
        close(pipe_);
        pipe_ = -1;
      }
      break;
    }
  }
  interpret();
}

void Worker::interpret() {
  std::size_t start = 0;
  Header header;
  while (received_.size() - start >= sizeof header) {
    std::memcpy(&header, received_.data() + start, sizeof header);
    if (received_.size() - start - sizeof header < header.size) break;
    start += sizeof header;
    if (header.kind == Header::Kind::progress) {
      std::memcpy(&progress_, received_.data() + start, sizeof progress_);
    } else {
      failure_.assign(received_, start, header.size);
      reported_ = header.kind == Header::Kind::failed ? State::failed : State::failed_to_store;
    }
    start += header.size;
  }
  received_.erase(0, start);
}

void Worker::reap(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    state_ = State::finished;
    return;
  }
  state_ = reported_;
  if (!failure_.empty()) return;
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    failure_ = "ended by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
    if (number == SIGKILL) failure_ += "; perhaps the system was out of memory";
  } else {
    failure_ = "its process ended with exit code " + std::to_string(WEXITSTATUS(status));
  }
}

}  // namespace hearsay::app
