"""Reads a packet capture that hearsay wrote, without anything of hearsay: pcapng, Ethernet, IPv4, TCP, Bitcoin frames.

Every step is checked on the way: lengths, contiguous sequence numbers, checksums of messages. What does not hold raises
AssertionError.
"""

import dataclasses
import hashlib
import sqlite3
import struct
import subprocess

MAGIC = bytes.fromhex("fabfb5da")  # regtest
EPOCH_NS = 1_767_225_600 * 10**9  # sim/core/time.hpp
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SEGMENT_BYTES = 1448
PACKET = 6  # the type of a pcapng block that holds one


@dataclasses.dataclass
class Packet:
    interface: int
    time_ns: int
    outbound: bool
    source: tuple  # (address, port)
    destination: tuple
    sequence: int
    flags: int
    payload: bytes


@dataclasses.dataclass
class Message:
    command: str
    payload: bytes
    frame: bytes  # header and payload
    time_ns: int  # of its last segment
    segments: int


def run_and_capture(program, scenario, folder, nodes="all"):
    """Runs hearsay; (capture file, results database with the trace)."""
    capture, results = folder / "capture.pcapng", folder / "results.sqlite"
    command = [program, "run", scenario, "--fresh", "--no-figures", "--trace", "--out", results]
    subprocess.run([*command, "--capture", capture, "--capture-nodes", nodes], check=True, stdout=subprocess.PIPE)
    return capture, sqlite3.connect(results)


def blocks(content):
    """The blocks of a pcapng file, (type, all bytes) of each."""
    at = 0
    while at < len(content):
        kind, length = struct.unpack_from("<II", content, at)
        assert length % 4 == 0 and struct.unpack_from("<I", content, at + length - 4)[0] == length, "block lengths"
        yield kind, content[at : at + length]
        at += length


def split(content):
    """The capture of each interface as a file of its own. The other interfaces stay declared, without packets."""
    head, packets = b"", {}
    for kind, block in blocks(content):
        if kind != PACKET:
            head += block
        else:
            packets.setdefault(struct.unpack_from("<I", block, 8)[0], []).append(block)
    return [head + b"".join(packets[interface]) for interface in sorted(packets)]


