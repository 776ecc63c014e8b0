#!/usr/bin/env python3
"""bcoin decodes every block and transaction of a capture, and encodes them to the same bytes.

Usage: capture_bcoin_test.py PROGRAM DIRECTORY, where bcoin is installed (bcoin/judge.py does it). Exit codes: 0
agreement, 1 disagreement, 77 bcoin or node is not there.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

import capture_bytes as ours

SKIPPED = 77
SCENARIO = pathlib.Path(__file__).with_name("capture.yaml")
READ_BY_BCOIN = ("block", "tx")
# Of each kind that many payloads must hold a witness, or the scenario proves too little.
LEAST_WITH_WITNESS = {"block": 4, "tx": 100}


class Disagreement(Exception):
    pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program", help="hearsay-program")
    parser.add_argument("directory", type=pathlib.Path, help="where bcoin is installed")
    arguments = parser.parse_args()
    modules = arguments.directory / "node_modules"
    if not (modules / "bcoin").is_dir() or not shutil.which("node"):
        print(f"skipped: bcoin does not judge, node or {modules}/bcoin is not there")
        return SKIPPED

    with tempfile.TemporaryDirectory() as folder:
        capture, database = ours.run_and_capture(arguments.program, SCENARIO, pathlib.Path(folder))
        _, packets = ours.read_pcapng(capture.read_bytes())
        results = Results(database)
        database.close()
    payloads = sorted({
        (message.command, message.payload)
        for key, stream in ours.streams(packets).items() if key[1]
        for message in ours.messages(stream) if message.command in READ_BY_BCOIN
    })
    try:
        witnesses = judge(modules, payloads, results)
        for command, least in LEAST_WITH_WITNESS.items():
            if witnesses[command] < least:
                raise Disagreement(f"{witnesses[command]} of {command} have a witness, and not {least}")
        must_notice_damage(modules, payloads, results)
    except Disagreement as difference:
        print(difference)
        return 1
    print(f"bcoin agrees on {len(payloads)} payloads; with a witness: {witnesses}")
    return 0


class Results:
    """What the results file says; a transaction is named by the first 64 bits of its wtxid, little-endian."""

    def __init__(self, database):
        self.heights = dict(database.execute("SELECT block, height FROM block"))
        self.virtual_bytes = dict(database.execute(
            "SELECT object, value FROM trace WHERE observation = 'transaction_born'"))
        self.confirmed = {height: {object for (object,) in database.execute(
            "SELECT object FROM trace WHERE observation = 'transaction_confirmed' AND value = ?", (height,))}
            for height in self.heights.values()}


def judge(modules, payloads, results):
    """{command: payloads with a witness}; Disagreement if bcoin and the results do not agree on all of them."""
    lines = "".join(f"{command} {payload.hex()}\n" for command, payload in payloads)
    script = pathlib.Path(__file__).with_name("capture_bcoin.js")
    done = subprocess.run(["node", script, modules], input=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != len(payloads):
        why = [line for line in done.stderr.splitlines() if "Error" in line]
        raise Disagreement(f"bcoin read {len(answers)} of {len(payloads)} payloads: {why}")
    witnesses = dict.fromkeys(READ_BY_BCOIN, 0)
    for (command, _), answer in zip(payloads, answers):
        words = answer.split()
        block = words.pop(0) if command == "block" else None
        transactions = [word.split(",") for word in words]
        witnesses[command] += any(txid != wtxid for txid, wtxid, _ in transactions)
        names = [wtxid[-16:] for _, wtxid, _ in transactions]
        if block:
            if block not in results.heights:
                raise Disagreement(f"the results have no block {block}")
            if set(names[1:]) != results.confirmed[results.heights[block]]:
                raise Disagreement(f"the results have other transactions in block {block}")
            del names[0], transactions[0]  # nobody announces a coinbase
        for name, (_, wtxid, virtual_bytes) in zip(names, transactions):
            if results.virtual_bytes.get(name) != int(virtual_bytes):
                raise Disagreement(f"the results have no {wtxid} of {virtual_bytes} virtual bytes")
    return witnesses


def must_notice_damage(modules, payloads, results):
    """A judge that lets a flipped bit of a witness pass proves nothing."""
    for command in READ_BY_BCOIN:
        payload = bytearray(max((payload for found, payload in payloads if found == command), key=len))
        payload[-10] ^= 1  # the lock time has 4 bytes, and the script at the end of the last witness is before
        try:
            judge(modules, [(command, bytes(payload))], results)
        except Disagreement:
            continue
        raise Disagreement(f"a flipped bit in the witness of a {command} is not noticed")


if __name__ == "__main__":
    sys.exit(main())
