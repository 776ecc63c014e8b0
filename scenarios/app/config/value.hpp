// The tree that a scenario file becomes: scalars, lists and maps, each with the place where it was written.
//
// It holds text, not numbers: units and meanings belong to quantity.hpp and reader.hpp. It knows nothing of YAML; only
// load.cpp does. Maps keep the order in which keys were written, and a key occurs once in a map.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearsay::config {

// A place in a file; line and column start at 1, the column counts characters (not bytes).
struct Mark {
  std::shared_ptr<const std::string>
      file;  // shared by all marks of a file; may be empty for a value made by the program
  int line = 1;
  int column = 1;

  std::string place() const;  // "file:line:column"
};

Mark mark_in(std::string file, int line = 1, int column = 1);

// Quotes matter in one place only: a quoted `off` is text and never deletes an inherited entry.
enum class Quoting { plain, quoted };

class Value {
 public:
  // `refused` stands where a value was refused and the problem is already on record: readers pass over it in silence,
  // so that one mistake gives one message.
  enum class Kind { scalar, list, map, refused };
  struct Entry;

  // Defined where Entry is complete.
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  static Value scalar(std::string text, Mark mark, Quoting quoting = Quoting::plain);
  static Value list(Mark mark);
  static Value map(Mark mark);
  static Value refused(Mark mark);

  Kind kind() const { return kind_; }
  bool is_scalar() const { return kind_ == Kind::scalar; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_map() const { return kind_ == Kind::map; }
  bool is_refused() const { return kind_ == Kind::refused; }
  const Mark& mark() const { return mark_; }

  // Scalars only. Asking a value for what its kind does not have is a mistake of ours and throws std::logic_error.
  const std::string& text() const;
  Quoting quoting() const;
  bool is_word(std::string_view word) const;  // an unquoted scalar with this text; false for lists and maps

  // Lists only.
  const std::vector<Value>& items() const;
  void add(Value item);

  // Maps only. set() replaces the entry of the same key where it stands, or appends; append() is for a key that the
  // caller knows to be new.
  const std::vector<Entry>& entries() const;
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  const Entry* find_entry(std::string_view key) const;
  void set(Entry entry);
  void append(Entry entry);
  void erase(std::string_view key);

  void move_to(Mark mark) { mark_ = std::move(mark); }

  // What a message calls it: the text in backticks, "a list" or "a map".
  std::string shown() const;

 private:
  Value(Kind kind, Mark mark);
  void expect(Kind kind) const;

  Kind kind_;
  Quoting quoting_ = Quoting::plain;
  Mark mark_;
  std::string text_;
  std::vector<Value> items_;
  std::vector<Entry> entries_;
};

struct Value::Entry {
  std::string key;
  Mark mark;  // of the key
  Value value;
};

// The same kinds, texts, quoting, keys and order; marks do not count.
bool same_tree(const Value& left, const Value& right);

}  // namespace hearsay::config
