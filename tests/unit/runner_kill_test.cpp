// Fifty disasters at random moments: in the end nothing that was finished is lost, and nothing is there twice.
//
// A full disk is a limit to the size of files, put on the running process: SQLite sees writes that fail (EFBIG), in the
// hand-over files or in the results file, at whatever place the draw has chosen.
#include <dirent.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <random>

#include "scenarios/app/runner.hpp"
#include "tests/unit/runner_fixtures.hpp"

namespace hearsay::app {
namespace {

constexpr int kDisasters = 50;
constexpr std::int64_t kSeeds = 30;
const std::vector<std::string> kBranches = {"main", "control", "defended"};

// Random integers below a bound; the sequence is the same every time, what it meets is not.
class Draws {
 public:
  explicit Draws(std::uint32_t seed) : engine_(seed) {}
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }
  std::chrono::milliseconds ms(std::uint32_t bound) { return std::chrono::milliseconds(below(bound)); }

 private:
  std::mt19937 engine_;
};

// The first to ask for a name gets it, in all processes together.
class FirstAttempts {
 public:
  explicit FirstAttempts(std::string folder) : folder_(std::move(folder)) { reset(); }
  void reset() const {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  bool is_first(const std::string& name) const {
    const int file = open((folder_ + "/" + name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) close(file);
    return file >= 0;
  }

 private:
  std::string folder_;
};

[[noreturn]] void crash(int number) {
  signal(number, SIG_DFL);  // Catch and the sanitizers have their own ways
  raise(number);
  _exit(99);
}

// Short runs, of which some crash at their first attempt.
class ShortRuns : public RunOne {
 public:
  explicit ShortRuns(const FirstAttempts& attempts) : attempts_(attempts) {}

  void warm_up(const RunKey& any, ProgressSink& progress) override {
    progress.at({64'000'000'000, 256'000'000'000, 5'000});
    std::this_thread::sleep_for(std::chrono::milliseconds(any.world_seed % 5));
    if (any.world_seed % 10 == 3 && first("warm", any.world_seed)) crash(SIGSEGV);
    if (any.world_seed % 10 == 7 && first("warm", any.world_seed)) throw std::runtime_error("check failed at 3 s");
    warm_for_ = any.world_seed;
  }

  RunResult run(const RunKey& key, ProgressSink& progress) override {
    progress.at({128'000'000'000, 256'000'000'000, 9'000});
    std::this_thread::sleep_for(std::chrono::milliseconds(key.run % 7));
    if (key.run % 10 == 4 && first("run", static_cast<std::uint64_t>(key.run))) crash(SIGABRT);
    if (key.run % 10 == 8 && first("run", static_cast<std::uint64_t>(key.run))) crash(SIGSEGV);
    if (warm_for_ != key.world_seed) throw std::logic_error("not the warm state of this run");
    return branch_result(key);
  }

 private:
  bool first(const char* what, std::uint64_t number) const {
    return attempts_.is_first(std::string(what) + "-" + std::to_string(number));
  }
  const FirstAttempts& attempts_;
  std::uint64_t warm_for_ = 0;
};

// 0 if there is no such process.
pid_t parent_of(pid_t process) {
  const std::string stat = content_of("/proc/" + std::to_string(process) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 > stat.size()) return 0;
  return static_cast<pid_t>(std::atoi(stat.c_str() + name_end + 4));
}

bool descends(pid_t process, pid_t from) {
  for (int generation = 0; generation < 3 && process > 1; ++generation) {
    process = parent_of(process);
    if (process == from) return true;
  }
  return false;
}

std::vector<pid_t> descendants(pid_t from) {
  std::vector<pid_t> found;
  DIR* folder = opendir("/proc");
  while (const dirent* entry = readdir(folder)) {
    const pid_t process = static_cast<pid_t>(std::atoi(entry->d_name));
    if (process > 0 && descends(process, from)) found.push_back(process);
  }
  closedir(folder);
  return found;
}

// Numbers are given anew: what is held is a process, and only then it is asked whose it is.
bool kill_descendant(pid_t process, pid_t from) {
  const int held = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (held < 0) return false;
  const bool killed = descends(process, from) && syscall(SYS_pidfd_send_signal, held, SIGKILL, nullptr, 0) == 0;
  close(held);
  return killed;
}

// The runner as a program of its own; `nobody_left` waits for the end of all that it started.
class Program {
 public:
  Program(const Experiment& experiment, const RunnerOptions& options, RunOne& run_one) {
    int alive[2];
    REQUIRE(pipe2(alive, O_CLOEXEC) == 0);  // to be closed by the last of them
    alive_ = alive[0];
    process_ = start_elsewhere(experiment, options, run_one);
    close(alive[1]);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (!ended_) {
      ::kill(process_, SIGKILL);
      wait();
    }
    close(alive_);
  }

  pid_t process() const { return process_; }
  void kill(int number) const { ::kill(process_, number); }
  int wait() {
    const int status = wait_for(process_);
    ended_ = true;
    return status;
  }
  bool nobody_left() const {
    pollfd end{alive_, POLLIN, 0};
    return poll(&end, 1, 20'000) == 1 && (end.revents & POLLHUP) != 0;
  }

 private:
  int alive_ = -1;
  pid_t process_ = -1;
  bool ended_ = false;
};

std::set<std::int64_t> finished(const std::string& path) {
  std::set<std::int64_t> runs;
  try {
    for (const RunKey& key : ResultsFile::open(path).finished_runs()) runs.insert(key.run);
  } catch (const std::runtime_error&) {  // not there yet
  }
  return runs;
}

std::int64_t failed(const std::string& path) {
  return std::ssize(ResultsFile::open(path).failed_runs());
}

std::map<std::string, std::string> undisturbed(const Experiment& experiment) {
  const TemporaryFolder folder;
  ResultsFile file = ResultsFile::for_experiment(folder.path("r.sqlite"), experiment, Existing::resume);
  for (const RunKey& key : experiment.plan) file.write_run(branch_result(key));
  return exported(folder.path("r.sqlite"));
}

enum class Disaster { parent_killed, children_killed, disk_full, stopped };

// What a disaster does to the program while it runs. Children that are killed leave the program going.
void strike(Disaster disaster, const Program& program, const std::string& path, Draws& draws) {
  if (disaster == Disaster::parent_killed) program.kill(SIGKILL);
  if (disaster == Disaster::stopped) program.kill(SIGINT);
  if (disaster == Disaster::children_killed) {
    for (int child = 0; child < 4; ++child) {
      const std::vector<pid_t> children = descendants(program.process());
      if (!children.empty()) {
        kill_descendant(children[draws.below(static_cast<std::uint32_t>(children.size()))], program.process());
      }
      std::this_thread::sleep_for(draws.ms(20));
    }
  }
  if (disaster == Disaster::disk_full) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    const auto room = static_cast<rlim_t>(draws.below(static_cast<std::uint32_t>((error ? 0 : size) + 100'000)));
    const rlimit limit{room, RLIM_INFINITY};
    prlimit(program.process(), RLIMIT_FSIZE, &limit, nullptr);
  }
}

}  // namespace

TEST_CASE("Whatever kills an experiment, in the end it is as if nothing had happened") {
  signal(SIGXFSZ, SIG_IGN);
  rlimit cores{};
  getrlimit(RLIMIT_CORE, &cores);
  cores.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &cores);

  const Experiment experiment = branching_experiment(kSeeds, kBranches);
  const auto expected = undisturbed(experiment);
  const TemporaryFolder folder;
  const FirstAttempts attempts(folder.path("attempts"));
  ShortRuns run_one(attempts);
  Draws draws(20'240'607);
  int files = 0;
  std::string path = folder.path("r0.sqlite");
  std::int64_t most_failed = 0;
  std::int64_t kept = 0;  // runs that were there when a disaster struck

  const auto expect_whole = [&] {
    CHECK(exported(path) == expected);
    CHECK(failed(path) == 0);
    CHECK(folder.names() == std::set<std::string>{"attempts", "r" + std::to_string(files) + ".sqlite"});
    std::filesystem::remove(path);
    attempts.reset();
    path = folder.path("r" + std::to_string(++files) + ".sqlite");
  };

  for (int number = 0; number < kDisasters; ++number) {
    const auto disaster = static_cast<Disaster>(draws.below(4));
    INFO("disaster " << number << " of kind " << static_cast<int>(disaster));
    Program program(experiment, options_for(path, static_cast<int>(1 + draws.below(4))), run_one);
    std::this_thread::sleep_for(draws.ms(400));
    const auto before = finished(path);
    strike(disaster, program, path, draws);
    if (disaster == Disaster::children_killed) {  // the others go on for a while
      std::this_thread::sleep_for(draws.ms(150));
      program.kill(draws.below(2) == 0 ? SIGKILL : SIGTERM);
    }
    const int status = program.wait();
    REQUIRE(program.nobody_left());
    const auto after = finished(path);
    CHECK(std::includes(after.begin(), after.end(), before.begin(), before.end()));
    kept += std::ssize(before);
    if (!after.empty()) most_failed = std::max(most_failed, failed(path));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) expect_whole();
  }
  // Some crash once, those that share a warm-up with a crash once more.
  Outcome outcome;
  for (int attempt = 0; attempt < 4 && outcome.exit_code != 0; ++attempt) {
    outcome = run_quietly(experiment, options_for(path, 2), run_one);
  }
  CHECK(outcome.exit_code == 0);
  expect_whole();
  CHECK(most_failed > 0);
  CHECK(kept > 0);
}

}  // namespace hearsay::app
