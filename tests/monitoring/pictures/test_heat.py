import pytest

from stillroom.monitoring.pictures.heat import MOST_CELLS, days_a_cell, heat_map


def report(ratios, alarms):
    window = {"psi": [r and 0.1 * r for r in ratios], "thresholds": {"psi": [0.1] * len(ratios)}, "days": 3}
    column = {"name": "temp", "drifted": True, "severity": "ticket", "windows": [window]}
    days = [f"day {i}" for i in range(len(ratios))]
    return {"days": days, "columns": [{**column, "daily": {"ratio": ratios, "alarm": alarms}}]}


def test_a_cell_is_a_day_with_its_step_and_what_is_furthest():
    (row,) = heat_map(report([None, 0.3, 1.1, 4.0], [False, False, False, True]))
    assert [cell["step"] for cell in row["cells"]] == [None, 1, 4, 7]
    assert [cell["alarm"] for cell in row["cells"]] == [False, False, False, True]
    assert row["cells"][0]["text"] == "temp, day 0: too few rows"
    assert row["cells"][3]["text"] == "temp, day 3: PSI 0.40, 0.10 allowed, in 3 days"


@pytest.mark.parametrize(("days", "width"), [(1, 1), (31, 1), (62, 1), (63, 2), (365, 6)])
def test_of_more_days_than_fit_a_cell_is_several_and_shows_the_worst(days, width):
    ratios, alarms = [0.1] * days, [False] * days
    ratios[-1], alarms[-1] = 3.0, True
    (row,) = heat_map(report(ratios, alarms))
    assert days_a_cell(days) == width
    assert len(row["cells"]) == -(-days // width) <= MOST_CELLS
    assert [cell["step"] for cell in row["cells"][:-1]] == [0] * (len(row["cells"]) - 1)
    assert (row["cells"][-1]["step"], row["cells"][-1]["alarm"]) == (7, True)
    assert f"day {days - 1}:" in row["cells"][-1]["text"]
