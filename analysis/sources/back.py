"""A study as files that other tools read, and what of it they cannot hold."""

import json
from pathlib import Path

import pandas as pd

from analysis.sources import refi_writer
from analysis.sources.people import EVERYONE
from analysis.study import CONTRACT
from analysis.study.tables import plain, written

LEFT_OUT = "not-in-refi-qda.csv"


def files(folder: Path, title: str, texts: dict[str, str]) -> dict[str, bytes]:
    """A text project and a codebook of a checked study, and the list of what is not in them."""
    tables = {name: plain(folder / f"{name}.csv") for name in CONTRACT if (folder / f"{name}.csv").exists()}
    tables["roster"] = tables["roster"].drop(columns=EVERYONE, errors="ignore")
    titles = _titles(folder)
    project = refi_writer.qdpx(tables, texts, title, titles)
    made, lost = {"project.qdpx": project.data}, [project.left_out.assign(file="project.qdpx")]
    if len(tables["codebook"]):  # the standard has no empty codebook
        codes = refi_writer.qdc(tables["codebook"], titles.get("codebook"))
        made["codebook.qdc"] = codes.data
        lost.append(codes.left_out.assign(file="codebook.qdc"))
    rows = pd.concat(lost, ignore_index=True)[["file", "table", "id", "why"]]
    return made | {LEFT_OUT: written(rows.astype("str")).encode()}


def _titles(folder: Path) -> dict[str, dict[str, str]]:
    """What columns are called, where that is something else than their names: by table and column."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return {
        one.get("name", ""): {
            field["name"]: field["title"]
            for field in one.get("schema", {}).get("fields", [])
            if "title" in field
        }
        for one in package.get("resources", [])
    }
