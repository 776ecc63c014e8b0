#!/usr/bin/env python3
"""Runs judge.js: installs bcoin from the npm registry into a build directory, once for each lock file, and hands it
the cases.

Exit codes: 0 agreement, 1 disagreement or failure, 77 there is no node, no npm or no registry here.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

SKIPPED = 77
INSTALL_SECONDS = 240
# What npm says when the network, and not the lock file, is the trouble.
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH",
               "ERR_SOCKET_TIMEOUT", "E403", "E404", "E502", "E503", "E504", "ENOTCACHED")


class Unavailable(Exception):
    pass


def install(source, directory):
    """Puts bcoin, exactly as locked, into `directory`; no package runs a script of its own while it is installed."""
    lock = (source / "package-lock.json").read_bytes()
    stamp = directory / ".installed"
    if stamp.is_file() and stamp.read_bytes() == lock:
        return
    directory.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, directory / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1",
               "--fetch-timeout=30000"]
    try:
        done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise Unavailable(f"npm did not finish in {INSTALL_SECONDS} s") from late
    if done.returncode != 0:
        if any(word in done.stdout for word in UNREACHABLE):
            raise Unavailable(f"the npm registry cannot be reached:\n{done.stdout[-1500:]}")
        raise RuntimeError(f"npm ci failed:\n{done.stdout[-3000:]}")
    stamp.write_bytes(lock)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program", help="the program that prints the cases")
    parser.add_argument("directory", type=pathlib.Path, help="where bcoin is, or is to be, installed")
    parser.add_argument("--seed", default="1", help="of the random scripts and mutations")
    parser.add_argument("--verbose", action="store_true", help="print every case")
    arguments = parser.parse_args()
    source = pathlib.Path(__file__).resolve().parent
    try:
        for tool in ("node", "npm"):
            if not shutil.which(tool):
                raise Unavailable(f"{tool} is not installed")
        install(source, arguments.directory)
    except Unavailable as reason:
        print(f"skipped: bcoin does not judge, {reason}")
        return SKIPPED

    cases = arguments.directory / "cases.jsonl"
    with open(cases, "wb") as file:
        subprocess.run([arguments.program, "bitcoin", arguments.seed], stdout=file, check=True)
    command = ["node", source / "judge.js", arguments.directory / "node_modules", cases]
    if arguments.verbose:
        command.append("--verbose")
    return 0 if subprocess.run(command, check=False).returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
