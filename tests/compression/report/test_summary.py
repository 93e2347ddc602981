import shlex

from stillroom.compression.report import Directions, Request, candidate_table, summary
from stillroom.compression.report.summary import ask
from stillroom.resources import CostConfig

from .findings import challenged, evidence

REQUEST = Request("stillroom_small:new", '{"rows":[{"dest":"O\'Hare"}]}', '{"predictions":[0.5]}')
DIRECTIONS = Directions(".venv/bin/", "data/08_reporting/small/report.html", "KEY=key.pem ")


def lines(found):
    return summary(
        table="small",
        measurements=found.measurements,
        choice=found.choice,
        budget=found.budget,
        yardsticks=found.yardsticks,
        not_made=found.int8_trials.not_made,
        gate=found.gate,
        request=REQUEST,
        directions=DIRECTIONS,
    ).splitlines()


def starting(found, name):
    told = lines(found)
    table = told[told.index("Candidates, the best first") :]
    return next(line for line in table if line.lstrip("* ").startswith(name + " "))


def test_the_score_stands_beside_trivial_and_lightgbm():
    head = lines(evidence("binary"))[:4]
    assert head[0] == "small: ROC AUC on the test split"
    assert [line.split()[0] for line in head[1:]] == ["trivial", "LightGBM", "student"]
    assert head[1].split() == ["trivial", "0.5000"]


def test_every_candidate_has_one_line_with_the_reason():
    found = evidence("regression")
    assert starting(found, "student").startswith("*")
    assert starting(found, "student").endswith(
        " 50 kB  30 µs        3 ms     0.000033  chosen: the best quality within the budget"
    )
    assert starting(found, "teacher").endswith("  over max_size_kb, max_latency_us")
    assert starting(found, "student_dynamic").endswith("  on the front; int8 no faster")
    assert starting(found, "student_static_qdq").endswith("  could not be made: the operator <X> is not known")
    told = lines(found)
    table = [line for line in told[told.index("Candidates, the best first") :] if "kB" in line]
    assert len({line.index("kB") for line in table}) == 1


def test_the_table_names_the_batch_the_currency_and_who_dominates():
    found = evidence("binary")
    verdicts = [v.model_copy(update={"dominated_by": "teacher", "no_faster": {}}) for v in found.choice.verdicts]
    budget = found.budget.model_copy(update={"cost": CostConfig(currency="EUR")})
    _, columns, *rows = candidate_table(found.measurements, verdicts, "roc_auc", budget).splitlines()
    assert columns.split("  ")[-4:] == ["size", "1 row", "1,000 rows", "EUR/million"]
    assert rows[-1].endswith("  dominated by teacher")


def test_it_is_said_for_which_batch_int8_is_no_faster():
    found = evidence("binary")
    verdicts = [v.model_copy(update={"no_faster": {"1 row": "35 µs against 30 µs"}}) for v in found.choice.verdicts]
    table = candidate_table(found.measurements, verdicts, "roc_auc", found.budget)
    assert table.splitlines()[-1].endswith("  on the front; int8 no faster for 1 row")


def test_the_curl_survives_the_shell():
    words = shlex.split(ask(REQUEST.body))
    assert words[-1] == REQUEST.body
    assert "http://localhost:3000/predict" in words
    assert "Answer   " + REQUEST.answer in lines(evidence("binary"))


def test_commands_have_the_folder_of_their_programs():
    told = "\n".join(lines(evidence("binary")))
    assert "Serve    KEY=key.pem .venv/bin/bentoml serve stillroom_small:new" in told
    assert "Look     .venv/bin/kedro viz run --params table=small" in told


def test_a_champion_that_stays_is_named():
    told = lines(challenged("binary", noise=0.2))
    assert "stillroom_small:old stays the champion: student is not better by more than noise" in told
    assert "student is the champion: there is no champion yet" in lines(evidence("binary"))
