"""The plan and its parameters."""

import json

import nbformat
import pytest
from suite import GOOD, PLAN

from analysis.runs import specification
from analysis.runs.plan import FORMATS, check, plan
from analysis.runs.specification import PlanError, checked, legal

NAMES = {"grouping": ["borough", "role_group"], "site": ["borough"], "table": ["table-1", "table-a1"]}


def test_a_notebook_with_a_grouping_runs_once_for_each():
    runs = plan("s", NAMES)
    by = [run.parameters["by"] for run in runs if run.notebook == "03-themes-across-groups"]
    assert by == ["borough", "role_group"]


def test_every_run_knows_its_study_and_writes_its_notebook():
    for run in plan("s", NAMES):
        assert run.parameters["study"] == "s"
        assert run.outputs[-1] == f"data/derived/s/notebooks/{run.name}.ipynb"


def test_a_table_for_print_is_written_once_whether_or_not_its_name_has_the_names_of_tables():
    by_name = {run.name: run.outputs for run in plan("s", NAMES)}
    joint = [path for path in by_name["10-joint-display-by-borough"] if "/tables/" in path]
    assert joint == [f"data/derived/s/tables/joint-by-borough.{kind}" for kind in FORMATS]
    assert len([path for path in by_name["08-tables-and-appendix"] if "/tables/" in path]) == 10


def test_a_parameter_reaches_the_runs_that_take_it_and_no_other():
    runs = plan("s", NAMES, {"min_people": "9"})
    assert {run.parameters.get("min_people") for run in runs} == {None, 9}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("min_peple", "5", 'Did you mean "min_people"'),
        ("study", "x", "is no parameter of a run"),
        ("min_people", "five", "expected int, 1 or more"),
        ("min_people", "5.5", "expected int, 1 or more"),
        ("min_people", "0", "expected int, 1 or more"),
        ("confidence", "95", "expected float, 0.5 to 0.999"),
        ("confidence", "nan", "expected float, 0.5 to 0.999"),
        ("unstated_roles", "some", "expected str, one of any, none"),
    ],
)
def test_an_unknown_or_ill_typed_parameter_is_refused_by_name(name, text, says):
    with pytest.raises(PlanError, match=says):
        checked(name, text)


