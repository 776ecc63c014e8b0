#!/usr/bin/env python3
"""Wireshark's dissectors decode every message of a network from before segwit as we wrote it.

Usage: capture_pre_segwit_test.py PROGRAM. Exit codes: 0 agreement, 77 no tshark or no python-bitcoinlib here.
"""

import unittest

import capture_bytes as ours
import capture_case
import capture_results
import capture_tshark as tshark


class PreSegwit(capture_case.CaptureCase, unittest.TestCase):
    SCENARIO = "capture_pre_segwit.yaml"
    NODES = (["forgetful[0]", "forgetful[1]"] + [f"full[{i}]" for i in range(5)] + ["patient[0]", "patient[1]"]
             + [f"pools[{i}]" for i in range(3)])
    CONNECTIONS = 24  # twelve nodes dial two each
    REQUIRED = {"version", "verack", "ping", "pong", "getheaders", "headers", "inv", "getdata", "notfound", "tx",
                "block", "sendheaders", "feefilter"}
    COMPARED_BY_TSHARK = REQUIRED - {"verack", "sendheaders", "feefilter"}

    def tshark_sights(self, interface, rows):
        """From the dissector's fields alone; transactions and headers are put together again from theirs."""
        return [capture_results.Sight(
            self.names[interface], self.key(interface, row)[1], row.time_ns - ours.EPOCH_NS, row.command,
            self.inventory(row), tshark.headers(row) if row.command in ("headers", "block") else [],
            tshark.transactions(row) if row.command in ("tx", "block") else []) for row in rows]

    @staticmethod
    def inventory(row):
        each = lambda name: row.fields.get(f"bitcoin.{row.command}.{name}", [])
        return [(kind, bytes.fromhex(hash)) for kind, hash in zip(each("type"), each("hash"), strict=True)]

    def test_nothing_is_of_later_times(self):
        kinds = {item.type for message in self.sent() for item in getattr(self.reading(message), "inv", [])}
        self.assertEqual(kinds, {capture_results.TX, capture_results.BLOCK})
        self.assertFalse(any(self.has_witness(message) for message in self.sent()))
        self.assertGreater(sum(message.command == "tx" for message in self.sent()), 300)

    def test_results_hold_what_tshark_reads(self):
        sights = [self.tshark_sights(interface, rows) for interface, (rows, _) in enumerate(self.rows)]
        for check in capture_results.CHECKS:
            with self.subTest(check.__name__):
                check(self.results, sum(sights, []))
        # The judges of it must object to what is wrong, even if all checksums are right.
        for command, place, check in (("tx", 20, "births"), ("inv", 20, "announcements"),
                                      ("block", 40, "block_arrivals"), ("block", 130, "roots")):
            with self.subTest("damage", command=command):
                interface = next(key[0] for key, list in self.messages.items()
                                 if key[1] and command in (message.command for message in list))
                file = self.folder / "forged.pcapng"
                file.write_bytes(ours.forge(self.files[interface].read_bytes(), command, place))
                rows, right = tshark.read(file)
                self.assertEqual(right, self.rows[interface][1])
                changed = sights[:interface] + [self.tshark_sights(interface, rows)] + sights[interface + 1 :]
                with self.assertRaises(AssertionError):
                    getattr(capture_results, check)(self.results, sum(changed, []))


if __name__ == "__main__":
    unittest.main()
