from compression.candidates import CANDIDATES, candidate
from stillroom.compression.front import dominated_by


def test_the_front_weighs_quality_batch_latency_and_size() -> None:
    points = [
        candidate("best", 0.9, 100, 1, 100),
        candidate("fast", 0.8, 100, 1, 10),
        candidate("small", 0.7, 10, 1, 1000),
        candidate("slower than best", 0.9, 100, 1, 101),
        candidate("worse than all", 0.6, 200, 1, 2000),
        candidate("better at batch 1 only", 0.8, 100, 0.1, 11),
    ]
    assert dominated_by(points, "roc_auc") == {
        "best": None,
        "fast": None,
        "small": None,
        "slower than best": "best",
        "worse than all": "best",
        "better at batch 1 only": "fast",
    }


def test_a_lower_rmse_is_better() -> None:
    points = [candidate("a", 5, 10, 1, 10, metric="rmse"), candidate("b", 6, 10, 1, 10, metric="rmse")]
    assert dominated_by(points, "rmse") == {"a": None, "b": "a"}


def test_who_dominates_is_on_the_front_itself() -> None:
    chain = [candidate(name, quality, 10, 1, 10) for name, quality in (("c", 0.6), ("b", 0.7), ("a", 0.8))]
    assert dominated_by(chain, "roc_auc") == {"c": "a", "b": "a", "a": None}


def test_alone_or_alike_all_are_on_the_front() -> None:
    one = CANDIDATES[0]
    assert dominated_by([one], "roc_auc") == {"teacher": None}
    assert dominated_by([one, one.model_copy(update={"name": "same"})], "roc_auc") == {"teacher": None, "same": None}
