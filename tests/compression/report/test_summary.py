import shlex

from stillroom.compression.report import Directions, Request, summary
from stillroom.compression.report.summary import ask

from .findings import challenged, evidence

REQUEST = Request("stillroom_small:new", '{"rows":[{"dest":"O\'Hare"}]}', '{"predictions":[0.5]}')
DIRECTIONS = Directions(".venv/bin/", "data/08_reporting/small/report.html")


def lines(found):
    failed = {name: why for name, why in found.int8_parity.items() if isinstance(why, str)}
    return summary(
        table="small",
        measurements=found.measurements,
        choice=found.choice,
        yardsticks=found.yardsticks,
        failed=failed,
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
    assert starting(found, "student").endswith("50 kB  30 µs        3 ms  chosen: the best quality within the budget")
    assert starting(found, "teacher").endswith("rejected: over max_size_kb 250: 1000, max_latency_us 100: 2000")
    assert starting(found, "student_dynamic").endswith("rejected: fits, but student has the better quality")
    assert starting(found, "student_static_qdq").endswith("could not be made: the operator <X> is not known")
    names = [line for line in lines(found) if "kB" in line]
    assert len({line.index("kB") for line in names}) == 1


def test_the_curl_survives_the_shell():
    words = shlex.split(ask(REQUEST.body))
    assert words[-1] == REQUEST.body
    assert "http://localhost:3000/predict" in words
    assert "Answer   " + REQUEST.answer in lines(evidence("binary"))


def test_commands_have_the_folder_of_their_programs():
    told = "\n".join(lines(evidence("binary")))
    assert "Serve    .venv/bin/bentoml serve stillroom_small:new" in told
    assert "Look     .venv/bin/kedro viz run --params table=small" in told


def test_a_champion_that_stays_is_named():
    told = lines(challenged("binary", noise=0.2))
    assert "stillroom_small:old stays the champion: student is not better by more than noise" in told
    assert "student is the champion: there is no champion yet" in lines(evidence("binary"))
