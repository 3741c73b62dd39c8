"""Result tables as pages: each number leads to the cell that wrote it, each code to its excerpts."""

import re
from html import escape

import pandas as pd

from analysis import ROOT
from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import link, linked, page, raw, table

UP = "../"


def sources(evidence: Evidence) -> dict[str, bytes]:
    """A page for each table, and one that lists them."""
    about = abouts()
    made = {f"tables/{name}.md": _page(evidence, name, about.get(name, "")) for name in evidence.tables}
    listed = [(name, len(rows), about.get(name, "")) for name, rows in evidence.tables.items()]
    return made | {"tables/index.md": page("tables", tables=listed)}


def abouts() -> dict[str, str]:
    """The first sentence or two on each table, from the page that describes the results."""
    text = (ROOT / "data" / "derived" / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^### (\w+)\.csv\n\n([^|\n][^\n]*)", text, re.MULTILINE))


def _page(evidence: Evidence, name: str, about: str) -> bytes:
    rows = evidence.tables[name]
    href = evidence.cell(evidence.path(f"{name}.csv"), UP)
    keys = evidence.keys(rows)
    made = table(
        rows,
        f"{name}.csv, {len(rows)} rows",
        lambda row, column: _cell(evidence, row, column, href, keys),
        lambda row: f' id="row-{row.name + 1}"',
    )
    return page(
        "table",
        name=name,
        about=about,
        rows=len(rows),
        href=href,
        shown=raw(made),
        keys=keys,
        codes="code" in rows,
    )


def _cell(evidence: Evidence, row: pd.Series, column: str, href: str | None, keys: list[str]) -> str:
    text = row[column]
    if keys and column == keys[-1]:
        return link(text, UP + evidence.groups.get(tuple(row[key] for key in keys), "people.html"))
    if column in ("code", "other", "conclusion") and text in evidence.codes:
        return link(text, UP + evidence.codes[text])
    if column == "excerpt" and text in evidence.excerpts:
        return link(text, UP + evidence.excerpts[text])
    if column in ("text", "left", "match", "right"):
        return escape(text)
    return linked(text, href)
