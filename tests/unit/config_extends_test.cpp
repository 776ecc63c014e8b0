// `extends` and `--set`: what overrides what, what `off` deletes, where values come from.
#include <catch2/catch.hpp>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/extends.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::config {
namespace {

std::string after_set(const std::string& text, const std::string& assignment) {
  Value root = loaded(text);
  Problems problems;
  apply_set(root, assignment, problems);
  return problems.empty() ? to_yaml(root) : lines_of(problems).front();
}

std::string overridden(const std::string& base, const std::string& changes) {
  Value root = loaded(base);
  override_with(root, loaded(changes));
  return to_yaml(root);
}

}  // namespace

TEST_CASE("An override goes key by key into maps, and replaces scalars and lists") {
  CHECK(overridden("a: {x: 1, y: {z: 2, w: 3}}\nb: [1, 2]\nc: 4\n", "a: {y: {z: 5}}\nb: [9]\nd: 6\n") ==
        "a:\n  x: 1\n  y:\n    z: 5\n    w: 3\nb:\n  - 9\nc: 4\nd: 6\n");
  CHECK(overridden("a: {x: 1}\nb: 2\n", "a: 3\nb: {y: 4}\n") == "a: 3\nb:\n  y: 4\n");
}

TEST_CASE("The word off deletes what is inherited, flips a switch, and else stays a value") {
  CHECK(overridden("faults: {cut: {at: 1 d}, churn: {}}\nstop_when: deceived\n",
                   "faults: {cut: off}\nstop_when: off\n") == "faults:\n  churn: {}\n");
  CHECK(overridden("v: {anchors: on, asmap: off}\n", "v: {anchors: off, asmap: off}\n") ==
        "v:\n  anchors: off\n  asmap: off\n");
  CHECK(overridden("v: {anchors: on}\n", "v: {asmap: off}\n") == "v:\n  anchors: on\n  asmap: off\n");
  CHECK(overridden("faults: {cut: {}}\n", "faults: {cut: \"off\"}\n") == "faults:\n  cut: \"off\"\n");
}

TEST_CASE("A chain of files is resolved, each path relative to the file that says it") {
  const TemporaryFolder folder;
  folder.write("base/deep/world.yaml", "world: {nodes: 10, regions: 6}\nhorizon: 1 h\n");
  folder.write("base/small.yaml", "extends: deep/world.yaml\nworld: {nodes: 20}\n");
  const std::string path = folder.write("mine.yaml", "extends: base/small.yaml\nworld: {regions: 3}\nquestion: why\n");
  Problems problems;
  const LoadedScenario scenario = load_scenario(path, problems);
  CHECK(problems.empty());
  CHECK(to_yaml(scenario.root) == "world:\n  nodes: 20\n  regions: 3\nhorizon: 1 h\nquestion: why\n");

  REQUIRE(scenario.files.size() == 3);
  CHECK(scenario.files[0].path == path);
  CHECK(scenario.files[1].path == folder.path("base/small.yaml"));
  CHECK(scenario.files[2].path == folder.path("base/deep/world.yaml"));
  CHECK(scenario.files[2].bytes == "world: {nodes: 10, regions: 6}\nhorizon: 1 h\n");

  const Value& world = *scenario.root.find("world");
  CHECK(world.find("nodes")->mark().place() == folder.path("base/small.yaml") + ":2:16");
  CHECK(world.find("regions")->mark().place() == path + ":2:18");
  CHECK(scenario.root.find("horizon")->mark().place() == folder.path("base/deep/world.yaml") + ":2:10");
  CHECK(world.mark().place() == path + ":2:8");
  CHECK(scenario.root.mark().place() == path + ":1:1");
}

TEST_CASE("Files that extend each other in a circle are refused, by whatever name they are called") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.yaml", "x: 1\nextends: sub/b.yaml\n");
  const std::string other = folder.write("sub/b.yaml", "extends: ../sub/../a.yaml\n");
  Problems problems;
  CHECK_THROWS_AS(load_scenario(path, problems), ConfigError);
  CHECK(lines_of(problems) ==
        Lines{other + ":1:10: `extends` goes in a circle: " + path + " -> " + other + " -> " + path});

  const std::string alone = folder.write("alone.yaml", "extends: alone.yaml\n");
  Problems more;
  CHECK_THROWS_AS(load_scenario(alone, more), ConfigError);
  CHECK(lines_of(more) == Lines{alone + ":1:10: `extends` goes in a circle: " + alone + " -> " + alone});
}

