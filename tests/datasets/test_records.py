"""Records inside a JSON document, as a table for Kedro-Viz."""

from stillroom.datasets.records import JsonRecordsDataset, table_preview

RECORDS = {
    "student": {"auc": 0.712345, "size": {"kb": 40}, "reasons": [], "note": None},
    "teacher": {"auc": float("nan"), "size": {"kb": 4000}, "reasons": ["too large", "too slow"], "note": "slow"},
}


def test_records_by_name_are_rows_that_begin_with_the_name():
    shown = table_preview(RECORDS)

    assert shown["columns"] == ["name", "auc", "reasons", "note", "size.kb"]
    assert shown["data"] == [
        ["student", "0.7123", "", "", "40"],
        ["teacher", "", "too large, too slow", "slow", "4000"],
    ]


def test_a_document_shows_the_records_of_one_field(tmp_path):
    dataset = JsonRecordsDataset(filepath=str(tmp_path / "candidates.json"))
    dataset.save({"candidates": list(RECORDS.values()), "other": 1})

    assert len(dataset.preview("candidates")["data"]) == 2


def test_of_many_columns_the_named_are_shown_even_where_no_record_has_them():
    shown = table_preview(RECORDS, ["name", "size.kb", "latency"])

    assert shown["columns"] == ["name", "size.kb", "latency"]
    assert shown["data"][0] == ["student", "40", ""]
