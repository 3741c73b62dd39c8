"""The pages of a restricted study: what its release holds, the states of its runs, and nothing else of it."""

import re
from pathlib import Path

import pandas as pd

from analysis import ROOT
from analysis.audit import release
from analysis.audit.report.evidence import as_text
from analysis.audit.report.markup import linked, page, raw, scroll, table
from analysis.audit.report.tables import abouts
from analysis.runs import record
from analysis.study import Study

RELEASES = "scratch/release"


def sources(study: Study, root: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The pages by file name, and no file beside them; UnreleasedError where nothing was released
    of the results in place."""
    release.noted(study.name, root, root / RELEASES)
    folder = root / RELEASES / study.name
    tables = {path.stem: as_text(path) for path in sorted(folder.glob("*.csv"))}
    documents = [_body(path) for path in sorted((folder / "tables").glob("*.html"))]
    derived = root / "data" / "derived" / study.name
    said = record.read(derived / record.SHARED)
    made = {f"tables/{name}.md": _table(name, rows) for name, rows in tables.items()}
    made["tables/index.md"] = page(
        "tables", tables=[(n, len(rows), abouts().get(n, "")) for n, rows in tables.items()]
    )
    made["quotations.md"] = page("quotations", documents=[raw(scroll(one, name)) for name, one in documents])
    made["results.md"] = _section()
    software = said.get("software", {})
    versions = pd.DataFrame(sorted(software.items()), columns=["name", "version"], dtype="str")
    made["check.md"] = page(
        "check_released", study=study, versions=raw(table(versions, "Versions in the record"))
    )
    made["index.md"] = page(
        "released",
        study=study,
        state=said.get("state", "not recorded"),
        runs=[(run["run"], run["state"]) for run in said.get("runs", [])],
        altered=len(record.altered(study.name, root)),
    )
    return made, {}


def _table(name: str, rows: pd.DataFrame) -> bytes:
    shown = table(rows, f"{name}.csv", lambda row, column: linked(row[column], None))
    return page(
        "table",
        name=name,
        about=abouts().get(name, ""),
        rows=len(rows),
        href=None,
        shown=raw(shown),
        keys=[],
        codes=False,
    )


def _body(path: Path) -> tuple[str, str]:
    """A table of quotations without the page around it, and its name."""
    return path.stem, path.read_text(encoding="utf-8").split("<body>")[1].split("</body>")[0].strip()


def _section() -> bytes:
    """What the page on the results says of a release."""
    text = (ROOT / "data" / "derived" / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^## A release\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return f"# What a release holds\n{found[1] if found else ''}".encode()
