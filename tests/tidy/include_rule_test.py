#!/usr/bin/env python3
"""Who may include what: dependencies point one way, scenarios/app -> models -> sim; each library has its folders."""

import posixpath
import re
import unittest

import sources

# Third-party headers by folder, as prefixes of what stands in the #include. The longest folder that fits counts alone.
LIBRARIES = {
    "sim": (),
    "sim/core": ("Random123/", "boost/random/", "xxhash.h"),
    "sim/net": ("Random123/", "boost/random/", "xxhash.h", "boost/graph/"),
    "sim/node": ("boost/smart_ptr/intrusive_ptr.hpp",),  # messages are shared by counts of references
    "sim/observe": ("xxhash.h",),
    "models": (),
    "models/chain": ("cryptopp/", "openssl/", "boost/multiprecision/", "xxhash.h", "tsl/"),
    "models/protocols": ("xxhash.h", "tsl/"),
    "models/internet": ("Eigen/",),
    "scenarios/app": ("yaml-cpp/", "CLI/", "sqlite3.h", "fmt/", "nlohmann/"),
}
# Their types would become part of every folder that includes the header.
NEVER_IN_A_HEADER = ("yaml-cpp/", "sqlite3.h", "CLI/", "cryptopp/", "openssl/")

# What a model may include beyond sim/, models/chain and its own folder. Each line is a decision: keep the list short.
SUB_PROTOCOLS = {
    # "models/protocols/ethereum": ("models/protocols/gossipsub",),
    "models/faults/churn": ("models/internet",),  # laws of sessions are facts about the internet
}
ATTACKED_PROTOCOLS = {
    # "models/adversaries/selfish_mining": "models/protocols/bitcoin",
}
# The headers of a protocol that an adversary may see: its messages, its node, and its policy seams.
PUBLIC_HEADER = re.compile(r"(messages|codec|node|\w+_node|relay\w*|connections?\w*|mining\w*)\.hpp")

STANDARD_HEADERS = frozenset(
    """
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
    functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator
    semaphore set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
    syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
    variant vector version
    """.split()
)
# The operating system is for the program alone: sim/ and models/ see neither files nor processes. One exception: where
# large arrays lie in memory (huge pages) is the engine's business, and changes no result.
MEMORY_ADVICE = ("sim/core/memory.hpp", "sys/mman.h")
OPERATING_SYSTEM = re.compile(r"(sys|linux)/\w+\.h|(unistd|fcntl|signal|poll|dirent|termios|pthread|spawn|sched)\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
OURS = ("sim", "models", "scenarios", "tests")


def model_folder(path):
    """models/protocols/bitcoin/x/y.hpp -> models/protocols/bitcoin; None for files straight in models/."""
    parts = posixpath.dirname(path).split("/")
    if parts[0] != "models" or len(parts) < 2:
        return None
    return "/".join(parts[: 3 if parts[1] in ("protocols", "adversaries", "faults") else 2])


def is_seam(included):
    """models/faults/fault.hpp: what every fault derives from lies beside their folders."""
    return posixpath.dirname(included) == "models/faults"


def inside(path, folder):
    return path == folder or path.startswith(folder + "/")


def ours_problem(path, included):
    """Why this file may not include that file of ours, or None."""
    layer = path.split("/")[0]
    if inside(included, "tests"):
        return "nothing but tests includes tests"
    if layer == "sim":
        return None if inside(included, "sim") else "sim/ knows no model and no scenario"
    if layer != "models":
        return None
    if inside(included, "scenarios"):
        return "models/ know no scenario"
    own = model_folder(path)
    if own is None or inside(included, "sim") or inside(included, "models/chain") or inside(included, own):
        return None
    if inside(own, "models/faults") and is_seam(included):
        return None
    if any(inside(included, folder) for folder in SUB_PROTOCOLS.get(own, ())):
        return None
    attacked = ATTACKED_PROTOCOLS.get(own)
    if attacked is not None and inside(included, attacked):
        if PUBLIC_HEADER.fullmatch(included[len(attacked) + 1 :]):
            return None
        return f"an adversary sees only the public headers of {attacked} (messages, node, relay, connections, mining)"
    return f"a model includes sim/, models/chain, its own folder, and what {posixpath.basename(__file__)} declares"


def library_problem(path, included):
    """Why this file may not include that header of a library, or None."""
    if included in STANDARD_HEADERS:
        return None
    if (path, included) == MEMORY_ADVICE:
        return None
    if OPERATING_SYSTEM.fullmatch(included):
        return None if inside(path, "scenarios/app") else "the operating system is for scenarios/app"
    folders = [folder for folder in LIBRARIES if inside(path, folder)]
    allowed = LIBRARIES[max(folders, key=len)] if folders else ()
    if not included.startswith(allowed or ("\0",)):
        return "this library is not on the list of this folder"
    if path.endswith(".hpp") and included.startswith(NEVER_IN_A_HEADER):
        return "types of this library stay out of headers"
    return None


def problems(path, text, exists=lambda path: (sources.ROOT / path).is_file()):
    """['path:line: #include of X: why not'] of one file."""
    found = []
    for number, line in sources.code_lines(text):
        match = INCLUDE.match(line)
        if not match:
            continue
        included = posixpath.normpath(match.group(1))
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), included))
        if included.split("/")[0] in OURS:
            why = ours_problem(path, included)
        elif '"' in line and exists(beside):
            why = "paths of our own headers start at the root"
        else:
            why = library_problem(path, included)
        if why:
            found.append(f"{path}:{number}: #include of {included}: {why}")
    return found


