// Taking typed settings out of a map: words and places of every complaint, and the binding of model parameters.
#include <catch2/catch.hpp>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/parameters.hpp"
#include "scenarios/app/config/reader.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::config {
namespace {

struct Behaviour {
  Duration timeout = minutes(2);
  ByteCount largest_message{4'000'000};
  BitRate uplink{};
  Share spread{0.25};
  std::int64_t outbound = 8;
  bool anchors = true;
  std::string choice = "uniform";
  std::string note = "a: b";

  bool operator==(const Behaviour&) const = default;
};

const std::vector<Parameter<Behaviour>>& behaviour_parameters() {
  static const std::vector<Parameter<Behaviour>> kParameters{
      {"timeout", &Behaviour::timeout, "how long to wait", "test", 1e9, 3.6e12},
      {"largest_message", &Behaviour::largest_message, "what is accepted", "test"},
      {"uplink", &Behaviour::uplink, "zero is not limited", "test"},
      {"spread", &Behaviour::spread, "how far", "test", 0.0, 0.5},
      {"outbound", &Behaviour::outbound, "connections", "test", 1, 125},
      {"anchors", &Behaviour::anchors, "whether", "test"},
      {"choice", &Behaviour::choice, "which", "test", 0, 0, {"uniform", "nearest"}},
      {"note", &Behaviour::note, "free text", "test"},
  };
  return kParameters;
}

}  // namespace

TEST_CASE("Settings are taken with their types, and defaults fill the gaps") {
  const Value map = loaded(
      "time: 250 ms\nsize: 1.5 MB\nspeed: 20 Mbit/s\nshare: 30 %\nrate: 6 /min\ncount: 8\nnumber: 0.6\nswitch: on\n"
      "range: 1..5\ntext: core-31\nrole: miner\nlist: [a, b]\nchild: {x: 1}\n");
  Problems problems;
  MapReader reader(map, "", problems);
  CHECK(reader.take_duration("time") == milliseconds(250));
  CHECK(reader.take_bytes("size") == ByteCount{1'500'000});
  CHECK(reader.take_bit_rate("speed") == BitRate{20'000'000});
  CHECK(reader.take_share("share") == Share{0.3});
  CHECK(reader.take_rate("rate") == 0.1);
  CHECK(reader.take_count("count") == 8);
  CHECK(reader.take_number("number") == 0.6);
  CHECK(reader.take_on_off("switch") == true);
  CHECK(reader.take_range("range") == IntegerRange{1, 5});
  CHECK(reader.take_text("text") == "core-31");
  CHECK(reader.require_choice("role", {"full", "miner"}) == "miner");
  CHECK(reader.take_texts("list") == std::vector<std::string>{"a", "b"});
  auto child = reader.require_map("child");
  REQUIRE(child);
  CHECK(child->path() == "child");
  CHECK(child->require_count("x") == 1);
  child->finish();

  CHECK(reader.take_duration("none", seconds(3)) == seconds(3));
  CHECK(reader.take_count("none", 5) == 5);
  CHECK(reader.take_on_off("none", true));
  CHECK(reader.take_text("none", "x") == "x");
  CHECK_FALSE(reader.take_share("none"));
  CHECK_FALSE(reader.take_map("none"));
  reader.finish();
  CHECK(lines_of(problems).empty());
}

TEST_CASE("Every wrong value is reported at its place, and the default goes on") {
  const Value map = loaded("horizon: 250\nshare: 0.3\ncount: 010\nspeed: [1]\nsize: {a: 1}\nlist: x\ntext: [a]\n");
  Problems problems;
  MapReader reader(map, "groups.full", problems);
  CHECK(reader.take_duration("horizon", hours(1)) == hours(1));
  CHECK(reader.take_share("share", {0.5}) == Share{0.5});
  CHECK_FALSE(reader.require_count("count"));
  CHECK_FALSE(reader.take_bit_rate("speed"));
  CHECK_FALSE(reader.take_bytes("size"));
  CHECK(reader.take_texts("list").empty());
  CHECK_FALSE(reader.take_text("text"));
  reader.finish();
  CHECK(
      lines_of(problems) ==
      Lines{"t.yaml:1:10: `groups.full.horizon`: expected a time with its unit, such as `250 ms`, found `250` (units: "
            "ns, us, ms, s, min, h, d)",
            "t.yaml:2:8: `groups.full.share`: expected a percentage, such as `30 %`, found `0.3`",
            "t.yaml:3:8: `groups.full.count`: expected a whole number, such as `8`, found `010`",
            "t.yaml:4:8: `groups.full.speed`: expected a bit rate with its unit, such as `20 Mbit/s`, found a list",
            "t.yaml:5:7: `groups.full.size`: expected a size with its unit, such as `1.5 MB`, found a map",
            "t.yaml:6:7: `groups.full.list`: expected a list, such as `[a, b]`, found `x`",
            "t.yaml:7:7: `groups.full.text`: expected a text, found a list"});
}

