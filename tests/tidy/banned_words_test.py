#!/usr/bin/env python3
"""What sim/ and models/ may not use, because results would then depend on the machine, the library or the moment."""

import re
import unittest

import sources

BANNED = (
    (r"\brandom_device\b", "randomness comes from the streams of the seeds"),
    (r"\bs?rand\s*\(", "randomness comes from the streams of the seeds"),
    (r"\bstd\s*::\s*\w+_distribution\b", "its algorithm is not specified: use Boost.Random"),
    (r"\bstd\s*::\s*(ranges\s*::\s*)?(shuffle|sample)\b", "its algorithm is not specified"),
    (r"#\s*include\s*<random>", "its distributions are not specified: use sim/core and Boost.Random"),
    (r"\b\w+_clock\b", "the wall clock does not exist here: ask the context for the time"),
    (r"\b(gettimeofday|clock_gettime|localtime|gmtime)\s*\(", "the wall clock does not exist here"),
    (r"#\s*include\s*<(ctime|chrono)>", "the wall clock does not exist here: use sim/core/time.hpp"),
    (r"#\s*include\s*<(thread|mutex|future|atomic|condition_variable)>", "no threads in a run"),
    (r"#\s*include\s*<(fstream|iostream|filesystem)>", "sim/ and models/ read and write no file"),
    (r"\bgetenv\b", "settings come from the scenario"),
    (r"\bunordered_(multi)?(map|set)\b", "its order is not specified: use std::map, a sorted or dense vector"),
    (r"\bstd\s*::\s*(multi)?(map|set)\s*<\s*(const\s+)?[\w:]+(\s+const)?\s*\*", "ordered by address: key it by id"),
    (r"\bstd\s*::\s*function\b", "it allocates: use a type of its own"),
)
PATTERNS = tuple((re.compile(pattern), why) for pattern, why in BANNED)

LONGEST_FILE_LINES = 400
LENGTH_CHECKED = ("sim", "models", "scenarios/app", "analysis", "tests")
LENGTH_SUFFIXES = frozenset({".hpp", ".cpp", ".py", ".cmake"})


def banned_words(path, text):
    return [
        f"{path}:{number}: '{match.group(0).strip()}': {why}"
        for number, line in sources.code_lines(text)
        for pattern, why in PATTERNS
        if (match := pattern.search(line))
    ]


def too_long(path, text):
    lines = text.count("\n") + (not text.endswith("\n"))
    return [f"{path}: {lines} lines; more than {LONGEST_FILE_LINES} is two concerns"] * (lines > LONGEST_FILE_LINES)


class TheTree(unittest.TestCase):
    def test_no_banned_word(self):
        found = [line for path, text in sources.files("sim", "models") for line in banned_words(path, text)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_no_file_is_too_long(self):
        found = []
        for path, text in sources.files(*LENGTH_CHECKED, suffixes=LENGTH_SUFFIXES):
            found += [] if path.startswith("tests/fixtures/") else too_long(path, text)
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_there_is_something_to_check(self):
        self.assertGreater(len(list(sources.files("sim", "models"))), 10)


class PlantedWords(unittest.TestCase):
    """The checker must see what it is there for, and nothing else."""

    def test_each_banned_word_is_seen(self):
        for line in (
            "std::random_device seed;",
            "int x = rand();",
            "int x = std::rand( );",
            "srand(1);",
            "std::uniform_int_distribution<int> d;",
            "std::uniform_real_distribution<> d;",
            "std :: normal_distribution<> d;",
            "std::exponential_distribution<> d;",
            "std::shuffle(a, b, engine);",
            "std::ranges::shuffle(a, engine);",
            "std::sample(a, b, c, 1, engine);",
            "#include <random>",
            "# include <random> // engines only",
            "auto t = std::chrono::system_clock::now();",
            "using C = std::chrono::steady_clock;",
            "high_resolution_clock::now();",
            "clock_gettime(CLOCK_REALTIME, &t);",
            "#include <thread>",
            "#include <fstream>",
            "#include <iostream>",
            'auto* home = std::getenv("HOME");',
            "std::unordered_map<int, int> m;",
            "unordered_set<int> s;",
            "#include <unordered_map>",
            "std::map<const Node*, int> by_address;",
            "std::set<sim::Node *> nodes;",
            "std::function<void()> callback;",
        ):
            with self.subTest(line):
                self.assertTrue(banned_words("sim/x.cpp", f"int a;\n{line}\n"), line)

    def test_what_only_looks_like_one_is_not(self):
        for line in (
            "// an unordered_map would depend on the library",
            "/* std::function\n   rand() */",
            'check(ok, "rand() and system_clock are banned");',
            "boost::random::exponential_distribution<double> d;",
            "boost::random::uniform_int_distribution<int> d;",
            "int operand(int x);",
            "bool is_random_device_free;",
            "std::map<int, Node*> by_id;",
            "auto n = 1'000'000; // getenv",
            "char quote = '\"'; int strand(int);",
            'auto text = R"(std::function "rand()" )";',
        ):
            with self.subTest(line):
                self.assertEqual(banned_words("sim/x.cpp", f"int a;\n{line}\nint b;\n"), [], line)

    def test_the_place_is_named(self):
        self.assertEqual(banned_words("sim/x.cpp", "\n/*\n*/ int x = rand();\n")[0].split(": ")[0], "sim/x.cpp:3")

    def test_length(self):
        self.assertEqual(too_long("a.py", "x\n" * LONGEST_FILE_LINES), [])
        self.assertEqual(len(too_long("a.py", "x\n" * (LONGEST_FILE_LINES + 1))), 1)


if __name__ == "__main__":
    unittest.main()