def read_pcapng(content):
    """(names of the interfaces, packets in file order)"""
    names, packets = [], []
    for kind, block in blocks(content):
        body = block[8:-4]
        if kind == 0x0A0D0D0A:
            assert struct.unpack_from("<IHH", body) == (0x1A2B3C4D, 1, 0)
        elif kind == 1:
            assert struct.unpack_from("<HHI", body) == (1, 0, 0), "Ethernet, no limit"
            found = dict(options(body[8:]))
            assert found[9] == b"\x09", "nanoseconds"
            names.append(found[2].decode())
        elif kind == PACKET:
            interface, high, low, captured, original = struct.unpack_from("<IIIII", body)
            assert captured == original and interface < len(names)
            flags = struct.unpack("<I", dict(options(body[20 + (captured + 3) // 4 * 4 :]))[2])[0]
            packets.append(segment(interface, high << 32 | low, flags & 3 == 2, body[20 : 20 + captured]))
        else:
            raise AssertionError(f"block type {kind}")
    return names, packets


def options(content):
    while content:
        code, length = struct.unpack_from("<HH", content)
        if code == 0:
            return
        yield code, content[4 : 4 + length]
        content = content[4 + (length + 3) // 4 * 4 :]


def segment(interface, time_ns, outbound, frame):
    assert frame[12:15] == b"\x08\x00\x45" and frame[23] == 6, "IPv4 without options, TCP"
    total = struct.unpack_from(">H", frame, 16)[0]
    assert total == len(frame) - 14 <= 1500
    header = (frame[46] >> 4) * 4
    ports = struct.unpack_from(">HH", frame, 34)
    address = lambda start: ".".join(str(byte) for byte in frame[start : start + 4])
    return Packet(interface, time_ns, outbound, (address(26), ports[0]), (address(30), ports[1]),
                  struct.unpack_from(">I", frame, 38)[0], frame[47], frame[34 + header :])


def streams(packets):
    """{(interface, outbound, source, destination): [packets]}, sequence numbers contiguous from the SYN on."""
    found, expected = {}, {}
    for packet in packets:
        key = (packet.interface, packet.outbound, packet.source, packet.destination)
        found.setdefault(key, []).append(packet)
        if packet.flags & SYN:
            again = key in expected and expected[key] == (packet.sequence + 1) % 2**32
            assert key not in expected or again, "another SYN"
            expected[key] = packet.sequence
        assert packet.sequence == expected[key], f"{key}: a gap or an overlap"
        advance = len(packet.payload) + bool(packet.flags & (SYN | FIN))
        expected[key] = (expected[key] + advance) % 2**32
    return found


def messages(packets):
    """The whole Bitcoin messages of one direction of one stream; a cut one at the end is left out."""
    found, buffer, count = [], b"", 0
    for packet in packets:
        if not packet.payload:
            continue
        buffer += packet.payload
        count += 1
        if len(buffer) < 24:
            continue
        magic, command, length, checksum = struct.unpack_from("<4s12sI4s", buffer)
        assert magic == MAGIC
        if len(buffer) < 24 + length:
            assert len(packet.payload) == SEGMENT_BYTES and not packet.flags & PSH
            continue
        assert len(buffer) == 24 + length and packet.flags & PSH, "a message ends its segment, which is pushed"
        payload = buffer[24:]
        assert double_sha256(payload)[:4] == checksum
        assert count == -(-len(buffer) // SEGMENT_BYTES)
        found.append(Message(command.rstrip(b"\0").decode(), payload, buffer, packet.time_ns, count))
        buffer, count = b"", 0
    return found


def forge(content, command, place):
    """The capture of one host, one bit of a payload changed in the first message of that kind that it sends, at a place
    within the message's first segment. All checksums are right again."""
    changed = [block for _, block in blocks(content)]
    message, first, missing = None, None, 0
    for at, block in enumerate(changed):
        if block[0] != PACKET:
            continue
        frame = block[28 : 28 + struct.unpack_from("<I", block, 20)[0]]
        packet = segment(0, 0, struct.unpack_from("<I", block, len(block) - 12)[0] & 3 == 2, frame)
        ends = (packet.source, packet.destination)
        if message is None and packet.outbound and packet.payload[:16] == MAGIC + command.encode().ljust(12, b"\0"):
            message, first, missing = bytearray(), (at, ends), 24 + struct.unpack_from("<I", packet.payload, 16)[0]
        if message is not None and ends == first[1]:
            message += packet.payload
            missing -= len(packet.payload)
            if missing == 0:
                break
    assert message is not None and missing == 0, f"no {command} is sent there"
    message[24 + place] ^= 1
    message[20:24] = double_sha256(bytes(message[24:]))[:4]
    block = bytearray(changed[first[0]])
    length = struct.unpack_from("<I", block, 20)[0]
    payload = len(segment(0, 0, True, bytes(block[28 : 28 + length])).payload)
    block[28 + length - payload : 28 + length] = message[:payload]
    segment_bytes = block[28 + 34 : 28 + length]
    segment_bytes[16:18] = b"\0\0"
    covered = block[28 + 26 : 28 + 34] + struct.pack(">HH", 6, len(segment_bytes)) + segment_bytes
    struct.pack_into(">H", block, 28 + 34 + 16, internet_checksum(bytes(covered)))
    changed[first[0]] = bytes(block)
    return b"".join(changed)


def internet_checksum(content):
    total = sum(struct.unpack(f">{(len(content) + 1) // 2}H", content + b"\0" * (len(content) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def double_sha256(content):
    return hashlib.sha256(hashlib.sha256(content).digest()).digest()