TEST_CASE("A value out of its range is told the range in its own units") {
  const Value map = loaded("a: 0 s\nb: 60 %\nc: 0\nd: 2 MB\ne: 3 /s\nf: 1 h\n");
  Problems problems;
  MapReader reader(map, "x", problems);
  CHECK_FALSE(reader.take_duration("a", Limits<Duration>{seconds(1), hours(720)}));
  CHECK_FALSE(reader.take_share("b", Limits<Share>{std::nullopt, Share{0.5}}));
  CHECK(reader.take_count("c", 4, {1, {}}) == 4);
  CHECK_FALSE(reader.take_bytes("d", Limits<ByteCount>{{}, ByteCount{1'000'000}}));
  CHECK_FALSE(reader.take_rate("e", Limits<double>{5.0, 10.0}));
  CHECK(reader.take_duration("f", Limits<Duration>{hours(1), hours(1)}) == hours(1));  // both ends belong to it
  CHECK(lines_of(problems) == Lines{"t.yaml:1:4: `x.a` must be between 1 s and 30 d, found `0 s`",
                                    "t.yaml:2:4: `x.b` must be at most 50 %, found `60 %`",
                                    "t.yaml:3:4: `x.c` must be at least 1, found `0`",
                                    "t.yaml:4:4: `x.d` must be at most 1 MB, found `2 MB`",
                                    "t.yaml:5:4: `x.e` must be between 5 /s and 10 /s, found `3 /s`"});
}

TEST_CASE("Keys that nobody takes are unknown, with the nearest that somebody takes") {
  const Value map = loaded("hozizon: 2 h\ncolour: red\nhorizon: 1 h\n");
  for (const auto& [path, place] : {std::pair{"groups.full", " in `groups.full`"}, std::pair{"", ""}}) {
    Problems problems;
    MapReader reader(map, path, problems);
    reader.take("horizon");
    reader.take("warm_up");
    reader.finish();
    CHECK(lines_of(problems) ==
          Lines{"t.yaml:1:1: unknown key `hozizon`" + std::string(place) +
                    "; did you mean `horizon`? (known here: horizon, warm_up)",
                "t.yaml:2:1: unknown key `colour`" + std::string(place) + " (known here: horizon, warm_up)"});
  }
}

TEST_CASE("A missing key is reported at the map that should have it") {
  const Value root = loaded("groups:\n  full: {role: x}\n");
  const Value& full = *root.find("groups")->find("full");
  Problems problems;
  MapReader reader(full, "groups.full", problems);
  CHECK_FALSE(reader.require_count("count"));
  MapReader top(root, "", problems);
  CHECK_FALSE(top.require_duration("horizon"));
  CHECK_FALSE(top.require_map("workload"));
  CHECK(lines_of(problems) == Lines{"t.yaml:1:1: missing key `horizon`", "t.yaml:1:1: missing key `workload`",
                                    "t.yaml:2:9: missing key `count` in `groups.full`"});
}

TEST_CASE("A wrong choice is told the nearest and all that are valid") {
  const Value map = loaded("role: minr\nlaw: xyz\nnetwork: [a]\n");
  Problems problems;
  MapReader reader(map, "", problems);
  CHECK_FALSE(reader.take_choice("role", {"full", "miner"}));
  CHECK_FALSE(reader.take_choice("law", {"uniform", "nearest"}));
  CHECK_FALSE(reader.take_choice("network", {"ipv4", "onion"}));
  CHECK(lines_of(problems) == Lines{"t.yaml:1:7: unknown role `minr`; did you mean `miner`? valid: full, miner",
                                    "t.yaml:2:6: unknown law `xyz`; valid: uniform, nearest",
                                    "t.yaml:3:10: `network`: expected one of ipv4, onion, found a list"});
}

TEST_CASE("A map of names that the user chooses is taken whole") {
  const Value root = loaded("groups: {default: 3, full: {count: 1}, pools: 7}\n");
  Problems problems;
  MapReader top(root, "", problems);
  auto groups = top.take_map("groups");
  REQUIRE(groups);
  groups->take_count("default");
  const auto rest = groups->take_rest();
  REQUIRE(rest.size() == 2);
  MapReader full(rest[0]->value, groups->path_of(rest[0]->key), problems);
  CHECK(full.require_count("count") == 1);
  MapReader pools(rest[1]->value, groups->path_of(rest[1]->key), problems);
  CHECK_FALSE(pools.is_usable());
  CHECK_FALSE(pools.require_count("count"));  // no second message for the same mistake
  pools.finish();
  groups->finish();
  CHECK(lines_of(problems) == Lines{"t.yaml:1:47: `groups.pools`: expected a map, such as `{key: value}`, found `7`"});
}

