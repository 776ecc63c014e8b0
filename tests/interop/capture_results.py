"""Do the packets of a capture of all nodes say what the results file says? Of times: to the nanosecond.

A sight is what some decoder has read in one message at one interface; it does not matter which decoder. `CHECKS` are
the questions, each a function of (results, sights) that raises AssertionError. The results need the trace, and a run
without forks.
"""

import collections
import dataclasses
import functools
import hashlib

import bitcoin.core

# Types of inventory entries: protocol documentation; BIP 144; BIP 339.
TX, BLOCK, WTX, WITNESS_TX, WITNESS_BLOCK = 1, 2, 5, 0x40000001, 0x40000002
SUBSIDY, HALVING = 50 * 10**8, 150  # of regtest: Bitcoin Core kernel/chainparams.cpp


@dataclasses.dataclass
class Sight:
    node: str
    outbound: bool
    time_ns: int  # since the start of the run
    command: str
    inventory: list = ()  # (type, hash as it is sent)
    headers: list = ()  # 80 bytes each
    transactions: list = ()  # bytes


@dataclasses.dataclass
class Transaction:
    """What other software makes of the bytes of one."""
    txid: str
    wtxid: str
    parents: set  # txids
    virtual_bytes: int
    created: int  # satoshis, of all outputs


class Results:
    def __init__(self, database):
        self.traffic = {name: numbers for name, *numbers in database.execute(
            "SELECT message, messages, payload_bytes, header_bytes, tcp_ip_bytes FROM traffic")}
        # hash: (parent, size)
        self.blocks = {name: tuple(facts) for name, *facts in database.execute(
            "SELECT block, parent, size_bytes FROM block")}
        self.born_s = dict(database.execute("SELECT block, born_s FROM block"))
        self.main_chain = dict(database.execute("SELECT block, height FROM block WHERE on_main_chain"))  # heights
        self.observed = collections.defaultdict(list)  # of a kind: (node, nanoseconds, object, value)
        for kind, *facts in database.execute("SELECT observation, node, time_ns, object, value FROM trace"):
            self.observed[kind].append(tuple(facts))
        database.close()


def shown(hash):
    return hash[::-1].hex()


def short(shown_hash):
    """As a trace names an object: the first 64 bits of the hash, little-endian."""
    return shown_hash[-16:]


def double_sha256(content):
    return hashlib.sha256(hashlib.sha256(content).digest()).digest()


