// Loading and printing of YAML: what is refused, with which words and where, and that a printed tree reads back.
#include <catch2/catch.hpp>
#include <random>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/load.hpp"
#include "tests/unit/config_fixtures.hpp"

namespace hearsay::config {
namespace {

const std::string kCommaHint = "; inside {} and [], text with a comma must be quoted";
const std::string kNextLine =
    "the text that begins here goes on in line 2: check the indentation there, or quote the text";
const std::string kOpenQuote =
    "the quote that opens here is not closed (text that goes on in the next line must be indented deeper)";
const std::string kMisplaced =
    "this does not belong to what stands before it: check the indentation, and quote a text as a whole";
const std::string kColon =
    "a `:` is out of place here: text with `: ` in it must be quoted, and the keys of a map stand below each other";
const std::string kEmpty = "this is empty: expected lines such as `horizon: 2 h`";
const std::string kBang = "text must not begin with `!`: use words, such as `not captured`, or quote it";

struct WrongInput {
  std::string text;
  Lines expected;
};

void check_all(const std::vector<WrongInput>& inputs) {
  for (const WrongInput& input : inputs) {
    CAPTURE(input.text.substr(0, 200));
    CHECK(complaints(input.text) == input.expected);
  }
}

}  // namespace

TEST_CASE("A scenario becomes a tree of texts with the places where they were written") {
  const Value root = loaded("question: How fast?\ngroups:\n  full:  {count: 984, role: \"full\"}\nlist: [1..5, b]\n");
  REQUIRE(root.is_map());
  CHECK(root.find("question")->text() == "How fast?");
  CHECK(root.find("question")->mark().place() == "t.yaml:1:11");
  const Value& full = *root.find("groups")->find("full");
  CHECK(full.mark().place() == "t.yaml:3:10");
  CHECK(full.find_entry("role")->mark.place() == "t.yaml:3:23");
  CHECK(full.find("role")->quoting() == Quoting::quoted);
  CHECK(full.find("count")->quoting() == Quoting::plain);
  CHECK(root.find("list")->items().at(0).text() == "1..5");
  CHECK(root.find("absent") == nullptr);
}

TEST_CASE("Words that YAML takes for numbers and truth values stay the text that was written") {
  const Value root = loaded("a: 010\nb: on\nc: 0x10\nd: True\ne: 1e3\nf: .inf\ng: 2026-01-01\n");
  std::string texts;
  for (const Value::Entry& entry : root.entries()) texts += entry.value.text() + " ";
  CHECK(texts == "010 on 0x10 True 1e3 .inf 2026-01-01 ");
}

TEST_CASE("Windows line ends, a byte order mark, comments and document markers change nothing") {
  const Value plain = loaded("a: {b: 1}\nc: x y\n");
  CHECK(same_tree(plain, loaded("a: {b: 1}\r\nc: x y\r\n")));
  CHECK(same_tree(plain, loaded("\xEF\xBB\xBF"
                                "a: {b: 1}\nc: x y\n")));
  CHECK(same_tree(plain, loaded("# first\n---\na: {b: 1}   # second\n\nc: x y\n...\n# third\n")));
}

TEST_CASE("Columns count characters, not bytes") {
  CHECK(complaints("a: {b: \"\u00e9\u00e9\u00e9\", b: 1}\n") ==
        Lines{"t.yaml:1:15: duplicate key `b`, first written in line 1, column 5"});
}

TEST_CASE("Keys are refused when they are repeated, not words, or missing") {
  check_all({
      {"a: 1\nb: 2\na: 2\n", {"t.yaml:3:1: duplicate key `a`, first written in line 1, column 1"}},
      {"x: {a: 1, a: 2, a: 3}\n",
       {"t.yaml:1:11: duplicate key `a`, first written in line 1, column 5",
        "t.yaml:1:17: duplicate key `a`, first written in line 1, column 5"}},
      {"Horizon: 1 h\n", {"t.yaml:1:1: a key is made of a-z, 0-9, `_` and `.`, found `Horizon`; write `horizon`"}},
      {"warm up: 1 h\n", {"t.yaml:1:1: a key is made of a-z, 0-9, `_` and `.`, found `warm up`; write `warm_up`"}},
      {"x: {Warm-Up: 1 h, B c: 1}\n",
       {"t.yaml:1:5: a key is made of a-z, 0-9, `_` and `.`, found `Warm-Up`; write `warm_up`",
        "t.yaml:1:19: a key is made of a-z, 0-9, `_` and `.`, found `B c`" + kCommaHint}},
      {"'': x\n", {"t.yaml:1:1: a key is made of a-z, 0-9, `_` and `.`, found ``"}},
      {": x\n", {"t.yaml:1:1: a key is missing before a `:` in this map"}},
      {"? [a, b]\n: c\n", {"t.yaml:1:3: a key must be a word, found a list"}},
      {"{a: 1}: b\n", {"t.yaml:1:1: a key must be a word, found a map"}},
      {"a: {b:1}\n", {"t.yaml:1:5: a key is made of a-z, 0-9, `_` and `.`, found `b:1`; a `:` needs a space after it"}},
      {"horizon:2 h\nseed: 1\n", {"t.yaml:1:8: a `:` needs a space after it"}},
  });
}

TEST_CASE("Values that are missing are refused where their key stands") {
  check_all({
      {"horizon:\n", {"t.yaml:1:1: `horizon` has no value"}},
      {"a: {b: , c: null}\n", {"t.yaml:1:5: `b` has no value", "t.yaml:1:10: `c` has no value"}},
      {"a: ~\nb: null\n", {"t.yaml:1:1: `a` has no value", "t.yaml:2:1: `b` has no value"}},
      {"k: # nothing\n", {"t.yaml:1:1: `k` has no value"}},
      {"a: {b, c: 1}\n", {"t.yaml:1:5: `b` has no value" + kCommaHint}},
      {"a: [1,,2]\n", {"t.yaml:1:4: entry 2 of this list has no value" + kCommaHint}},
      {"a:\n  - x\n  -\n", {"t.yaml:2:3: entry 2 of this list has no value"}},
      {"", {"t.yaml:1:1: " + kEmpty}},
      {"# only a comment\n", {"t.yaml:1:1: " + kEmpty}},
      {"---\n", {"t.yaml:1:1: " + kEmpty}},
      {"horizon\n", {"t.yaml:1:1: expected lines such as `horizon: 2 h`, found `horizon`"}},
      {"- a\n", {"t.yaml:1:1: expected lines such as `horizon: 2 h`, found a list"}},
  });
}

TEST_CASE("Text with a comma that falls apart inside brackets is one problem, with the remedy") {
  check_all({
      {"o: {when: f(a, b) >= 1}\n", {"t.yaml:1:11: `f(a` has an unbalanced parenthesis" + kCommaHint}},
      {"o: [f(a, b), g(c, d)]\n", {"t.yaml:1:5: `f(a` has an unbalanced parenthesis" + kCommaHint}},
  });
  CHECK(loaded("o: {when: \"f(a, b) >= 1\"}\n").find("o")->find("when")->text() == "f(a, b) >= 1");
  CHECK(loaded("when: f(a, b) >= 1\n").find("when")->text() == "f(a, b) >= 1");
}

TEST_CASE("What YAML has and the language has not is refused by name") {
  const std::string anchor = "anchors (`&name`) are not part of the language: leave it out";
  const std::string alias = "aliases (`*name`) are not part of the language: write the value out";
  const std::string merge = "merges (`<<`) are not part of the language: use `extends`, or write the values out";
  check_all({
      {"a: &x [*x]\n", {"t.yaml:1:4: " + anchor, "t.yaml:1:8: " + alias}},
      {"<<: *x\n", {"t.yaml:1:1: " + merge, "t.yaml:1:5: " + alias}},
      {"<<: {a: 1}\nb: 2\n", {"t.yaml:1:1: " + merge}},
      {"a: !!int 3\nb: !captured\n", {"t.yaml:1:4: " + kBang, "t.yaml:2:4: " + kBang}},
      {"a: !x\n  b: 1\n", {"t.yaml:1:4: tags (`!name`) are not part of the language: leave it out"}},
      {"a: >\n  x\n", {"t.yaml:1:4: text must not begin with `>`: quote it"}},
      {"a: |\n  x\n", {"t.yaml:1:4: text must not begin with `|`: quote it"}},
      {"when: >= 1\n", {"t.yaml:1:7: text must not begin with `>`: quote it"}},
      {"a: {b: -, c: [-, x]}\n", {"t.yaml:1:8: `-` must be quoted", "t.yaml:1:15: `-` must be quoted"}},
      {"a: %b\n", {"t.yaml:1:4: text must not begin with `%`: quote it"}},
      {"a: @b\n", {"t.yaml:1:4: text must not begin with `@`: quote it"}},
      {"a: `b`\n", {"t.yaml:1:4: text must not begin with a backtick: quote it"}},
      {"%YAML 1.2\n---\na: 1\n",
       {"t.yaml:1:1: a line that begins with `%` is a YAML directive, which scenarios do not use"}},
      {"a: 1\n---\nb: 2\n", {"t.yaml:2:1: a second document begins here: a file holds one"}},
      {"a: 1\n...\nb: 2\n", {"t.yaml:3:1: a second document begins here: a file holds one"}},
  });
}

TEST_CASE("Broken structure is reported once, at its place") {
  check_all({
      {"a: \"b\nc: 2\n", {"t.yaml:1:4: " + kOpenQuote}},
      {"a: \"b\nc: \"d\"\n", {"t.yaml:1:4: " + kOpenQuote}},
      {"k: {a: 'x}\n", {"t.yaml:1:8: " + kOpenQuote}},
      {"k: 'x", {"t.yaml:1:6: the file ends inside quotes"}},
      {"a: 1\n  - b\n", {"t.yaml:1:4: " + kNextLine}},
      {"a: 1\n b: 2\n", {"t.yaml:1:4: " + kNextLine}},
      {"a: [1, 2\nb: 3\n", {"t.yaml:1:8: " + kNextLine}},
      {"a: {b: 1\n", {"t.yaml:2:1: expected `,` or `}` here, for the `{` in line 1, column 4"}},
      {"a: [\"x\" \"y\"]\n", {"t.yaml:1:9: expected `,` or `]` here, for the `[` in line 1, column 4"}},
      {"a: {x: 1}}\n", {"t.yaml:1:10: this `}` closes nothing"}},
      {"a: b: c\n", {"t.yaml:1:5: " + kColon}},
      {"a: 'b' c\n", {"t.yaml:1:8: " + kMisplaced}},
      {"a:\n    b: 1\n  c: 2\n", {"t.yaml:3:3: " + kMisplaced}},
      {"- a\nb: 1\n", {"t.yaml:2:1: this does not belong to what stands before it"}},
      {"a: - b\n",
       {"t.yaml:1:4: a list in the line of its key is written `[a, b]`; text that begins with `- ` must be quoted"}},
      {"\ta: 1\n", {"t.yaml:1:1: a tab: indent and separate with spaces"}},
      {"a: \"\\q\"\n", {"t.yaml:1:7: syntax error: unknown escape character: q"}},
  });
  CHECK(loaded("a: \"b\n  c\"\n").find("a")->text() == "b c");
}

TEST_CASE("Files that are not text, too large, too deep or not there are refused") {
  const std::string zero(1, '\0');
  check_all({
      {"a: b" + zero + "\n", {"t.yaml:1:5: this is not text: it holds the control character 0x00"}},
      {"a: 1\n\x04"
       "b: 2\n",
       {"t.yaml:2:1: this is not text: it holds the control character 0x04"}},
      {"a: \xff\n", {"t.yaml:1:4: this is not UTF-8 text (byte 0xff)"}},
      {"a: \xed\xa0\x80\n", {"t.yaml:1:4: this is not UTF-8 text (byte 0xed)"}},
      {"a: \xc0\xaf\n", {"t.yaml:1:4: this is not UTF-8 text (byte 0xc0)"}},
      {std::string(1'000'001, '#'), {"t.yaml:1:1: this is larger than 1 MB, the most that a scenario may have"}},
      {"a: " + std::string(40, '[') + std::string(40, ']'), {"t.yaml:1:35: nested deeper than 32 levels"}},
  });
  CHECK(complaints("a: " + std::string(31, '[') + std::string(31, ']')).empty());
  // Not stack exhaustion, and not minutes either.
  CHECK(complaints("a: " + std::string(900'000, '[')).size() == 1);
  CHECK(complaints("a: " + std::string(900'000, '{')).size() == 1);

  const TemporaryFolder folder;
  for (const auto& [path, reason] : {std::pair{folder.path("absent.yaml"), "No such file or directory"},
                                     std::pair{folder.path(""), "it is a directory"}}) {
    Problems problems;
    CHECK_THROWS_AS(load_yaml_file(path, problems), ConfigError);
    CHECK(lines_of(problems) == Lines{path + ":1:1: cannot read this file: " + reason});
  }
}

TEST_CASE("All mistakes of a file come out together, in the order of the file") {
  Problems problems;
  load_yaml_text("a: 1\na: 2\nB: 3\nc:\n", "t.yaml", problems);
  CHECK_THROWS_WITH(problems.throw_if_any(),
                    "t.yaml:2:1: duplicate key `a`, first written in line 1, column 1\n"
                    "t.yaml:3:1: a key is made of a-z, 0-9, `_` and `.`, found `B`; write `b`\n"
                    "t.yaml:4:1: `c` has no value");
}

TEST_CASE("Problems are sorted by file, line and column, and say nothing twice") {
  Problems problems;
  const auto b = std::make_shared<const std::string>("b");
  problems.add({b, 10, 1}, "third");
  problems.add({b, 9, 20}, "second");
  problems.add(mark_in("a", 11, 1), "first");
  problems.add({std::make_shared<const std::string>("b"), 10, 1}, "third");
  CHECK(lines_of(problems) == Lines{"a:11:1: first", "b:9:20: second", "b:10:1: third"});
}

TEST_CASE("A long or multi-line text is cut to one line in a message") {
  CHECK(in_backticks("a\nb\x01") == "`a\\nb\\x01`");
  CHECK(in_backticks(std::string(100, 'x')) == "`" + std::string(60, 'x') + "...`");
}

TEST_CASE("A tree is printed as block YAML") {
  const Value root = loaded("q: 'How fast?'\ng: {full: {count: 9}, none: {}}\nl: [a, [b, c], {d: 1, e: [2]}, []]\n");
  CHECK(to_yaml(root) ==
        "q: \"How fast?\"\ng:\n  full:\n    count: 9\n  none: {}\n"
        "l:\n  - a\n  - - b\n    - c\n  - d: 1\n    e:\n      - 2\n  - []\n");
}

TEST_CASE("Texts that need quotes get them, and every text reads back as itself") {
  const std::vector<std::string> texts{
      "",     " ",    " x",   "x ",     "~",     "null",     "off",          "a: b",    "a:",    "a #b",
      "#a",   "- a",  "-",    "-5 ms",  "--- a", "...",      "? a",          "?a",      ": a",   ":a",
      "[a",   "{a}",  "a, b", "!a",     ">= 1",  "% b",      "@a",           "`a",      "\"a",   "it's \"a\"",
      "'a'",  "a\\b", "a\nb", "\n",     "a\tb",  "\x01\x7f", "\u00e9\u4e2d", "*a",      "&a",    "f(a, b)",
      "30 %", "<<",   "=",    "0.2 /s", "a: ",   "a  b",     "\\n",          "\u0085x", "\u2028"};
  for (const std::string& text : texts) {
    CAPTURE(text);
    Value root = Value::map(Mark{});
    root.set({"key", Mark{}, text_value(text)});
    Value list = Value::list(Mark{});
    list.add(text_value(text));
    list.add(Value::scalar(text, Mark{}, Quoting::quoted));
    root.set({"list", Mark{}, list});
    CHECK(same_tree(loaded(to_yaml(root)), root));
  }
}

namespace {

// A random tree of all kinds; texts from an alphabet in which most characters mean something to YAML.
Value random_tree(std::mt19937& bits, std::size_t depth) {
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(bits()) % end; };
  static const std::string kLetters = "ab1 :#-?,[]{}&*!|>'\"%@`\\\n~=.()";
  const std::size_t kind = depth == 0 ? 0 : below(3);
  if (kind == 0) {
    std::string text;
    for (std::size_t left = below(8); left > 0; --left) text += kLetters[below(kLetters.size())];
    return below(3) == 0 ? Value::scalar(text, Mark{}, Quoting::quoted) : text_value(text);
  }
  Value value = kind == 1 ? Value::list(Mark{}) : Value::map(Mark{});
  for (std::size_t left = below(4); left > 0; --left) {
    Value child = random_tree(bits, depth - 1);
    if (kind == 1) {
      value.add(std::move(child));
    } else {
      value.set({std::string(1 + below(3), "abc_.1"[below(6)]), Mark{}, std::move(child)});
    }
  }
  return value;
}

}  // namespace

TEST_CASE("2,000 random trees read back from their print as they were") {
  std::mt19937 bits(1);
  for (int round = 0; round < 2'000; ++round) {
    Value root = Value::map(Mark{});
    root.set({"root", Mark{}, random_tree(bits, 4)});
    const std::string text = to_yaml(root);
    CAPTURE(text);
    REQUIRE(same_tree(loaded(text), root));
  }
}

TEST_CASE("A scenario with random damage is loaded or refused, never anything else, and prints back when loaded") {
  const std::string scenario =
      "question: \"How fast, and why?\"\nextends: base/small.yaml   # comment\nhorizon: 2 h\ngroups:\n"
      "  full:  {count: 984, role: full}\n  pools:\n    role: 'mi''ner'\nlist:\n  - [0 %, 0.1 %]\n  - f(a, b) >= 1\n";
  const std::string letters = "ab1 :#-?,[]{}&*!|>'\"%@`\\\n\t~<.\x04\xc3";
  std::mt19937 bits(2);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(bits()) % end; };
  int intact = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string text = scenario;
    for (std::size_t damage = 1 + below(3); damage > 0; --damage) {
      const std::size_t place = below(text.size());
      const std::size_t kind = below(3);
      if (kind == 0) text[place] = letters[below(letters.size())];
      if (kind == 1) text.insert(place, 1, letters[below(letters.size())]);
      if (kind == 2) text.erase(place, 1 + below(10));
    }
    CAPTURE(text);
    Problems problems;
    try {
      const Value root = load_yaml_text(text, "t.yaml", problems);
      if (!problems.empty()) continue;
      ++intact;
      REQUIRE(same_tree(loaded(to_yaml(root)), root));
    } catch (const ConfigError&) {
      REQUIRE_FALSE(problems.empty());
    }
  }
  CHECK(intact > 400);  // else the damage is so heavy that the second half of the claim is hardly tried
}

}  // namespace hearsay::config
