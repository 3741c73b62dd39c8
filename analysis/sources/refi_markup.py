"""Elements of a REFI-QDA file in the making: no GUID twice, nothing that XML forbids, each loss listed."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain, count

import pandas as pd
from lxml import etree

Element = etree._Element  # noqa: SLF001 - lxml has no other name for the type
PROJECT, CODEBOOK = "urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0"
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'
OURS = uuid.UUID("b1a0f0a4-6f0c-5d0e-9a51-7c4d3a6e2f10")
"""The space of all GUIDs made here."""
GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
COLOR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?", re.ASCII
)
"""What a schema takes for a moment; `datetime` takes more."""
KNOWN = {"code", "parent", "name", "definition", "color", "codable", "guid"}
"""The columns of a codebook that the standard has a place for."""
OURS_ALONE = {"level", "printed_in"}
"""Those that it has none for; any other column is a set of codes."""
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may have."""


def rows(frame: pd.DataFrame | None) -> list[dict[str, str]]:
    """The rows of a table, missing cells blank; none without a table."""
    if frame is None:
        return []
    filled = frame.astype(object).where(frame.notna(), "")
    return [{str(key): str(cell) for key, cell in row.items()} for row in filled.to_dict("records")]


def moment(text: str) -> str | None:
    """A date and time in the schema's spelling, or nothing if it is none. A day alone gets no invented hour.

    >>> moment("2024-03-05 09:30:00+01:00")
    '2024-03-05T09:30:00+01:00'
    >>> moment("2024-03-05")
    """
    given = text.strip()
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        return None
    spellings = (given, found.isoformat()) if re.search(r"[T ]\d\d", given) else ()
    return next((one for one in spellings if MOMENT.fullmatch(one)), None)


def xml(root: Element) -> bytes:
    """The file of these elements."""
    etree.indent(root)
    return HEAD + etree.tostring(root, encoding="utf-8", xml_declaration=False) + b"\n"


class Elements:
    """Makes the elements of one namespace, and keeps what cannot be said with them in `lost`."""

    def __init__(self, space: str) -> None:
        self.space = space
        self.used: set[str] = set()
        self.lost: list[tuple[str, str, str]] = []
        self.notes_on: dict[tuple[str, str], list[str]] = {}
        """The GUIDs of the notes about a row, by its table and id."""
        self.placed: set[str] = set()
        """Those of notes that an element names."""

    def root(self, tag: str, **given: str) -> Element:
        """The element that holds all others."""
        return etree.Element(f"{{{self.space}}}{tag}", given, {None: self.space})

    def under(self, parent: Element, tag: str, says: str | None = None, **given: str) -> Element:
        """A new element; attributes that are blank are absent, but for names."""
        kept = {key: value for key, value in given.items() if value or key == "name"}
        made = etree.SubElement(parent, f"{{{self.space}}}{tag}", kept)
        made.text = says or None
        return made

    def guid(self, table: str, *key: str, given: str = "") -> str:
        """The GUID of a row: its own if it is one and free, else one made from its table and id."""
        own = GUID.fullmatch(given.strip())
        made = (str(uuid.uuid5(OURS, json.dumps([table, *key, number]))) for number in count())
        free = next(one for one in chain([own[1].lower()] if own else [], made) if one not in self.used)
        self.used.add(free)
        return free

    def guids(self, table: str, column: str, these: list[dict[str, str]]) -> dict[str, str]:
        """The GUIDs of rows, by their ids."""
        return {one[column]: self.guid(table, one[column], given=one.get("guid", "")) for one in these}

    def leave(self, table: str, key: str, why: str) -> None:
        """Put something on the list of what is left out."""
        self.lost.append((table, key, why))

    def left_out(self) -> pd.DataFrame:
        """The list: rows of `table, id, why`."""
        return pd.DataFrame(self.lost, columns=["table", "id", "why"], dtype="str")

    def clean(self, table: str, key: str, column: str, text: str) -> str:
        """The text without what XML forbids, each sign of which is listed."""
        for sign in dict.fromkeys(FORBIDDEN.findall(text)):
            self.leave(table, key, f'the character U+{ord(sign):04X} in "{column}", which XML cannot hold')
        return FORBIDDEN.sub("", text)

    def moment(self, table: str, row: dict[str, str], column: str, key: str) -> str:
        """The moment in a column of a row, blank if there is none; listed, if it is something else."""
        text = row.get(column, "")
        found = moment(text) if text.strip() else ""
        if found is None:
            self.leave(table, key, f'its "{column}", since "{text}" is no date with a time of day')
        return found or ""

    def once(self, table: str, column: str, frame: pd.DataFrame | None) -> list[dict[str, str]]:
        """The rows of a table whose id stands there for the first time; the others are listed."""
        found: dict[str, dict[str, str]] = {}
        for row in rows(frame):
            key = row.get(column, "")
            if key and key not in found:
                found[key] = row
            else:
                self.leave(table, key, "a second row of this id" if key else f'a row without a "{column}"')
        return [*found.values()]

    def unused(self, table: str, frame: pd.DataFrame | None, known: set[str]) -> None:
        """List the columns that have no place in the standard."""
        for column in [] if frame is None else frame.columns:
            if column not in known | {"guid"} and any(one[str(column)] for one in rows(frame[[column]])):
                self.leave(table, "", f'the column "{column}", for which the standard has no place')

    def note_refs(self, parent: Element, of: str, *owners: str) -> None:
        """Name the notes about a row, which may be known by several ids."""
        for guid in chain.from_iterable(self.notes_on.get((of, one), []) for one in dict.fromkeys(owners)):
            self.under(parent, "NoteRef", targetGUID=guid)
            self.placed.add(guid)


