// SQLite as C++ values: a database, a statement, a transaction. Each is closed by its destructor.
//
// It knows no tables. Whatever SQLite refuses is thrown as SqliteError with the path of the file; nothing is ignored.
// A Statement must not outlive its Database. Neither may be used on both sides of a fork.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "scenarios/app/results/errors.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hearsay::app {

class SqliteError : public EnvironmentError {
 public:
  enum class Kind { not_a_database, other };

  SqliteError(Kind kind, const std::string& text) : EnvironmentError(text), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

class Statement {
 public:
  Statement(sqlite3* database, const std::string& path, std::string_view sql);

  // Binds all values in order and runs a statement that returns no rows.
  template <class... Values>
  void run(const Values&... values) {
    bind_all(values...);
    while (step()) {
    }
  }

  // Binds all values in order; rows follow by step().
  template <class... Values>
  Statement& with(const Values&... values) {
    bind_all(values...);
    return *this;
  }

  bool step();  // true: a row is there; false: there are no more, and the statement can be bound again

  int columns() const;
  std::string column_name(int column) const;
  bool is_null(int column) const;
  bool is_real(int column) const;
  bool is_integer(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

  void bind(int index, std::int64_t value);
  void bind(int index, double value);  // not a number becomes NULL
  void bind(int index, std::string_view value);
  void bind_null(int index);

 private:
  template <class... Values>
  void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }
  void check(int result) const;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string path_;
};

enum class Access { read, write, create };

class Database {
 public:
  Database(const std::string& path, Access access);

  const std::string& path() const { return path_; }
  void execute(const std::string& sql);  // one or more statements, without rows
  Statement prepare(std::string_view sql) { return {database_.get(), path_, sql}; }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

// Undone by the destructor unless commit() came back.
class Transaction {
 public:
  // What is locked for writing: every attached database at once, or each at the first write to it. With more than one,
  // SQLite commits by way of one more file, which whoever is killed in between leaves behind.
  enum class Locks { all_at_once, as_written };

  explicit Transaction(Database& database, Locks locks = Locks::all_at_once) : database_(database) {
    database_.execute(locks == Locks::all_at_once ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace hearsay::app
