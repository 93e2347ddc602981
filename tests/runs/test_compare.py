"""What changed from one run to another."""

from runs.runs import FACTS, run
from stillroom.runs import CodeVersion, DataVersion, compared, runs_table


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_runs_that_differ_in_nothing_say_so():
    assert lines(compared(run("a"), run("b"))) == [
        "a b",
        "Run: the same",
        "Parameters: the same",
        "Code: the same",
        "Data: the same",
        "Results: the same",
    ]


def test_parameters_code_data_and_results_are_compared():
    code = CodeVersion(commit=FACTS["code"].commit, dirty=True, source="2" * 64)
    other = run(
        "b",
        params={"table.name": "wine", "seed": 2, "optimizer.lr": 0.1},
        code=code,
        data={"wine": DataVersion(fingerprint="b" * 64, files=1, bytes=3000)},
        figures={"chosen.roc_auc": 0.76, "chosen.size_kb": 35.6},
    )

    assert lines(compared(run("a"), other)) == [
        "a b",
        "Run: the same",
        "Parameters",
        "seed 1 2",
        "optimizer.lr – 0.1",
        "Code",
        f"commit {code.commit} {code.commit}, with changes",
        "source 111111111111 222222222222",
        "Data",
        "wine aaaaaaaaaaaa 2 kB bbbbbbbbbbbb 3 kB",
        "Results",
        "chosen.roc_auc 0.7500 0.7600 +0.0100",
    ]


def test_the_list_has_the_figures_that_most_runs_have_and_what_was_given():
    failed = run("b", outcome="failed", error="BudgetError: no candidate fits", figures={})

    assert lines(runs_table([run("a"), failed])) == [
        "run table outcome time nodes code chosen.roc_auc chosen.size_kb given",
        "a wine completed 2.00 s 0/0 c0ffee0 0.7500 35.60 table=wine",
        "b wine failed 2.00 s 0/0 c0ffee0 – – BudgetError: no candidate fits",
    ]


def test_other_figures_may_be_asked_for():
    assert lines(runs_table([run("a")], ["chosen.size_kb"]))[0].split()[-2:] == ["chosen.size_kb", "given"]
