#!/usr/bin/env python3
"""The JSON Schema that `hearsay schema` prints accepts every scenario here and what describe makes of it, and refuses
mistakes that an editor should mark. Needs python3-jsonschema and python3-yaml; without them it is skipped (exit code 77).

    schema_test.py PROGRAM
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = None
NO_SCENARIOS = {"cases.yaml"}
BASES = ROOT / "scenarios" / "base"


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use: `on` is a text, `010` the number ten, a date a text."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    CoreLoader.add_implicit_resolver(tag, re.compile(f"^(?:{pattern})$"), first)
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def program(*arguments):
    return subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True).stdout


def scenarios():
    files = [path for path in (ROOT / "scenarios").rglob("*.yaml") if path.name not in NO_SCENARIOS]
    return sorted(files) + sorted((ROOT / "tests" / "interop").glob("*.yaml"))


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(program("schema"))
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)

    def complaints(self, text):
        value = yaml.load(text, Loader=CoreLoader)
        return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in self.validator.iter_errors(value)]

    def test_every_scenario_is_accepted(self):
        self.assertGreater(len(scenarios()), 6)
        for path in scenarios():
            with self.subTest(path.name):
                self.assertEqual(self.complaints(path.read_text()), [])

    def test_every_resolved_scenario_is_accepted(self):
        for path in scenarios():
            if BASES in path.parents:  # not a scenario of its own
                continue
            with self.subTest(path.name):
                self.assertEqual(self.complaints(program("describe", str(path))), [])

    def test_what_models_can_say_is_accepted(self):
        start = str(ROOT / "tests/fixtures/wrong/parts/valid.yaml")
        for sets in (
            ["world.latency={model: uniform}", "world.bandwidth={model: unlimited}", "world.regions=off"],
            ["world.latency={model: coordinates, space: globe, places: {a: [52.5, 13.4], b: [1, 2, 0.5]}}"],
            ["world.latency={model: log_normal}", "world.jitter=2 ms", "world.loss=0.5 %"],
            ["world.hosts={home: 30 %, data_centre: 70 %}", "groups.full.host=mobile", "groups.full.region=europe"],
            ["world.transport={model: serial, serial_pass: 10 kB}", "groups.pools.gateways=3"],
            ["topology={model: out_degree, outbound: off, law: simblock-bitcoin-2015}", "wire=bytes", "seeds.mining=3..4"],
            ['topology={model: edges, outbound: off, edges: [["full[0]", "pools[1]"]]}', "groups.pools.reachable=on"],
            ["workload.transactions={rate: 0.5 /min, size: 400 B, sources: [full]}", "seeds.workload=7"],
            ["groups.full.validation={model: core, speed: 0.5}", "measure.busy_share={}", "measure.propagation={settle: 1 min}"],
            ["groups.full.mempool={replacement: \"off\", orphans: count}", "measure.node_propagation={}"],
        ):
            with self.subTest(sets[0]):
                arguments = [word for one in sets for word in ("--set", one)]
                self.assertEqual(self.complaints(program("describe", start, *arguments)), [])

    def test_mistakes_are_refused(self):
        whole = (ROOT / "tests/fixtures/wrong/parts/valid.yaml").read_text()
        self.assertEqual(self.complaints(whole), [])
        for old, new in (
            ("horizon: 1 h", "horizons: 1 h"),
            ("horizon: 1 h", "horizon: 3600"),
            ("horizon: 1 h", "horizon: 1 hour"),
            ("horizon: 1 h", "horizon: off"),
            ("horizon: 1 h", "horizon: -1 h"),
            ("horizon: 1 h", ""),
            ("count: 20, role: full", "count: 20"),
            ("count: 20,", "count: 0,"),
            ("count: 20,", "count: many,"),
            ("role: full", "role: ful"),
            ("outbound: 8", "edges: []"),
            ("outbound: 8", "outbound: 8, law: gervais-2016"),
            ("model: random_outbound, outbound: 8", "model: edges"),
            ("{model: region_matrix}", "{model: region_matrix, least: 5 ms}"),
            ("{model: region_matrix}", "{spread: 3 %}"),
            ("{model: region_matrix}", "region_matrix"),
            ("size: 100 kB", "size: 100 KB"),
            ("by: type", "by: region"),
            ("propagation: {}", "propagation: on"),
            ("world: 1..5", "world: 1-5"),
            ("world: 1..5", "world: [1, 2]"),
            ("role: full}", "role: full, hash: equal}"),
        ):
            with self.subTest(new):
                self.assertIn(old, whole)
                self.assertNotEqual(self.complaints(whole.replace(old, new)), [])

    def test_a_file_that_extends_may_leave_out_and_delete(self):
        accepted = "extends: a.yaml\nhorizon: off\ngroups: {full: {count: 5}, pools: off}\nworld: {latency: {least: 1 ms}}\n"
        self.assertEqual(self.complaints(accepted), [])
        self.assertNotEqual(self.complaints("extends: a.yaml\ngroup: {full: {count: 5}}\n"), [])
        self.assertNotEqual(self.complaints("extends: a.yaml\ngroups: {full: {count: five}}\n"), [])

    def test_every_value_is_explained(self):
        def values(schema, path):
            for name, value in schema.get("properties", {}).items():
                self.assertIn("description", value, f"{path}.{name}")
                values(value, f"{path}.{name}")

        values(self.validator.schema["$defs"]["plain"], "")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
