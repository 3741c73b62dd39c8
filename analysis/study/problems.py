"""What is wrong with a study's files, in sentences that say where, what was found and what would do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One error. `line` counts rows as a spreadsheet shows them: the header is line 1."""

    file: str
    line: int | None
    column: str | None
    says: str
    nearest: object = None

    def __str__(self) -> str:
        where = self.file
        where += f", line {self.line}" if self.line is not None else ""
        where += f', column "{self.column}"' if self.column is not None else ""
        hint = f' Did you mean "{self.nearest}"?' if self.nearest is not None else ""
        return f"{where}: {self.says}.{hint}"


class StudyError(Exception):
    """A study's files cannot be used as they are; `problems` holds every reason at once."""

    def __init__(self, folder: object, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 error" if len(self.problems) == 1 else f"{len(self.problems)} errors"
        super().__init__("\n".join([f"{folder}: {count}", *map(str, self.problems)]))


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
    alike = difflib.get_close_matches(value.casefold(), known, n=1, cutoff=0.0)
    return same or (known[alike[0]] if alike else None)


def listed(values: Iterable[object], most: int = 8) -> str:
    """A few values as a phrase: `A, B, C`, the rest counted."""
    values = [str(value) for value in values]
    rest = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(values[:most]) + rest