def test_values_come_in_their_own_type():
    assert checked("min_people", "7") == 7
    assert checked("confidence", "0.9") == 0.9
    assert checked("unstated_roles", "none") == "none"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A plan of another text, and notebooks that fit the plan of the small suite."""
    (tmp_path / "notebooks").mkdir()
    for name, sources in GOOD.items():
        cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
        cells[0].metadata["tags"] = ["parameters"]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / f"{name}.ipynb")

    def write(text):
        (tmp_path / "plan.toml").write_text(text)
        monkeypatch.setattr(specification, "PATH", tmp_path / "plan.toml")
        specification.specification.cache_clear()
        return tmp_path / "notebooks"

    yield write
    specification.specification.cache_clear()


def planned(notebooks):
    names = {"grouping": ["ward", "grade"], "site": ["ward"], "table": []}
    runs = plan("wards", names)
    check(runs, notebooks)
    return runs


TEXT = PLAN.format(cell_seconds=60, run_seconds=120)
LACKING = [
    # what stands in a sound plan, what stands there instead, what is said
    ("[[runs]]", "[[runs]", "plan.toml: "),
    ('name = "3-third"', "", 'run 3 "": name is missing'),
    ('notebook = "third"', "", 'run 3 "3-third": notebook is missing'),
    ("cell_seconds = 60", "", "limits: cell_seconds is missing"),
    ("cell_seconds = 60", 'cell_seconds = "long"', "found 'long'; expected a number of seconds above 0"),
    ("cell_seconds = 60", "cell_seconds = 0", "expected a number of seconds above 0"),
    ('writes = ["second"]', 'wirtes = ["second"]', '"wirtes" is not known; there are name, notebook, '),
    ('writes = ["second"]', 'writes = "second"', "writes: found 'second'; expected a list of names"),
    ('writes = ["second"]', 'writes = ["../second"]', "expected a name, without a slash"),
    ('name = "2-second"', 'name = "../second"', "expected a name, without a slash"),
    ('writes = ["second"]', 'writes = ["{place}"]', '"{place}" cannot be filled in; there are {site}'),
    ('writes = ["second"]', 'writes = ["{"]', '"{" cannot be filled in'),
    ('takes = ["depth"]', 'takes = ["dephth"]', 'takes "dephth", which is not under [parameters]'),
    ('takes = ["depth"]', 'for_each = "place"', "for_each: found 'place'; expected grouping, site or view"),
    ("cell_seconds = 60", "cell_seconds = nan", "cell_seconds: found nan; expected a number of seconds"),
    ('writes = ["second"]', 'writes = ["a", 2]', "writes, number 2: found 2; expected a name"),
    ('takes = ["depth"]', 'sets = { depth = "abc" }', 'depth="abc": expected int'),
    ('takes = ["depth"]', 'takes = ["depth"]\nsets = { depth = "2" }', 'sets "depth" and takes it too'),
    ("default = 1", "", 'run "1-first": takes "depth", which has no default'),
    ("default = 1", 'default = "one"', 'the default of depth="one": expected int'),
    ("default = 1", "default = 1\nmin = 0", '"min" is not known; there are type, help, '),
    ("default = 1", "default = 1\nminimum = 2", 'the default of depth="1": expected int, 2 or more'),
    ("default = 1", 'default = 1\none_of = ["1"]', "one_of says nothing of type int"),
    ('type = "int"', 'type = "str"\nminimum = 1', "minimum says nothing of type str"),
    ('type = "int"', 'type = "integer"', "found 'integer'; expected str, int, float or list"),
    (
        'reads = ["first.csv"',
        'reads = ["frist.csv"',
        'no run before it writes "data/derived/wards/frist.csv"',
    ),
    (
        'writes = ["third"]',
        'writes = ["first"]',
        "1-first, 3-third: more than one writes data/derived/wards/fir",
    ),
    ('name = "2-second"', 'name = "1-first"', "1-first: another run has that name too"),
    ('notebook = "third"', 'notebook = "fourth"', "3-third: there is no notebooks/fourth.ipynb"),
]


@pytest.mark.parametrize(("old", "new", "says"), LACKING, ids=[new or f"no {old}" for old, new, _ in LACKING])
def test_a_plan_that_does_not_hold_together_is_refused_by_name(written, old, new, says):
    assert [run.name for run in planned(written(TEXT))] == ["1-first", "2-second", "3-third"]
    with pytest.raises(PlanError) as caught:
        planned(written(TEXT.replace(old, new, 1)))
    assert says in str(caught.value)


def test_a_plan_without_a_run_is_none(written):
    with pytest.raises(PlanError, match="runs is missing"):
        planned(written(TEXT.split("[[runs]]")[0]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda cells: [cell.pop("id") for cell in cells], "cell 1 has no id"),
        (lambda cells: [cell.update(id="same") for cell in cells], 'more than one cell of the id "same"'),
        (lambda cells: cells[0].update(source="study: str = ("), "cannot be read: "),
        (lambda cells: cells[0].update(source="study = len('s')"), "cannot be read: "),
        (lambda cells: cells[0].update(source="study = 1"), 'takes "study" as int, and the plan gives str'),
        (lambda cells: cells[0].update(cell_type="markdown"), 'has no parameter "study"'),
        (lambda cells: cells[0].pop("metadata"), "cell 1 is none of nbformat 4"),
        (lambda cells: cells.insert(1, 1), "cell 2 is none of nbformat 4"),
    ],
)
def test_a_notebook_whose_cells_cannot_be_told_apart_is_refused(written, change, says):
    """Their ids would be made up anew by every run, and no two runs would be the same."""
    path = written(TEXT) / "second.ipynb"
    notebook = json.loads(path.read_text())
    change(notebook["cells"])
    path.write_text(json.dumps(notebook))
    with pytest.raises(PlanError, match=f"2-second: notebooks/second.ipynb .*{says}"):
        planned(path.parent)


@pytest.mark.parametrize("text", ["[]", "no JSON", '{"worksheets": []}'])
def test_what_is_no_notebook_is_refused(written, text):
    path = written(TEXT) / "second.ipynb"
    path.write_text(text)
    with pytest.raises(PlanError, match=r"2-second: notebooks/second\.ipynb cannot be read: "):
        planned(path.parent)


def test_what_a_parameter_may_be_is_said_in_words():
    assert legal({"type": "int", "maximum": 3}) == "int, 3 or less"
    assert legal({"type": "str"}) == "str"
