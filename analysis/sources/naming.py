"""Ids and columns that people can read, from names that people gave."""

import re
import uuid
from collections import Counter
from collections.abc import Iterable

from analysis.sources.offsets import MARK
from analysis.study.tables import CONTROL

SPACE = uuid.UUID("6f5f1c1e-0a0e-5d0b-9d43-1d5a3f0c7b11")
"""The name space in which rows without a GUID of their own get one."""
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def clean(text: object) -> str:
    """A name on one line: no control characters, no space around it or twice in it.

    >>> clean(" Interview   1 ")
    'Interview 1'
    """
    return " ".join(CONTROL.sub(" ", text).split()) if isinstance(text, str) else ""


def prose(text: object) -> str:
    """A longer text as a table may hold it: line ends of one character, nothing that no file can show."""
    if not isinstance(text, str):
        return ""
    return CONTROL.sub("", text.removeprefix(MARK).replace("\r\n", "\n").replace("\r", "\n")).strip()


def unique(names: Iterable[object], otherwise: str) -> list[str]:
    """The names, each cleaned and once: the second of two alike gets a number, as does one without a name.

    >>> unique(["Interview", "Interview", None], "document")
    ['Interview', 'Interview (2)', 'document 3']
    """
    found: list[str] = []
    taken: set[str] = set()
    times: Counter[str] = Counter()
    for number, name in enumerate(names, start=1):
        plain = clean(name) or f"{otherwise} {number}"
        one = plain
        while one.casefold() in taken:
            times[plain] = max(times[plain], 1) + 1
            one = f"{plain} ({times[plain]})"
        taken.add(one.casefold())
        found.append(one)
    return found


def slug(name: str, join: str = "-") -> str:
    """A name as an id: letters and digits of any script in lower case, joined.

    >>> slug("Barriers on the ground!")
    'barriers-on-the-ground'
    """
    return join.join(re.findall(r"[^\W_]+", name.casefold()))


def codes(names: Iterable[object], parents: Iterable[int | None]) -> list[str]:
    """Ids of codes from their names; of codes called alike, each but the first begins with the code above it.

    `parents` has for each the position of the code above. Whatever is alike even so gets a number.
    """
    found: list[str] = []
    taken: set[str] = set()
    times: Counter[str] = Counter()
    slugs = [slug(clean(name)) or "code" for name in names]
    for one, above in zip(slugs, parents, strict=True):
        made = one
        if made in taken and above is not None:
            made = f"{slugs[above]}-{one}"
        stem = made
        while made in taken:
            times[stem] = max(times[stem], 1) + 1
            made = f"{stem}-{times[stem]}"
        taken.add(made)
        found.append(made)
    return found


def guid(own: object, table: str, name: str) -> str:
    """A row's own GUID if it is one, or else one that always belongs to this table and id."""
    if isinstance(own, str) and GUID.fullmatch(own):
        return own
    return str(uuid.uuid5(SPACE, f"{table}\0{name}"))
