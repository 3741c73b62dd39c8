"""The grades of a second run, and the causes of what differs."""

import json

import pytest

from analysis.audit import verify
from analysis.runs import record
from analysis.runs.files import hashes, placed

FOLDER = "data/derived/s"
TABLES = {"a": "code,share\nx,0.25\n", "b": "code,share\ny,0.75\n"}


def run(root, **changed):
    """A folder with the results of two runs and a record of them."""
    for name, text in TABLES.items():
        placed(root / FOLDER / f"{name}.csv").write_text(text)
    told = {
        "study": "s",
        "state": "completed",
        "runs": [],
        "inputs": {"data/raw/s/roster.csv": "1"},
        "lock": {},
    }
    told |= {"sources": {"analysis/a.py": "1", "notebooks/a.ipynb": "1", "notebooks/b.ipynb": "1"}}
    told |= {"software": {"python": "3.11", "pandas": "3.1.1"}} | changed
    for name in TABLES:
        outputs = hashes([root / FOLDER / f"{name}.csv"], root)
        told["runs"].append(
            {"run": name, "notebook": name, "state": "completed", "parameters": {"depth": 1}, "cells": {}}
        )
        told["runs"][-1] |= {"basis": json.dumps(changed), "outputs": outputs, "inputs": {}}
    write(root, told)
    return root


def write(root, told):
    record.write(root / FOLDER / "run.json", told)


def read(root):
    return record.read(root / FOLDER / "run.json")


@pytest.fixture
def kept(tmp_path):
    (placed(tmp_path / "kept" / "requirements.lock")).write_text("pandas==3.1.1\n")
    return run(tmp_path / "kept")


@pytest.fixture
def again(tmp_path):
    return run(tmp_path / "again")


def graded(kept, again):
    return {one.path.rsplit("/", 1)[-1]: one for one in verify.graded("s", kept, again)}


def write_again(root, name, text):
    """Another result, and a record that knows of it."""
    path = root / FOLDER / f"{name}.csv"
    path.write_text(text)
    told = read(root)
    for one in told["runs"]:
        if one["run"] == name:
            one["outputs"] = hashes([path], root)
    write(root, told)


def test_the_same_bytes_are_identical_whatever_the_machine(kept, again):
    (again / FOLDER / "run.local.json").write_text("another machine")
    assert {one.grade for one in graded(kept, again).values()} == {"identical"}


def test_a_file_is_missing_or_unexpected(kept, again):
    (again / FOLDER / "a.csv").unlink()
    (again / FOLDER / "c.csv").write_text("new")
    found = graded(kept, again)
    assert (found["a.csv"].grade, found["c.csv"].grade) == ("missing", "unexpected")
    assert found["c.csv"].causes == ["no run of either record writes it"]
    assert not found["a.csv"].good


def test_a_number_in_its_last_digit_is_equivalent_and_so_is_the_record(kept, again):
    write_again(again, "a", TABLES["a"].replace("0.25", "0.250001"))
    found = graded(kept, again)
    assert (found["a.csv"].grade, found["run.json"].grade) == ("equivalent", "equivalent")
    assert found["a.csv"].good


def test_another_number_is_different_and_the_record_adds_nothing(kept, again):
    write_again(again, "a", TABLES["a"].replace("0.25", "0.5"))
    found = graded(kept, again)
    assert [str(one) for one in found["a.csv"].found] == ["code x; share: kept 0.25, again 0.5"]
    assert found["a.csv"].causes == [verify.NOTHING_ELSE]
    assert found["run.json"].found == []


def test_a_result_that_was_edited_after_its_run_is_told_as_such(kept, again):
    (kept / FOLDER / "a.csv").write_text(TABLES["a"].replace("0.25", "0.5"))
    assert graded(kept, again)["a.csv"].causes == [verify.EDITED]
    assert graded(kept, again)["run.json"].grade == "identical"


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"inputs": {"data/raw/s/roster.csv": "2"}}, "data/raw/s/roster.csv has changed since"),
        ({"inputs": {}}, "data/raw/s/roster.csv is gone since"),
        ({"lock": {"requirements.lock": "2"}}, "requirements.lock is new since"),
        ({"software": {"python": "3.12", "pandas": "3.1.1"}}, "python: kept with 3.11, again with 3.12"),
        ({"software": {"python": "3.11"}}, "pandas: kept with 3.1.1, again with none"),
    ],
)
def test_the_cause_is_what_the_records_do_not_share(kept, tmp_path, changed, cause):
    again = run(tmp_path / "again", **changed)
    write_again(again, "a", TABLES["a"].replace("0.25", "0.5"))
    found = graded(kept, again)
    assert found["a.csv"].causes == [cause]
    assert found["b.csv"].grade == "identical"


def test_another_notebook_is_no_cause_and_the_own_one_is(kept, tmp_path):
    sources = {"analysis/a.py": "1", "notebooks/a.ipynb": "1", "notebooks/b.ipynb": "2"}
    again = run(tmp_path / "again", sources=sources)
    for name, text in TABLES.items():
        write_again(again, name, text.replace("5\n", "1\n"))
    found = graded(kept, again)
    assert found["a.csv"].causes == [verify.NOTHING_ELSE]
    assert found["b.csv"].causes == ["notebooks/b.ipynb has changed since"]


