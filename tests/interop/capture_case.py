"""What holds of a capture of every host of any small network: the tests that capture_test.py and others share.

Three readings of the same packets must agree: what the simulator says it sent (its results), what tshark decodes, what
python-bitcoinlib decodes and encodes again. A program that imports this ends with exit code 77 if tshark or
python-bitcoinlib is not there; its first argument is hearsay-program.
"""

import collections
import concurrent.futures
import dataclasses
import io
import pathlib
import shutil
import struct
import sys
import tempfile

import capture_bytes as ours

try:
    import bitcoin
except ImportError:
    sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, for an interpreter from elsewhere
    try:
        import bitcoin
    except ImportError:
        bitcoin = None
if bitcoin is None or not shutil.which("tshark"):
    print("skipped: tshark or python3-bitcoinlib is not installed")
    sys.exit(77)
import bitcoin.core
import bitcoin.messages

import capture_results
import capture_tshark as tshark

bitcoin.SelectParams("regtest")

PROGRAM = sys.argv.pop(1)
LISTENING_PORT = 18444  # of regtest
# The class of this bitcoinlib reads it, but writes other bytes: its headers are encoded with a wrong count of
# transactions.
WRONG_WHEN_ENCODED_AGAIN = {"headers", "reject"}
# Messages of which neither tshark nor bitcoinlib knows anything: BIP 130, BIP 133, BIP 339.
NEWER = {"sendheaders", "feefilter", "wtxidrelay"}
# Satoshis per 1,000 virtual bytes that a node with an empty mempool tells: DEFAULT_MIN_RELAY_TX_FEE of Bitcoin Core
# policy/policy.h, which FeeFilterRounder of policy/fees may round up to the next 50 * 1.1^k.
FEE_RATES = (100, 107)


def decoded(message):
    """python-bitcoinlib's reading, or None of a command that it does not know."""
    known = bitcoin.messages.messagemap.get(message.command.encode())
    if known is None:
        return None
    content = io.BytesIO(message.payload)
    found = known.msg_deser(content)
    assert message.command in WRONG_WHEN_ENCODED_AGAIN or not content.read(), f"{message.command}: bytes are left"
    return found


def transactions_of(value):
    return value.block.vtx if hasattr(value, "block") else [value.tx] if hasattr(value, "tx") else []


def flipped(content, place):
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)


