"""Sums of traffic: absent is zero, the rest is put together, nothing gets lost."""

import numpy
import pytest

from hearsay_analysis import traffic_figure
from hearsay_analysis.load import open_results


def test_a_message_that_a_run_never_sent_counts_as_zero(results_file):
    file = results_file()
    file.add_run(1)
    file.add_run(2)
    file.add_traffic(1, "block", 2, 1000, header=48, tcp_ip=80)
    file.add_traffic(1, "inv", 1, 37, header=24, tcp_ip=40)
    file.add_traffic(2, "block", 1, 500, header=24, tcp_ip=40)
    results = open_results(file.close())
    names, cube = traffic_figure.bytes_by_message(results.traffic(), [1, 2])
    assert names == ["block", "inv"]
    assert cube.mean(axis=0).tolist() == [[750, 36, 60], [18.5, 12, 20]]


def test_many_messages_keep_their_sum(results_file):
    file = results_file()
    file.add_run(1)
    for index in range(30):
        file.add_traffic(1, f"message{index:02}", 1, 1000 - index, header=0, tcp_ip=0)
    results = open_results(file.close())
    names, cube = traffic_figure.bytes_by_message(results.traffic(), [1])
    assert len(names) == traffic_figure.MOST_BARS
    assert names[0] == "message00" and names[-1] == "16 others"
    assert cube.sum() == pytest.approx(sum(1000 - index for index in range(30)))


@pytest.mark.parametrize(
    ("totals", "shown"),
    [
        ([5, 4, 3], 3),
        ([1000] + [1] * 7, 8),  # few bars: even tiny ones have their own
        ([1000] + [1] * 8, 7),  # the last two of nine share one
        ([1000] * 8 + [1] * 6, 8),  # six bytes of 8,006 are less than 1 %
        ([1000] * 8 + [1], 9),  # nothing is gained by putting a lone one together with nothing
        ([100] * 14, 14),  # none is tiny
        ([100] * 15, 15),
        ([100] * 16, 14),
        ([0] * 10, 10),
    ],
)
def test_the_smallest_messages_share_a_bar_when_there_are_many(totals, shown):
    assert traffic_figure.bars_shown(numpy.array(totals, dtype=float)) == shown


def test_tiny_messages_are_counted_and_keep_their_sum(results_file):
    file = results_file()
    file.add_run(1)
    for index in range(8):
        file.add_traffic(1, f"large{index}", 1, 10_000 - index, header=0, tcp_ip=0)
    for index in range(6):
        file.add_traffic(1, f"tiny{index}", 1, 100, header=1, tcp_ip=2)
    results = open_results(file.close())
    names, cube = traffic_figure.bytes_by_message(results.traffic(), [1])
    assert names == [f"large{index}" for index in range(8)] + ["6 others"]
    assert cube[0, -1].tolist() == [600, 6, 12]