TEST_CASE("A base file that is not there is reported where it was asked for") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.yaml", "horizon: 1 h\nextends: base/none.yaml\n");
  Problems problems;
  CHECK_THROWS_AS(load_scenario(path, problems), ConfigError);
  CHECK(lines_of(problems) ==
        Lines{path + ":2:10: cannot read `" + folder.path("base/none.yaml") + "`: No such file or directory"});
}

TEST_CASE("Problems of all files of a chain come out together") {
  const TemporaryFolder folder;
  const std::string base = folder.write("base.yaml", "a: 1\na: 2\n");
  const std::string path = folder.write("mine.yaml", "extends: base.yaml\nb:\n");
  Problems problems;
  load_scenario(path, problems);
  CHECK(lines_of(problems) ==
        Lines{base + ":2:1: duplicate key `a`, first written in line 1, column 1", path + ":2:1: `b` has no value"});
}

TEST_CASE("extends wants one file") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.yaml", "extends: [b.yaml, c.yaml]\nx: 1\n");
  Problems problems;
  CHECK_THROWS_WITH(load_scenario(path, problems),
                    path + ":1:10: `extends` expects a file, such as `base/small.yaml`, found a list");
}

TEST_CASE("an assignment of --set overrides by path and creates the maps on the way") {
  CHECK(after_set("a: {b: 1, c: 2}\n", "a.b=250 ms") == "a:\n  b: 250 ms\n  c: 2\n");
  CHECK(after_set("a: 1\n", "b.c.d=[1, 2]") == "a: 1\nb:\n  c:\n    d:\n      - 1\n      - 2\n");
  CHECK(after_set("a: {b: 1}\n", "a={c: 2}") == "a:\n  b: 1\n  c: 2\n");
  CHECK(after_set("faults: {cut: {at: 1 d}, x: {}}\n", "faults.cut=off") == "faults:\n  x: {}\n");
  CHECK(after_set("v: {anchors: on}\n", "v.anchors=off") == "v:\n  anchors: off\n");
  CHECK(after_set("a: 1\n", "a=x=y") == "a: x=y\n");
  CHECK(after_set("a: 1\n", "when=f(a, b) >= 1") == "a: 1\nwhen: f(a, b) >= 1\n");
  CHECK(after_set("control: {faults.cut: off, seed: 1}\n", "control.faults.cut=on") ==
        "control:\n  faults.cut: on\n  seed: 1\n");
}

TEST_CASE("What --set wrote says so") {
  Value root = loaded("a: {b: 1}\n");
  Problems problems;
  apply_set(root, "a.new.deep=250 ms", problems);
  const Value::Entry* added = root.find("a")->find_entry("new");
  CHECK(added->mark.place() == "--set:1:3");
  CHECK(added->value.find_entry("deep")->mark.place() == "--set:1:7");
  CHECK(added->value.find("deep")->mark().place() == "--set:1:12");
}

TEST_CASE("A --set that is wrong is a problem and changes nothing") {
  CHECK(after_set("a: 1\n", "horizon") == "--set:1:1: expected PATH=VALUE, such as `horizon=2 h`, found `horizon`");
  CHECK(after_set("a: 1\n", "a..b=1") == "--set:1:3: expected a path such as `groups.full.count`, found `a..b`");
  CHECK(after_set("a: 1\n", "=1") == "--set:1:1: expected a path such as `groups.full.count`, found ``");
  CHECK(after_set("a: 1\n", "a.B=1") == "--set:1:3: expected a path such as `groups.full.count`, found `a.B`");
  CHECK(after_set("a: 1\n", "a=") == "--set:1:3: there is no value here");
  CHECK(after_set("a: 1\n", "a=null") == "--set:1:3: there is no value here");
  CHECK(after_set("a: 1\n", "a=\"x") == "--set:1:5: the file ends inside quotes");
  CHECK(after_set("a: 1\n", "a={b: *x}") ==
        "--set:1:7: aliases (`*name`) are not part of the language: write the value out");
  CHECK(after_set("a: 1\n", "a=b: 1") ==
        "--set:1:3: a list is written `[a, b]` and a map `{a: 1}` here; quote text with `: ` in it");
  CHECK(after_set("horizon: 1 h\n", "horizon.x=1") ==
        "--set:1:1: `horizon` is `1 h` (in t.yaml:1:10), not a map: there is nothing below it to set");
}

}  // namespace hearsay::config
