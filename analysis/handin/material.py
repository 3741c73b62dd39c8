"""What a hand-in is made of: the kept results in the order of the plan, with a caption for each.

Of a restricted study that is what its release holds. Then the study itself is one of which nothing is known
but that, so that no sentence made further on can tell more.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
from lxml import etree
from PIL import Image

from analysis.audit import release
from analysis.handin import descriptions, printed
from analysis.handin.descriptions import Description
from analysis.handin.refusal import HandinError
from analysis.outputs.excel import is_numeric
from analysis.outputs.paper import PaperTable, plan_names
from analysis.outputs.word import NUMBERED
from analysis.runs import record
from analysis.runs.plan import Run, plan
from analysis.study import Study

TITLE = "{http://purl.org/dc/elements/1.1/}title"
MAIN = re.compile(r"(Simulated\. )?Table \d")
"""How the caption of a table begins that stands in the paper itself and not in its appendix."""


@dataclass(frozen=True)
class Result:
    """A table of results: `cells` are texts as they stand in its file."""

    name: str
    caption: str
    cells: pd.DataFrame
    told: Description
    run: str
    notebook: str

    @property
    def note(self) -> str:
        """What stands below the table."""
        return self.told.legend(self.cells.columns)


@dataclass(frozen=True)
class Picture:
    """A figure; `drawn` is False where it only says that the record has nothing to draw."""

    name: str
    caption: str
    alt: str
    png: bytes
    drawn: bool


@dataclass(frozen=True)
class Material:
    """Everything that is handed in of a study, and the study as far as it may be told of."""

    study: Study
    package: dict[str, Any]
    record: dict[str, Any]
    printed: tuple[PaperTable, ...]
    pictures: tuple[Picture, ...]
    results: tuple[Result, ...]

    @property
    def simulated(self) -> bool:
        """Whether the people are invented."""
        return self.study.simulated

    @property
    def restricted(self) -> bool:
        """Whether this is made of a release."""
        return self.study.policy == "restricted"

    @property
    def main(self) -> list[PaperTable]:
        """The printed tables that stand in the paper itself."""
        return [table for table in self.printed if MAIN.match(table.caption)]

    @property
    def appendix(self) -> list[PaperTable]:
        """The printed tables that stand behind it."""
        return [table for table in self.printed if not MAIN.match(table.caption)]

    def printed_as(self, result: Result) -> PaperTable | None:
        """The printed table that shows the rows of a table of results, with fewer columns, if there is one.

        It has the name of the results, whatever stands between its words.
        """
        same = {re.sub(r"[\W_]", "", table.name): table for table in self.printed}
        return same.get(re.sub(r"[\W_]", "", result.name))

    @property
    def figures(self) -> list[tuple[str, Picture]]:
        """The figures that were drawn, each with its number and caption."""
        drawn = [one for one in self.pictures if one.drawn]
        return [(f"Figure {number}. {one.caption}", one) for number, one in enumerate(drawn, start=1)]

    def frame(self, name: str) -> pd.DataFrame:
        """A table of results with its numbers as numbers; empty where there is none."""
        cells = next((one.cells for one in self.results if one.name == name), pd.DataFrame())
        given = cells.replace({"": None})
        return given.assign(**{name: pd.to_numeric(given[name]) for name in cells if is_numeric(cells[name])})


def gathered(study: Study, root: Path, releases: Path) -> Material:
    """What is handed in of the results below `root`; HandinError, where they are not as their runs wrote
    them, UnreleasedError, where a restricted study has no release of them among the `releases`."""
    derived = root / "data" / "derived" / study.name
    said = record.read(derived / record.SHARED)
    again = f"run make reproduce STUDY={study.name} first"
    if not record.runs(said):
        raise HandinError(f"data/derived/{study.name}/ has no results; {again}")
    if altered := record.altered(study.name, root):
        raise HandinError(f"{altered[0]} is not as its run has written it; {again}")
    known = descriptions.of_tables(root, study.groupings)
    runs = plan(study.name, plan_names(study))
    folder = derived
    if study.policy == "restricted":
        release.noted(study.name, root, releases)
        folder = releases / study.name
    paths = _ordered(folder, derived, runs, root)
    results = [
        _result(
            path.stem,
            printed.as_text(path),
            descriptions.of_table(path.stem, known)
            if folder == derived
            else descriptions.of_released(path.stem, known, root),
            _writer(derived / path.name, runs, root),
        )
        for path in paths
    ]
    tables = _ordered(folder / "tables", derived / "tables", runs, root)
    simulated = study.simulated
    return Material(
        study=study if study.policy == "public" else _told(study, results),
        package=record.read(root / "data" / "raw" / study.name / "datapackage.json"),
        record=said,
        printed=tuple(_in_appendix([printed.table(path.parent, path.stem) for path in tables])),
        pictures=tuple(_pictures(runs, root)) if study.policy == "public" else (),
        results=tuple(_numbered(results, "Simulated. " if simulated else "")),
    )


def _ordered(folder: Path, derived: Path, runs: list[Run], root: Path) -> list[Path]:
    """The tables of a folder in the order in which the plan has their namesakes; others behind them."""
    order = [Path(path).name for run in runs for path in run.outputs if (root / path).parent == derived]
    found = {path.name: path for path in sorted(folder.glob("*.csv"))}
    return [found[name] for name in dict.fromkeys([*order, *found]) if name in found]


def _writer(path: Path, runs: list[Run], root: Path) -> tuple[str, str]:
    """The run that has written a file, and the title of its notebook."""
    place = path.relative_to(root).as_posix()
    run = next((run for run in runs if place in run.outputs), None)
    if run is None:
        return "", ""
    cells = json.loads((root / f"notebooks/{run.notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells for line in "".join(cell["source"]).splitlines()]
    return run.name, next((line[2:].strip() for line in lines if line.startswith("# ")), "")


def _result(name: str, cells: pd.DataFrame, told: Description, writer: tuple[str, str]) -> Result:
    run, title = writer
    words = name.replace("_", " ").capitalize()
    about = told.about or (f"{words}, of the notebook “{title}”" if title else words)
    return Result(name, about, cells, told, run, title)


def _in_appendix(tables: list[PaperTable]) -> Iterable[PaperTable]:
    """Printed tables; one whose caption has no number gets the next one of the appendix."""
    numbers = [NUMBERED.match(table.caption) for table in tables]
    last = max((int(found["number"]) for found in numbers if found and found["letter"] == "A"), default=0)
    for table, found in zip(tables, numbers, strict=True):
        last += found is None
        stamp = "Simulated. " if table.caption.startswith("Simulated. ") else ""
        named = f"{stamp}Table A{last}. {table.caption.removeprefix(stamp)}"
        yield table if found else replace(table, caption=named)


def _numbered(results: list[Result], stamp: str) -> Iterable[Result]:
    """Tables with their numbers, those without a row behind the others."""
    for number, one in enumerate(sorted(results, key=lambda one: one.cells.empty), start=1):
        yield replace(one, caption=f"{stamp}Table S{number}. {one.caption}")


def _pictures(runs: list[Run], root: Path) -> Iterable[Picture]:
    """The figures with the words that they carry: PNG has the text in its place, SVG the caption."""
    for path in (root / path for run in runs for path in run.outputs if path.endswith(".png")):
        if path.is_file():
            with Image.open(path) as image:
                carried = image.text
            title = etree.parse(path.with_suffix(".svg")).find(f".//{TITLE}")
            data = carried.get("Source data", "").strip()
            yield Picture(path.stem, title.text, carried["Description"], path.read_bytes(), bool(data))


def _told(study: Study, results: list[Result]) -> Study:
    """A restricted study as far as its release tells of it: the codes that it names, and no rows else."""
    codes = {code for one in results if "code" in one.cells for code in one.cells["code"]}
    frames = {
        one.name: getattr(study, one.name)[:0]
        for one in fields(study)
        if isinstance(getattr(study, one.name), pd.DataFrame)
    }
    frames["codebook"] = study.codebook[study.codebook["code"].isin(codes)]
    return replace(study, imported={}, missing=(), **frames)
