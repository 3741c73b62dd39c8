"""Whether a project hangs together: every row is there once, and whatever it names is there."""

from collections.abc import Iterator

import pandas as pd

from analysis.sources.project import COLUMNS, LINKS, Project, SourceError, has_text
from analysis.study.problems import Problem
from analysis.study.rules import comes_back

ABOVE = ("codes", "parent")
"""A code whose code above is left out moves to the top; any other row goes with what it hangs on."""
OWNERS = ("sources", "codes", "cases", "passages", "codings")
NEEDED = (
    ("members", "case"),
    ("members", "source"),
    ("passages", "source"),
    ("codings", "passage"),
    ("codings", "code"),
    ("values", "variable"),
)
"""Links without which a row says nothing."""
WORDS = {"coders": "coder", "sources": "source", "codes": "code", "cases": "case", "passages": "passage"}


def sound(file: str, project: Project, *, skip_broken: bool = False) -> Project:
    """The project with every row marked that cannot be used, and why.

    SourceError with all faults of the `file`, unless `skip_broken`: rows at fault are then left out.
    """
    for table, frame in project.tables.items():
        if "id" in COLUMNS[table] and table != "others":
            _once(frame)
    for table, column, other in LINKS:
        _there(project[table], column, project[other], WORDS[other])
    for of in OWNERS:
        rows = project["values"]["of"] == of
        _there(project["values"], "owner", project[of], WORDS.get(of, of), only=rows)
    for table, column in NEEDED:
        nothing = project[table][column].isna()
        _mark(project[table], nothing, f"it names no {WORDS.get(column + 's', column)}", broken=True)
    _steps_up(project["codes"])
    values = project["values"]
    _mark(values, values["value"].isna(), "it has no value", broken=False)
    for table in ("passages", "members"):
        _texts(project[table], project["sources"])
    broken = [*_problems(project)]
    if broken and not skip_broken:
        raise SourceError(file, broken)
    leave_out_what_hangs_on(project)
    return project


def _mark(frame: pd.DataFrame, rows: pd.Series, why: pd.Series | str, *, broken: bool) -> None:
    """Give rows a reason, where they have none yet."""
    new = rows & frame["why"].isna()
    frame.loc[new, "why"] = why[new] if isinstance(why, pd.Series) else why
    frame.loc[new, "broken"] = broken


def _once(frame: pd.DataFrame) -> None:
    again = frame["id"].notna() & frame["id"].duplicated()
    if again.any():
        first = frame.drop_duplicates("id").set_index("id")["where"]
        why = (
            'the id "' + frame["id"] + '" stands already at ' + frame["id"].map(first).fillna("another place")
        )
        _mark(frame, again, why, broken=True)
    _mark(frame, frame["id"].isna() & frame["what"].notna(), "it has no id", broken=True)


def _there(frame: pd.DataFrame, column: str, other: pd.DataFrame, word: str, only: object = True) -> None:
    missing = frame[column].notna() & ~frame[column].isin(other["id"].dropna()) & only
    if missing.any():
        why = f'it names the {word} "' + frame[column] + '", which is not in the file'
        _mark(frame, missing, why, broken=True)


def _steps_up(codes: pd.DataFrame) -> None:
    """From a code to the one above and so on must come to an end."""
    above = dict(zip(codes["id"], codes["parent"], strict=True))
    round_ = [comes_back(code, above) for code in codes["id"]]
    why = 'the code above it, "' + codes["parent"] + '", stands below it as well'
    _mark(codes, pd.Series(round_, index=codes.index, dtype=bool), why, broken=True)


def _texts(frame: pd.DataFrame, sources: pd.DataFrame) -> None:
    """Places in a text need the text, and a beginning before the end."""
    placed = frame["start"].notna() | frame["end"].notna()
    with_text = sources.loc[has_text(sources), "id"]
    named = frame["source"].map(sources.drop_duplicates("id").set_index("id")["name"])
    named = named.astype("str").fillna(frame["source"])
    why = 'the text of its source "' + named + '" is not in the file'
    _mark(frame, placed & ~frame["source"].isin(with_text), why, broken=True)
    half = placed & (frame["start"].isna() | frame["end"].isna())
    _mark(frame, half, "it has a beginning or an end, and not both", broken=True)
    start, end = (frame[one].astype("str").fillna("") for one in ("start", "end"))
    turned = (frame["end"] < frame["start"]).fillna(value=False).astype(bool)
    _mark(frame, turned, "it ends at " + end + ", before its beginning at " + start, broken=True)
    empty = (frame["end"] == frame["start"]).fillna(value=False).astype(bool)
    empty &= frame["region"].isna() if "region" in frame else True
    _mark(frame, empty, "it marks a point and no words", broken=False)


def _problems(project: Project) -> Iterator[Problem]:
    for table, frame in project.tables.items():
        for row in frame[frame["broken"]].itertuples():
            yield Problem(_shown(row.where, table), None, None, f"{_shown(row.what, table)}: {row.why}")


def _shown(cell: object, other: str) -> str:
    return cell if isinstance(cell, str) else other


def leave_out_what_hangs_on(project: Project) -> None:
    """A row goes with the row that it cannot do without, if that is left out."""
    for table, column, other in LINKS:
        gone = project[other].loc[project[other]["why"].notna(), "id"].dropna()
        rows = project[table][column].isin(gone)
        if (table, column) == ABOVE:
            project[table].loc[rows, column] = None
        elif rows.any():
            _mark(project[table], rows, f"its {WORDS[other]} is left out", broken=False)
    for table, owners in (("values", OWNERS), ("notes", OWNERS[:3])):  # of notes on passages see `folder`
        for of in owners:
            gone = project[of].loc[project[of]["why"].notna(), "id"].dropna()
            rows = (project[table]["of"] == of) & project[table]["owner"].isin(gone)
            _mark(project[table], rows, "what it is about is left out", broken=False)
