"""What must hold of quotations that were chosen by hand for the cells of a joint display."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from analysis.study.cells import NOT_STATED
from analysis.study.levels import above, themes
from analysis.study.problems import Problem, listed, nearest, shown

Tables = dict[str, pd.DataFrame]
FILE = "selections.csv"
EXCERPT = "excerpt"
READ = ("roster", "codebook", "excerpts", "codings")


def broken(tables: Tables, choices: dict[str, Any]) -> Iterator[Problem]:
    """Every choice that no display may show. Frames are indexed by line number."""
    if "selections" not in tables or not {*READ} <= tables.keys():
        return
    rows = tables["selections"].dropna(subset=["by", "code", "group", EXCERPT])
    for rule in (_grouping, _theme, _under, _from_there, _quotation, _cleared, _twice):
        yield from rule(rows, tables, choices)


def _grouping(rows: pd.DataFrame, tables: Tables, choices: dict[str, Any]) -> Iterator[Problem]:
    compared = choices.get("compare", choices.get("groupings", []))
    for line, row in rows.iterrows():
        if row["by"] not in compared:
            says = f'"{shown(row["by"])}" is no grouping that themes are compared by: {listed(compared)}'
            yield Problem(FILE, line, "by", says, nearest(row["by"], compared))
        elif row["group"] not in (groups := _groups(row["by"], tables)):
            says = f'"{shown(row["group"])}" is no group of "{row["by"]}": {listed(groups)}'
            yield Problem(FILE, line, "group", says, nearest(row["group"], groups))


def _groups(by: str, tables: Tables) -> list[str]:
    if by == "role_group":
        return sorted({*tables["roles"]["role_group"].dropna(), NOT_STATED}) if "roles" in tables else []
    return sorted({*tables["roster"].get(by, pd.Series(dtype="str")).fillna(NOT_STATED)})


def _theme(rows: pd.DataFrame, tables: Tables, _: dict[str, Any]) -> Iterator[Problem]:
    told = themes(tables["codebook"])
    for line, code in rows.loc[~rows["code"].isin(told), "code"].items():
        says = f'"{shown(code)}" has no row in a joint display, which has the themes {listed(told)}'
        yield Problem(FILE, line, "code", says, _nearest_above(code, told, tables["codebook"]))


def _nearest_above(code: str, told: list[str], codebook: pd.DataFrame) -> str | None:
    return next((one for one in above(code, codebook) if one in told), None) or nearest(code, told)


def _under(rows: pd.DataFrame, tables: Tables, _: dict[str, Any]) -> Iterator[Problem]:
    codings = tables["codings"].dropna(subset=[EXCERPT, "code"])
    lines = {code: {code, *above(code, tables["codebook"])} for code in codings["code"].unique()}
    for line, row in rows.iterrows():
        mine = codings.loc[codings[EXCERPT] == row[EXCERPT], "code"]
        if not any(row["code"] in lines[code] for code in mine):
            says = f'"{shown(row[EXCERPT])}" stands neither under "{shown(row["code"])}" nor under a subcode'
            yield Problem(FILE, line, EXCERPT, says)


def _from_there(rows: pd.DataFrame, tables: Tables, _: dict[str, Any]) -> Iterator[Problem]:
    """No output ties a quotation to a group that the record does not print, whoever chooses it."""
    group = _printed_group(tables)
    for line, row in rows[rows[EXCERPT].isin(tables["excerpts"][EXCERPT])].iterrows():
        found = group(row["by"]).get(row[EXCERPT])
        if not isinstance(found, str):
            says = (
                f'of which {row["by"]} "{shown(row[EXCERPT])}" is, the record does not say, '
                "and no output ties a quotation to a group that it does not print"
            )
            yield Problem(FILE, line, EXCERPT, says)
        elif found != row["group"]:
            says = f'"{shown(row[EXCERPT])}" is of {row["by"]} "{found}", not "{shown(row["group"])}"'
            yield Problem(FILE, line, EXCERPT, says)


def _printed_group(tables: Tables) -> Callable[[str], dict[str, str]]:
    """A function that gives each excerpt's group of a grouping where the record says it.

    It says what `labels.known_group` says, which this room may not ask: a test holds the two together.
    """
    roster, excerpts = tables["roster"], tables["excerpts"].set_index(EXCERPT)
    people = roster.dropna(subset="participant").set_index("participant")
    roles = tables.get("roles", pd.DataFrame(columns=["label", "role_group"])).dropna(subset="label")
    printed = dict(zip(roles["label"].str.casefold(), roles["role_group"], strict=True))
    spoken = excerpts["source"] == "interview"

    def known(by: str) -> dict[str, str]:
        if by != "role_group":
            column = people.get(by, pd.Series(dtype="str")).fillna(NOT_STATED)
            return excerpts["participant"].map(column).dropna().to_dict()
        of_person = people["role"].str.casefold().map(printed).astype(object).fillna(NOT_STATED)
        group = excerpts["participant"].map(of_person).astype(object)
        group = group.fillna(excerpts["speaker"].str.casefold().map(printed))
        return group.where(spoken).dropna().to_dict()

    return known


def _quotation(rows: pd.DataFrame, tables: Tables, _: dict[str, Any]) -> Iterator[Problem]:
    excerpts = tables["excerpts"].set_index(EXCERPT)
    said = excerpts.index[(excerpts["source"] == "interview") & excerpts["text"].notna()]
    for line, one in rows.loc[rows[EXCERPT].isin(excerpts.index), EXCERPT].items():
        if one not in said:
            says = f'"{shown(one)}" is no quotation; expected an excerpt of an interview with its text'
            yield Problem(FILE, line, EXCERPT, says)


def _cleared(rows: pd.DataFrame, _: Tables, choices: dict[str, Any]) -> Iterator[Problem]:
    cleared = choices.get("cleared", [])
    for line, one in rows[EXCERPT].items() if choices.get("policy") != "public" else ():
        if one not in cleared:
            says = (
                f'"{shown(one)}" is not cleared for publication, and the study is restricted '
                "(cleared in datapackage.json)"
            )
            yield Problem(FILE, line, EXCERPT, says)


def _twice(rows: pd.DataFrame, _: Tables, __: dict[str, Any]) -> Iterator[Problem]:
    again = rows[rows.duplicated(["by", EXCERPT])]
    for line, row in again.iterrows():
        same = rows[(rows["by"] == row["by"]) & (rows[EXCERPT] == row[EXCERPT])]
        says = (
            f'"{shown(row[EXCERPT])}" is chosen on line {same.index[0]} already; '
            "a display shows a quotation once"
        )
        yield Problem(FILE, line, EXCERPT, says)
