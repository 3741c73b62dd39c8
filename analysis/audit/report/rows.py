"""The raw rows behind numbers: from which tables of a study a cell made its results, and where they are."""

import ast
from html import escape
from typing import Any

import pandas as pd

from analysis.audit.report.evidence import Evidence, Notebook
from analysis.audit.report.markup import page, raw, table

COUNTED = ("interviews", "activities", "roles")
"""Tables that have a page of their own; they say nothing of single people or excerpts."""
SHOWN = {
    "excerpts": ("The excerpts behind it", "excerpts.html"),
    "roster": ("The people listed behind it", "people.html"),
    "claims": ("The claims that rest on it", "claims.html"),
}
"""Where the rows of other tables are."""


def sources(evidence: Evidence) -> dict[str, bytes]:
    """A page for each of these tables that the study has."""
    return {f"raw/{name}.md": _page(name, getattr(evidence.study, name)) for name in given(evidence)}


def given(evidence: Evidence) -> list[str]:
    """The names of the tables that have a page."""
    return [name for name in COUNTED if len(getattr(evidence.study, name))]


def behind(evidence: Evidence, tables: set[str], up: str) -> list[tuple[str, str]]:
    """Where the rows of raw tables are, with a name for each, seen from a page `up` leads out of."""
    places = SHOWN | {
        name: (f"The rows of {name}.csv behind it", f"raw/{name}.html") for name in given(evidence)
    }
    return [(text, up + place) for name, (text, place) in places.items() if name in tables]


def read(book: Notebook) -> dict[str, set[str]]:
    """The raw tables that went into what each cell of a notebook has made, itself or by way of a name that
    an earlier cell has set. Notebooks call the study `record`.

    >>> cells = ["placed = place(record.excerpts)", "n = count(placed, record.codings)", "show(n)"]
    >>> found = read({"cells": [dict(id=c, cell_type="code", source=c) for c in cells]})
    >>> sorted(found["show(n)"])
    ['codings', 'excerpts']
    """
    known: dict[str, set[str]] = {}
    found = {}
    for cell in (one for one in book["cells"] if one["cell_type"] == "code"):
        found[cell["id"]] = set()
        for line in ast.parse("".join(cell["source"])).body:
            tables = _used(line, known)
            found[cell["id"]] |= tables
            known |= {name: known.get(name, set()) | tables for name in _names(line, ast.Store)}
    return found


def _used(line: ast.stmt, known: dict[str, set[str]]) -> set[str]:
    own = {node.attr for node in ast.walk(line) if isinstance(node, ast.Attribute) and _is_record(node.value)}
    return own.union(*(known.get(name, set()) for name in _names(line, ast.Load)))


def _is_record(node: ast.expr) -> bool:
    """The study itself, or the whole of it, wherever that lives."""
    inner = node.value if isinstance(node, ast.Attribute) and node.attr == "whole" else node
    return isinstance(inner, ast.Name) and inner.id == "record"


def _names(line: ast.stmt, how: type[Any]) -> list[str]:
    return [node.id for node in ast.walk(line) if isinstance(node, ast.Name) and isinstance(node.ctx, how)]


def _page(name: str, rows: pd.DataFrame) -> bytes:
    shown = rows.astype("str").where(rows.notna(), "")
    made = table(shown, f"{name}.csv, {len(rows)} rows", lambda row, column: escape(row[column]))
    return page("rows", name=name, shown=raw(made))