@functools.lru_cache(maxsize=None)
def reading(content):
    found = bitcoin.core.CTransaction.deserialize(content)
    assert found.serialize() == content
    stripped = found.serialize({"include_witness": False})
    return Transaction(shown(found.GetTxid()), shown(double_sha256(content)),
                       {shown(each.prevout.hash) for each in found.vin}, -(-(3 * len(stripped) + len(content)) // 4),
                       sum(each.nValue for each in found.vout))


def transactions_sent(sights):
    """{short wtxid: Transaction} of all tx messages."""
    return {short(found.wtxid): found for sight in sights if sight.command == "tx" and sight.outbound
            for found in map(reading, sight.transactions)}


def blocks_sent(sights):
    """{hash: transactions} of all block messages."""
    return {shown(double_sha256(sight.headers[0])): list(map(reading, sight.transactions))
            for sight in sights if sight.command == "block" and sight.outbound}


def arrivals(sights, command, names):
    """{(node, name): times at which a message with it arrived}"""
    found = collections.defaultdict(list)
    for sight in sights:
        if sight.command == command and not sight.outbound:
            for name in names(sight):
                found[sight.node, name].append(sight.time_ns)
    return found


def same(found, expected):
    assert found == expected, f"only in the capture: {sorted(found - expected)[:3]}, only in the results: " \
                              f"{sorted(expected - found)[:3]}"


def counts(results, sights):
    sent = collections.Counter(sight.command for sight in sights if sight.outbound)
    counted = {name: numbers[0] for name, numbers in results.traffic.items() if name[0] != "("}
    assert dict(sent) == counted, f"{sent} against {counted}"


def births(results, sights):
    """Every transaction is one that was born, of the size that it was born with, and not sent before."""
    born = {object: (node, time, value) for node, time, object, value in results.observed["transaction_born"]}
    sent = transactions_sent(sights)
    accepted_elsewhere = {object for node, _, object, _ in results.observed["transaction_accepted"]
                          if node != born[object][0]}
    assert accepted_elsewhere <= set(sent) <= set(born)
    for object, found in sent.items():
        assert found.virtual_bytes == born[object][2], f"{object}: {found.virtual_bytes} virtual bytes"
    for sight in sights:
        for content in sight.transactions if sight.command == "tx" else ():
            assert sight.time_ns > born[short(reading(content).wtxid)][1], "sent before it was born"


def acceptances(results, sights):
    """A transaction enters a mempool as it arrives, or as its parent does; and all that arrive are dealt with."""
    born = {(node, object): time for node, time, object, _ in results.observed["transaction_born"]}
    arrived = arrivals(sights, "tx", lambda sight: [short(reading(each).wtxid) for each in sight.transactions])
    sent = transactions_sent(sights)
    by_txid = {found.txid: object for object, found in sent.items()}
    here = set()
    for node, time, object, _ in results.observed["transaction_accepted"]:
        here.add((node, object))
        if born.get((node, object)) == time or time in arrived[node, object]:
            continue
        parents = [by_txid.get(parent) for parent in sent[object].parents]
        assert min(arrived[node, object]) < time and any(time in arrived[node, parent] for parent in parents), \
            f"{node} accepted {object} at {time}"
    refused = {(node, object) for node, _, object, _ in results.observed["transaction_rejected"]}
    unexplained = {key for key, times in arrived.items() if times} - here - refused
    assert not unexplained, f"arrived, neither accepted nor refused: {sorted(unexplained)[:3]}"


def announcements(results, sights):
    """A node hears first of a transaction by an inv that arrives then; invs name what was born or mined."""
    sent = transactions_sent(sights)
    names = {TX: {found.txid for found in sent.values()}, WTX: {found.wtxid for found in sent.values()},
             BLOCK: set(results.blocks)}
    names[WITNESS_TX], names[WITNESS_BLOCK] = names[TX], names[BLOCK]
    # Of what nobody has fetched before the end, the results know the beginning of the wtxid alone.
    unfetched = {object for _, _, object, _ in results.observed["transaction_born"]} - set(sent)
    for sight in sights:
        for kind, hash in sight.inventory:
            assert shown(hash) in names[kind] or kind in (TX, WTX) and short(shown(hash)) in unfetched, \
                f"{sight.command} names {kind} {shown(hash)}"
    heard = arrivals(sights, "inv", lambda sight: [short(shown(hash)) for kind, hash in sight.inventory
                                                   if kind in (TX, WTX)])
    for node, time, object, _ in results.observed["transaction_announced"]:
        assert time in heard[node, object], f"{node} heard of {object} at {time}"


def block_arrivals(results, sights):
    """Every block and header is one that was mined; bodies are received as they arrive, headers follow their birth."""
    name = lambda sight: [short(shown(double_sha256(header))) for header in sight.headers]
    born = {(node, object): time for node, time, object, _ in results.observed["block_born"]}
    arrived = arrivals(sights, "block", name)
    for node, time, object, _ in results.observed["block_received"]:
        assert born.get((node, object)) == time or time in arrived[node, object], f"{node} received {object} at {time}"
    # The last block of the chain that all nodes start with is in no table; peers tell it each other at first.
    start = results.blocks[min(results.main_chain, key=results.main_chain.get)][0]
    first = {}
    for sight in sights:
        for header in sight.headers:
            hash = shown(double_sha256(header))
            if hash == start and sight.command == "headers":
                continue
            assert hash in results.blocks and results.blocks[hash][0] == shown(header[4:36]), f"no such block: {hash}"
            first[hash] = min(first.get(hash, sight.time_ns), sight.time_ns)
    assert set(first) == set(results.blocks)
    for hash, time_ns in first.items():
        delay_s = time_ns / 1e9 - results.born_s[hash]
        assert 0 <= delay_s < 1, f"{hash} was announced {delay_s} s after its birth"


def confirmations(results, sights):
    """A block holds the transactions that mempools lost to it; its coinbase claims their fees and the subsidy."""
    confirmed = collections.defaultdict(set)
    for _, _, object, height in results.observed["transaction_confirmed"]:
        confirmed[height].add(object)
    fees = {object: fee for _, _, object, fee in results.observed["transaction_accepted"]}
    bodies = blocks_sent(sights)
    assert len(set(results.main_chain.values())) == len(results.blocks), "a fork: the scenario needs another seed"
    assert set(bodies) == set(results.blocks)
    for hash, transactions in bodies.items():
        height = results.main_chain[hash]
        inside = {short(each.wtxid) for each in transactions[1:]}
        same(inside, confirmed[height])
        claim = (SUBSIDY >> height // HALVING) + sum(fees[object] for object in inside)
        created = transactions[0].created
        assert created == claim, f"the coinbase of {hash} creates {created}, not {claim}"


def roots(_, sights):
    """The header of a block commits to its transactions."""
    for sight in sights:
        if sight.command == "block":
            txids = [bytes.fromhex(reading(each).txid)[::-1] for each in sight.transactions]
            tree = bitcoin.core.CBlock.build_merkle_tree_from_txids(txids)
            assert tree[-1] == sight.headers[0][36:68], "another Merkle root"


CHECKS = (counts, births, acceptances, announcements, block_arrivals, confirmations, roots)
