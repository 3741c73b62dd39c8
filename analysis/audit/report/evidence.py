"""What a report is made of: the study, its results as they lie there, and which cell wrote which."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import ROOT, FailedError
from analysis.audit.origins import Origin, origins
from analysis.audit.report.markup import anchors
from analysis.outputs.place import Results
from analysis.runs import record
from analysis.study import Study

Notebook = dict[str, Any]


class ReportError(FailedError):
    """Why no report is written."""


@dataclass(frozen=True)
class Evidence:
    """`tables` are texts as they stand in the files; `origins` has the cell behind each file, by path."""

    study: Study
    results: Results
    record: dict[str, Any]
    notebooks: dict[str, Notebook]
    tables: dict[str, pd.DataFrame]
    origins: dict[str, Origin]

    def path(self, name: str) -> str:
        """The path of a result below the checkout."""
        return (self.results.derived / name).relative_to(self.results.root).as_posix()

    def cell(self, path: str, up: str = "") -> str | None:
        """Where a page with the cell is that wrote a file, seen from a page `up` leads out of."""
        one = self.origins.get(path)
        return one and f"{up}notebooks/{one.run}.html#{one.cell}"

    def frame(self, name: str) -> pd.DataFrame:
        """A table with its numbers as numbers, as sentences are made from it; empty where there is none."""
        path = self.results.derived / f"{name}.csv"
        return pd.read_csv(path) if path.exists() else pd.DataFrame()

    def kept(self, command: str) -> dict[str, Any]:
        """What another command has left behind of this study; nothing where it was not run."""
        return record.read(self.results.root / "scratch" / command / f"{self.study.name}.json")

    @cached_property
    def codes(self) -> dict[str, str]:
        """Where the excerpts of each code are."""
        ids = anchors("code", self.study.codebook["code"])
        return {code: f"excerpts.html#{one}" for code, one in ids.items()}

    @cached_property
    def excerpts(self) -> dict[str, str]:
        """Where each excerpt is, under the first of its codes."""
        ids = anchors("excerpt", self.study.excerpts["excerpt"])
        return {excerpt: f"excerpts.html#{one}" for excerpt, one in ids.items()}

    @cached_property
    def groups(self) -> dict[tuple[str, ...], str]:
        """Where the rows of the roster are of each group, by one grouping or by the first few together."""
        keys = [*self.study.groupings]
        rows = self.study.roster[keys].drop_duplicates().itertuples(index=False)
        found = dict.fromkeys(tuple(row[:deep]) for row in rows for deep in range(1, len(keys) + 1))
        ids = anchors("people", ["\n".join(group) for group in found])
        return {group: f"people.html#{one}" for group, one in zip(found, ids.values(), strict=True)}

    def keys(self, rows: pd.DataFrame) -> list[str]:
        """The groupings that a table of people is told by, if people can be looked up by them."""
        keys = [name for name in self.study.groupings if name in rows]
        people = any(name in rows for name in ("people", "people_listed")) and "code" not in rows
        return keys if people and keys == [*self.study.groupings][: len(keys)] else []


def gathered(study: Study, root: Path = ROOT) -> Evidence:
    """The results of a study; ReportError where there are none."""
    results = Results(study.name, root)
    paths = sorted((results.derived / "notebooks").glob("*.ipynb"))
    if not paths:
        raise ReportError(f"data/derived/{study.name}/ has no executed notebooks; run make reproduce first")
    notebooks = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    tables = {path.stem: as_text(path) for path in sorted(results.derived.glob("*.csv"))}
    said = record.read(results.derived / record.SHARED)
    return Evidence(study, results, said, notebooks, tables, origins(notebooks.items()))


def as_text(path: Path) -> pd.DataFrame:
    """A table with every cell as it stands in the file."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)
