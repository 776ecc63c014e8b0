#!/usr/bin/env python3
"""Wireshark's dissectors and python-bitcoinlib read a capture of every host of a small network of today.

tshark knows neither witnesses nor the newer commands: what holds them is judged by python-bitcoinlib, and by the layout
that a specification gives. Usage: capture_test.py PROGRAM. Exit codes: 0 agreement, 77 no tshark or no
python-bitcoinlib here.
"""

import unittest

import capture_case
import capture_results


class Capture(capture_case.CaptureCase, unittest.TestCase):
    SCENARIO = "capture.yaml"
    NODES = [f"full[{i}]" for i in range(6)] + ["pools[0]", "pools[1]"]
    CONNECTIONS = 16  # eight nodes dial two each
    REQUIRED = {"version", "verack", "ping", "pong", "getheaders", "headers", "inv", "getdata", "tx", "block",
                "sendheaders", "feefilter", "wtxidrelay"}
    COMPARED_BY_TSHARK = REQUIRED - {"verack", "sendheaders", "feefilter", "wtxidrelay", "tx", "block"}

    def test_there_are_witnesses(self):
        sent = self.sent()
        for command, least in (("tx", 300), ("block", 10)):
            self.assertGreater(sum(message.command == command and self.has_witness(message) for message in sent), least)
        kinds = {item.type for message in sent for item in getattr(self.reading(message), "inv", [])}
        self.assertLessEqual({capture_results.WTX, capture_results.WITNESS_BLOCK}, kinds)


if __name__ == "__main__":
    unittest.main()
