from stillroom.monitoring.pictures.figure import SHOWN, drift_figure


def report(columns):
    daily = {"ratio": [0.5, None, 3.0]}
    return {
        "days": ["2013-12-01", "2013-12-02", "2013-12-03"],
        "columns": [{"name": f"column_{i}", "daily": daily} for i in range(columns)],
        "headline": "Predictions drifted.",
    }


def test_a_row_is_a_column_of_the_table_and_a_cell_a_day():
    figure = drift_figure(report(2))
    (heat,) = figure.data
    assert list(heat.x) == ["2013-12-01", "2013-12-02", "2013-12-03"]
    assert list(heat.y) == ["column_0", "column_1"]
    assert [list(row) for row in heat.z] == [[0.5, None, 3.0]] * 2
    assert figure.layout.title.text == "Predictions drifted."


def test_the_colour_turns_at_the_threshold():
    (heat,) = drift_figure(report(1)).data
    assert [place for place, _ in heat.colorscale][2:4] == [0.399, 1 / heat.zmax]


def test_of_many_columns_those_furthest_from_the_reference_are_shown():
    (heat,) = drift_figure(report(SHOWN + 5)).data
    assert list(heat.y) == [f"column_{i}" for i in range(SHOWN)]
