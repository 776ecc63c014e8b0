#include "scenarios/app/config/load.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "scenarios/app/config/source_text.hpp"
#include "scenarios/app/config/tree_builder.hpp"

namespace hearsay::config {
namespace {

// Feeds yaml-cpp's events to our own builder. Events, not YAML::Node: a node tree hides duplicate keys and aliases.
class YamlEvents final : public YAML::EventHandler {
 public:
  explicit YamlEvents(TreeBuilder& builder) : builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override { builder_.document(offset(mark)); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override { builder_.nothing(); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { builder_.alias(offset(mark)); }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { builder_.anchor(offset(mark)); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& text) override {
    builder_.scalar(offset(mark), text);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value style) override {
    builder_.open(Value::Kind::list, offset(mark), layout(style), tagging(tag));
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value style) override {
    builder_.open(Value::Kind::map, offset(mark), layout(style), tagging(tag));
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  static std::size_t offset(const YAML::Mark& mark) { return static_cast<std::size_t>(mark.pos < 0 ? 0 : mark.pos); }
  static Layout layout(YAML::EmitterStyle::value style) {
    return style == YAML::EmitterStyle::Flow ? Layout::flow : Layout::block;
  }
  // yaml-cpp gives "?" (or nothing) to a collection without a tag.
  static Tagging tagging(const std::string& tag) {
    return tag.empty() || tag == "?" ? Tagging::untagged : Tagging::tagged;
  }

  TreeBuilder& builder_;
};

// In `horizon:2 h` above a proper `key: value`, yaml-cpp sees one text over two lines and stumbles over the second.
std::optional<std::size_t> unspaced_colon_above(const std::string& text, std::size_t position) {
  const std::size_t line_end = text.rfind('\n', position);
  if (line_end == std::string::npos || line_end == 0) return std::nullopt;
  const std::size_t line_break = text.rfind('\n', line_end - 1);
  const std::size_t line_start = line_break == std::string::npos ? 0 : line_break + 1;
  const std::string line = text.substr(line_start, line_end - line_start);
  const std::size_t colon = line.find(':');
  const bool unspaced = colon != std::string::npos && colon + 1 < line.size() && line.find(": ") == std::string::npos;
  return unspaced ? std::optional(line_start + colon) : std::nullopt;
}

// yaml-cpp's terse words, in terms of what the user wrote.
void explain(const YAML::Exception& error, const SourceText& source, const TreeBuilder& builder, Problems& problems) {
  using namespace YAML;  // for ErrorMsg
  std::size_t position = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
  const std::string& words = error.msg;
  std::string message = "syntax error: " + words;
  if (words == ErrorMsg::UNKNOWN_TOKEN) {
    const char first = source.at(position);
    message = fmt::format("text must not begin with {}: quote it",
                          first == '`' ? "a backtick" : in_backticks(std::string(1, first)));
  } else if (words == ErrorMsg::CHAR_IN_BLOCK || words == ErrorMsg::ZERO_INDENT_IN_BLOCK) {
    position = source.text().find_last_of("|>", position);
    if (position == std::string::npos) position = 0;
    message = fmt::format("text must not begin with `{}`: quote it", source.at(position));
  } else if (words == ErrorMsg::UNKNOWN_ANCHOR) {
    message = kAliasRefused;
  } else if (words == ErrorMsg::MAP_VALUE) {
    const auto unspaced = unspaced_colon_above(source.text(), position);
    position = unspaced.value_or(position);
    message = unspaced ? "a `:` needs a space after it"
                       : "a `:` is out of place here: text with `: ` in it must be quoted, and the keys of a map stand "
                         "below each other";
  } else if (words == ErrorMsg::END_OF_MAP || words == ErrorMsg::END_OF_SEQ) {
    message = "this does not belong to what stands before it: check the indentation, and quote a text as a whole";
  } else if (words == ErrorMsg::END_OF_MAP_FLOW || words == ErrorMsg::END_OF_SEQ_FLOW) {
    const Mark opened = builder.innermost();
    const bool is_map = words == ErrorMsg::END_OF_MAP_FLOW;
    const char here = source.at(position);
    message = fmt::format("expected `,` or `{}` here, for the `{}` in line {}, column {}{}", is_map ? '}' : ']',
                          is_map ? '{' : '[', opened.line, opened.column,
                          here == '[' || here == '{' ? "; text with brackets in it must be quoted" : "");
  } else if (words == ErrorMsg::FLOW_END) {
    message = fmt::format("this `{}` closes nothing", source.at(position));
  } else if (words == ErrorMsg::BLOCK_ENTRY) {
    message = "a list in the line of its key is written `[a, b]`; text that begins with `- ` must be quoted";
  } else if (words == ErrorMsg::EOF_IN_SCALAR) {
    message = "the file ends inside quotes";
  }
  problems.add(source.mark(position), message);
}

// Empty, with a problem on record, if the structure is lost or if there is nothing in the text (`if_nothing`).
std::optional<Value> parse(const SourceText& source, const char* if_nothing, Problems& problems) {
  if (!source.vet(problems)) return std::nullopt;
  TreeBuilder builder(source, problems);
  YamlEvents events(builder);
  std::istringstream stream(source.text());
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const StructureLost& lost) {
    problems.add(lost.mark, lost.message);
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    explain(error, source, builder, problems);
    return std::nullopt;
  }
  std::optional<Value> root = builder.take_root();
  if (!root) problems.add(source.mark(0), if_nothing);
  return root;
}

Value load_map(const SourceText& source, Problems& problems) {
  std::optional<Value> root = parse(source, "this is empty: expected lines such as `horizon: 2 h`", problems);
  if (!root) throw ConfigError(problems.sorted());
  if (!root->is_map()) {
    if (!root->is_refused()) {
      problems.add(root->mark(), fmt::format("expected lines such as `horizon: 2 h`, found {}", root->shown()));
    }
    throw ConfigError(problems.sorted());
  }
  return *std::move(root);
}

}  // namespace

std::optional<std::string> read_file_bytes(const std::string& path, const Mark& blame, const std::string& shown_as,
                                           Problems& problems) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    problems.add(blame, shown_as + "it is a directory");
    return std::nullopt;
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kLargestFileBytes + 1, '\0');
  if (file) file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.is_open() || file.bad()) {
    problems.add(blame, shown_as + (errno != 0 ? std::strerror(errno) : "reading failed"));
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

Value load_yaml_file(const std::string& path, Problems& problems) {
  std::optional<std::string> bytes = read_file_bytes(path, mark_in(path), "cannot read this file: ", problems);
  if (!bytes) throw ConfigError(problems.sorted());
  return load_yaml_text(*bytes, path, problems);
}

Value load_yaml_text(const std::string& text, const std::string& file_name, Problems& problems) {
  return load_map(SourceText(text, file_name), problems);
}

std::optional<Value> load_inline_value(const std::string& text, const std::string& file_name, int first_column,
                                       Problems& problems) {
  const SourceText source(text, file_name, first_column);
  std::optional<Value> value = parse(source, "there is no value here", problems);
  if (!value) return std::nullopt;
  const std::size_t start = text.find_first_not_of(' ');
  const bool bracketed = start != std::string::npos && (text[start] == '{' || text[start] == '[');
  if ((value->is_map() || value->is_list()) && !bracketed) {
    problems.add(value->mark(), "a list is written `[a, b]` and a map `{a: 1}` here; quote text with `: ` in it");
    return std::nullopt;
  }
  return value;
}

}  // namespace hearsay::config
