"""What an import has found, what became of each row of it, and what to look at before it is believed."""

import html
import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.sources.folder import Folder
from analysis.sources.places import Placed
from analysis.sources.project import SourceError, kept
from analysis.study.problems import listed

GOOD = 0.98
"""A score below which passages of a text are worth a look."""
LISTED = 12
"""Examples that the page shows of each kind; the table of rows has them all."""


def rows(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every row of the tool's file: `what, where, outcome, into, why`, in the order of the tables."""
    parts = [frame.loc[frame["what"].notna(), ["what", "where", "into", "why"]] for frame in tables.values()]
    found = pd.concat(parts, ignore_index=True)
    outcome = found["why"].isna().map({True: "imported", False: "discarded"})
    found.insert(2, "outcome", outcome)
    return found.astype("str")


def reconciliation(found: pd.DataFrame, totals: dict[str, int]) -> pd.DataFrame:
    """For each kind of row how many the file has, by its own count, and what became of them.

    Columns `what, found, imported, discarded, unexplained`; an import is believed if nothing is unexplained.
    """
    counts = found.groupby(["what", "outcome"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=["imported", "discarded"], fill_value=0)
    kinds = [*totals, *(what for what in counts.index if what not in totals)]
    table = counts.reindex(kinds, fill_value=0).rename_axis("what").reset_index()
    table.insert(1, "found", [totals.get(what, 0) for what in kinds])
    table["unexplained"] = table["found"] - table["imported"] - table["discarded"]
    return table[(table["found"] > 0) | (table["unexplained"] != 0)].reset_index(drop=True)


def closed(file: str, table: pd.DataFrame) -> None:
    """SourceError, if a row of the file is unexplained."""
    gaps = table[table["unexplained"] != 0]
    says = [
        f"of {row.found} × {row.what} in the file {row.imported} would be imported and {row.discarded} left "
        f"out with a reason; {row.unexplained} are unexplained, so the file is misunderstood"
        for row in gaps.itertuples()
    ]
    if says:
        raise SourceError(file, says)


def report(
    placed: Placed, folder: Folder, made: dict[str, Any], found: pd.DataFrame, reconciled: pd.DataFrame
) -> dict[str, Any]:
    """Everything of an import that can be put in words and numbers, for import-report.json.

    `made` is said of the import itself: the file, its hash, the choices; `found` and `reconciled` are what
    `rows` and `reconciliation` give. Nothing depends on the clock.
    """
    project = placed.project
    said = {
        "tool": project.tool,
        "format": project.form,
        "project": project.title,
        "people": folder.people.by,
        "counts": counts(placed, folder),
        "units": _units(placed),
        "quotations": _quotations(placed),
        "reconciliation": reconciled.to_dict("records"),
        "findings": findings(placed, folder),
    }
    discarded = found[found["outcome"] == "discarded"]
    reasons = discarded.groupby(["what", "why"], sort=True)["where"].agg(["size", _examples])
    reasons.columns = ["rows", "examples"]
    return made | said | {"summary": lead(said), "discarded": reasons.reset_index().to_dict("records")}


def _examples(places: pd.Series) -> list[str]:
    return [*places.head(LISTED)]


def counts(placed: Placed, folder: Folder) -> dict[str, int]:
    """How many there are of what a reader asks for first."""
    tables = folder.tables
    passages = placed.project["passages"]
    return {
        "people": len(tables["roster"]),
        "sources": len(tables["documents"]),
        "codes": len(tables["codebook"]),
        "coders": int(tables["codings"]["coder"].nunique()),
        "selections": int(passages["why"].isna().sum()),
        "distinct spans": len(tables["excerpts"]),
        "codings": len(tables["codings"]),
        "notes": len(tables["notes"]),
    }


def _units(placed: Placed) -> list[dict[str, Any]]:
    rows_ = placed.units.assign(source=placed.units["source"].map(_names(placed))).round(4)
    return json.loads(rows_.to_json(orient="records"))


def _names(placed: Placed) -> dict[str, str]:
    """What each source is called."""
    sources = kept(placed.project["sources"])
    return dict(zip(sources["id"], sources["name"], strict=True))


def _quotations(placed: Placed) -> dict[str, Any]:
    wrong = placed.quoted[~placed.quoted["agrees"]]
    return {
        "compared": len(placed.quoted),
        "agree": int(placed.quoted["agrees"].sum()),
        "differ": [*wrong["where"]],
    }


def findings(placed: Placed, folder: Folder) -> list[str]:
    """What somebody should look at, as sentences."""
    project, tables = placed.project, folder.tables
    said = [*project.findings]
    what = {"cases": "the file's cases", "sources": "its sources, one for each"}[folder.people.by]
    said.append(f"People are {what}.")
    if folder.merged:
        said.append(
            f"Rows that repeat another's words by the same speaker, and are one excerpt: {folder.merged}."
        )
    poor = placed.units[placed.units["score"] < GOOD]
    if len(poor):
        names = listed(poor["source"].map(_names(placed)))
        said.append(f"Texts with passages that do not end where words end or quotations say: {names}.")
    if folder.unplaced:
        said.append(f"Excerpts with nobody who speaks: {folder.unplaced} of {len(tables['excerpts'])}.")
    if folder.shared:
        said.append(f"Excerpts with several people who may speak, and given to none: {folder.shared}.")
    if folder.cleaned:
        said.append(
            f"In {folder.cleaned} excerpts signs that no table can show are left out; texts/ has them."
        )
    blank = int(tables["codings"]["coder"].isna().sum())
    if blank:
        said.append(f"Codings that do not say who coded: {blank} of {len(tables['codings'])}.")
    silent = tables["documents"]["text_file"].isna().sum()
    if silent:
        said.append(f"Documents without a text in the file: {silent} of {len(tables['documents'])}.")
    return said


# ---- the page ---------------------------------------------------------------------------------------------


def page(told: dict[str, Any]) -> str:
    """The report as a page that any browser shows, without another file."""
    look = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;margin:.5rem 0}th,td{text-align:left;vertical-align:top;"
        "padding:.3rem .7rem;border-bottom:1px solid #bbb}td.n,th.n{text-align:right}"
    )
    title = f"Import of {told['file']}"
    parts = [f"<h1>{html.escape(title)}</h1>", *_paragraphs(told)]
    parts += ["<h2>Found, imported, left out</h2>", _table(told["reconciliation"])]
    if told["discarded"]:
        shown = [row | {"examples": "; ".join(map(str, row["examples"]))} for row in told["discarded"]]
        parts += ["<h2>What was left out, and why</h2>", _table(shown)]
    if told["units"]:
        parts += ["<h2>In which unit the places of each text are counted</h2>", _table(told["units"])]
    differ = told["quotations"]["differ"]
    if differ:
        parts += ["<h2>Passages that do not hold what the tool quotes</h2>", _list(differ[:LISTED])]
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{look}</style>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'


def _paragraphs(told: dict[str, Any]) -> Iterable[str]:
    yield f"<p>{html.escape(told['summary'])}</p>"
    yield "<h2>To look at</h2>"
    yield _list(told["findings"])


def lead(told: dict[str, Any]) -> str:
    """The import in a few sentences."""
    counted = ", ".join(f"{what} {number:,}" for what, number in told["counts"].items())
    left = sum(row["discarded"] for row in told["reconciliation"])
    total = sum(row["found"] for row in told["reconciliation"])
    quoted = told["quotations"]
    origin = f"{told['tool']}, {told['format']}" if told["tool"] else told["format"]
    said = f"From {origin}: {counted}. Of {total:,} rows of the file "
    said += f"{total - left:,} are imported and {left:,} left out, each with its reason; none is unexplained."
    if quoted["compared"]:
        said += f" {quoted['agree']:,} of {quoted['compared']:,} quotations of the tool stand where it says."
    return said


def _list(items: Iterable[object]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(str(item))}</li>" for item in items) + "</ul>"


def _table(records: list[dict[str, Any]]) -> str:
    heads = [*records[0]] if records else []
    numbers = {name for name in heads if all(isinstance(row[name], int | float) for row in records)}
    mark = {name: ' class="n"' if name in numbers else "" for name in heads}
    lines = ["".join(f"<th{mark[name]}>{html.escape(name.replace('_', ' '))}</th>" for name in heads)]
    lines += [
        "".join(f"<td{mark[name]}>{html.escape(_cell(row[name]))}</td>" for name in heads) for row in records
    ]
    return "<table>" + "\n".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
