"""What is wrong with a study's files, in sentences that say where, what was found and what would do."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analysis import UnusableError


@dataclass(frozen=True)
class Problem:
    """One error. `line` counts rows as a spreadsheet shows them: the header is line 1.

    Where rows have no line, in a table that lies in an engine, `rows` says in how many the value stands, and
    `more` how many other values are at fault in the same way and are not told.
    """

    file: str
    line: int | None
    column: str | None
    says: str
    nearest: object = None
    rows: int | None = None
    more: int = 0

    def __str__(self) -> str:
        where = self.file
        where += f", line {self.line}" if self.line is not None else ""
        where += f", in {self.rows:,} row{'s' * (self.rows != 1)}" if self.rows is not None else ""
        if self.column is not None:
            where += f", {self.column}" if self.file.endswith(".json") else f', column "{self.column}"'
        hint = f' Did you mean "{self.nearest}"?' if self.nearest is not None else ""
        return f"{where}: {self.says}.{hint}"

    @property
    def kind(self) -> tuple[str, str | None, str]:
        """What it has in common with others of its column: all but the values found."""
        return self.file, self.column, re.sub(r'"[^"]*"|\d+', "", self.says)


class StudyError(UnusableError):
    """A study's files cannot be used as they are; `problems` holds every reason at once.

    The message counts errors of one kind in one column, if there are too many to read.
    """

    MOST = 12

    def __init__(self, folder: object, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        number = sum(1 + problem.more for problem in self.problems)
        count = "1 error" if number == 1 else f"{number:,} errors"
        super().__init__("\n".join([f"{folder}: {count}", *self._lines()]))

    def _lines(self) -> Iterable[str]:
        told, found, more = Counter(), Counter(), Counter()
        for problem in self.problems:
            found[problem.kind] += 1
            more[problem.kind] += problem.more
        for problem in self.problems:
            kind, most = problem.kind, min(self.MOST, found[problem.kind])
            told[kind] += 1
            if told[kind] <= most:
                yield str(problem)
            if told[kind] == most and (rest := found[kind] + more[kind] - most):
                column = f', column "{problem.column}"' if problem.column else ""
                yield f"{problem.file}{column}: {rest:,} more of this kind."


def nearest(value: str, legal: Iterable[str]) -> str | None:
    """The legal value most like the one found: same word first, then same letters.

    >>> nearest("Bourough A", ["A", "B", "C"])
    'A'
    >>> nearest("physioterapist", ["nurse", "physiotherapist"])
    'physiotherapist'
    """
    known = {str(item).casefold(): str(item) for item in legal}
    words = [*value.casefold().replace(",", " ").split(), value.casefold().strip()]
    same = next((known[word] for word in reversed(words) if word in known), None)
    return same or alike(value, known.values(), 0.0)


def alike(value: str, legal: Iterable[str], least: float) -> str | None:
    """The value with the most letters in common, case aside; None, if they have less than `least` of them."""
    known = {str(item).casefold(): str(item) for item in legal}
    found = difflib.get_close_matches(value.casefold(), known, n=1, cutoff=least)
    return known[found[0]] if found else None


def listed(values: Iterable[object], most: int = 8) -> str:
    """A few values as a phrase: `A, B, C`, the rest counted."""
    values = [str(value) for value in values]
    rest = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(values[:most]) + rest


LONGEST = 60
"""Characters of a value that a sentence shows."""


def shown(value: str) -> str:
    """A value on one line of a sentence: the middle of a long one left out, what cannot be shown marked."""
    value = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "�", value.replace("\r\n", "\n")).replace("\n", "↵")
    return value if len(value) <= LONGEST else f"{value[:40]} … {value[-15:]}"
