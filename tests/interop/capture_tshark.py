"""What Wireshark's Bitcoin dissector reads in the capture of one host, field by field.

Knows nothing of hearsay. `expected` says which fields a message must give, by python-bitcoinlib's reading of its bytes;
`transactions` and `headers` go the other way, and put bytes together again from the fields alone.
"""

import dataclasses
import datetime
import ipaddress
import struct
import subprocess

BAD = ("_ws.malformed || tcp.analysis.flags || tcp.checksum.status != 1 || ip.checksum.status != 1"
       " || _ws.expert.severity >= 0x800000")  # 0x800000: error
VALIDATE = ("-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
INVENTORIES = ("inv", "getdata", "notfound")
HEADER = ("version", "prev_block", "merkle_root", "timestamp", "bits", "nonce")
COUNTS = ("bitcoin.inv.count", "bitcoin.getdata.count", "bitcoin.notfound.count", "bitcoin.getheaders.count",
          "bitcoin.headers.count", "bitcoin.block.num_transactions", "bitcoin.tx.input_count",
          "bitcoin.tx.output_count", "bitcoin.tx.in.script_length", "bitcoin.tx.out.script_length")
FIELDS = (
    "bitcoin.version.version", "bitcoin.version.services", "bitcoin.version.timestamp", "bitcoin.address.services",
    "bitcoin.address.address", "bitcoin.address.port", "bitcoin.version.nonce", "bitcoin.string.value",
    "bitcoin.version.start_height", "bitcoin.version.relay", "bitcoin.headers.version",
    "bitcoin.getheaders.hash_start", "bitcoin.getheaders.hash_stop", "bitcoin.ping.nonce", "bitcoin.pong.nonce",
    *(f"bitcoin.{kind}.{field}" for kind in INVENTORIES for field in ("type", "hash")),
    *(f"bitcoin.{kind}.{field}" for kind in ("headers", "block") for field in HEADER if (kind, field) !=
      ("headers", "version")),  # getheaders has that name, too
    "bitcoin.tx.version", "bitcoin.tx.in.prev_output.hash", "bitcoin.tx.in.prev_output.index",
    "bitcoin.tx.in.sig_script", "bitcoin.tx.in.seq", "bitcoin.tx.out.value", "bitcoin.tx.out.script",
    "bitcoin.tx.lock_time", *COUNTS)
HEX = ("hash", "hash_start", "hash_stop", "prev_block", "merkle_root", "script")
COLUMNS = ("frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.checksum.status",
           "ip.checksum.status", "bitcoin.command", "bitcoin.length")


@dataclasses.dataclass
class Row:
    """A frame that ends a message."""
    time_ns: int
    source: tuple  # (address, port)
    destination: tuple
    command: str
    length: int
    fields: dict  # field: values in their order


@dataclasses.dataclass
class Complaint:
    frame: int
    malformed: bool
    text: str
    length_and_checksum: bytes  # of the message that ends there, as in its header


def run(*arguments):
    done = subprocess.run(["tshark", *map(str, arguments)], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return done.stdout.splitlines()


def read(file):
    """(messages in file order, number of frames whose checksums tshark has found right)"""
    columns = [word for column in (*COLUMNS, *FIELDS) for word in ("-e", column)]
    rows, right = [], 0
    for line in run("-r", file, *VALIDATE, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", *columns):
        time, source, source_port, destination, port, tcp, ip, command, length, *texts = line.split("\t")
        right += tcp == "1" and ip == "1"
        if not command:
            continue
        fields = {field: [value(field, each) for each in text.split("|")] for field, text in zip(FIELDS, texts) if text}
        seconds, nanoseconds = time.split(".")
        rows.append(Row(int(seconds) * 10**9 + int(nanoseconds), (source, int(source_port)), (destination, int(port)),
                        command, int(length), fields))
    return rows, right


def complaints(file):
    """The frames to which tshark, with all its validation on, objects."""
    columns = ("frame.number", "_ws.malformed", "_ws.expert.message", "bitcoin.length", "bitcoin.checksum")
    found = []
    for line in run("-r", file, *VALIDATE, "-2", "-Y", BAD, "-T", "fields",
                    *(word for column in columns for word in ("-e", column))):
        number, malformed, text, length, checksum = line.split("\t")
        known = int(length).to_bytes(4, "little") + bytes.fromhex(checksum[2:]) if length else b""
        found.append(Complaint(int(number), bool(malformed), text or malformed or "checksum", known))
    return found


def value(field, text):
    if field.endswith("timestamp"):
        # "Jan  1, 2026 00:00:00.000000000 UTC"
        moment = datetime.datetime.strptime(" ".join(text.split(".")[0].split()), "%b %d, %Y %H:%M:%S")
        return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
    if field.endswith("address.address"):
        return ipaddress.IPv6Address(text)
    if field.endswith(HEX):
        return text.replace(":", "")
    return text if field == "bitcoin.string.value" else int(text, 0)


def expected(command, message):
    """The fields of a message, by python-bitcoinlib's reading; None of a command whose fields are not compared."""
    found = EXPECTED.get(command)
    return found and {field: values for field, values in found(message).items() if values}


def inventory(command):
    return lambda message: {
        f"bitcoin.{command}.count": [len(message.inv)],
        f"bitcoin.{command}.type": [item.type for item in message.inv],
        f"bitcoin.{command}.hash": [item.hash.hex() for item in message.inv],
    }


def version(message):
    ends = (message.addrTo, message.addrFrom)
    return {
        "bitcoin.version.version": [message.nVersion],
        "bitcoin.version.services": [message.nServices],
        "bitcoin.version.timestamp": [message.nTime],
        "bitcoin.address.services": [end.nServices for end in ends],
        "bitcoin.address.address": [ipaddress.IPv6Address(mapped(end.ip)) for end in ends],
        "bitcoin.address.port": [end.port for end in ends],
        "bitcoin.version.nonce": [message.nNonce],
        "bitcoin.string.value": [message.strSubVer.decode()],
        "bitcoin.version.start_height": [message.nStartingHeight],
        "bitcoin.version.relay": [int(message.fRelay)],
    }


def mapped(text):
    return text if ":" in text else "::ffff:" + text


def getheaders(message):
    return {
        "bitcoin.headers.version": [message.locator.nVersion],  # sic: the dissector's name
        "bitcoin.getheaders.count": [len(message.locator.vHave)],
        "bitcoin.getheaders.hash_start": [hash.hex() for hash in message.locator.vHave],
        "bitcoin.getheaders.hash_stop": [message.hashstop.hex()],
    }


def header_fields(prefix, headers):
    values = [(header.nVersion, header.hashPrevBlock.hex(), header.hashMerkleRoot.hex(), header.nTime, header.nBits,
               header.nNonce) for header in headers]
    return {f"{prefix}.{field}": [each[place] for each in values] for place, field in enumerate(HEADER)}


def listed_headers(message):
    # The dissector gives the number of headers and the numbers of their transactions one name.
    numbers = [len(message.headers)] + [0] * len(message.headers)
    return {"bitcoin.headers.count": numbers, **header_fields("bitcoin.headers", message.headers)}


def transaction_fields(transactions):
    inputs = [each for transaction in transactions for each in transaction.vin]
    outputs = [each for transaction in transactions for each in transaction.vout]
    return {
        "bitcoin.tx.version": [transaction.nVersion for transaction in transactions],
        "bitcoin.tx.input_count": [len(transaction.vin) for transaction in transactions],
        "bitcoin.tx.in.prev_output.hash": [each.prevout.hash.hex() for each in inputs],
        "bitcoin.tx.in.prev_output.index": [each.prevout.n for each in inputs],
        "bitcoin.tx.in.script_length": [len(each.scriptSig) for each in inputs],
        "bitcoin.tx.in.sig_script": [each.scriptSig.hex() for each in inputs],
        "bitcoin.tx.in.seq": [each.nSequence for each in inputs],
        "bitcoin.tx.output_count": [len(transaction.vout) for transaction in transactions],
        "bitcoin.tx.out.value": [each.nValue for each in outputs],
        "bitcoin.tx.out.script_length": [len(each.scriptPubKey) for each in outputs],
        "bitcoin.tx.out.script": [each.scriptPubKey.hex() for each in outputs],
        "bitcoin.tx.lock_time": [transaction.nLockTime for transaction in transactions],
    }


def block(message):
    return {**header_fields("bitcoin.block", [message.block]), **transaction_fields(message.block.vtx),
            "bitcoin.block.num_transactions": [len(message.block.vtx)]}


def nonce(command):
    return lambda message: {f"bitcoin.{command}.nonce": [message.nonce]}


EXPECTED = {
    "version": version, "getheaders": getheaders, "headers": listed_headers, "block": block,
    "tx": lambda message: transaction_fields([message.tx]), "ping": nonce("ping"), "pong": nonce("pong"),
    **{command: inventory(command) for command in INVENTORIES},
}


def headers(row):
    """The bytes of all headers of a block or headers message, made of the fields."""
    prefix = f"bitcoin.{row.command}"
    columns = [row.fields.get(f"{prefix}.{field}", []) for field in HEADER]
    return [struct.pack("<I32s32sIII", version, bytes.fromhex(parent), bytes.fromhex(root), time, bits, nonce)
            for version, parent, root, time, bits, nonce in zip(*columns, strict=True)]


def transactions(row):
    """The bytes of all transactions of a block or tx message, made of the fields."""
    fields = row.fields
    each = lambda name: fields.get(f"bitcoin.tx.{name}", [])
    for side, name in (("in", "sig_script"), ("out", "script")):
        assert each(f"{side}.script_length") == [len(script) // 2 for script in each(f"{side}.{name}")]
    number = struct.Struct("<I").pack
    inputs = [bytes.fromhex(hash) + number(index) + sized(bytes.fromhex(script)) + number(sequence)
              for hash, index, script, sequence in zip(each("in.prev_output.hash"), each("in.prev_output.index"),
                                                       each("in.sig_script"), each("in.seq"), strict=True)]
    outputs = [struct.pack("<Q", value) + sized(bytes.fromhex(script))
               for value, script in zip(each("out.value"), each("out.script"), strict=True)]
    found = []
    for version, taken, given, lock_time in zip(each("version"), each("input_count"), each("output_count"),
                                                each("lock_time"), strict=True):
        found.append(struct.pack("<I", version) + compact(taken) + b"".join(inputs[:taken]) + compact(given)
                     + b"".join(outputs[:given]) + struct.pack("<I", lock_time))
        del inputs[:taken], outputs[:given]
    assert not inputs and not outputs
    return found


def sized(content):
    return compact(len(content)) + content


def compact(number):
    if number < 253:
        return bytes([number])
    return b"\xfd" + struct.pack("<H", number) if number < 2**16 else b"\xfe" + struct.pack("<I", number)
