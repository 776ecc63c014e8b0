#!/usr/bin/env python3
"""Feeds our blocks and transactions to litecoind and compares its verdicts with ours.

litecoind derives from Bitcoin Core 0.21 and shares no line with this project. The cases, with our verdicts, are what
the program `interop_judge_cases litecoin` prints: one JSON object a line (README.md describes them). A disagreement in
verdict, reason or tip fails.

Exit codes: 0 agreement, 1 disagreement or failure, 77 no litecoind here.
"""

import argparse
import base64
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
START_SECONDS = 20
CALL_SECONDS = 30


def die_with_parent():
    """In the child: Linux ends it when its parent ends, also when that is killed."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class RpcError(Exception):
    """What the node answers to a call that it refuses."""


class Node:
    """One litecoind on regtest, alone, in a directory of its own; gone when the `with` block ends, however it ends."""

    def __init__(self, program, clock):
        self.program = program
        self.clock = clock

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="hearsay-interop-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = open(os.path.join(self.directory, "output"), "wb")
        try:
            self.process = subprocess.Popen(
                [
                    self.program,
                    "-regtest",
                    f"-datadir={self.directory}",
                    f"-rpcport={self.port}",
                    "-rpcbind=127.0.0.1",
                    "-rpcallowip=127.0.0.1",
                    "-server=1",
                    "-listen=0",
                    "-connect=0",
                    "-dnsseed=0",
                    "-disablewallet=1",
                    "-persistmempool=0",
                    "-printtoconsole=0",
                    # One thread for scripts: then a script that fails is reported with its reason.
                    "-par=1",
                    "-acceptnonstdtxn=0",
                    # As Bitcoin Core 0.21 by default; litecoind leaves it out.
                    "-mempoolreplacement=1",
                    f"-mocktime={self.clock}",
                ],
                stdout=self.log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent,
            )
            self.connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if hasattr(self, "process"):
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self):
        cookie = pathlib.Path(self.directory, "regtest", ".cookie")
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                output = pathlib.Path(self.directory, "output").read_text(errors="replace")
                raise RuntimeError(f"{self.program} did not start:\n{output}")
            try:
                secret = cookie.read_bytes()
                self.authorization = "Basic " + base64.b64encode(secret).decode()
                self.http = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_SECONDS)
                self.call("getblockcount")
                return
            except (OSError, RpcError, http.client.HTTPException):
                time.sleep(0.05)

    def call(self, method, *parameters):
        body = json.dumps({"method": method, "params": parameters, "id": 0})
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        self.http.request("POST", "/", body, headers)
        answer = self.http.getresponse().read()
        if not answer:
            raise RpcError("empty answer")
        answer = json.loads(answer)
        if answer.get("error"):
            raise RpcError(answer["error"]["message"])
        return answer["result"]


def submit_block(node, case):
    """What the node says: `accepted`, or why not. It says `inconclusive` of a block that it keeps but does not follow."""
    try:
        said = node.call("submitblock", case["hex"])
    except RpcError as refusal:
        said = str(refusal)
    return "accepted" if said in (None, "inconclusive") else said


def test_transaction(node, case):
    try:
        # 0: no limit on the fee, which would be the caller's protection and no rule of the mempool.
        said = node.call("testmempoolaccept", [case["hex"]], 0)[0]
        accepted, reason = said["allowed"], said.get("reject-reason", "")
        if accepted:
            node.call("sendrawtransaction", case["hex"], 0)
    except RpcError as refusal:
        accepted, reason = False, str(refusal)
    return "accepted" if accepted else reason


def reason_without_detail(reason):
    short = reason.split("(")[0].split(",")[0].strip()
    # The other name says that the script would have passed before segregated witness: nothing that we tell apart.
    return "mandatory-script-verify-flag-failed" if short == "non-mandatory-script-verify-flag" else short


def disagreement(case, said, tip):
    """Nothing, or what is not as we expect it."""
    if case.get("other_reason"):
        return f"our verdict, which stands for {' or '.join(case['other_reason'])}"
    if case.get("not_as_meant"):
        return "our verdict, which is not what the case is about"
    if case.get("tip_only"):
        return None if tip == case["tip"] else f"tip {tip}, ours {case['tip']}"
    accepted = said == "accepted"
    if accepted != (case["ours"] == "valid"):
        return "verdict"
    expected = case.get("reason", {})
    expected = expected.get("litecoind", expected.get("core"))
    if not accepted and expected and reason_without_detail(said) != expected:
        return f"reason, expected {expected}"
    if not accepted and case.get("reasons") and reason_without_detail(said) not in case["reasons"]:
        return f"reason, ours stands for {' or '.join(case['reasons'])}"
    if tip != case["tip"]:
        return f"tip {tip}, ours {case['tip']}"
    return None


def judge(node, lines, verbose):
    counts = {}
    failures = []
    for line in lines:
        case = json.loads(line)
        if "litecoind" in case.get("skip", {}):
            kind = "left out"
        else:
            said = submit_block(node, case) if case["kind"] == "block" else test_transaction(node, case)
            wrong = disagreement(case, said, node.call("getbestblockhash"))
            if not wrong and "pool_size" in case:
                held = node.call("getmempoolinfo")["size"]
                wrong = None if held == case["pool_size"] else f"pool of {held}, ours holds {case['pool_size']}"
            if wrong:
                failures.append((case["name"], case["ours"], said, wrong))
            kind = f"{case['kind']}s {'accepted' if said == 'accepted' else 'rejected'}"
            if verbose and not case.get("quiet"):
                print(f"{case['kind']:12} {case['ours']:36} {said:44} {case['name']}")
        counts[kind] = counts.get(kind, 0) + 1
    print("litecoind: " + ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())))
    return counts, failures


def print_disagreements(failures):
    print(f"{len(failures)} disagreements:")
    for name, ours, said, wrong in failures[:25]:
        print(f"  {name}\n      ours: {ours}\n      litecoind: {said}\n      differs in: {wrong}")


def find_litecoind():
    # On Debian what is in the path is a script that writes a configuration into the user's home first.
    return shutil.which("litecoind", path="/usr/lib/litecoin") or shutil.which("litecoind")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the program that prints the cases")
    parser.add_argument("--litecoind", default=find_litecoind())
    parser.add_argument("--seed", default="1", help="of the random scripts and mutations")
    parser.add_argument("--verbose", action="store_true", help="print every case")
    arguments = parser.parse_args()
    if not arguments.litecoind:
        print("skipped: litecoind is not installed (Debian package litecoind)")
        return SKIPPED

    produced = subprocess.run([arguments.program, "litecoin", arguments.seed], stdout=subprocess.PIPE, check=True)
    head, *lines = produced.stdout.splitlines()
    head = json.loads(head)
    with Node(arguments.litecoind, head["clock"]) as node:
        if node.call("getblockhash", 0) != head["genesis"]:
            raise RuntimeError("litecoind has another genesis block")
        counts, failures = judge(node, lines, arguments.verbose)
    # A stream of cases that ends early must not pass for agreement.
    if sum(counts.values()) != head["cases"]:
        raise RuntimeError(f"{sum(counts.values())} of {head['cases']} cases were judged")
    if failures:
        print_disagreements(failures)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
