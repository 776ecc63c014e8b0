"""Statistics of propagation against closed forms: delays spread evenly make straight lines."""

import numpy
import pytest
from synthetic import uniform

from hearsay_analysis import propagation as statistics
from hearsay_analysis.load import ResultsError, open_results


def curves_of(file, stage="received"):
    results = open_results(file.close())
    return statistics.propagation(results.block_quantiles(stage), results.block_reach(stage))


def test_one_block_with_even_delays_is_a_straight_line(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(100, 300))
    curves = curves_of(file)
    # From 100 ms to 300 ms the share grows from 0 to 100 %: 0.5 % a millisecond.
    shares = curves.run_curves([0, 99, 100, 101, 150, 200, 299, 300, 10_000])[0]
    assert shares == pytest.approx([0, 0, 0, 0.5, 25, 50, 99.5, 100, 100])
    assert curves.time_of(50) == pytest.approx(200)
    assert curves.time_of(90) == pytest.approx(280)


def test_a_jump_is_reached_at_its_instant(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", lambda percent: 10.0 if percent <= 60 else 70.0, nodes=5)
    curves = curves_of(file)
    # At 10 ms 60 % have it; the last 40 % at 70 ms (one percent is spread over the gap, the resolution of quantiles).
    assert curves.run_curves([9.999, 10, 70])[0] == pytest.approx([0, 60, 100])
    assert curves.time_of(50) == pytest.approx(10)
    assert curves.time_of(90) == pytest.approx(70)


def test_a_block_that_is_everywhere_at_once(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", lambda percent: 0.0)
    curves = curves_of(file)
    assert curves.run_curves([0])[0] == pytest.approx([100])
    assert curves.time_of(90) == 0


def test_unreached_nodes_keep_the_curve_below_100_percent(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(0, 100, reached_percent=80), nodes=1000, reached=804)
    curves = curves_of(file)
    assert curves.run_curves([80, 10_000])[0] == pytest.approx([80, 80])
    assert curves.time_of(80) == pytest.approx(80)
    assert curves.time_of(90) is None
    assert curves.unreached_percent == pytest.approx(19.6)


def test_a_block_that_reached_nobody(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", lambda percent: None, nodes=10, reached=0)
    curves = curves_of(file)
    assert curves.last_ms() is None
    assert curves.time_of(50) is None
    assert curves.unreached_percent == pytest.approx(100)


def test_the_run_is_the_replicate_however_many_blocks_it_has(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(0, 100))
    file.add_run(2)
    for block in "abc":
        file.add_block(2, block, uniform(0, 400))
    curves = curves_of(file)
    # At 100 ms run 1 is at 100 %, run 2 at 25 %. Over blocks the mean would be 43.75 %; over runs it is 62.5 %.
    by_run = curves.run_curves([100])
    assert by_run[:, 0] == pytest.approx([100, 25])
    assert curves.time_of(62.5) == pytest.approx(100)


def test_the_curve_of_a_run_is_the_mean_over_its_blocks(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(0, 100))
    file.add_block(1, "b", uniform(100, 200))
    assert curves_of(file).run_curves([50, 100, 150])[0] == pytest.approx([25, 50, 75])


def test_one_run_has_no_band():
    assert statistics.band(numpy.array([[1.0, 2.0]])) is None


def test_two_runs_have_their_extremes_for_a_band():
    low, high, name = statistics.band(numpy.array([[10.0], [30.0]]))
    assert (low[0], high[0], name) == (10, 30, "min..max over runs")


def test_three_runs_have_a_t_interval():
    # Mean 20, standard deviation 10, t(0.975, 2 degrees of freedom) = 4.30265: half width 4.30265 * 10 / sqrt(3).
    low, high, name = statistics.band(numpy.array([[10.0], [20.0], [30.0]]))
    assert (high[0] - low[0]) / 2 == pytest.approx(4.30265 * 10 / 3**0.5, rel=1e-5)
    assert (high[0] + low[0]) / 2 == pytest.approx(20)
    assert name == "95 % t interval over runs"


def test_only_blocks_and_only_the_stage_asked_for_are_counted(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(0, 100))
    file.add_block(1, "a", uniform(0, 10), stage="header")
    file.connection.execute("INSERT INTO propagation VALUES (1, 'some transaction', 'received', 10, 10)")
    file.connection.execute("INSERT INTO propagation_quantile VALUES (1, 'some transaction', 'received', 0, 1.0)")
    results = open_results(file.close())
    assert set(results.block_quantiles("received")["object"]) == {"a"}
    header = statistics.propagation(results.block_quantiles("header"), results.block_reach("header"))
    assert header.time_of(50) == pytest.approx(5)


def test_delays_that_fall_are_refused(results_file):
    file = results_file()
    file.add_run(3)
    file.add_block(3, "bad", lambda percent: 100.0 - percent)
    with pytest.raises(ResultsError, match="run 3: the delays of block bad do not grow"):
        curves_of(file)
