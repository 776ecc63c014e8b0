"""Statistics of transaction propagation against closed forms, and what the figure of it says."""

import pytest
from synthetic import uniform

from hearsay_analysis import propagation_figure, style, transactions
from hearsay_analysis.load import NothingToDraw, ResultsError, open_results


def curves_of(file):
    rows = open_results(file.close()).transactions("accepted")
    return transactions.propagation(rows, transactions.statistic(rows))


def drawn(file, objects="both", stage="received", width="column"):
    """The sheet, and the texts of its legend and labels."""
    with style.settings():
        sheet = propagation_figure.draw(open_results(file.close()), stage, width, objects)
        sheet.canvas.draw()
    return sheet, [text.get_text() for text in sheet.legend.get_texts()], [text.get_text() for text in sheet.axes.texts]


def never(percent):
    """A transaction that never left its sender."""
    return 0.0 if percent == 0 else None


def test_one_transaction_with_even_delays_is_a_straight_line(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(100, 300)])
    curves = curves_of(file)
    shares = curves.run_curves([99, 100, 101, 150, 200, 299, 300, 10_000])[0]
    assert shares == pytest.approx([0, 0, 0.5, 25, 50, 99.5, 100, 100])
    assert curves.time_of(90) == pytest.approx(280)
    assert (curves.objects, curves.unreached_percent) == (1, 0)


def test_a_curve_is_the_mean_delay_over_the_transactions(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(0, 100), uniform(0, 100), uniform(0, 400)])
    # To half of the nodes: 50, 50 and 200 ms. The median would be 50; the mean share is 50 % at 66.7 ms.
    curves = curves_of(file)
    assert curves.time_of(50) == pytest.approx(100)
    assert curves.time_of(100) == pytest.approx(200)


def test_one_transaction_that_fell_short_makes_every_curve_one_of_medians(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(0, 100), uniform(0, 200), uniform(0, 400)])
    file.add_run(2)
    file.add_transactions(2, [uniform(0, 100), uniform(0, 200), uniform(0, 400, reached_percent=70)])
    rows = open_results(file.close()).transactions("accepted")
    assert transactions.statistic(rows) == transactions.MEDIAN
    assert transactions.statistic(rows[rows["run"] == 1]) == transactions.MEAN
    curves = transactions.propagation(rows, transactions.MEDIAN)
    assert curves.run_curves([100])[:, 0] == pytest.approx([50, 50])
    assert transactions.short_text(rows) == "1 of 6 transactions did not reach every node"


def test_no_curve_rises_above_the_mean_share_that_was_reached(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(0, 100)] * 8 + [never] * 2)
    curves = curves_of(file)
    # The median transaction is everywhere after 100 ms, but two of ten reached nobody.
    assert curves.run_curves([50, 80, 100, 10_000])[0] == pytest.approx([50, 80, 80, 80])
    assert curves.time_of(80) == pytest.approx(80)
    assert curves.time_of(90) is None
    assert curves.unreached_percent == pytest.approx(20)


def test_a_median_ends_where_most_transactions_fell_short(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(0, 100)] * 2 + [uniform(0, 100, reached_percent=30)] * 3)
    curves = curves_of(file)
    assert curves.run_curves([20, 30, 10_000])[0] == pytest.approx([20, 30, 30])
    assert curves.unreached_percent == pytest.approx(100 - (2 * 100 + 3 * 30) / 5)


def test_the_run_is_the_replicate_however_many_transactions_it_has(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(0, 100)])
    file.add_run(2)
    file.add_transactions(2, [uniform(0, 400)] * 3)
    curves = curves_of(file)
    assert curves.run_curves([100])[:, 0] == pytest.approx([100, 25])
    assert curves.time_of(62.5) == pytest.approx(100)
    assert curves.objects == 4


def test_only_the_stage_asked_for_is_read(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(0, 100)], stage="announced", nodes=999)
    file.add_transactions(1, [uniform(0, 200)])
    results = open_results(file.close())
    assert set(results.transactions("announced")["nodes"]) == {999}
    assert results.transactions("accepted")["mean_ms"].max() == 200


def test_delays_that_fall_are_refused(results_file):
    file = results_file()
    file.add_run(3)
    file.add_transactions(3, [lambda percent: 100.0 - percent])
    with pytest.raises(ResultsError, match="run 3: the delays of transactions do not grow"):
        curves_of(file)


