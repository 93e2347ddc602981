"""A budget that no candidate fits ends the run with all of them shown."""

import pytest


@pytest.mark.slow
def test_the_run_ends_with_the_front_and_the_nearest_miss(project):
    params = "table=wine,experiment=quick,trainer.progress=false,budget=edge,budget.max_size_kb=0.5"
    result = project.run("--to-nodes", "release.choose_candidate", "--params", params)

    assert result.exit_code == 1
    *before, last = result.output.rstrip().splitlines()
    table = before[before.index("Candidates, the best first") + 1 :]
    names, ends = table[0].split(), {line.split()[0]: line for line in table[1:] if line}
    assert names[:3] == ["candidate", "accuracy", "size"]
    assert {"teacher", "student", "pruned_50", "student_dynamic"} <= ends.keys()
    assert all("over max_size_kb" in line for line in ends.values())
    assert last.startswith("Error: no candidate fits the budget; the nearest miss is ")
    assert "which breaks max_size_kb 0.5: " in last
    assert "times the limit at worst): raise that limit" in last
