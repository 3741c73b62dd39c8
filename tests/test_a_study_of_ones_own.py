"""The same notebooks on another study: four tables, participants known, nothing printed."""

import subprocess
import sys

import checkout
import pandas as pd
import pytest
import wards

from analysis import ROOT
from analysis.measures.calibration import UNTRIED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = checkout.copy(tmp_path_factory.mktemp("own"))
    wards.write(folder / "data" / "raw")
    done = checkout.reproduce(folder, "wards")
    assert done.returncode == 0, done.stderr
    return folder


def read(folder, name):
    return pd.read_csv(folder / "data" / "derived" / "wards" / f"{name}.csv")


def test_known_participants_close_the_bounds(folder):
    rows = read(folder, "themes_by_ward")
    assert (rows["least"] == rows["most"]).all()
    assert (rows["least"] == rows["expected"]).all()
    assert set(rows["unit"]) == {"excerpts", "people"}


def test_a_talkative_person_counts_once_among_people(folder):
    rows = read(folder, "themes_by_ward").set_index(["code", "ward", "unit"])["least"]
    assert rows["pace", "North", "excerpts"] == 2
    assert rows["pace", "North", "people"] == 1


def test_of_fewer_people_than_were_ever_tried_no_interval_is_printed(folder):
    rows = read(folder, "themes_by_grade")
    assert rows[["low", "high"]].isna().all(axis=None)
    assert set(rows.loc[rows["unit"] == "people", "holds"]) == {UNTRIED}


def test_what_the_study_lacks_is_said_and_not_failed(folder):
    assert read(folder, "claims").empty
    assert read(folder, "activities_by_ward").empty
    text = (folder / "data/derived/wards/notebooks/01-who-was-interviewed.ipynb").read_text()
    assert "no interviews.csv" in text
    assert (
        "has no role groups"
        in (folder / "data/derived/wards/notebooks/05-whose-voice-is-heard.ipynb").read_text()
    )


def test_every_top_code_has_a_table(folder):
    assert read(folder, "tables/table-1")["subtheme"].tolist() == ["Pace", "Pace", "Pace", "Team", "Team"]
    assert read(folder, "tables/table-2").empty


def test_the_published_study_is_left_alone(folder):
    assert checkout.changed(folder) == set()


def test_other_studies_are_ignored_by_git():
    paths = [
        "data/raw/wards/roster.csv",
        "data/derived/wards/sample.csv",
        "figures/wards/sample.png",
        "scratch/x",
    ]
    for path in paths:
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
        assert done.returncode in (0, 128), path  # 128: the tests run outside a git checkout


def released(folder, *words):
    command = [sys.executable, "-m", "analysis", "release", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_what_may_leave_is_written_beside_and_replaces_what_left_before(folder):
    old = folder / "scratch/release/wards/old.csv"
    old.parent.mkdir(parents=True)
    old.touch()
    done = released(folder, "wards")
    assert done.returncode == 0, done.stderr
    assert not old.exists()
    left = {path.name for path in old.parent.iterdir()}
    assert "withheld.csv" in left
    assert not left & {"sample.csv", "concordance.csv", "notebooks", "tables"}
    assert "4 of 4 are among fewer than 5" in done.stdout


def test_a_public_study_leaves_as_it_is(folder):
    done = released(folder)
    assert done.returncode == 0, done.stderr
    assert "The study is public" in done.stdout
    assert not (folder / "scratch/release/bussu-marshall-2020").exists()


def test_what_other_tools_read_is_written_beside(folder):
    command = [sys.executable, "-m", "analysis", "export", "wards"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "The study is restricted" in done.stdout
    written = {path.name for path in (folder / "scratch/export/wards").iterdir()}
    sheets = {"quotations.csv", "participants.csv", "codebook.csv"}
    assert written >= sheets | {"project.qdpx", "codebook.qdc", "quotations.xlsx", "codebook.docx"}


def test_results_that_somebody_changed_are_not_released(folder):
    path = folder / "data/derived/wards/unseen.csv"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    done = released(folder, "wards")
    path.write_bytes(before)
    assert done.returncode == 1
    assert "data/derived/wards/unseen.csv is not as its run has written it" in done.stderr
    assert "an earlier release is as it was" in done.stderr
