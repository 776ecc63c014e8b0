#include "scenarios/app/results/sqlite.hpp"

#include <sqlite3.h>

#include <cmath>
#include <filesystem>
#include <system_error>

namespace hearsay::app {
namespace {

// A reader of the file (a plot) holds up the writer for at most this long before that is an error.
constexpr int kPatienceMs = 60'000;

[[noreturn]] void fail(sqlite3* database, const std::string& path, int result) {
  const int primary = result & 0xff;
  std::string text = database == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(database);
  const int system_error = database == nullptr ? 0 : sqlite3_system_errno(database);
  if ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && system_error != 0) {
    text += " (" + std::generic_category().message(system_error) + ")";
  }
  throw SqliteError(primary == SQLITE_NOTADB ? SqliteError::Kind::not_a_database : SqliteError::Kind::other,
                    path + ": " + text);
}

// SQLite gives some names a meaning of their own (":memory:"); an absolute path never has one.
std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).string();
}

}  // namespace

Statement::Statement(sqlite3* database, const std::string& path, std::string_view sql) : path_(path) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) fail(database, path_, result);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) fail(sqlite3_db_handle(statement_.get()), path_, result);
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) {
    // Told before the reset, which could change the message.
    try {
      fail(sqlite3_db_handle(statement_.get()), path_, result);
    } catch (...) {
      sqlite3_reset(statement_.get());
      throw;
    }
  }
  sqlite3_reset(statement_.get());
  return false;
}

int Statement::columns() const {
  return sqlite3_column_count(statement_.get());
}
std::string Statement::column_name(int column) const {
  return sqlite3_column_name(statement_.get(), column);
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}
bool Statement::is_real(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_FLOAT;
}
bool Statement::is_integer(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_INTEGER;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::bind(int index, double value) {
  if (std::isnan(value)) return bind_null(index);
  check(sqlite3_bind_double(statement_.get(), index, value));
}

void Statement::bind(int index, std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* bytes = value.data() == nullptr ? "" : value.data();
  check(sqlite3_bind_text64(statement_.get(), index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_null(int index) {
  check(sqlite3_bind_null(statement_.get(), index));
}

Database::Database(const std::string& path, Access access) : path_(path) {
  // A reader that may write too can undo what a killed writer left half done.
  int flags = SQLITE_OPEN_READWRITE;
  if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(absolute(path).c_str(), &database, flags, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) fail(database, path_, result);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kPatienceMs);
  if (access == Access::read) execute("PRAGMA query_only = ON");
}

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

void Database::execute(const std::string& sql) {
  const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(database_.get(), path_, result);
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const SqliteError&) {
    // A full disk has already undone it; otherwise the next one who opens the file does.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace hearsay::app