TEST_CASE("What the loader has refused is not reported again by the reader") {
  Problems problems;
  const Value root = load_yaml_text("horizon: &x 1 h\ngroups: ~\nrole: !x\nl: *x\n", "t.yaml", problems);
  const std::size_t before = problems.count();
  MapReader reader(root, "", problems);
  reader.require_duration("horizon");
  reader.require_map("groups");
  reader.require_choice("role", {"full"});
  reader.take_texts("l");
  reader.finish();
  CHECK(problems.count() == before);
}

TEST_CASE("Nearness counts insertions, deletions, substitutions and swaps, up to a third of the word") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("horizno", "horizon") == 1);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(nearest("horizno", {"warm_up", "horizon"}) == "horizon");
  CHECK(nearest("roel", {"role", "rule"}) == "role");
  CHECK(nearest("at", {"of", "as"}) == "as");
  CHECK(nearest("x", {"y"}) == std::nullopt);
  CHECK(nearest("cat", {"dog"}) == std::nullopt);
  CHECK(nearest("anything", {}) == std::nullopt);
  CHECK(nearest(std::string(100'000, 'x'), {"x"}) == std::nullopt);
}

TEST_CASE("Described parameters are read by the type of their member, and others keep their values") {
  const Value map = loaded(
      "timeout: 20 s\nlargest_message: 1 MB\nuplink: 5 Mbit/s\nspread: 10 %\noutbound: 12\n"
      "anchors: off\nchoice: nearest\n");
  Problems problems;
  MapReader reader(map, "profile", problems);
  Behaviour values;
  read_parameters(reader, behaviour_parameters(), values);
  reader.finish();
  CHECK(lines_of(problems).empty());
  CHECK(values == Behaviour{seconds(20), {1'000'000}, {5'000'000}, {0.1}, 12, false, "nearest", "a: b"});
}

TEST_CASE("Ranges, choices and names of described parameters are enforced, all in one go") {
  const Value map = loaded(
      "timeout: 2 d\nspread: 60 %\noutbound: 0\nanchors: maybe\nchoice: nearst\nlargest_mesage: 1 B\n"
      "uplink: 5\n");
  Problems problems;
  MapReader reader(map, "profile", problems);
  Behaviour values;
  read_parameters(reader, behaviour_parameters(), values);
  reader.finish();
  CHECK(values == Behaviour{});
  CHECK(lines_of(problems) ==
        Lines{"t.yaml:1:10: `profile.timeout` must be between 1 s and 1 h, found `2 d`",
              "t.yaml:2:9: `profile.spread` must be between 0 % and 50 %, found `60 %`",
              "t.yaml:3:11: `profile.outbound` must be between 1 and 125, found `0`",
              "t.yaml:4:10: `profile.anchors`: expected `on` or `off`, found `maybe`",
              "t.yaml:5:9: unknown choice `nearst`; did you mean `nearest`? valid: uniform, nearest",
              "t.yaml:6:1: unknown key `largest_mesage` in `profile`; did you mean `largest_message`? (known here: "
              "timeout, largest_message, uplink, spread, outbound, anchors, choice, note)",
              "t.yaml:7:9: `profile.uplink`: expected a bit rate with its unit, such as `20 Mbit/s`, found `5` (units: "
              "bit/s, kbit/s, Mbit/s, Gbit/s)"});
}

TEST_CASE("Described parameters print their values so that they read back the same") {
  CHECK(to_yaml(describe_parameters(behaviour_parameters(), Behaviour{})) ==
        "timeout: 2 min\nlargest_message: 4 MB\nuplink: 0 bit/s\nspread: 25 %\noutbound: 8\nanchors: on\n"
        "choice: uniform\nnote: \"a: b\"\n");
  const Behaviour changed{seconds(61), {123'456'789}, {1'500}, {1.0 / 3.0}, 9, false, "nearest", "off"};
  const Value printed = loaded(to_yaml(describe_parameters(behaviour_parameters(), changed)));
  Problems problems;
  MapReader reader(printed, "", problems);
  Behaviour values;
  read_parameters(reader, behaviour_parameters(), values);
  CHECK(problems.empty());
  CHECK(values == changed);
}

}  // namespace hearsay::config
