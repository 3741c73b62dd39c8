"""REFI-QDA as every vendor writes it: what is in the file is in the study, and nothing else."""

import pandas as pd
import pytest
import qdpx
from qdpx.dialects import CODEBOOK_ONLY

from analysis.sources import folder, places, refi, report
from analysis.sources.project import SourceError
from analysis.sources.sound import sound

PROJECTS = [name for name in qdpx.DIALECTS if name not in CODEBOOK_ONLY]
SAMPLE = qdpx.sample()


def studied(path):
    """The folder of a file, and what its rows have become."""
    project = sound(path.name, refi.read_project(path))
    placed = places.place(path.name, project)
    made = folder.build(placed)
    return placed, made


@pytest.fixture(scope="module", params=PROJECTS)
def each(request, tmp_path_factory):
    name = request.param
    path = qdpx.write(tmp_path_factory.mktemp(name) / f"{name}.qdpx", SAMPLE, name)
    return name, *studied(path)


def code_paths(codebook):
    rows = codebook.set_index("code")

    def path(code):
        parent = rows.loc[code, "parent"]
        above = f"{path(parent)} > " if isinstance(parent, str) else ""
        return above + rows.loc[code, "name"]

    return {code: path(code) for code in rows.index}


def found_in(made):
    """What `qdpx.expected` gives, from the tables of a study."""
    paths = code_paths(made.tables["codebook"])
    rows = made.tables["codings"].merge(made.tables["excerpts"], on="excerpt")
    texts, regions = set(), set()
    for row in rows.itertuples():
        code, coder = paths[row.code], row.coder if isinstance(row.coder, str) else ""
        if pd.notna(row.start):
            text = made.texts[row.document][int(row.start) : int(row.end)]
            texts.add((row.document.removesuffix(" (2)"), int(row.start), int(row.end), text, code, coder))
        else:
            regions.add((row.document, row.region if isinstance(row.region, str) else "", code, coder))
    return texts, regions


def test_every_coding_is_where_it_was_made(each):
    name, _, made = each
    truth = qdpx.expected(SAMPLE, name)
    texts, regions = found_in(made)
    assert texts == truth.texts
    assert regions == truth.regions


def test_every_row_is_accounted_for(each):
    _, placed, made = each
    table = report.reconciliation(report.rows(made.accounts), placed.project.totals)
    assert table[table["unexplained"] != 0].to_dict("records") == []
