"""The claims of the paper with their verdicts, to be filtered and followed."""

from html import escape

import pandas as pd

from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import link, linked, page, raw, table

ADDRESS = ("file", "row", "column", "rule")
"""Columns that say where among the results a value stands, if the ledger has them."""


def sources(evidence: Evidence) -> dict[str, bytes]:
    """One page with every claim."""
    rows = evidence.tables.get("claims", pd.DataFrame(columns=["verdict", "where"]))
    choices = {name: [*dict.fromkeys(rows[name])] for name in ("verdict", "where")}
    form = page("filters", choices=choices).decode() if len(rows) else ""
    shown = raw(table_of(evidence, rows, "claims")) if len(rows) else ""
    return {"claims.md": page("claims", form=raw(form), shown=shown, claims=len(rows))}


def table_of(evidence: Evidence, rows: pd.DataFrame, name: str = "") -> str:
    """Claims as a table in which a value leads to its cell; one with a name can be linked to and filtered."""
    known = evidence.study.claims.set_index("claim")
    words = rows["claim"].map(known["printed"]).fillna("")
    about = rows["claim"].map(known["statement"]).fillna("")
    address = [one for one in ADDRESS if one in rows]
    shown = pd.DataFrame({"claim": rows["claim"], "what is claimed": about, "where": rows["where"]})
    shown = shown.assign(**{"the paper's words": words})
    shown = shown.join(rows[["printed", "computed", "verdict", "cell", *address, "notebook"]])
    ids = bool(name)
    return table(
        shown.drop(columns="notebook"),
        "Claims" if not name else "Every claim of the paper",
        lambda row, column: _cell(evidence, rows.loc[row.name], row, column),
        lambda row: _attributes(row) if ids else "",
    )


def _attributes(row: pd.Series) -> str:
    said = {"id": f"claim-{row['claim']}", "data-verdict": row["verdict"], "data-where": row["where"]}
    return "".join(f' {name}="{escape(value)}"' for name, value in said.items())


def _cell(evidence: Evidence, full: pd.Series, row: pd.Series, column: str) -> str:
    href = where(evidence, full["notebook"], full["cell"])
    text = row[column]
    if column in ("printed", "computed"):
        return (
            linked(text, href) if any(sign.isdigit() for sign in text) else link(text, href if text else None)
        )
    if column == "cell":
        return link(f"{full['notebook']}#{text}", href) if href else ""
    if column == "verdict":
        return f'<span class="verdict {text.replace(" ", "-")}">{escape(text)}</span>'
    if column == "file" and text.removesuffix(".csv") in evidence.tables:
        return link(text, f"tables/{text.removesuffix('.csv')}.html")
    return escape(text)


def where(evidence: Evidence, run: str, tag: str) -> str | None:
    """The cell of a run with a tag; none where nothing was computed."""
    for cell in evidence.notebooks.get(run, {"cells": []})["cells"]:
        if tag in (*cell["metadata"].get("tags", []), cell["id"]):
            return f"notebooks/{run}.html#{cell['id']}"
    return None
