// Reads a matrix of round-trip times (site_table.hpp).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "models/internet/draws.hpp"
#include "models/internet/site_delays.hpp"

namespace hearsay::internet {

namespace {

constexpr std::size_t kMostProblems = 10;
constexpr std::size_t kMostSites = 2'000;

struct Cell {
  std::string_view text;
  int line = 1;
  int column = 1;
};
using Row = std::vector<Cell>;

std::string_view trimmed(std::string_view text, int& column) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1), ++column;
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2), ++column;
  return text;
}

Row cells_of(std::string_view text, int line) {
  const bool commas = text.find(',') != std::string_view::npos;
  const std::string_view separators = commas ? "," : text.find('\t') != std::string_view::npos ? "\t" : " ";
  Row row;
  std::size_t start = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (quoted || separators.find(text[i]) == std::string_view::npos)) continue;
    int column = static_cast<int>(start) + 1;
    const std::string_view cell = trimmed(text.substr(start, i - start), column);
    if (separators != " " || !cell.empty()) row.push_back({cell, line, column});
    start = i + 1;
  }
  return row;
}

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// The rows of a text, split, and what its first line says.
struct Table {
  std::vector<Row> rows;  // without the line of names
  std::vector<Cell> names;
  bool weighted = false;
};

Table split(std::string_view text) {
  Table table;
  int line = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Row row = cells_of(text.substr(0, end), ++line);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool blank = row.empty() || (row.size() == 1 && row[0].text.empty());
    if (!blank) table.rows.push_back(std::move(row));
  }
  if (table.rows.empty() || table.rows[0].size() < 2 || number(table.rows[0][1].text)) return table;
  table.names.assign(table.rows[0].begin() + 1, table.rows[0].end());
  table.rows.erase(table.rows.begin());
  table.weighted = table.names.back().text == "weight";
  if (table.weighted) table.names.pop_back();
  return table;
}

class Reader {
 public:
  Reader(const Table& table, Share asymmetry, std::vector<CellProblem>& problems)
      : table_(table), asymmetry_(asymmetry.fraction), problems_(problems), size_(table.rows.size()) {
    const auto size = static_cast<Eigen::Index>(size_);
    ms_.setZero(size, size);
    weights_.assign(size_, 1.0);
  }

  // False if the matrix has not the right shape.
  bool read() {
    if (size_ == 0) return complain({{}, 1, 1}, "there is no row of round-trip times");
    if (size_ > kMostSites) return complain(table_.rows[0][0], "more than 2,000 rows");
    if (!table_.names.empty() && table_.names.size() != size_)
      return complain(table_.names[0], "the first line names " + std::to_string(table_.names.size()) +
                                           " places, but there are " + std::to_string(size_) + " rows");
    for (std::size_t row = 0; row < size_; ++row) read_row(row);
    if (problems_.empty()) check_symmetry();
    return problems_.empty();
  }

  [[nodiscard]] const Eigen::MatrixXd& ms() const { return ms_; }
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }

 private:
  bool complain(const Cell& cell, std::string what) {
    if (problems_.size() < kMostProblems) problems_.push_back({cell.line, cell.column, std::move(what)});
    return false;
  }

  [[nodiscard]] std::string place(std::size_t index) const {
    return table_.names.empty() ? std::to_string(index + 1) : std::string(table_.names[index].text);
  }
  [[nodiscard]] std::string pair(std::size_t row, std::size_t column) const {
    return "row " + place(row) + ", column " + place(column);
  }

  void read_row(std::size_t row) {
    const Row& cells = table_.rows[row];
    const std::size_t first = table_.names.empty() ? 0 : 1;
    const std::size_t expected = first + size_ + (table_.weighted ? 1 : 0);
    if (cells.size() != expected) {
      complain(cells[0], "row " + place(row) + " has " + std::to_string(cells.size()) + " cells, expected " +
                             std::to_string(expected));
      return;
    }
    if (first == 1 && cells[0].text != table_.names[row].text)
      complain(cells[0],
               "row `" + std::string(cells[0].text) + "` stands where the first line has `" + place(row) + "`");
    for (std::size_t column = 0; column < size_; ++column) read_cell(cells[first + column], row, column);
    if (!table_.weighted) return;
    const auto weight = number(cells.back().text);
    if (!weight || *weight < 0.0)
      complain(cells.back(), "row " + place(row) + ": expected a weight of 0 or more, found `" +
                                 std::string(cells.back().text) + "`");
    weights_[row] = weight.value_or(1.0);
    if (row + 1 == size_ && std::all_of(weights_.begin(), weights_.end(), [](double w) { return w <= 0.0; }))
      complain(cells.back(), "all weights are 0");
  }

  void read_cell(const Cell& cell, std::size_t row, std::size_t column) {
    double& value = ms_(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column));
    if (cell.text.empty()) {
      if (row != column) complain(cell, pair(row, column) + ": the round-trip time is missing");
      return;
    }
    const auto read = number(cell.text);
    if (!read)
      complain(cell, pair(row, column) + ": expected milliseconds, found `" + std::string(cell.text) + "`");
    else if (*read < 0.0)
      complain(cell, pair(row, column) + ": a round-trip time is not negative, found " + std::string(cell.text));
    else
      value = *read;
  }

  void check_symmetry() {
    const std::size_t first = table_.names.empty() ? 0 : 1;
    const Eigen::ArrayXXd difference = (ms_ - ms_.transpose()).array().abs();
    const Eigen::ArrayXXd allowed = asymmetry_ * ms_.array().max(ms_.transpose().array());
    for (std::size_t row = 0; row < size_; ++row)
      for (std::size_t column = 0; column < row; ++column) {
        const auto i = static_cast<Eigen::Index>(row);
        const auto j = static_cast<Eigen::Index>(column);
        if (difference(i, j) > allowed(i, j) * (1.0 + 1e-12))
          complain(table_.rows[row][first + column],
                   pair(row, column) + ": " + std::string(table_.rows[row][first + column].text) +
                       " ms one way round, " + std::string(table_.rows[column][first + row].text) +
                       " ms the other; allow a share of it with `asymmetry`");
      }
  }

  const Table& table_;
  double asymmetry_;
  std::vector<CellProblem>& problems_;
  std::size_t size_;
  Eigen::MatrixXd ms_;
  std::vector<double> weights_;
};

}  // namespace

std::shared_ptr<const SiteTable> SiteTable::from_round_trips(std::string_view text, Share asymmetry,
                                                             std::vector<CellProblem>& problems) {
  const Table table = split(text);
  Reader reader(table, asymmetry, problems);
  if (!reader.read()) return nullptr;
  auto delays = std::make_unique<Delays>();
  const Eigen::MatrixXd sums = reader.ms() + reader.ms().transpose();  // of both directions: four one-way delays
  delays->ns = sums.unaryExpr([](double ms) { return rounded(ms * 0.25e6, hours(1)).ns; });
  return std::make_shared<const SiteTable>(std::move(delays), reader.weights());
}

}  // namespace hearsay::internet
