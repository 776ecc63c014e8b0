"""Sums of traffic: absent is zero, the rest is put together, nothing gets lost."""

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
    assert names[0] == "message00" and names[-1] == "15 others"
    assert cube.sum() == pytest.approx(sum(1000 - index for index in range(30)))
