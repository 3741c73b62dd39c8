"""What is said of rows that break a rule: each sentence once, for files and for tables in an engine.

A sentence comes with the nearest value that would do, if there is one.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from analysis.study.cells import Found
from analysis.study.problems import nearest, shown


def repeated(values: Iterable[str | None], line: Hashable = None) -> str:
    """A key that stands in two rows; `line` is the first, where that is known."""
    cells = [f'"{shown(value)}"' if isinstance(value, str) and value else "a blank" for value in values]
    once = "expected once" if len(cells) == 1 else "remove one of the two rows"
    place = "more than once" if line is None else f"on line {line} already"
    return f"{' + '.join(cells)} stands {place}; {once}"


def unknown(value: str, other: str) -> str:
    """A value that names nothing in the table to which it leads."""
    return f'"{shown(value)}" is in no row of {other}; correct it here or add a row there'


def no_label(value: str, labels: Iterable[str]) -> Found:
    """A role that roles.csv does not explain."""
    says = f'"{shown(value)}" is no label of roles.csv; correct it here or add a row there'
    return says, nearest(value, labels)


def uncoded(value: str, codings: str) -> str:
    """An excerpt without a coding, where each must have one."""
    says = f'"{value}" has no coding in {codings}, and this study forbids it'
    return f"{says} (uncoded_excerpts in datapackage.json)"


def two_groups(participant: str, groups: Iterable[str], by: str) -> str:
    """A participant whose rows differ in a grouping."""
    found = " and ".join(f'"{shown(group)}"' for group in groups)
    return f'"{shown(participant)}" stands in rows of {found}; expected one row with one {by}'


Columns = Mapping[str, Any]
"""Columns by name: of a frame, or expressions that stand for those of a table in an engine."""


class Rule(NamedTuple):
    """What a row breaks by itself, in which column that is said, and of which columns it depends."""

    table: str
    column: str
    of: tuple[str, ...]
    broken: Callable[[Columns], Any]
    says: Callable[[Mapping[str, Any]], Found]


def _blank(column: pd.Series | nw.Expr) -> Any:  # noqa: ANN401 - of the kind that it is asked of
    return column.is_null() if isinstance(column, nw.Expr) else column.isna()


def _at_most_n(column: str) -> Rule:
    def says(row: Mapping[str, Any]) -> Found:
        return f'"{row[column]}" is more than the n of the row, "{row["n"]}"', row["n"]

    return Rule("roster", column, (column, "n"), lambda of: of[column] > of["n"], says)


def _both_or_neither(column: str, other: str) -> Rule:
    def says(row: Mapping[str, Any]) -> Found:
        return f'the cell is blank, and the {other} is "{row[other]}"; expected both or neither', None

    return Rule("excerpts", column, (column, other), lambda of: _blank(of[column]) & ~_blank(of[other]), says)


RULES = (
    _at_most_n("service_leads"),
    _at_most_n("listed_again"),
    Rule(
        *("roster", "n", ("participant", "n")),
        lambda of: ~_blank(of["participant"]) & (of["n"] > 1),
        lambda row: (f'"{row["n"]}" people share the id "{row["participant"]}"; expected 1 with an id', 1),
    ),
    _both_or_neither("start", "end"),
    _both_or_neither("end", "start"),
    Rule(
        *("excerpts", "end", ("start", "end")),
        lambda of: of["end"] < of["start"],
        lambda row: (
            f'"{row["end"]}" lies before the start, "{row["start"]}"; expected an end behind it',
            None,
        ),
    ),
)
"""What must hold in each row of a large table, beyond the form of each cell."""
