#include "scenarios/app/config/value.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "scenarios/app/config/problems.hpp"

namespace hearsay::config {

std::string Mark::place() const {
  return (file ? *file : std::string("(program)")) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Mark mark_in(std::string file, int line, int column) {
  return {std::make_shared<const std::string>(std::move(file)), line, column};
}

Value::Value(Kind kind, Mark mark) : kind_(kind), mark_(std::move(mark)) {}
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value Value::scalar(std::string text, Mark mark, Quoting quoting) {
  Value value(Kind::scalar, std::move(mark));
  value.text_ = std::move(text);
  value.quoting_ = quoting;
  return value;
}

Value Value::list(Mark mark) {
  return Value(Kind::list, std::move(mark));
}

Value Value::map(Mark mark) {
  return Value(Kind::map, std::move(mark));
}

Value Value::refused(Mark mark) {
  return Value(Kind::refused, std::move(mark));
}

void Value::expect(Kind kind) const {
  if (kind_ != kind) throw std::logic_error("config::Value at " + mark_.place() + " is of another kind");
}

const std::string& Value::text() const {
  expect(Kind::scalar);
  return text_;
}

Quoting Value::quoting() const {
  expect(Kind::scalar);
  return quoting_;
}

bool Value::is_word(std::string_view word) const {
  return is_scalar() && quoting_ == Quoting::plain && text_ == word;
}

const std::vector<Value>& Value::items() const {
  expect(Kind::list);
  return items_;
}

void Value::add(Value item) {
  expect(Kind::list);
  items_.push_back(std::move(item));
}

const std::vector<Value::Entry>& Value::entries() const {
  expect(Kind::map);
  return entries_;
}

const Value::Entry* Value::find_entry(std::string_view key) const {
  expect(Kind::map);
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries_.end() ? nullptr : &*found;
}

const Value* Value::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

void Value::set(Entry entry) {
  expect(Kind::map);
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& old) { return old.key == entry.key; });
  if (found == entries_.end()) {
    entries_.push_back(std::move(entry));
  } else {
    *found = std::move(entry);
  }
}

void Value::append(Entry entry) {
  expect(Kind::map);
  entries_.push_back(std::move(entry));
}

void Value::erase(std::string_view key) {
  expect(Kind::map);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
}

std::string Value::shown() const {
  switch (kind_) {
    case Kind::scalar:
      return in_backticks(text_);
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
    case Kind::refused:
      break;
  }
  return "nothing usable";
}

bool same_tree(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Value::Kind::scalar:
      return left.text() == right.text() && left.quoting() == right.quoting();
    case Value::Kind::list:
      return std::equal(left.items().begin(), left.items().end(), right.items().begin(), right.items().end(),
                        same_tree);
    case Value::Kind::map:
      return std::equal(left.entries().begin(), left.entries().end(), right.entries().begin(), right.entries().end(),
                        [](const Value::Entry& one, const Value::Entry& other) {
                          return one.key == other.key && same_tree(one.value, other.value);
                        });
    case Value::Kind::refused:
      break;
  }
  return true;
}

}  // namespace hearsay::config
