"""What kept results say for themselves: each kind of alarm is raised by name, and none without a cause."""

import json
import shutil

import checkout
import pytest

from analysis.audit import inspection
from analysis.outputs.paper import plan_names
from analysis.runs import plan, record

PAPER = checkout.PAPER
DERIVED = f"data/derived/{PAPER}"


@pytest.fixture(scope="module")
def runs(paper):
    return plan.plan(PAPER, plan_names(paper))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return checkout.copy(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def root(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "root")


def told(root):
    return record.read(root / DERIVED / "run.json")


def tell(root, said):
    record.write(root / DERIVED / "run.json", said)


def alarms(runs, root):
    return [*inspection.of_record(PAPER, runs, root), *inspection.of_notebooks(runs, root)]


def notebook(root, name="01-who-was-interviewed"):
    return root / DERIVED / "notebooks" / f"{name}.ipynb"


def edit(path, change):
    said = json.loads(path.read_text())
    change(said)
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def test_results_that_nobody_touched_raise_no_alarm(runs, whole):
    assert alarms(runs, whole) == []


def test_results_without_a_record_are_no_evidence(runs, root):
    (root / DERIVED / "run.json").unlink()
    assert alarms(runs, root)[0].startswith(f"{DERIVED}/run.json: there is no record of what has run")


@pytest.mark.parametrize("state", ["failed", "running"])
def test_a_sequence_that_did_not_end_well_is_told(runs, root, state):
    tell(root, told(root) | {"state": state})
    assert alarms(runs, root) == [f'{DERIVED}/run.json: the sequence is "{state}"']


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("state", "reused", "01-who-was-interviewed: the record says reused"),
        ("parameters", {"study": "other"}, "01-who-was-interviewed: it ran with"),
        ("cells", {"facts": "not run"}, "01-who-was-interviewed: cells that are not completed: facts"),
        ("run", "00-nothing", f"{DERIVED}/run.json: 00-nothing is no run of the plan"),
    ],
)
def test_what_the_record_says_of_a_run_has_to_be_the_plans(runs, root, part, value, says):
    said = told(root)
    said["runs"][0][part] = value
    tell(root, said)
    assert alarms(runs, root)[0].startswith(says)


def test_a_result_that_was_edited_is_named(runs, root):
    path = root / DERIVED / "sample.csv"
    path.write_text(path.read_text().replace("nurse", "Nurse"))
    assert alarms(runs, root) == [
        f"01-who-was-interviewed: {DERIVED}/sample.csv is not as the run has written it"
    ]


def test_a_result_that_is_gone_and_one_that_is_nobodys_are_named(runs, root):
    (root / DERIVED / "sample.csv").rename(root / DERIVED / "example.csv")
    assert alarms(runs, root) == [
        f"01-who-was-interviewed: {DERIVED}/sample.csv is missing",
        f"{DERIVED}/example.csv: no run of the plan writes it",
    ]


@pytest.mark.parametrize(
    "path", [f"data/raw/{PAPER}/roster.csv", "analysis/measures/sample.py", "requirements.lock"]
)
def test_what_results_were_made_from_has_to_be_there_still(runs, root, path):
    with (root / path).open("a") as file:
        file.write("\n")
    assert alarms(runs, root) == [f"{path}: not what the results were made from"]


def test_a_version_that_the_lock_does_not_allow_is_named(runs, root):
    said = told(root)
    said["software"]["pandas"] = "2.0.0"
    tell(root, said)
    (alarm,) = alarms(runs, root)
    assert alarm.startswith("pandas: the record says 2.0.0, the lock has ")


def test_an_environment_that_is_not_the_locks_is_named(runs, root):
    lock = root / "requirements.lock"
    pinned = record.pinned(lock)["pandas"]
    lock.write_text(lock.read_text().replace(f"pandas=={min(pinned)}", "pandas==2.0.0"))
    said = told(root)
    said["lock"], said["software"]["pandas"] = record.material(PAPER, root)["lock"], "2.0.0"
    tell(root, said)
    assert alarms(runs, root) == [f"pandas: installed is {min(pinned)}, the lock has 2.0.0"]


def cover(root, path):
    """Make the record agree with an edited file."""
    said = told(root)
    name = path.relative_to(root).as_posix()
    for run in said["runs"]:
        if name in run["outputs"]:
            run["outputs"][name] = record.sha256(path)
        if name in run["inputs"]:
            run["inputs"][name] = record.sha256(path)
    tell(root, said)


def test_a_stripped_notebook_is_no_evidence_even_if_the_record_agrees(runs, root):
    def strip(said):
        for cell in (cell for cell in said["cells"] if cell["cell_type"] == "code"):
            cell.update(outputs=[], execution_count=None)

    edit(notebook(root), strip)
    cover(root, notebook(root))
    (alarm,) = alarms(runs, root)
    assert "the code cells are counted [None" in alarm


def test_a_cell_that_is_not_the_sources_is_named_even_if_the_record_agrees(runs, root):
    edit(notebook(root), lambda said: said["cells"][5].update(source="record = None"))
    cover(root, notebook(root))
    name = "notebooks/01-who-was-interviewed.ipynb"
    assert alarms(runs, root) == [f"{DERIVED}/{name}: cell cell-05 is not that of {name}"]


def test_a_figure_that_no_cell_shows_is_named_even_if_the_record_agrees(runs, root):
    path = root / "figures" / PAPER / "voices.png"
    shutil.copy(path.with_name("sample.png"), path)
    cover(root, path)
    (alarm,) = alarms(runs, root)
    assert alarm.endswith(f"shows another picture than figures/{PAPER}/voices.png")


@pytest.mark.parametrize("text", ["", "{}", '{"cells": [], "metadata": {}}', '{"cells": 1}', "no notebook"])
def test_a_notebook_that_cannot_be_read_is_an_alarm(runs, root, text):
    notebook(root).write_text(text)
    cover(root, notebook(root))
    assert alarms(runs, root)


@pytest.mark.parametrize(
    "text", ["[]", '{"runs": 1}', '{"runs": [1, {}]}', '{"state": "completed"}', "no JSON"]
)
def test_a_record_that_says_nothing_is_an_alarm_and_breaks_nothing(runs, root, text):
    (root / DERIVED / "run.json").write_text(text)
    assert alarms(runs, root)


def test_a_record_without_its_software_is_an_alarm(runs, root):
    said = told(root)
    software = said.pop("software")
    tell(root, said)
    assert alarms(runs, root) == [f"the record does not say with which {min(software)} the results were made"]


def test_a_run_that_is_there_twice_is_an_alarm(runs, root):
    said = told(root)
    said["runs"].insert(0, said["runs"][0] | {"state": "failed"})
    tell(root, said)
    assert f"{DERIVED}/run.json: 01-who-was-interviewed is there more than once" in alarms(runs, root)


@pytest.mark.parametrize("part", ["notebook", "parameters", "cells", "outputs"])
@pytest.mark.parametrize("value", [None, []])
def test_a_record_of_another_form_is_none(runs, root, part, value):
    said = told(root)
    said["runs"][0][part] = value
    tell(root, said)
    assert "none that can be read" in inspection.of_record(PAPER, runs, root)[0]
