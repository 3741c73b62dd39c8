"""The plan and its parameters."""

import pytest

from analysis.runs.plan import PlanError, checked, plan

NAMES = {"grouping": ["borough", "role_group"], "site": ["borough"], "table": ["table-1", "table-a1"]}


def test_a_notebook_with_a_grouping_runs_once_for_each():
    runs = plan("s", NAMES)
    by = [run.parameters["by"] for run in runs if run.notebook == "03-themes-across-groups"]
    assert by == ["borough", "role_group"]


def test_every_run_knows_its_study_and_writes_its_notebook():
    for run in plan("s", NAMES):
        assert run.parameters["study"] == "s"
        assert run.outputs[-1] == f"data/derived/s/notebooks/{run.name}.ipynb"


def test_a_parameter_reaches_the_runs_that_take_it_and_no_other():
    runs = plan("s", NAMES, {"min_people": "9"})
    assert {run.parameters.get("min_people") for run in runs} == {None, 9}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("min_peple", "5", 'Did you mean "min_people"'),
        ("study", "x", "is no parameter of a run"),
        ("min_people", "five", "is not of type int"),
        ("min_people", "5.5", "is not of type int"),
        ("min_people", "0", "expected 1 or more"),
        ("confidence", "95", "expected 0.5 to 0.999"),
        ("confidence", "nan", "expected 0.5 to 0.999"),
        ("unstated_roles", "some", "is not one of any, none"),
    ],
)
def test_an_unknown_or_ill_typed_parameter_is_refused_by_name(name, text, says):
    with pytest.raises(PlanError, match=says):
        checked(name, text)


def test_values_come_in_their_own_type():
    assert checked("min_people", "7") == 7
    assert checked("confidence", "0.9") == 0.9
    assert checked("unstated_roles", "none") == "none"
