// The results file: what is written is there, whole or not at all, and never mixed with another experiment.
#include <signal.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <limits>

#include "scenarios/app/results/store.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {
namespace {

std::string message_of(const std::string& path, const Experiment& experiment, Existing existing = Existing::resume) {
  try {
    ResultsFile::for_experiment(path, experiment, existing);
  } catch (const ResultsError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<std::int64_t> finished(const std::string& path) {
  std::vector<std::int64_t> numbers;
  for (const RunKey& key : ResultsFile::open(path).finished_runs()) numbers.push_back(key.run);
  return numbers;
}

// A disk with room for so many bytes in a file.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    former_handler_ = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &former_);
    rlimit limit = former_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &former_);
    signal(SIGXFSZ, former_handler_);
  }

 private:
  rlimit former_{};
  sighandler_t former_handler_;
};

const std::string kWayOut = "; `--fresh` replaces it, `--out` names another file";

}  // namespace

TEST_CASE("A run that is written can be exported, each table ordered by its key") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  {
    ResultsFile file = ResultsFile::for_experiment(path, synthetic_experiment(1), Existing::resume);
    RunResult result = synthetic_result(synthetic_key(1));
    result.trace = {{1'500'000'000, "pool[0]", "block_accepted", 0xaa, -3}};
    result.metrics.push_back({"tail, \"p99\"", std::numeric_limits<double>::quiet_NaN(), "s"});
    file.write_run(result);
  }
  CHECK(folder.names() == std::set<std::string>{"r.sqlite"});
  auto tables = exported(path);
  CHECK(tables.size() == 13);
  CHECK(tables["failed_run.csv"] == "run,reason,command\n");
  CHECK(tables["experiment.csv"] ==
        "key,value\n"
        "commit_hash,fedcba9876543210fedcba9876543210fedcba98\n"
        "question,\"How fast do blocks reach 1,000 nodes?\"\n"
        "resolved_scenario,\"horizon: 256 s\n\"\n"
        "scenario,quickstart\n"
        "scenario_hash,1a2b3c4d5e6f7081\n"
        "schema_version,3\n"
        "seeds,world 1\n"
        "tree_dirty,no\n"
        "tree_hash,\n"
        "version,0.1.0\n"
        "warnings,[]\n");
  CHECK(tables["run.csv"] ==
        "run,point,branch,world_seed,mining_seed,workload_seed,attack_seed,digest,nodes,events,messages_sent,"
        "messages_delivered,messages_dropped,horizon_s,complete\n"
        "1,0,main,1,13835058055282163713,4611686018427387905,18446744073709551614,abc0000000000001,10,12345,1000,990,7,"
        "256,1\n");
  CHECK(tables["block.csv"] ==
        "run,block,height,parent,miner,born_s,size_bytes,on_main_chain\n"
        "1,00aa,1,0000,pool[0],1.5,285,1\n"
        "1,00bb,2,00aa,pool[1],100.000000001,1000000,0\n");
  CHECK(tables["node.csv"] ==
        "run,node,node_group,region,digest\n"
        "1,pool[0],pool,asia,0000000000000001\n"
        "1,pool[1],pool,europe,0000000000000003\n");
  CHECK(tables["propagation.csv"] ==
        "run,object,stage,nodes,reached\n"
        "1,00aa,announced,10,10\n1,00aa,received,10,10\n1,00bb,announced,10,9\n1,00bb,received,10,9\n");
  CHECK(tables["traffic.csv"] ==
        "run,message,messages,payload_bytes,header_bytes,tcp_ip_bytes\n"
        "1,block,10,10002850,240,276410\n1,inv,1000,37000,24000,40000\n");
  CHECK(tables["metric.csv"] ==
        "run,metric,value,unit\n1,reorg_depth,1,blocks\n1,stale_rate,0.5,%\n1,\"tail, \"\"p99\"\"\",,s\n");
  CHECK(tables["trace.csv"] ==
        "run,entry,time_s,time_ns,node,observation,object,value\n"
        "1,1,1.5,1500000000,pool[0],block_accepted,00000000000000aa,-3\n");
  const std::string& quantiles = tables["propagation_quantile.csv"];
  CHECK(quantiles.starts_with("run,object,stage,percent,delay_ms\n1,00aa,announced,0,1\n1,00aa,announced,1,11\n"));
  CHECK(
      quantiles.ends_with("1,00bb,received,90,1801\n1,00bb,received,91,\n1,00bb,received,92,\n"
                          "1,00bb,received,93,\n1,00bb,received,94,\n1,00bb,received,95,\n1,00bb,received,96,\n"
                          "1,00bb,received,97,\n1,00bb,received,98,\n1,00bb,received,99,\n1,00bb,received,100,\n"));
  CHECK(tables["digest_slice.csv"].starts_with("run,slice,sum\n1,0,00000000000003e8\n1,1,00000000000003e9\n"));
}

TEST_CASE("A run handed over as a file of its own gives the same as one written directly") {
  const TemporaryFolder folder;
  const Experiment experiment = synthetic_experiment(2);
  ResultsFile direct = ResultsFile::for_experiment(folder.path("direct.sqlite"), experiment, Existing::resume);
  ResultsFile taken = ResultsFile::for_experiment(folder.path("taken.sqlite"), experiment, Existing::resume);
  for (const std::int64_t run : {2, 1}) {
    const RunResult result = synthetic_result(synthetic_key(run));
    direct.write_run(result);
    const std::string handover = folder.path("run-" + std::to_string(run));
    write_handover(handover, result);
    taken.take_over(handover);
  }
  CHECK(exported(folder.path("direct.sqlite")) == exported(folder.path("taken.sqlite")));
  CHECK_THROWS_AS(taken.take_over(folder.path("nothing")), EnvironmentError);
  CHECK(finished(folder.path("taken.sqlite")) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("A failed run is noted until it is finished, and its last reason counts") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  ResultsFile file = ResultsFile::for_experiment(path, synthetic_experiment(3), Existing::resume);
  for (const std::int64_t run : {1, 2, 3}) file.note_failure({run, "no memory", "hearsay run q.yaml"});
  file.note_failure({2, "check failed, at 3 s", "hearsay run q.yaml"});
  file.write_run(synthetic_result(synthetic_key(1)));
  write_handover(folder.path("run-3"), synthetic_result(synthetic_key(3)));
  file.take_over(folder.path("run-3"));
  CHECK(exported(path)["failed_run.csv"] == "run,reason,command\n2,\"check failed, at 3 s\",hearsay run q.yaml\n");
  CHECK(finished(path) == std::vector<std::int64_t>{1, 3});
}

TEST_CASE("Seeds of 64 bits survive") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  const RunKey key = synthetic_key(7);
  ResultsFile::for_experiment(path, synthetic_experiment(7), Existing::resume).write_run(synthetic_result(key));
  const std::vector<RunKey> found = ResultsFile::open(path).finished_runs();
  REQUIRE(found.size() == 1);
  CHECK(found[0].run == 7);
  CHECK(found[0].world_seed == key.world_seed);
  CHECK(found[0].mining_seed == key.mining_seed);
  CHECK(found[0].workload_seed == key.workload_seed);
  CHECK(found[0].attack_seed == key.attack_seed);
}

TEST_CASE("The same experiment goes on in its file, also with more seeds") {
  const TemporaryFolder folder;
  const std::string path = folder.path("new/folder/r.sqlite");
  ResultsFile::for_experiment(path, synthetic_experiment(1), Existing::resume)
      .write_run(synthetic_result(synthetic_key(1)));
  ResultsFile file = ResultsFile::for_experiment(path, synthetic_experiment(3), Existing::resume);
  CHECK(finished(path) == std::vector<std::int64_t>{1});
  CHECK(file.experiment()["seeds"] == "world 1..3");
  // The same run twice is our own mistake; it leaves no trace.
  CHECK_THROWS_AS(file.write_run(synthetic_result(synthetic_key(1))), SqliteError);
  file.write_run(synthetic_result(synthetic_key(3)));
  CHECK(finished(path) == std::vector<std::int64_t>{1, 3});
}

TEST_CASE("Another experiment is refused, and the message says what differs") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  const Experiment original = synthetic_experiment(2);
  ResultsFile::for_experiment(path, original, Existing::resume).write_run(synthetic_result(synthetic_key(1)));
  const std::string before = content_of(path);
  const std::string start = path + ": holds the results of another experiment: its ";

  Experiment other = original;
  other.scenario_hash = "ffff";
  CHECK(message_of(path, other) == start + "scenario is 1a2b3c4d5e6f, now it is ffff" + kWayOut);
  other = original;
  other.version = "0.2.0";
  CHECK(message_of(path, other) == start + "version of hearsay is 0.1.0, now it is 0.2.0" + kWayOut);
  other = original;
  other.commit = "0123456789abcdef";
  CHECK(message_of(path, other) == start + "commit of hearsay is fedcba987654, now it is 0123456789ab" + kWayOut);
  other = original;
  other.tree_hash = "beef";
  CHECK(message_of(path, other) == start + "fingerprint of uncommitted changes is none, now it is beef" + kWayOut);
  other = original;
  other.plan[0].world_seed = 5;
  CHECK(message_of(path, other) == path + ": holds other runs: its run 1 is (world 1), now it is (world 5)" + kWayOut);
  CHECK(content_of(path) == before);

  other.scenario_hash = "ffff";
  CHECK(message_of(path, other, Existing::replace) == "no error");
  CHECK(finished(path).empty());
  CHECK(folder.names() == std::set<std::string>{"r.sqlite"});
}

