#include "scenarios/app/config/emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace hearsay::config {
namespace {

constexpr std::size_t kStep = 2;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (letter == '\n') {
      out += "\\n";
    } else if (letter == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

std::string scalar_text(const Value& value) {
  const bool plain = value.quoting() == Quoting::plain && is_safe_without_quotes(value.text());
  return plain ? value.text() : quoted(value.text());
}

bool is_block(const Value& value) {
  return (value.is_map() && !value.entries().empty()) || (value.is_list() && !value.items().empty());
}

void print_block(const Value& value, std::size_t indentation, std::string& out);

// What fits behind a key or a dash in the same line.
std::string in_line(const Value& value) {
  if (value.is_scalar()) return scalar_text(value);
  if (value.is_map()) return "{}";
  if (value.is_list()) return "[]";
  throw std::logic_error("config::to_yaml: a refused value cannot be printed");
}

void print_map(const Value& map, std::size_t indentation, std::string& out) {
  for (const Value::Entry& entry : map.entries()) {
    out.append(indentation, ' ').append(entry.key).append(":");
    if (is_block(entry.value)) {
      out += '\n';
      print_block(entry.value, indentation + kStep, out);
    } else {
      out.append(" ").append(in_line(entry.value)).append("\n");
    }
  }
}

void print_list(const Value& list, std::size_t indentation, std::string& out) {
  for (const Value& item : list.items()) {
    const std::size_t start = out.size();
    if (is_block(item)) {
      print_block(item, indentation + kStep, out);
      out.replace(start + indentation, kStep, "- ");  // the dash takes the place of the first line's indentation
    } else {
      out.append(indentation, ' ').append("- ").append(in_line(item)).append("\n");
    }
  }
}

void print_block(const Value& value, std::size_t indentation, std::string& out) {
  if (value.is_map()) {
    print_map(value, indentation, out);
  } else {
    print_list(value, indentation, out);
  }
}

}  // namespace

std::string to_yaml(const Value& value) {
  std::string out;
  if (is_block(value)) {
    print_block(value, 0, out);
  } else {
    out = in_line(value) + "\n";
  }
  return out;
}

bool is_safe_without_quotes(std::string_view text) {
  constexpr std::array<std::string_view, 4> kNulls{"~", "null", "Null", "NULL"};
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::find(kNulls.begin(), kNulls.end(), text) != kNulls.end()) return false;
  if (text.starts_with("---") || text.starts_with("...")) return false;
  constexpr std::string_view kIndicators = ",[]{}#&*!|>'\"%@`";
  if (kIndicators.find(text.front()) != std::string_view::npos) return false;
  constexpr std::string_view kIndicatorsBeforeSpace = "-?:";
  if (kIndicatorsBeforeSpace.find(text.front()) != std::string_view::npos && (text.size() == 1 || text[1] == ' ')) {
    return false;
  }
  const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; };
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), is_control);
}

Value text_value(std::string text) {
  const Quoting quoting = is_safe_without_quotes(text) ? Quoting::plain : Quoting::quoted;
  return Value::scalar(std::move(text), Mark{}, quoting);
}

void put(Value& map, std::string_view key, Value value) {
  map.set({std::string(key), Mark{}, std::move(value)});
}

void put_text(Value& map, std::string_view key, std::string_view text) {
  put(map, key, text_value(std::string(text)));
}

void put_all(Value& map, const Value& entries) {
  for (const Value::Entry& entry : entries.entries()) map.set(entry);
}

}  // namespace hearsay::config