class CaptureCase:
    """A mixin: the class that names the scenario is a unittest.TestCase as well."""

    SCENARIO = None  # file beside this one
    NODES = []  # names, in the order of their groups
    CONNECTIONS = 0
    REQUIRED = set()  # commands that must be in the capture
    COMPARED_BY_TSHARK = set()  # those of them whose fields tshark must give like bitcoinlib

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        scenario = pathlib.Path(__file__).with_name(cls.SCENARIO)
        cls.capture, database = ours.run_and_capture(PROGRAM, scenario, cls.folder)
        cls.results = capture_results.Results(database)
        content = cls.capture.read_bytes()
        cls.names, cls.packets = ours.read_pcapng(content)
        cls.streams = ours.streams(cls.packets)
        cls.messages = {key: ours.messages(packets) for key, packets in cls.streams.items()}
        cls.readings = {id(message): decoded(message) for list in cls.messages.values() for message in list}
        # Both ends of a connection are in the file: tshark takes the second sight of a packet for a repetition, so each
        # interface becomes a file of its own, as from one host.
        cls.files = []
        for interface, part in enumerate(ours.split(content)):
            cls.files.append(cls.folder / f"{interface}.pcapng")
            cls.files[-1].write_bytes(part)
        with concurrent.futures.ThreadPoolExecutor(2) as several:
            cls.rows = list(several.map(tshark.read, cls.files))
            cls.complaints = list(several.map(tshark.complaints, cls.files))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def reading(self, message):
        return self.readings[id(message)]

    def sent(self):
        return [message for key, list in self.messages.items() if key[1] for message in list]

    def has_witness(self, message):
        return any(each.has_witness() for each in transactions_of(self.reading(message)))

    def bitcoinlib_sights(self):
        return [self.sight(key, message) for key, list in self.messages.items() for message in list]

    def sight(self, key, message):
        value = self.reading(message)
        headers = [value.block] if message.command == "block" else getattr(value, "headers", [])
        return capture_results.Sight(
            self.names[key[0]], key[1], message.time_ns - ours.EPOCH_NS, message.command,
            [(item.type, item.hash) for item in getattr(value, "inv", [])],
            [header.serialize()[:80] for header in headers], [each.serialize() for each in transactions_of(value)])

    def test_every_node_has_an_interface(self):
        self.assertEqual(self.names, self.NODES)

    def test_what_is_captured_is_what_the_results_count(self):
        counted = collections.defaultdict(lambda: [0, 0, 0, 0])
        for message in self.sent():
            row = counted[message.command]
            for place, amount in enumerate((1, len(message.payload), 24, 40 * message.segments)):
                row[place] += amount
        control = sum(packet.outbound and not packet.payload for packet in self.packets)
        counted["(connection set-up)"] = [control, 0, 0, 40 * control]
        self.assertEqual(dict(counted), self.results.traffic)
        self.assertEqual(self.REQUIRED - set(counted), set())

    def test_what_arrives_is_what_was_sent_later(self):
        pairs = 0
        for (_, outbound, source, destination), sent in self.streams.items():
            if not outbound:
                continue
            for (_, other_outbound, *ends), received in self.streams.items():
                if other_outbound or ends != [source, destination]:
                    continue
                pairs += 1
                for here, there in zip(sent, received):
                    self.assertEqual((here.sequence, here.flags, here.payload),
                                     (there.sequence, there.flags, there.payload))
                    self.assertGreater(there.time_ns, here.time_ns)
        self.assertEqual(pairs, 2 * self.CONNECTIONS)

    def test_version_names_the_other_end_of_the_connection(self):
        for (_, _, _, (address, port)), messages in self.messages.items():
            value = self.reading(messages[0])
            self.assertEqual(messages[0].command, "version")
            # To who has dialled, Bitcoin Core names the port that it dialled from: docs/capture.md.
            self.assertEqual((value.addrTo.ip, value.addrTo.port), (address, LISTENING_PORT))
            self.assertTrue(port == LISTENING_PORT or port >= 49152)
            # As Bitcoin Core from 0.21 on: PushNodeVersion in net_processing.cpp writes CService().
            self.assertEqual((value.addrFrom.ip, value.addrFrom.port), ("::", 0))

    def test_results_hold_what_bitcoinlib_reads(self):
        sights = self.bitcoinlib_sights()
        for check in capture_results.CHECKS:
            with self.subTest(check.__name__):
                check(self.results, sights)

    def test_results_object_to_damage(self):
        """Each question must be able to end in no."""
        sights = self.bitcoinlib_sights()
        first = lambda command, outbound: min((sight for sight in sights if (sight.command, sight.outbound) ==
                                               (command, outbound)), key=lambda sight: sight.time_ns)
        later = lambda sight: dataclasses.replace(sight, time_ns=sight.time_ns + 1)
        other = lambda sight: dataclasses.replace(sight, transactions=[flipped(sight.transactions[0], -40)])
        fewer = lambda sight: dataclasses.replace(sight, transactions=sight.transactions[:-1])
        full = next(sight for sight in sights if sight.command == "block" and sight.outbound and
                    len(sight.transactions) > 2)
        for check, sight, change in (
            ("counts", first("ping", True), lambda sight: dataclasses.replace(sight, outbound=False)),
            ("births", first("tx", True), other), ("acceptances", first("tx", False), later),
            ("announcements", first("inv", False), later), ("block_arrivals", first("block", False), later),
            ("confirmations", full, fewer), ("roots", full, fewer),
        ):
            with self.subTest(check):
                # Of a block, what the last sight shows counts.
                changed = [each for each in sights if each is not sight] + [change(sight)]
                with self.assertRaises(AssertionError):
                    getattr(capture_results, check)(self.results, changed)

    def test_bitcoinlib_gives_the_same_bytes(self):
        known = collections.Counter()
        for message in self.sent():
            value = self.reading(message)
            if value is None:
                continue
            known[message.command] += 1
            if message.command == "headers":
                again = b"".join(header.serialize()[:80] + b"\0" for header in value.headers)
                self.assertEqual(message.payload, bytes([len(value.headers)]) + again)
            elif message.command not in WRONG_WHEN_ENCODED_AGAIN:
                self.assertEqual(value.to_bytes(), message.frame, message.command)
        self.assertEqual(self.REQUIRED - set(known), NEWER & self.REQUIRED)

    def test_bitcoinlib_finds_blocks_valid(self):
        """Work, Merkle roots, the commitment to witnesses, transactions."""
        blocks = {message.payload: self.reading(message).block for message in self.sent() if message.command == "block"}
        for payload, block in blocks.items():
            bitcoin.core.CheckBlock(block, cur_time=block.nTime)
            self.assertEqual(self.results.blocks[block.GetHash()[::-1].hex()][1], len(payload))
        self.assertEqual(len(blocks), len(self.results.blocks))
        self.assertGreater(len(blocks), 3)
        self.assertGreater(sum(len(block.vtx) - 1 for block in blocks.values()), 100)

    def test_newer_messages_have_their_layout(self):
        payloads = {"sendheaders": {b""}, "feefilter": {struct.pack("<q", rate) for rate in FEE_RATES},
                    "wtxidrelay": {b""}}
        frames = {command: {ours.MAGIC + struct.pack("<12sI", command.encode(), len(payload))
                            + ours.double_sha256(payload)[:4] + payload for payload in known}
                  for command, known in payloads.items()}
        for messages in (list for key, list in self.messages.items() if key[1]):
            commands = [message.command for message in messages]
            for message in messages:
                if message.command in NEWER:
                    self.assertIn(message.frame, frames[message.command])
                else:
                    self.assertIsNotNone(self.reading(message), message.command)
            for command in NEWER:
                self.assertEqual(commands.count(command), command in self.REQUIRED, command)
                if command in self.REQUIRED:  # BIP 339: before verack; the others after
                    self.assertEqual(commands.index(command) < commands.index("verack"), command == "wtxidrelay")

    def test_tshark_finds_nothing_wrong(self):
        self.assertEqual([wrong for complaints in self.complaints for wrong in self.wrong(complaints)], [])
        self.assertEqual(sum(right for _, right in self.rows), len(self.packets))

    def wrong(self, complaints):
        """What tshark objects to; what it calls malformed is right where there are witnesses."""
        allowed = {message.frame[16:24] for message in self.sent() if self.has_witness(message)}
        return [f"frame {each.frame}: {each.text}" for each in complaints
                if not (each.malformed and each.length_and_checksum in allowed)]

    def test_tshark_decodes_every_field_alike(self):
        compared = collections.Counter()
        for interface, (rows, _) in enumerate(self.rows):
            places = collections.Counter()
            for row in rows:
                key = self.key(interface, row)
                message = self.messages[key][places[key]]
                places[key] += 1
                self.assertEqual((row.command, row.length, row.time_ns),
                                 (message.command, len(message.payload), message.time_ns))
                if self.has_witness(message):
                    continue
                expected = tshark.expected(row.command, self.reading(message))
                if expected is not None:
                    self.assertEqual(row.fields, expected)
                    compared[row.command] += 1
            self.assertEqual(dict(places),
                             {key: len(list) for key, list in self.messages.items() if key[0] == interface})
        self.assertEqual(self.COMPARED_BY_TSHARK - set(compared), set())

    def key(self, interface, row):
        return next(key for outbound in (False, True)
                    if (key := (interface, outbound, row.source, row.destination)) in self.messages)

    def test_one_flipped_bit_is_noticed(self):
        """The reader must object to what is wrong, or it proves nothing."""
        content = self.files[0].read_bytes()
        lengths = [len(block) for _, block in ours.blocks(content)]
        full = [place for place, length in enumerate(lengths) if length > 1500]
        self.assertGreater(len(full), 3)
        for place in (full[0], full[len(full) // 2], full[-1]):
            changed = flipped(content, sum(lengths[:place]) + 1000)
            with self.assertRaises(AssertionError):
                for packets in ours.streams(ours.read_pcapng(changed)[1]).values():
                    ours.messages(packets)

    def test_tshark_sees_damage(self):
        """Nor may the other judge let it pass."""
        blocks = [block for _, block in ours.blocks(self.files[0].read_bytes())]
        full = [place for place, block in enumerate(blocks) if len(block) > 1500]
        for what, changed in {
            "Bad checksum": blocks[: full[0]] + [flipped(blocks[full[0]], 1000)] + blocks[full[0] + 1 :],
            "Previous segment": blocks[: full[3]] + blocks[full[3] + 1 :],
            "retransmission": blocks[: full[3]] + [blocks[full[3]]] + blocks[full[3] :],
        }.items():
            file = self.folder / "damaged.pcapng"
            file.write_bytes(b"".join(changed))
            self.assertIn(what, " ".join(self.wrong(tshark.complaints(file))))