TEST_CASE("What is no results file is neither opened nor replaced") {
  const TemporaryFolder folder;
  const std::string text = folder.path("notes.txt");
  std::ofstream(text) << std::string(5'000, 'x');
  const std::string table = folder.path("other.sqlite");
  Database(table, Access::create).execute("CREATE TABLE money(amount INTEGER)");
  const Experiment experiment = synthetic_experiment(1);
  for (const Existing existing : {Existing::resume, Existing::replace}) {
    CHECK(message_of(text, experiment, existing) == text + ": not a hearsay results file (it is no SQLite database)");
    CHECK(message_of(table, experiment, existing) ==
          table + ": not a hearsay results file (it has no table `experiment`)");
    CHECK(message_of(folder.path("."), experiment, existing) == folder.path(".") + ": is a folder, not a results file");
  }
  CHECK(content_of(text).size() == 5'000);
  CHECK_THROWS_WITH(ResultsFile::open(text), text + ": not a hearsay results file (it is no SQLite database)");
  CHECK_THROWS_WITH(ResultsFile::open(folder.path("no")), folder.path("no") + ": there is no such file");
  CHECK(folder.names() == std::set<std::string>{"notes.txt", "other.sqlite"});

  const std::string future = folder.path("future.sqlite");
  ResultsFile::for_experiment(future, experiment, Existing::resume)
      .database()
      .execute("UPDATE experiment SET value = '4' WHERE key = 'schema_version'");
  CHECK_THROWS_WITH(ResultsFile::open(future),
                    future + ": results of schema version 4, but this program has version 3");
}

TEST_CASE("When the disk is full, a run is not there at all, and what was there stays") {
  const TemporaryFolder folder;
  const std::string path = folder.path("r.sqlite");
  ResultsFile file = ResultsFile::for_experiment(path, synthetic_experiment(2), Existing::resume);
  file.write_run(synthetic_result(synthetic_key(1)));
  const auto before = exported(path);
  RunResult large = synthetic_result(synthetic_key(2));
  for (int block = 0; block < 2'000; ++block) {
    large.propagation.push_back(large.propagation[0]);
    large.propagation.back().object = std::to_string(block);
  }
  // Large enough to spill out of the cache before the end, and small enough to fail only then.
  for (const rlim_t room : {200'000u, 1'000'000u, 3'000'000u}) {
    std::string message;
    {
      const SmallDisk disk(room);
      try {
        file.write_run(large);
      } catch (const EnvironmentError& error) {
        message = error.what();
      }
    }
    CHECK(message.starts_with(path + ": "));
    CHECK(exported(path) == before);
  }
  CHECK(folder.names() == std::set<std::string>{"r.sqlite"});
  file.write_run(large);
  CHECK(finished(path) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("Seeds are told as ranges, and only those that were named") {
  CHECK(seeds_text(synthetic_experiment(5).plan) == "world 1..5");
  std::vector<RunKey> runs = synthetic_experiment(4).plan;
  for (RunKey& run : runs) run.attack_seed = run.world_seed == 4 ? 9 : 1;
  runs.erase(runs.begin() + 1);
  CHECK(seeds_text(runs) == "world 1, 3..4, attack 1, 9");
  runs[0].point = 2;
  runs[0].branch = "control";
  CHECK(describe_run(runs[0]) == "point 2, branch control, world 1");
}

}  // namespace hearsay::app
