// The table of tests/oracles/ns3_tcp (its README says what was measured, and why the two differ where they do).
//
// The band was fixed before the first comparison: a completion lies within 15 % of what ns-3 measured with NewReno or
// with Cubic, or between the two.
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "sim/net/congestion_window.hpp"

namespace hearsay::test {

inline constexpr double kBand = 0.15;

// Completions of one message of a cell, over the seeds; by law.
struct Measured {
  std::map<std::string, std::vector<double>> by_law;

  [[nodiscard]] double mean(const std::string& law) const {
    double sum = 0;
    for (const double time : by_law.at(law)) sum += time;
    return sum / static_cast<double>(by_law.at(law).size());
  }
};

struct MeasuredRow {
  std::string cell, law, queue;
  int ack_every = 0, flow = 0, message = 0;
  double completion_s = 0;
};

inline std::vector<MeasuredRow> read_table() {
  std::ifstream file(HEARSAY_SOURCE_DIR "/tests/fixtures/ns3_tcp.csv");
  std::string line;
  std::getline(file, line);
  REQUIRE(line ==
          "cell,law,ack_every,flow,message,size_bytes,rate_mbit,one_way_ms,buffer_bytes,queue,loss,seed,completion_s,"
          "dropped,lost,timeouts");
  std::vector<MeasuredRow> rows;
  while (std::getline(file, line)) {
    std::vector<std::string> field;
    std::istringstream cut(line);
    for (std::string part; std::getline(cut, part, ',');) field.push_back(part);
    rows.push_back({field.at(0), field.at(1), field.at(9), std::stoi(field.at(2)), std::stoi(field.at(3)),
                    std::stoi(field.at(4)), std::stod(field.at(12))});
  }
  return rows;
}

// What ns-3 measured where every segment is acknowledged, which is how Linux's windows grow (RFC 3465).
inline Measured measured(const std::string& cell, int message = 0, int flow = 0,
                         const std::string& queue = "drop_tail") {
  static const std::vector<MeasuredRow> rows = read_table();
  Measured found;
  for (const MeasuredRow& row : rows)
    if (row.cell == cell && row.message == message && row.flow == flow && row.queue == queue && row.ack_every == 1)
      found.by_law[row.law].push_back(row.completion_s);
  return found;
}

// Cells of one message on an open connection: the first of it, or a later one.
struct MessageCell {
  std::string name;
  std::int64_t bytes = 0;
  int rate_mbit = 0;
  int one_way_ms = 0;
};
inline std::vector<MessageCell> message_cells() {
  struct Grid {
    std::string name;
    std::map<std::string, std::int64_t> sizes;
    std::array<int, 2> rates_mbit;
    std::array<int, 2> one_way_ms;
  };
  const Grid grids[] = {
      {"single", {{"100kb", 100'000}, {"1mb", 1'000'000}, {"4mb", 4'000'000}}, {5, 100}, {10, 150}},
      {"later", {{"300kb", 300'000}, {"2mb", 2'000'000}}, {20, 50}, {30, 80}},
  };
  std::vector<MessageCell> cells;
  for (const Grid& grid : grids)
    for (const auto& [size, bytes] : grid.sizes)
      for (const int rate : grid.rates_mbit)
        for (const int one_way : grid.one_way_ms)
          cells.push_back(
              {grid.name + "_" + size + "_" + std::to_string(rate) + "mbit_" + std::to_string(one_way) + "ms", bytes,
               rate, one_way});
  return cells;
}

inline constexpr CongestionControl kLaws[] = {CongestionControl::new_reno, CongestionControl::cubic};

inline const char* name_of(CongestionControl control) {
  return control == CongestionControl::cubic ? "Cubic" : "NewReno";
}

inline bool inside(double ours_s, const Measured& theirs) {
  const double low = std::min(theirs.mean("NewReno"), theirs.mean("Cubic"));
  const double high = std::max(theirs.mean("NewReno"), theirs.mean("Cubic"));
  return ours_s >= (1 - kBand) * low && ours_s <= (1 + kBand) * high;
}

}  // namespace hearsay::test
