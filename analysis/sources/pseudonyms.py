"""Names replaced by pseudonyms, the same ones at every import, with the key kept apart.

Names are those of cases, sources and coders, and what the key's keeper adds. They are replaced wherever they
stand as words of their own, in names, values, notes, codes and texts; places in texts move with them. Case,
white space and the way in which accents are stored do not matter. What the program does not know to be a name
stays, as does a name without two letters where it is not a cell of its own: somebody has to read the texts.
"""

import csv
import io
import re
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.sources import naming
from analysis.sources.mapping import Mapping
from analysis.sources.offsets import JOINED
from analysis.sources.places import Placed
from analysis.sources.project import SourceError
from analysis.study import tables

KINDS = {"cases": "P", "sources": "D", "coders": "C"}
"""How the pseudonyms of a table begin."""
FIRST = ("N", "P", "D", "C")
"""Whose pseudonym a text gets, if a name is of several kinds."""
SHORTEST = 2
"""Letters of a name that is replaced within texts; shorter ones, and numbers, stand in too many."""
SHOWN: dict[str, tuple[str, ...]] = {
    "values": ("variable", "value"),
    "variables": ("name", "definition"),
    "codes": ("name", "definition"),
    "notes": ("name", "text"),
    "passages": ("text", "region"),
}
"""Columns of a project in which names may stand among other words."""
UNSEEN = "\u0307\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Signs that do not make another name: the dot that some capitals leave behind, and what nobody sees."""
LETTER = JOINED.pattern.replace(r"[^\W", r"[^\W_\u1100-\u11ff", 1)
"""A letter or digit of a script in which words stand apart and nothing is joined to a name; no underscore."""
PART = "[\u0300-\u036f\u1160-\u11ff]"
"""A sign that makes another letter, or another syllable of Korean, of the one before."""
COLUMNS = ("kind", "name", "pseudonym")
FIELDS = [
    {"name": "kind", "column_required": True, "constraints": {"required": True, "enum": [*FIRST]}},
    {"name": "name", "column_required": True, "constraints": {"required": True}},
    {"name": "pseudonym", "column_required": True, "constraints": {"required": True}},
]


@dataclass(frozen=True)
class Key:
    """The pseudonym of each name by kind: P people, D documents, C coders, N what its keeper has added."""

    names: dict[tuple[str, str], str]

    @classmethod
    def read(cls, path: Path) -> "Key":
        """The key in a CSV file with the columns `kind, name, pseudonym`. SourceError, if it is damaged."""
        frame, problems, _ = tables.read(path, FIELDS)
        if problems:
            raise SourceError(f"the key {path}", problems)
        names: dict[tuple[str, str], str] = {}
        lines: dict[tuple[str, str], int] = {}
        for line, row in frame.iterrows():
            pair = row["kind"], naming.clean(row["name"])
            if names.setdefault(pair, row["pseudonym"]) != row["pseudonym"]:
                before = f'"{names[pair]}" on line {lines[pair]}'
                says = f'"{row["pseudonym"]}" is another pseudonym of "{pair[1]}" than {before}'
                problems.append(tables.Problem(path.name, line, "pseudonym", f"{says}; expected one"))
            lines.setdefault(pair, line)
        taken: dict[tuple[str, str], tuple[str, str]] = {}
        for pair, pseudonym in names.items():
            first = taken.setdefault((pair[0], pseudonym), pair)
            if pair[0] != FIRST[0] and first != pair:
                says = (
                    f'"{pseudonym}" stands for "{first[1]}" on line {lines[first]} already; two would be one'
                )
                problems.append(tables.Problem(path.name, lines[pair], "pseudonym", says))
        if problems:
            raise SourceError(f"the key {path}", problems)
        return cls(names)

    def written(self) -> str:
        """The key as such a file."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*pair, pseudonym] for pair, pseudonym in sorted(self.names.items()))
        return out.getvalue()

    def longer(self, kind: str, names: list[str]) -> "Key":
        """The key with pseudonyms for further names, in an order that tells nothing of them.

        No pseudonym is what somebody else is really called.
        """
        new = sorted({*names} - {name for one, name in self.names if one == kind})
        secrets.SystemRandom().shuffle(new)
        taken = {_folded(one)[0] for one in self.names.values()}
        taken |= {_folded(name)[0] for _, name in self.names} | {_folded(name)[0] for name in new}
        free = (f"{kind}{number:03d}" for number in range(1, len(taken) + len(new) + 1))
        numbers = [pseudonym for pseudonym in free if _folded(pseudonym)[0] not in taken]
        return Key(self.names | {(kind, name): one for name, one in zip(new, numbers, strict=False)})


def replaced(placed: Placed, key: Key) -> tuple[Placed, Key]:
    """The project with every known name replaced, and the key that was used, with new names in it."""
    project = placed.project
    authors = _authors(project["notes"]["author"], project["coders"])
    for table, kind in KINDS.items():
        more = [*authors.dropna()] if table == "coders" else []
        key = key.longer(kind, [name for name in [*project[table]["name"].map(naming.clean), *more] if name])
    swap = _Swap(key)
    for table, kind in KINDS.items():
        named = project[table]["name"].map(naming.clean)
        project[table]["name"] = pd.Series(
            [key.names.get((kind, name), name) or None for name in named], named.index, dtype="str"
        )
    for table, columns in SHOWN.items():
        for column in columns:
            project[table][column] = swap.column(project[table][column])
    pseudonymous = authors.map({name: one for (kind, name), one in key.names.items() if kind == "C"})
    project["notes"]["author"] = pseudonymous.fillna(project["notes"]["author"]).astype("str")
    return _with_texts(placed, swap), key


def _authors(column: pd.Series, coders: pd.DataFrame) -> pd.Series:
    """Who wrote notes and is no coder, by name; missing for coders, who are named by their ids."""
    return column.where(~column.isin(coders["id"].dropna())).map(naming.clean, na_action="ignore")


def _with_texts(placed: Placed, swap: "_Swap") -> Placed:
    """The project with the names in its texts replaced, and all places where their words have gone."""
    project = placed.project
    moved = {source: swap.places(text) for source, text in placed.texts.items()}
    for frame in (project["passages"], project["members"]):
        _move(frame, moved)
    texts = {source: swap.text(text) for source, text in placed.texts.items()}
    passages = project["passages"]
    recovered = pd.Series(None, index=passages.index, dtype="str")
    rows = passages[placed.recovered.notna()]
    recovered[rows.index] = [texts[row.source][row.start : row.end] for row in rows.itertuples()]
    return Placed(project, texts, recovered, placed.units, placed.quoted)


def hidden(told: Any, key: Key) -> Any:  # noqa: ANN401 - whatever an import tells, and the same again
    """What is told of an import, without names; pseudonyms that it has already stay."""
    return _hidden(told, _Swap(key, again=True))


def _hidden(told: object, swap: "_Swap") -> object:
    if isinstance(told, dict):
        return {name: _hidden(value, swap) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return type(told)(_hidden(value, swap) for value in told)
    return swap.text(told) if isinstance(told, str) else told


def hidden_mapping(mapping: Mapping, key: Key) -> Mapping:
    """A mapping without names, in the names of columns neither."""
    swap = _Swap(key, again=True)
    found = _hidden(asdict(mapping), swap)
    for table in ("wide", "weights"):
        found[table] = {swap.text(column): code for column, code in found[table].items()}
    return Mapping(**found)


def _move(frame: pd.DataFrame, moved: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Put places where their words have gone."""
    rows = frame[frame["start"].notna() & frame["why"].isna() & frame["source"].isin(moved)]
    for column, side in (("start", 0), ("end", 1)):
        frame.loc[rows.index, column] = [
            moved[source][side][place] for source, place in zip(rows["source"], rows[column], strict=True)
        ]


