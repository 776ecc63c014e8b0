#include "scenarios/app/config/tree_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/load.hpp"

namespace hearsay::config {
namespace {

constexpr const char* kQuoteCommas = "; inside {} and [], text with a comma must be quoted";

bool is_key_character(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' || letter == '.';
}

// What a key was meant to be that is wrong in capitals, dashes or blanks alone; empty: something else is wrong with it.
// Inside brackets, a blank tells of a text that a comma cut in two.
std::string mended_key(const std::string& key, Layout layout) {
  std::string mended;
  for (const char letter : key) {
    const bool joins = letter == '-' || (letter == ' ' && layout == Layout::block);
    mended += joins ? '_' : letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  const bool good = !mended.empty() && std::all_of(mended.begin(), mended.end(), is_key_character);
  return good ? mended : "";
}

bool parentheses_balance(const std::string& text) {
  int depth = 0;
  for (const char letter : text) {
    if (letter == '(') ++depth;
    if (letter == ')' && --depth < 0) return false;
  }
  return depth == 0;
}

}  // namespace

Mark TreeBuilder::innermost() const {
  return frames_.empty() ? source_.mark(0) : frames_.back().value.mark();
}

void TreeBuilder::document(std::size_t position) {
  if (++documents_ == 1) return;
  const std::string& text = source_.text();
  const bool is_marked = text.compare(position, 3, "---") == 0 || text.rfind("\n...", position) != std::string::npos;
  throw StructureLost{source_.mark(position), is_marked ? "a second document begins here: a file holds one"
                                                        : "this does not belong to what stands before it"};
}

void TreeBuilder::nothing() {
  if (frames_.empty()) return;  // the document is empty, as if nothing had been written
  Frame& top = frames_.back();
  if (at_key()) {
    if (!top.fallen_apart) problems_.add(top.value.mark(), "a key is missing before a `:` in this map");
    deliver_key(std::nullopt, top.value.mark());
    return;
  }
  Mark mark = top.value.is_map() ? top.key_mark : top.value.mark();
  if (!top.fallen_apart) {
    const bool said_nothing = top.value.is_map() && source_.at(top.key_end) == ':';  // `a: ` or `a: null`
    const char* hint = top.layout == Layout::flow && !said_nothing ? kQuoteCommas : "";
    if (top.value.is_list()) {
      problems_.add(mark, fmt::format("entry {} of this list has no value{}", top.value.items().size() + 1, hint));
    } else if (top.key) {
      problems_.add(mark, fmt::format("`{}` has no value{}", *top.key, hint));
    }
  }
  deliver(Value::refused(std::move(mark)));
}

void TreeBuilder::alias(std::size_t position) {
  Mark mark = source_.mark(position);
  problems_.add(mark, kAliasRefused);
  if (at_key()) {
    deliver_key(std::nullopt, std::move(mark));
  } else {
    deliver(Value::refused(std::move(mark)));
  }
}

void TreeBuilder::anchor(std::size_t position) {
  problems_.add(source_.mark(position), "anchors (`&name`) are not part of the language: leave it out");
}

void TreeBuilder::scalar(std::size_t position, const std::string& text) {
  Value value = read_scalar(position, text);
  if (!at_key()) {
    deliver(std::move(value));
  } else if (value.is_refused()) {
    deliver_key(std::nullopt, value.mark());
  } else {
    frames_.back().key_end = position + text.size();
    deliver_key(accepted_key(value.text(), value.mark()), value.mark());
  }
}

void TreeBuilder::open(Value::Kind kind, std::size_t position, Layout layout, Tagging tagging) {
  Mark mark = source_.mark(position);
  if (frames_.size() == kDeepestNesting) {
    throw StructureLost{mark, fmt::format("nested deeper than {} levels", kDeepestNesting)};
  }
  if (tagging == Tagging::tagged) {
    problems_.add(mark, "tags (`!name`) are not part of the language: leave it out");
  }
  const Role role = at_key() ? Role::key : Role::value;
  Value value = kind == Value::Kind::list ? Value::list(mark) : Value::map(mark);
  frames_.push_back(Frame{std::move(value), layout, role, false, std::nullopt, std::move(mark), false, {}});
}

void TreeBuilder::close() {
  Frame done = std::move(frames_.back());
  frames_.pop_back();
  if (done.role == Role::key) {
    problems_.add(done.value.mark(), fmt::format("a key must be a word, found {}", done.value.shown()));
    deliver_key(std::nullopt, done.value.mark());
  } else {
    deliver(std::move(done.value));
  }
}

void TreeBuilder::deliver(Value value) {
  if (frames_.empty()) {
    root_ = std::move(value);
    return;
  }
  Frame& top = frames_.back();
  if (top.value.is_list()) {
    top.value.add(std::move(value));
    return;
  }
  // Value::set would look for an older entry of the same key; accepted_key has refused those already.
  if (top.key) top.value.append({*std::move(top.key), top.key_mark, std::move(value)});
  top.expects_value = false;
}

void TreeBuilder::deliver_key(std::optional<std::string> key, Mark mark) {
  Frame& top = frames_.back();
  top.key = std::move(key);
  top.key_mark = std::move(mark);
  top.expects_value = true;
}

// The key as it goes into the map, or nothing if it was refused.
std::optional<std::string> TreeBuilder::accepted_key(const std::string& key, const Mark& mark) {
  Frame& top = frames_.back();
  if (top.fallen_apart) return std::nullopt;
  if (key == "<<") {
    problems_.add(mark, "merges (`<<`) are not part of the language: use `extends`, or write the values out");
    return std::nullopt;
  }
  if (key.empty() || !std::all_of(key.begin(), key.end(), is_key_character)) {
    std::string hint;
    const std::string mended = mended_key(key, top.layout);
    if (!mended.empty()) {
      hint = fmt::format("; write `{}`", mended);
    } else if (top.layout == Layout::flow && key.find(':') != std::string::npos) {
      hint = "; a `:` needs a space after it";
    } else if (top.layout == Layout::flow) {
      hint = kQuoteCommas;
    }
    problems_.add(mark, fmt::format("a key is made of a-z, 0-9, `_` and `.`, found {}{}", in_backticks(key), hint));
    // Its value is read as if the key were right, so that nothing that is there is called missing.
    return !mended.empty() && top.first_places.emplace(mended, mark).second ? std::optional(mended) : std::nullopt;
  }
  const auto [first, is_new] = top.first_places.emplace(key, mark);
  if (!is_new) {
    problems_.add(mark, fmt::format("duplicate key `{}`, first written in line {}, column {}", key, first->second.line,
                                    first->second.column));
    return std::nullopt;
  }
  return key;
}

Value TreeBuilder::read_scalar(std::size_t position, const std::string& text) {
  const Mark mark = source_.mark(position);
  switch (source_.at(position)) {
    case '\'':
    case '"':
      expect_closed_quote(position);
      return Value::scalar(text, mark, Quoting::quoted);
    case '&':  // anchor() has reported it
      return Value::refused(mark);
    case '!':
      problems_.add(mark, "text must not begin with `!`: use words, such as `not captured`, or quote it");
      return Value::refused(mark);
    case '|':
    case '>':
      problems_.add(mark, fmt::format("text must not begin with `{}`: quote it", source_.at(position)));
      return Value::refused(mark);
    default:
      return read_plain(position, text);
  }
}

Value TreeBuilder::read_plain(std::size_t position, const std::string& text) {
  const Mark mark = source_.mark(position);
  // A parser folds line ends into spaces, so the text differs from the source exactly if it goes on in the next line.
  if (source_.text().compare(position, text.size(), text) != 0) {
    throw StructureLost{mark, fmt::format("the text that begins here goes on in line {}: check the indentation there, "
                                          "or quote the text",
                                          mark.line + 1)};
  }
  if (!frames_.empty() && frames_.back().layout == Layout::flow && !at_key()) {
    Frame& top = frames_.back();
    if (top.fallen_apart) return Value::refused(mark);
    if (!parentheses_balance(text)) {
      problems_.add(mark, fmt::format("{} has an unbalanced parenthesis{}", in_backticks(text), kQuoteCommas));
      top.fallen_apart = true;
      return Value::refused(mark);
    }
  }
  // yaml-cpp takes some texts inside brackets (`[-]`) that would mean something else outside of them.
  if (!at_key() && !is_safe_without_quotes(text)) {
    problems_.add(mark, fmt::format("{} must be quoted", in_backticks(text)));
    return Value::refused(mark);
  }
  return Value::scalar(text, mark);
}

// yaml-cpp accepts a quote that is open at the end of the file, and one that swallows the lines below it.
void TreeBuilder::expect_closed_quote(std::size_t position) const {
  const std::string& text = source_.text();
  const char quote = text[position];
  const std::size_t line_break = text.rfind('\n', position);
  const std::size_t line_start = line_break == std::string::npos ? 0 : line_break + 1;
  const std::size_t indentation = text.find_first_not_of(' ', line_start) - line_start;
  for (std::size_t at = position + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || source_.at(at + 1) != '\'') return;
      ++at;
    } else if (text[at] == '\n') {
      const std::size_t next = text.find_first_not_of(" \r", at + 1);
      const bool blank = next == std::string::npos || text[next] == '\n';
      if (!blank && next - (at + 1) <= indentation) break;
    }
  }
  throw StructureLost{source_.mark(position),
                      "the quote that opens here is not closed (text that goes on in the next "
                      "line must be indented deeper)"};
}

}  // namespace hearsay::config