class Codes:
    """The codebook, which is the same in both kinds of files. `guids` are those of the codes."""

    def __init__(self, made: Elements, codebook: pd.DataFrame | None) -> None:
        self.made = made
        self.rows = made.once("codebook", "code", codebook)
        self.guids = made.guids("codebook", "code", self.rows)
        names = dict.fromkeys(name for one in self.rows for name in one)
        self.sets = [name for name in names if name not in KNOWN | OURS_ALONE]
        made.unused("codebook", codebook, KNOWN | {*self.sets})

    def write(self, parent: Element) -> None:
        """All codes under their parents, siblings in the order of their rows."""
        top = self.made.under(parent, "Codes")
        under: dict[str, list[dict[str, str]]] = {}
        above = self._above()
        for row in self.rows:
            under.setdefault(above[row["code"]], []).append(row)
        waiting = [(top, row) for row in reversed(under.get("", []))]
        while waiting:
            place, row = waiting.pop()
            element = self._code(place, row)
            waiting += [(element, one) for one in reversed(under.get(row["code"], []))]

    def write_sets(self, parent: Element, titles: Mapping[str, str], key: str) -> None:
        """Each value of a further column as a set of codes, named as `project.attribute` reads it."""
        values = [
            (name, value) for name in self.sets for value in dict.fromkeys(one[name] for one in self.rows)
        ]
        values = [(name, value) for name, value in values if value]
        place = self.made.under(parent, "Sets") if values else parent
        for name, value in values:
            title = titles.get(name, name)
            called = self.made.clean("codebook", "", name, title if value == "yes" else f"{title}: {value}")
            group = self.made.under(place, "Set", guid=self.made.guid("sets", name, value), name=called)
            for one in self.rows:
                if one[name] == value:
                    self.made.under(group, "MemberCode", **{key: self.guids[one["code"]]})

    def _above(self) -> dict[str, str]:
        """The parent of each code; blank at the top, where also stands what has no true parent."""
        above = {row["code"]: row.get("parent", "") for row in self.rows}
        for code, parent in above.items():
            if parent and parent not in above:
                self.made.leave("codebook", code, f'its parent "{parent}", which is not in the codebook')
                above[code] = ""
        for code, parent in above.items():
            if code in self._line(above, code):
                self.made.leave("codebook", code, f'its parent "{parent}", which stands under it')
                above[code] = ""
        return above

    @staticmethod
    def _line(above: dict[str, str], code: str) -> Iterator[str]:
        """What stands above a code, each once."""
        seen = set()
        while (code := above[code]) and code not in seen:
            seen.add(code)
            yield code

    def _code(self, parent: Element, row: dict[str, str]) -> Element:
        code, color = row["code"], row.get("color", "").strip()
        if color and not COLOR.fullmatch(color):
            self.made.leave("codebook", code, f'its color, since "{color}" is not like #RRGGBB')
            color = ""
        element = self.made.under(
            parent,
            "Code",
            guid=self.guids[code],
            name=self.made.clean("codebook", code, "name", row.get("name", "") or code),
            isCodable="false" if row.get("codable", "").strip().lower() == "false" else "true",
            color=color,
        )
        if definition := self.made.clean("codebook", code, "definition", row.get("definition", "")):
            self.made.under(element, "Description", definition)
        self.made.note_refs(element, "codebook", code)
        return element