@lru_cache(maxsize=4096)
def _fold(sign: str) -> str:
    """A character as names are compared: without case, accents as signs of their own, ı as i."""
    parts = unicodedata.normalize("NFD", sign.casefold()).replace("ı", "i")
    return "".join(part for part in parts if part not in UNSEEN)


def _folded(text: str) -> tuple[str, np.ndarray]:
    """The text as names are compared, and which character each of its characters is from."""
    if text.isascii():
        return text.lower(), np.arange(len(text))
    parts = [_fold(sign) for sign in text]
    return "".join(parts), np.repeat(np.arange(len(text)), [len(part) for part in parts])


class _Swap:
    """The names of a key, found as words in texts.

    `again` is for what may hold pseudonyms: a name that is also one of them is then left alone.
    """

    def __init__(self, key: Key, *, again: bool = False) -> None:
        left = {_folded(pseudonym)[0] for pseudonym in key.names.values()} if again else set()
        ordered = sorted(key.names.items(), key=lambda item: (FIRST.index(item[0][0]), item[0][1]))
        self.names: dict[str, str] = {}
        for (_, name), pseudonym in ordered:
            plain = " ".join(_folded(name)[0].split())
            if len(name) >= SHORTEST and any(map(str.isalpha, name)) and plain not in left:
                self.names.setdefault(plain, pseudonym)
        longest = sorted(self.names, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(_pattern, longest)))

    def text(self, text: str) -> str:
        """The text with pseudonyms in the place of names."""
        parts, behind = [], 0
        for start, end, pseudonym in self.found(text):
            parts += [text[behind:start], pseudonym]
            behind = end
        return "".join([*parts, text[behind:]])

    def column(self, column: pd.Series) -> pd.Series:
        """A column of texts, missing ones as they are."""
        return column.map(self.text, na_action="ignore").astype("str")

    def found(self, text: str) -> list[tuple[int, int, str]]:
        """Where each name begins and ends, and its pseudonym."""
        if not self.names:
            return []
        plain, places = _folded(text)
        spans, behind = [], 0
        for match in self.pattern.finditer(plain):
            start, end = int(places[match.start()]), int(places[match.end() - 1]) + 1
            while end < len(text) and not _fold(text[end]):
                end += 1
            if start >= behind:
                spans.append((start, end, self.names[" ".join(match[0].split())]))
                behind = end
        return spans

    def places(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Where each place has gone, as a beginning and as an end: within a name, around all of it."""
        begins, ends = np.arange(len(text) + 1), np.arange(len(text) + 1)
        shift = np.zeros(len(text) + 1, dtype=int)
        for start, end, pseudonym in self.found(text):
            begins[start:end], ends[start + 1 : end] = start, end
            shift[end:] += len(pseudonym) - (end - start)
        return begins + shift[begins], ends + shift[ends]


def _pattern(name: str) -> str:
    """A name as words of their own: with any white space between them, and no letter joined to their ends."""
    words = r"\s+".join(map(re.escape, name.split()))
    before = f"(?<!{LETTER})" if re.match(LETTER, name) else ""
    behind = f"(?!{LETTER})" if re.match(LETTER, name[-1]) else ""
    return f"{before}{words}{behind}(?!{PART})"
