#!/usr/bin/env python3
"""The fault that CONTRIBUTING.md shows is the one that is compiled."""

import re
import unittest

import sources

SHOWN = ("models/faults/slow_node/slow_node.hpp", "models/faults/slow_node/slow_node.cpp")


class Contributing(unittest.TestCase):
    def test_the_example_is_the_file(self):
        page = (sources.ROOT / "CONTRIBUTING.md").read_text()
        blocks = re.findall(r"```cpp\n(.*?)```", page, re.DOTALL)
        self.assertEqual(blocks, [(sources.ROOT / path).read_text() for path in SHOWN])

    def test_it_is_short(self):
        lines = (sources.ROOT / SHOWN[1]).read_text().splitlines()
        self.assertLessEqual(len(lines), 60)


if __name__ == "__main__":
    unittest.main()
