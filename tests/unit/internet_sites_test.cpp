// Matrices of round-trip times and places with coordinates: delays, drawn places, and what is said of a bad matrix.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "models/internet/draws.hpp"
#include "models/internet/site_table.hpp"

namespace hearsay::internet {
namespace {

using Lines = std::vector<std::string>;

std::shared_ptr<const SiteTable> table(const std::string& text, double asymmetry = 0.0) {
  std::vector<CellProblem> problems;
  return SiteTable::from_round_trips(text, Share{asymmetry}, problems);
}

Lines problems(const std::string& text, double asymmetry = 0.0) {
  std::vector<CellProblem> list;
  CHECK(SiteTable::from_round_trips(text, Share{asymmetry}, list) == nullptr);
  Lines lines;
  for (const CellProblem& problem : list)
    lines.push_back(std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " + problem.message);
  return lines;
}

}  // namespace

TEST_CASE("a delay is half of a round trip, whatever separates the cells") {
  for (const char* text :
       {"0,10,30\n10,1,50.5\n30,50.5,0\n", "0\t10\t30\r\n10\t1\t50.5\r\n30\t50.5\t0\r\n",
        "0 10  30\n 10 1 50.5\n\n30 50.5 0", "x,a,\"b, c\",d\na,,10,30\n\"b, c\",10,1,50.5\nd,30,50.5,\n"}) {
    CAPTURE(text);
    const auto sites = table(text);
    REQUIRE(sites != nullptr);
    CHECK(sites->size() == 3);
    CHECK(sites->delay(0, 1) == milliseconds(5));
    CHECK(sites->delay(2, 1) == Duration{25'250'000});
    CHECK(sites->delay(1, 1) == Duration{500'000});
    CHECK(sites->longest() == Duration{25'250'000});
  }
}

TEST_CASE("hosts are drawn over places evenly, or by the column of weights") {
  const auto even = table("0,1\n1,0\n");
  CHECK(even->drawn_site(0.49) == 0);
  CHECK(even->drawn_site(0.51) == 1);
  const auto weighted = table("x,a,b,c,weight\na,0,1,2,1\nb,1,0,3,3\nc,2,3,0,0\n");
  REQUIRE(weighted != nullptr);
  CHECK(weighted->drawn_site(0.24) == 0);
  CHECK(weighted->drawn_site(0.26) == 1);
  CHECK(weighted->drawn_site(1.0 - 1e-17) == 1);
}

TEST_CASE("what is wrong with a matrix is told with its place") {
  CHECK(problems("") == Lines{"1:1: there is no row of round-trip times"});
  CHECK(problems("0,10\n12,0\n") ==
        Lines{"2:1: row 2, column 1: 12 ms one way round, 10 ms the other; allow a share of it with `asymmetry`"});
  CHECK(table("0,10\n12,0\n", 0.2)->delay(0, 1) == Duration{5'500'000});
  CHECK(problems("from,a,b\na,0,-1\nb,x,0\n") ==
        Lines{"2:5: row a, column b: a round-trip time is not negative, found -1",
              "3:3: row b, column a: expected milliseconds, found `x`"});
  CHECK(problems("from,a,b\na,0,\nb,5,0\n") == Lines{"2:5: row a, column b: the round-trip time is missing"});
  CHECK(problems("from,a,b\na,0,5\nc,5,0\n") == Lines{"3:1: row `c` stands where the first line has `b`"});
  CHECK(problems("0,1,2\n1,0\n2,1,0\n") == Lines{"2:1: row 2 has 2 cells, expected 3"});
  CHECK(problems("from,a,b,c\na,0,5,1\nb,5,0,1\n") ==
        Lines{"1:6: the first line names 3 places, but there are 2 rows"});
  CHECK(problems("x,a,b,weight\na,0,1,-1\nb,1,0,2\n") ==
        Lines{"2:7: row a: expected a weight of 0 or more, found `-1`"});
  CHECK(problems("x,a,b,weight\na,0,1,0\nb,1,0,0\n") == Lines{"3:7: all weights are 0"});
  CHECK(problems("0,1\nnan,0\n") == Lines{"2:1: row 2, column 1: expected milliseconds, found `nan`"});
}

TEST_CASE("places on the globe are as far apart as geography says") {
  // Frankfurt and New York: 6,200 km of great circle, within 20 km whatever the figure of the earth.
  const auto sites = SiteTable::from_places(
      Space::globe, {{"frankfurt", 50.11, 8.68, 3.0}, {"new_york", 40.71, -74.01, 1.0}, {"pole", 90.0, 0.0, 0.0}},
      milliseconds(1), milliseconds(10));
  CHECK(std::abs(static_cast<double>(sites->delay(0, 1).ns) / 1e6 - 63.0) < 0.2);
  CHECK(sites->delay(1, 0) == sites->delay(0, 1));
  CHECK(sites->delay(0, 0) == milliseconds(1));
  // A quarter of a meridian from the equator to the pole: 10,007.5 km on a sphere of mean radius.
  const auto quarter = SiteTable::from_places(Space::globe, {{"a", 0.0, 33.0}, {"b", 90.0, 0.0}}, {}, milliseconds(10));
  CHECK(std::abs(static_cast<double>(quarter->delay(0, 1).ns) / 1e6 - 100.075) < 0.01);
  CHECK(sites->drawn_site(0.74) == 0);
  CHECK(sites->drawn_site(0.76) == 1);
}

TEST_CASE("places in a plane have Euclid's distance") {
  const auto sites =
      SiteTable::from_places(Space::plane, {{"a", 0.0, 0.0}, {"b", 300.0, 400.0}}, milliseconds(2), milliseconds(10));
  CHECK(sites->delay(0, 1) == milliseconds(7));
}

}  // namespace hearsay::internet
