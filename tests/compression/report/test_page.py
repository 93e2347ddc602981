import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import choose
from stillroom.compression.measure import Measurements
from stillroom.compression.report import report_page

from .findings import challenged, evidence

TASKS = ["binary", "multiclass", "regression"]


class Elements(HTMLParser):
    """Collects elements and refuses what does not close."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def elements(page):
    parser = Elements()
    parser.feed(page)
    assert parser.open == []
    return parser.seen


def dots(page, kind):
    """The tooltips of the Pareto picture's dots of a kind."""
    shown = [attrs for tag, attrs in elements(page) if tag == "i" and "dot" in attrs.get("class", "").split()]
    return [attrs["title"] for attrs in shown if kind in attrs["class"].split() and "title" in attrs]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_gets_a_whole_page_without_network_or_script(task):
    page = report_page(evidence(task))
    assert elements(page)
    assert not re.search(r"https?://|<script|<link|@import|url\(|\bnan\b", page)
    assert len(page) < 200_000


@pytest.mark.parametrize("task", TASKS)
def test_the_picture_marks_the_chosen_the_front_and_what_is_over_the_budget(task):
    page = report_page(evidence(task))
    chosen, front, over = dots(page, "chosen"), dots(page, "front"), dots(page, "over")
    assert [text.split(":")[0] for text in chosen] == ["student"]
    assert {text.split(":")[0] for text in front} == {"teacher", "student", "student_dynamic"}
    assert [text.splitlines()[1] for text in over] == ["breaks max_size_kb 250: 1000, max_latency_us 100: 2000"]


def test_the_verdict_comes_first():
    page = report_page(evidence("binary"))
    assert page.index("student is released: there is no champion yet.") < page.index("<h2>")
    assert "20 times smaller, 66.7 times faster on 1 row and 66.7 times faster on 1,000 rows than the teacher" in page


def test_an_int8_candidate_that_is_no_faster_is_called_so():
    page = report_page(evidence("binary"))
    told = "int8 is no faster here than student: 35 µs against 30 µs for 1 row, 3.5 ms against 3 ms for 1,000 rows"
    assert f'<small class="soft">{told}</small>' in page
    assert page.count("int8 is no faster here") == 3  # beside the dot, and in the table's cell and its tooltip


def test_a_million_predictions_cost_their_time_at_the_declared_price():
    page = report_page(evidence("binary"))
    assert "<dt>A million predictions</dt><dd>0.000033 USD</dd>" in page  # 3 s of a core at 0.04 USD an hour
    assert "row by row<br>0.000333" in page  # 30 s
    assert "Costs are at 0.040 USD for an hour of a core, in batches of 1,000 rows" in page


def test_a_batch_of_one_row_is_shown_once():
    found = evidence("binary")
    alone = [m.model_copy(update={"many": m.single}) for m in found.measurements.candidates]
    budget = BudgetConfig(batch_size=1)
    choice = choose(alone, budget, "binary")
    page = report_page(replace(found, measurements=Measurements(candidates=alone), choice=choice, budget=budget))
    assert page.count("<th>1 row</th>") == 1
    assert "1,000 rows" not in page
    assert "row by row" not in page


def test_a_challenger_that_is_no_better_leaves_the_champion():
    page = report_page(challenged("binary", noise=0.2))
    assert "stillroom_small:old stays champion: student is not better by more than noise." in page
    assert "The champion stays" in page
    assert "−0.0" in re.sub(r"\s+", " ", page).split("on the same test rows: ")[1][:10]


def test_a_better_challenger_is_promoted_with_its_interval():
    page = report_page(challenged("regression", noise=0.8))
    assert "student is released: it is better than stillroom_small:old by more than noise." in page
    assert "90% of 200 bootstrap samples" in page


def test_what_was_dropped_is_told_with_the_reason_and_names_are_escaped():
    page = report_page(evidence("binary"))
    assert "<b>depth</b>: duplicate of height" in page
    assert "<b>&lt;colour&gt;</b>: constant in the training split" in page
    assert "the operator &lt;X&gt; is not known" in page
    assert "<colour>" not in page


def test_every_pruned_candidate_is_told_with_what_it_takes_and_what_was_left_whole():
    page = report_page(evidence("binary"))
    section = re.sub(r"<[^>]*>|\s+", " ", page[page.index("What was pruned") : page.index("From float32 to int8")])
    assert "8,000 40% of 20,000 4,500 25% of 18,000 50% of the channels out, 2 epochs of training after" in (
        " ".join(section.split())
    )
    assert "pruned_ 90 student 20,000 18,000 nothing can leave" in " ".join(section.split())
    assert "1 layer left whole head (&lt;Linear&gt;) : its channels are" in " ".join(section.split())
    assert 'pruned_<wbr>90</td><td class="left why">nothing can leave' in page[page.index("<h2>Candidates") :]


def test_every_trial_of_quantisation_is_told_with_its_loss_and_what_stayed_in_float():
    page = report_page(evidence("binary"))
    section = page[page.index("From float32 to int8") : page.index("Challenger against champion")]
    assert "Losses are of the ROC AUC against float32, on 1,900 rows" in section
    assert "Where a loss exceeds 0.002" in section
    assert "made, with 1 of 2 operators in float" in section
    assert "could not be made: the operator &lt;X&gt; is not known" in section
    assert "stays float32: the loss is 0.2" in section
    assert "<td>1 of 2</td>" in section
    assert "<td>0 of 2</td>" in section


def test_the_sensitivity_of_each_operator_is_a_bar_and_those_kept_in_float_stand_out():
    found = evidence("binary")
    page = report_page(found)
    assert page.count("What int8 costs in each operator alone") == 2
    bars = [attrs for tag, attrs in elements(page) if tag == "i" and attrs.get("style", "").startswith("width: 100.0%")]
    assert [bar["class"] for bar in bars] == ["kept", "kept"]
    assert "body/&lt;first&gt;: loss 0.2; predictions change by 0.1 in the mean, 0.4 at most" in page


def test_a_run_that_quantised_nothing_has_no_such_section():
    found = evidence("binary")
    kept = [m for m in found.measurements.candidates if m.name != "student_dynamic"]
    untried = found.int8_trials.model_copy(update={"references": [], "trials": []})
    measured = found.measurements.model_copy(update={"candidates": kept})
    verdicts = [v for v in found.choice.verdicts if v.name != "student_dynamic"]
    choice = found.choice.model_copy(update={"verdicts": verdicts})
    page = report_page(replace(found, int8_trials=untried, measurements=measured, choice=choice))
    assert "From float32 to int8" not in page


def test_a_teacher_without_epochs_has_no_line():
    found = evidence("binary")
    page = report_page(replace(found, histories={"teacher": [], "student": found.histories["student"]}))
    assert "student, epoch 2" in page
    assert "teacher, epoch" not in page
    assert "No network of this run was trained" in report_page(replace(found, histories={"teacher": []}))