class TheTree(unittest.TestCase):
    def test_every_include_is_allowed(self):
        found = [line for path, text in sources.files("sim", "models", "scenarios") for line in problems(path, text)]
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_there_is_something_to_check(self):
        self.assertGreater(len(list(sources.files("sim", "models", "scenarios"))), 10)


class PlantedIncludes(unittest.TestCase):
    """The checker must see what it is there for, and nothing else."""

    def refused(self, path, include):
        self.assertEqual(len(problems(path, f"#pragma once\n#include {include}\n")), 1, f"{path} {include}")

    def allowed(self, path, include):
        self.assertEqual(problems(path, f"#pragma once\n#include {include}\n"), [], f"{path} {include}")

    def test_sim_knows_nothing_above_it(self):
        self.allowed("sim/net/link.hpp", '"sim/core/time.hpp"')
        self.refused("sim/net/link.hpp", '"models/chain/block.hpp"')
        self.refused("sim/node/node.cpp", '"scenarios/app/build.hpp"')
        self.refused("sim/node/node.cpp", "<models/chain/block.hpp>")
        self.refused("sim/core/time.hpp", '"../../models/chain/block.hpp"')

    def test_models_know_their_own_folder(self):
        self.allowed("models/protocols/bitcoin/relay/inv.cpp", '"models/protocols/bitcoin/messages.hpp"')
        self.allowed("models/protocols/bitcoin/node.hpp", '"models/chain/block.hpp"')
        self.refused("models/protocols/bitcoin/node.hpp", '"scenarios/app/config.hpp"')
        self.refused("models/protocols/bitcoin/node.hpp", '"models/protocols/flood/flood_node.hpp"')
        self.refused("models/protocols/bitcoin/node.hpp", '"models/internet/regions.hpp"')
        self.refused("models/protocols/bitcoin/node.hpp", '"models/protocols/bitcoin_cash/node.hpp"')
        self.refused("models/chain/block.hpp", '"models/protocols/bitcoin/messages.hpp"')
        self.refused("models/internet/regions.cpp", '"models/protocols/bitcoin/node.hpp"')
        self.allowed("models/catalogue.cpp", '"models/protocols/bitcoin/node.hpp"')
        self.allowed("models/faults/churn/churn.hpp", '"models/faults/fault.hpp"')
        self.refused("models/faults/churn/churn.hpp", '"models/faults/restart/restart.hpp"')
        self.refused("models/chain/block.hpp", '"models/faults/fault.hpp"')

    def test_declared_exceptions(self):
        SUB_PROTOCOLS["models/protocols/upper"] = ("models/protocols/lower",)
        ATTACKED_PROTOCOLS["models/adversaries/liar"] = "models/protocols/bitcoin"
        try:
            self.allowed("models/protocols/upper/a.hpp", '"models/protocols/lower/mesh.hpp"')
            self.refused("models/protocols/lower/a.hpp", '"models/protocols/upper/mesh.hpp"')
            self.allowed("models/adversaries/liar/a.cpp", '"models/protocols/bitcoin/messages.hpp"')
            self.refused("models/adversaries/liar/a.cpp", '"models/protocols/bitcoin/address_manager.hpp"')
            self.refused("models/adversaries/other/a.cpp", '"models/protocols/bitcoin/messages.hpp"')
        finally:
            del SUB_PROTOCOLS["models/protocols/upper"], ATTACKED_PROTOCOLS["models/adversaries/liar"]

    def test_libraries_have_their_folders(self):
        self.allowed("sim/core/random.cpp", "<Random123/philox.h>")
        self.refused("sim/node/node.cpp", "<Random123/philox.h>")
        self.allowed("sim/net/topology.cpp", "<boost/graph/adjacency_list.hpp>")
        self.refused("sim/core/queue.cpp", "<boost/graph/adjacency_list.hpp>")
        self.allowed("models/chain/hash256.cpp", "<cryptopp/sha.h>")
        self.refused("models/protocols/bitcoin/node.cpp", "<cryptopp/sha.h>")
        self.allowed("models/internet/latency.cpp", "<Eigen/Dense>")
        self.refused("models/protocols/bitcoin/node.cpp", "<Eigen/Dense>")
        self.allowed("scenarios/app/config/load.cpp", "<yaml-cpp/yaml.h>")
        self.refused("sim/core/check.hpp", "<fmt/format.h>")
        self.refused("scenarios/app/main.cpp", "<openssl/sha.h>")
        self.allowed("scenarios/app/worker.cpp", "<sys/wait.h>")
        self.refused("models/chain/block.cpp", "<unistd.h>")

    def test_their_types_stay_out_of_headers(self):
        self.refused("scenarios/app/config/load.hpp", "<yaml-cpp/yaml.h>")
        self.refused("scenarios/app/store.hpp", "<sqlite3.h>")
        self.refused("models/chain/hash256.hpp", "<cryptopp/sha.h>")
        self.allowed("models/chain/body_cache.hpp", "<tsl/robin_map.h>")

    def test_tests_and_relative_paths(self):
        self.refused("sim/core/time.cpp", '"tests/fixtures/x.hpp"')
        found = problems("sim/core/time.cpp", '#include "time.hpp"\n', exists=lambda path: path == "sim/core/time.hpp")
        self.assertEqual(len(found), 1)

    def test_comments_include_nothing(self):
        text = '// #include "models/a.hpp"\n/*\n#include <fmt/format.h>\n*/\n'
        self.assertEqual(problems("sim/core/time.hpp", text), [])
        self.assertEqual(len(problems("sim/core/time.hpp", "  #  include <fmt/core.h>  // why\n")), 1)


if __name__ == "__main__":
    unittest.main()