def test_the_figure_shows_both_and_says_what_each_curve_is(results_file):
    file = results_file()
    for run in (1, 2, 3):
        file.add_run(run)
        file.add_block(run, f"a{run}", uniform(1000, 3000))
        file.add_transactions(run, [uniform(3000, 9000 + 10 * run)] * 5)
    sheet, legend, labels = drawn(file)
    assert "3 blocks received: mean share, mean of 3 runs" in legend
    assert "15 transactions accepted: mean delay, mean of 3 runs" in legend
    assert legend.count("95 % t interval over runs") == 1
    assert "50 %: 2.00 s" in labels and "90 %: 2.80 s" in labels and "50 %: 6.01 s" in labels
    assert sheet.axes.get_xlabel() == "Time since birth (s)"
    assert sheet.axes.get_ylabel() == "Nodes reached (%)"


def test_bands_of_different_kinds_are_told_apart(results_file):
    file = results_file()
    for run in (1, 2, 3):
        file.add_run(run)
        file.add_transactions(run, [uniform(3000, 9000 + 10 * run)])
    for run in (1, 2):  # run 3 has no block
        file.add_block(run, f"a{run}", uniform(1000, 3000))
    legend = drawn(file)[1]
    assert "min..max over runs: blocks" in legend and "95 % t interval over runs: transactions" in legend


def test_transactions_alone_make_a_figure(results_file):
    file = results_file()
    file.add_run(1)
    file.add_transactions(1, [uniform(100, 300)] * 4)
    sheet, legend, labels = drawn(file)
    assert legend == ["1 run (mean delay of 4 transactions)"]
    assert labels == ["50 %: 200 ms", "90 %: 280 ms"]
    assert sheet.axes.get_xlabel() == "Time since the transaction was born (ms)"
    assert sheet.axes.get_ylabel() == "Nodes that have the transaction (%)"


def test_a_median_and_what_was_not_reached_are_said(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(10, 30))
    file.add_transactions(1, [uniform(0, 100)] * 8 + [never] * 2)
    legend = drawn(file)[1]
    assert "10 transactions accepted: median delay, 1 run" in legend
    assert "transactions: 20 % of nodes not reached on average" in legend
    assert "transactions: 90 %: not reached" in legend
    assert "median: 2 of 10 transactions did not reach every node" in legend


@pytest.mark.parametrize(("objects", "start"), [("blocks", "1 run (1 block)"), ("transactions", "1 run (1 trans")])
def test_one_kind_can_be_asked_for(results_file, objects, start):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(10, 30))
    file.add_transactions(1, [uniform(0, 100)])
    assert drawn(file, objects)[1][0].startswith(start)


def test_the_stage_of_blocks_can_be_chosen_beside_transactions(results_file):
    file = results_file()
    file.add_run(1)
    file.add_block(1, "a", uniform(10, 30), stage="header")
    file.add_transactions(1, [uniform(0, 100)])
    assert "1 block header received: 1 run" in drawn(file, stage="header")[1]


def test_what_is_missing_is_said(results_file):
    for objects, text in (
        ("both", "no blocks with .* 'received' and no transactions with .* 'accepted'"),
        ("transactions", ": no transactions with propagation of stage 'accepted'"),
    ):
        file = results_file(objects)
        file.add_run(1)
        with pytest.raises(NothingToDraw, match=text):
            drawn(file, objects)


def test_branches_have_a_line_for_each_kind(results_file):
    file = results_file()
    for run, branch in ((1, "eclipse"), (2, "main")):
        file.add_run(run, branch=branch)
        file.add_block(run, f"a{run}", uniform(1000, 3000))
        file.add_transactions(run, [uniform(2000 * run, 12_000 * run)])
    legend = drawn(file, width="full")[1]
    assert legend[:2] == [
        "eclipse, blocks: 50 %: 2.00 s, 90 %: 2.80 s (1 run)",
        "eclipse, transactions: 50 %: 7.00 s, 90 %: 11.0 s (1 run)",
    ]
    assert "transactions: mean delay over those of a run" in legend


@pytest.mark.parametrize("width", sorted(style.WIDTHS_INCHES))
def test_a_long_legend_is_broken_to_the_width_and_lies_above_the_curves(results_file, width):
    file = results_file()
    for run in (1, 2):
        file.add_run(run, branch=f"a branch with quite a long name, number {run}")
        file.add_block(run, f"a{run}", uniform(1000, 3000))
        file.add_transactions(run, [uniform(2000, 12_000)])
    sheet = drawn(file, width=width)[0]
    legend = sheet.legend.get_window_extent()
    assert legend.x1 <= sheet.width * style.DOTS_PER_INCH
    assert legend.y0 > sheet.axes.get_window_extent().y1


def test_kinds_of_very_different_speed_get_a_logarithmic_axis(results_file):
    for blocks_ms, scale in ((2000, "linear"), (1000, "log")):
        file = results_file(scale)
        file.add_run(1)
        file.add_block(1, "a", uniform(blocks_ms / 2, blocks_ms))
        file.add_transactions(1, [uniform(5000, 10_000)])
        assert drawn(file)[0].axes.get_xscale() == scale