def test_another_parameter_is_a_cause_with_both_values(kept, again):
    write_again(again, "a", TABLES["a"].replace("0.25", "0.5"))
    told = read(again)
    told["runs"][0]["parameters"] = {"depth": 2}
    write(again, told)
    assert graded(kept, again)["a.csv"].causes == ["the parameter depth: kept 1, again 2"]


def test_other_software_alone_leaves_the_record_equivalent(kept, tmp_path):
    again = run(tmp_path / "again", software={"python": "3.12", "pandas": "3.1.2"})
    found = graded(kept, again)["run.json"]
    assert found.grade == "equivalent"
    assert found.causes == [
        "pandas: kept with 3.1.1, again with 3.1.2",
        "python: kept with 3.11, again with 3.12",
    ]


def test_a_version_in_the_record_that_its_lock_does_not_allow_is_different(kept, again):
    write(kept, read(kept) | {"software": {"python": "3.11", "pandas": "2.0"}})
    found = graded(kept, again)["run.json"]
    assert found.grade == "different"
    assert [one.where for one in found.found] == ["software › pandas"]


def test_a_hash_in_the_record_that_is_no_files_is_different(kept, again):
    told = read(kept)
    told["runs"][0]["outputs"][f"{FOLDER}/a.csv"] = "0" * 64
    write(kept, told)
    assert graded(kept, again)["run.json"].grade == "different"


@pytest.mark.parametrize("part", ["basis", "state"])
def test_anything_else_in_the_record_is_different(kept, again, part):
    told = read(kept)
    told["runs"][0][part] = "reused"
    write(kept, told)
    assert graded(kept, again)["run.json"].grade == "different"


def test_kept_results_without_a_record_are_compared_all_the_same(kept, again):
    (kept / FOLDER / "run.json").unlink()
    found = graded(kept, again)
    assert (found["run.json"].grade, found["a.csv"].grade) == ("unexpected", "identical")


def test_what_a_reviewer_reads_has_the_file_the_place_both_values_and_the_cause(kept, again):
    write_again(again, "a", "code,share\n" + "".join(f"x{n},0.5\n" for n in range(9)))
    said = verify.sentences([*graded(kept, again).values()])
    assert said[0] == "different: data/derived/s/a.csv"
    assert said[1].startswith("  code x, share 0.25" if "share 0.25" in said[1] else "  code x: kept")
    assert "  and 5 more places" in said
    assert f"  because: {verify.NOTHING_ELSE}" in said
    assert said[-1] == "3 files made again: 1 identical, 1 equivalent, 1 different."


def test_the_account_says_of_which_record_it_speaks(kept, again):
    found = [*graded(kept, again).values()]
    said = verify.account("s", kept, found, [])
    assert said["good"]
    assert said["counts"] == {"identical": 3}
    assert said["record"] == hashes([kept / FOLDER / "run.json"], kept)[f"{FOLDER}/run.json"]
    assert not verify.account("s", kept, found, ["an alarm"])["good"]


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"runs": 1}', '{"runs": [1, {}]}', '{"software": {}}', "no JSON"]
)
def test_a_record_that_says_nothing_is_different_and_breaks_nothing(kept, again, text):
    (kept / FOLDER / "run.json").write_text(text)
    write_again(again, "a", TABLES["a"].replace("0.25", "0.5"))
    found = graded(kept, again)
    assert [found[name].grade for name in ("run.json", "a.csv", "b.csv")] == [
        "different",
        "different",
        "identical",
    ]


def test_a_record_without_its_software_is_different(kept, again):
    said = read(kept)
    del said["software"]
    write(kept, said)
    assert graded(kept, again)["run.json"].grade == "different"


def test_a_result_that_is_gone_is_told_as_such(kept, again):
    (kept / FOLDER / "a.csv").unlink()
    found = graded(kept, again)["a.csv"]
    assert (found.grade, found.causes) == ("unexpected", [verify.GONE])


def test_a_folder_where_a_file_should_be_is_different(kept, again):
    (kept / FOLDER / "a.csv").unlink()
    (kept / FOLDER / "a.csv").mkdir()
    assert not graded(kept, again)["a.csv"].good


def test_what_a_program_hides_among_the_results_is_none_of_them(kept, again):
    placed(kept / FOLDER / ".ipynb_checkpoints" / "a.csv").write_text("x")
    assert {one.grade for one in graded(kept, again).values()} == {"identical"}


def test_a_link_and_a_file_that_calls_itself_local_are_results(kept, again, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (kept / FOLDER / "more").symlink_to(tmp_path / "elsewhere")
    placed(kept / FOLDER / "tables" / "run.local.json").write_text("{}")
    found = {one.path: one.grade for one in verify.graded("s", kept, again)}
    assert found[f"{FOLDER}/more"] == "missing"
    assert found[f"{FOLDER}/tables/run.local.json"] == "missing"
