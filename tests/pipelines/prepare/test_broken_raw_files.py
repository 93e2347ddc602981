"""A raw file that is not what it should be stops `kedro run` with one sentence, before anything is made of it."""

import polars as pl
import pytest

TRAINING_TABLE = "data/03_primary/flights/training_table.parquet"


def change(file, **columns):
    table = pl.read_parquet(file)
    table.with_columns(**columns).write_parquet(file)


def without_a_column(file):
    pl.read_parquet(file).drop("arr_delay").write_parquet(file)


def with_text_for_numbers(file):
    change(file, sched_dep_time=pl.col("sched_dep_time").cast(pl.String))


def empty(file):
    pl.read_parquet(file).clear().write_parquet(file)


def truncated(file):
    file.write_bytes(file.read_bytes()[:-1000])


def not_parquet(file):
    file.write_text("origin,time_hour\nEWR,2013-01-01\n")


def missing(file):
    file.unlink()


def with_rows_twice(file):
    table = pl.read_parquet(file)
    pl.concat([table, table.head(3)]).write_parquet(file)


def with_values_out_of_range(file):
    change(file, temp=pl.when(pl.int_range(pl.len()) == 7).then(999.0).otherwise("temp"))


def with_many_values_missing(file):
    change(file, dep_delay=pl.when(pl.int_range(pl.len()) % 2 == 0).then("dep_delay"))


def with_many_nans(file):
    change(file, precip=pl.when(pl.int_range(pl.len()) % 2 == 0).then("precip").otherwise(float("nan")))


def with_keys_missing(file):
    change(file, faa=pl.when(pl.int_range(pl.len()) > 1).then("faa"))


CASES = {
    without_a_column: ("flights", "column arr_delay is missing"),
    with_text_for_numbers: ("flights", "column sched_dep_time is String, expected integer"),
    empty: ("planes", "the table has 0 rows, expected at least 1"),
    truncated: ("weather", "weather.parquet is not a whole Parquet file"),
    not_parquet: ("weather", "weather.parquet is not a whole Parquet file"),
    missing: ("airports", "airports.parquet is not there: put it there"),
    with_rows_twice: ("planes", "the key tailnum is not unique: 3 duplicate rows"),
    with_values_out_of_range: ("weather", "column temp ranges from 10.94 to 999.0, allowed -60 to 140"),
    with_many_values_missing: ("flights", "column dep_delay is missing in 51.3% of rows, allowed 10.0%"),
    with_many_nans: ("weather", "column precip is missing in 50.0% of rows, allowed 5.0%"),
    with_keys_missing: ("airports", "key column faa is missing in 2 rows"),
}


@pytest.mark.parametrize(("spoil", "table", "found"), [(spoil, *case) for spoil, case in CASES.items()])
def test_a_broken_raw_file_stops_the_run_with_one_sentence(project, spoil, table, found):
    spoil(project.raw / f"{table}.parquet")

    result = project.run("--pipelines", "prepare")

    assert result.exit_code == 1
    last_line = result.output.splitlines()[-1]
    assert last_line.startswith(f"Error: {table}: ")
    assert found in last_line
    assert "Traceback" not in result.output
    assert not (project.path / TRAINING_TABLE).exists()


def test_whole_raw_files_pass(project):
    result = project.run("--pipelines", "prepare")

    assert result.exit_code == 0, result.output
    parts = pl.read_parquet(project.path / TRAINING_TABLE)["split"].value_counts().sort("split")
    assert parts["split"].to_list() == ["live", "test", "train", "unlabelled", "validation"]
    assert parts["count"].sum() > 5000


def test_a_session_gets_the_exception_itself(project):
    from kedro.validation.exceptions import DataValidationError

    without_a_column(project.raw / "flights.parquet")

    with project.session() as session, pytest.raises(DataValidationError, match="column arr_delay is missing"):
        session.run(pipeline_names=["prepare"])


def test_verbose_shows_the_traceback(project):
    from kedro.validation.exceptions import DataValidationError

    without_a_column(project.raw / "flights.parquet")

    assert isinstance(project.run("--pipelines", "prepare", "--verbose").exception, DataValidationError)


@pytest.mark.slow
def test_the_command_line_says_it_in_its_last_line(project):
    truncated(project.raw / "flights.parquet")

    ended = project.kedro("run", "--pipelines", "prepare")

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("Error: flights: ")
    assert "Traceback" not in ended.stdout + ended.stderr
    assert not (project.path / TRAINING_TABLE).exists()
