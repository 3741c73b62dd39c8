"""What goes out and comes in again is what it was, as far as the standard can carry it."""

import io
from dataclasses import replace

import pandas as pd
import pytest
import qdpx
from qdpx.dialects import CODEBOOK_ONLY

from analysis import study
from analysis.sources import back, importing, writing
from analysis.sources.importing import Choices

TABLES = ("roster", "documents", "codebook", "excerpts", "codings", "notes")
SAMPLE = qdpx.sample()
TEXTS = {one.name for one in SAMPLE.sources if one.medium == "text"}


def only_texts(project):
    """The sample without what a project of texts cannot have: pictures, recordings, drawings."""
    sources = tuple(one for one in project.sources if one.name in TEXTS)
    cases = tuple(
        replace(
            one,
            sources=tuple(name for name in one.sources if name in TEXTS),
            passages=tuple(place for place in one.passages if place.rpartition("#")[0] in TEXTS),
        )
        for one in project.cases
    )
    groups = tuple(
        replace(one, sources=tuple(n for n in one.sources if n in TEXTS)) for one in project.groups
    )
    notes = tuple(one for one in project.notes if one.of != "source" or one.owner in TEXTS)
    return replace(project, sources=sources, cases=cases, groups=groups, notes=notes, graphs=())


def imported(path, raw, name):
    made = importing.study(path, Choices())
    writing.write(made.files, name, raw)
    return made


def exported(raw, name, path):
    record = study.load(name, raw)
    made = back.files(raw / name, record.title, study.texts(record, raw))
    path.write_bytes(made["project.qdpx"])
    path.with_suffix(".qdc").write_bytes(made["codebook.qdc"])
    return pd.read_csv(io.BytesIO(made[back.LEFT_OUT]))


def frames(made):
    return {one: pd.read_csv(io.BytesIO(made.files[f"{one}.csv"]), dtype="str") for one in TABLES}


@pytest.mark.parametrize("dialect", [one for one in qdpx.DIALECTS if one not in CODEBOOK_ONLY])
def test_a_study_of_texts_comes_back_as_it_went(tmp_path, dialect):
    path = qdpx.write(tmp_path / "first.qdpx", only_texts(SAMPLE), dialect)
    first = imported(path, tmp_path / "raw", "first")
    lost = exported(tmp_path / "raw", "first", tmp_path / "second.qdpx")
    second = imported(tmp_path / "second.qdpx", tmp_path / "raw", "second")
    for table, frame in frames(first).items():
        pd.testing.assert_frame_equal(frames(second)[table], frame, obj=table)
    texts = {name: data for name, data in first.files.items() if name.startswith("texts/")}
    assert {name: data for name, data in second.files.items() if name.startswith("texts/")} == texts
    assert lost.to_dict("records") == []


def test_the_codebook_comes_back_as_it_went(tmp_path):
    path = qdpx.write(tmp_path / "first.qdpx", SAMPLE, "standard")
    first = imported(path, tmp_path / "raw", "first")
    exported(tmp_path / "raw", "first", tmp_path / "second.qdpx")
    second = imported(tmp_path / "second.qdc", tmp_path / "raw", "second")
    pd.testing.assert_frame_equal(frames(second)["codebook"], frames(first)["codebook"])
