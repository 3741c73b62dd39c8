"""Names replaced by pseudonyms, the same ones at every import, with the key kept apart.

Names are those of cases, sources and coders, and what the key's keeper adds. They are replaced wherever they
stand as words of their own: in names, values, notes and texts; places in texts move with them. What the
program does not know to be a name stays: somebody has to read the texts.
"""

import csv
import io
import re
import secrets
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sources import naming
from analysis.sources.places import Placed

KINDS = {"cases": "P", "sources": "D", "coders": "C"}
"""How the pseudonyms of a table begin."""
SHORTEST = 2
"""Letters of a name that is replaced within texts; shorter ones stand in too many words."""
COLUMNS = ("kind", "name", "pseudonym")


@dataclass(frozen=True)
class Key:
    """The pseudonym of each name by kind: P people, D documents, C coders, N what its keeper has added."""

    names: dict[tuple[str, str], str]

    @classmethod
    def read(cls, text: str) -> "Key":
        """The key in a CSV file with the columns `kind, name, pseudonym`."""
        return cls(
            {(row["kind"], row["name"]): row["pseudonym"] for row in csv.DictReader(io.StringIO(text))}
        )

    def written(self) -> str:
        """The key as such a file."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*pair, pseudonym] for pair, pseudonym in sorted(self.names.items()))
        return out.getvalue()

    def longer(self, kind: str, names: list[str]) -> "Key":
        """The key with pseudonyms for further names, in an order that tells nothing of them."""
        new = sorted({*names} - {name for one, name in self.names if one == kind})
        secrets.SystemRandom().shuffle(new)
        taken = {pseudonym for (one, _), pseudonym in self.names.items() if one == kind}
        free = (f"{kind}{number:03d}" for number in range(1, len(taken) + len(new) + 1))
        numbers = [pseudonym for pseudonym in free if pseudonym not in taken]
        return Key(self.names | {(kind, name): one for name, one in zip(new, numbers, strict=False)})


def replaced(placed: Placed, key: Key) -> tuple[Placed, Key]:
    """The project with every known name replaced, and the key that was used, with new names in it."""
    project = placed.project
    for table, kind in KINDS.items():
        key = key.longer(kind, [name for name in project[table]["name"].map(naming.clean) if name])
    swap = _Swap(key)
    for table, kind in KINDS.items():
        named = project[table]["name"].map(naming.clean)
        project[table]["name"] = [key.names.get((kind, name), name) for name in named]
    for table, column in (("values", "value"), ("notes", "text"), ("notes", "name"), ("notes", "author")):
        project[table][column] = project[table][column].map(swap.text, na_action="ignore").astype("str")
    for table in ("codes", "variables"):
        frame = project[table]
        frame["definition"] = frame["definition"].map(swap.text, na_action="ignore").astype("str")
    moved = {source: swap.places(text) for source, text in placed.texts.items()}
    for frame in (project["passages"], project["members"]):
        _move(frame, moved)
    passages = project["passages"]
    passages["text"] = passages["text"].map(swap.text, na_action="ignore").astype("str")
    texts = {source: swap.text(text) for source, text in placed.texts.items()}
    recovered = pd.Series(None, index=passages.index, dtype="str")
    rows = passages[placed.recovered.notna()]
    recovered[rows.index] = [texts[row.source][row.start : row.end] for row in rows.itertuples()]
    return Placed(project, texts, recovered, placed.units, placed.quoted), key


def hidden(told: object, key: Key) -> object:
    """What is told of an import, without names."""
    return _hidden(told, _Swap(key))


def _hidden(told: object, swap: "_Swap") -> object:
    if isinstance(told, dict):
        return {name: _hidden(value, swap) for name, value in told.items()}
    if isinstance(told, list):
        return [_hidden(value, swap) for value in told]
    return swap.text(told) if isinstance(told, str) else told


def _move(frame: pd.DataFrame, moved: dict[str, np.ndarray]) -> None:
    """Put places where their words have gone."""
    rows = frame[frame["start"].notna() & frame["why"].isna() & frame["source"].isin(moved)]
    for column, side in (("start", 0), ("end", 1)):
        frame.loc[rows.index, column] = [
            moved[source][side][place] for source, place in zip(rows["source"], rows[column], strict=True)
        ]


class _Swap:
    """The names of a key, found as words in texts."""

    def __init__(self, key: Key) -> None:
        rank = [*KINDS.values()].index  # a person and a document called alike: the words are the person's
        known = sorted(
            key.names.items(), key=lambda one: -rank(one[0][0]) if one[0][0] in KINDS.values() else -9
        )
        pairs = ((name, pseudonym) for (_, name), pseudonym in known if len(name) >= SHORTEST)
        self.names = {name.casefold(): pseudonym for name, pseudonym in pairs}
        longest = sorted(self.names, key=len, reverse=True)
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """The text with pseudonyms in the place of names."""
        return self.pattern.sub(self._one, text) if self.names else text

    def _one(self, match: re.Match[str]) -> str:
        return self.names.get(match[0].casefold(), match[0])

    def places(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Where each place has gone, as a beginning and as an end: within a name, around all of it."""
        begins, ends = np.arange(len(text) + 1), np.arange(len(text) + 1)
        shift = np.zeros(len(text) + 1, dtype=int)
        for match in self.pattern.finditer(text) if self.names else ():
            start, end = match.span()
            begins[start:end], ends[start + 1 : end] = start, end
            shift[end:] += len(self._one(match)) - (end - start)
        return begins + shift[begins], ends + shift[ends]
