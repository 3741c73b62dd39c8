"""The rows of the roster behind a number of people, group by group."""

from html import escape

import pandas as pd

from analysis.audit.report.evidence import Evidence
from analysis.audit.report.markup import page, raw, table

SHOWN = ("role", "n", "service_leads", "listed_again", "as_printed")


def sources(evidence: Evidence) -> dict[str, bytes]:
    """One page: a heading for each group of the first grouping, below it the rows by all groupings."""
    study = evidence.study
    roster = study.roster.assign(line=range(2, len(study.roster) + 2))
    keys = [*study.groupings]
    roster = roster.sort_values([*keys, "line"], key=lambda column: column.astype(object).fillna(""))
    parts = [
        {"name": group, "anchor": _anchor(evidence, group), "rows": raw(_table(evidence, rows, keys))}
        for group, rows in roster.groupby(keys[0], sort=False)
    ]
    return {"people.md": page("people", site=keys[0], parts=parts, study=study)}


def _table(evidence: Evidence, rows: pd.DataFrame, keys: list[str]) -> str:
    """The rows of a group. The first of those that are alike in more groupings has their address."""
    shown = rows[["line", *keys, *(name for name in SHOWN if name in rows)]].astype("str")
    shown = shown.where(rows[shown.columns].notna(), "")
    firsts: dict[int, list[str]] = {}
    for deep in range(2, len(keys) + 1):
        for values, group in rows.groupby(keys[:deep], sort=False):
            firsts.setdefault(group.index[0], []).append(_anchor(evidence, *values))
    named = {line: "".join(f'<span id="{one}"></span>' for one in ids) for line, ids in firsts.items()}
    return table(
        shown.rename(columns={"line": "line of roster.csv"}),
        f"{keys[0].capitalize()} {rows[keys[0]].iloc[0]}: rows of roster.csv",
        lambda row, column: (named.get(row.name, "") if column == keys[0] else "") + escape(row[column]),
    )


def _anchor(evidence: Evidence, *group: str) -> str:
    return evidence.groups[group].split("#")[1]
