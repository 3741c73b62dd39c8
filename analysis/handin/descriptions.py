"""What each table of results and each of its columns is, in the words of the page beside the results."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

PAGE = "data/derived/README.md"
IN_A_RELEASE = {
    "people": ("people", "how many; blank where hidden"),
    "of": ("people", "of how many"),
    "hidden": ("", "why a number is blank"),
    "result": ("", "what stays"),
    "why": ("", "why it stays"),
}
"""Columns that have a meaning of their own in a release."""
STAMP = {"simulated": ("", "yes, as the people are invented")}
GROUP = "borough"
"""The grouping by which the page tells of tables that every grouping has."""


@dataclass(frozen=True)
class Description:
    """A table in a sentence, when it is empty, and the unit and the meaning of each column."""

    about: str = ""
    empty: str = ""
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)

    def legend(self, columns: Iterable[str]) -> str:
        """What the columns mean, as the note below a table; those that nobody explains are left out."""
        known = {name: self.columns[name] for name in columns if name in self.columns}
        parts = [
            f"{name.replace('_', ' ')}{f' [{unit}]' if unit else ''}: {what}"
            for name, (unit, what) in known.items()
        ]
        return f"Columns. {'; '.join(parts)}." if parts else ""


def of_tables(root: Path, groupings: Iterable[str]) -> dict[str, Description]:
    """The description of every table, by its name; tables by a group also for the groupings of a study."""
    text = (root / PAGE).read_text(encoding="utf-8")
    _, *parts = re.split(r"^### (\w+)\.csv$", text, flags=re.MULTILINE)
    told = dict(zip(parts[::2], (part.split("\n## ")[0] for part in parts[1::2]), strict=True))
    found = {name: Description(*_about(name, told), _columns(name, told) | STAMP) for name in told}
    for by in groupings:
        for name, one in [*found.items()]:
            found.setdefault(_instead(name, by), _by_group(one, by))
    return found


def of_table(name: str, known: dict[str, Description]) -> Description:
    """The description of one table; of one that nobody describes, what is the same in every table."""
    return known.get(name, Description(columns=STAMP))


def of_released(name: str, known: dict[str, Description], root: Path) -> Description:
    """The description of what of a table is released, which is less, and may be told in other columns."""
    text = (root / PAGE).read_text(encoding="utf-8").partition("\n## A release\n")[2]
    one = of_table(name, known)
    for names, about in re.findall(r"^\| (`[^|]+\.csv`) \| ([^|]*) \|$", text, re.MULTILINE):
        patterns = [
            re.escape(part).replace("<grouping>", r"\w+") for part in re.findall(r"`(\S+)\.csv`", names)
        ]
        if any(re.fullmatch(pattern, name) for pattern in patterns):
            first = _plain(_clauses(about)[0]).rstrip(".;")
            whole = one.about if "`" not in about else ""  # which would speak of other columns
            told = f"{whole}. Released: {first}" if whole else _with_group(name, first[0].upper() + first[1:])
            return Description(told, columns=one.columns | IN_A_RELEASE)
    return replace(one, columns=one.columns | IN_A_RELEASE)


def _about(name: str, told: dict[str, str]) -> tuple[str, str]:
    """What a table is, by which group, and when it is empty; blank where the page only names its columns."""
    about, empty = _said(name, told)
    return _plain(_with_group(name, about)).rstrip(".;"), _plain(empty)


def _with_group(name: str, about: str) -> str:
    """What a table is, with the groups that its name has."""
    group = name.partition("_by_")[2].removesuffix("_narrow").replace("_", " ")
    if about and group and not re.search(rf"\bby {group}\b", about):
        return f"By {group}: {about[0].lower()}{about[1:]}"
    return about


def _said(name: str, told: dict[str, str]) -> tuple[str, str]:
    """What the first paragraph says of a table and of when it is empty, or that of the table it refers to."""
    first = _first(told[name])
    mine = [one for one in _clauses(first) if not re.search(r"olumns as|\.csv`", one)]
    about = " ".join(one for one in mine if not one.startswith("Empty"))
    empty = " ".join(one for one in mine if one.startswith("Empty"))
    other = re.search(r"olumns as `(\w+)\.csv`", first)
    if not about and other and other[1] in told and other[1] != name:
        about, empty = _said(other[1], told)
        named = [
            one for one in _clauses(_first(told[other[1]])) if one.startswith(f"`{name}.csv` has the same")
        ]
        about = " ".join([about.rstrip(";"), *(re.sub(".* has the same columns ", "", one) for one in named)])
    return about, empty


def _first(part: str) -> str:
    """The first paragraph of a table's part of the page."""
    return next((line for line in part.strip().split("\n") if line and not line.startswith("|")), "")


def _clauses(text: str) -> list[str]:
    return re.split(r"(?<=[.;]) ", text)


def _columns(name: str, told: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Unit and meaning of each column; a table may have those of another one, by another group."""
    rows = re.findall(r"^\| `([^|`]+)` \| ([^|]*?) ?\| ([^|]*) \|$", told[name], re.MULTILINE)
    mine = {column: (_plain(unit), _plain(what)) for column, unit, what in rows}
    other = re.search(r"olumns as `(\w+)\.csv`(?:.*with `(\w+)` as the group)?", told[name])
    if other and other[1] in told and other[1] != name:
        theirs = _columns(other[1], told)
        mine_by = name.partition("_by_")[2]
        group = other[2] or (GROUP if mine_by.startswith(GROUP) else mine_by)
        mine = {group if column == GROUP else column: what for column, what in theirs.items()} | mine
    return mine


def _by_group(one: Description, by: str) -> Description:
    columns = {by if name == GROUP else name: what for name, what in one.columns.items()}
    about = re.sub(rf"\b([Bb]y) {GROUP}\b", rf"\1 {by.replace('_', ' ')}", one.about)
    return replace(one, about=about, columns=columns)


def _instead(name: str, by: str) -> str:
    return re.sub(rf"_by_{GROUP}(?=_|$)", f"_by_{by}", name)


def _plain(text: str) -> str:
    return text.replace("`", "").strip()
