"""The elements of a REFI-QDA file, each as a row of a project's tables."""

import codecs
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from analysis.sources import scan
from analysis.sources.archive import Archive
from analysis.sources.project import GROUP, SourceError, attribute

MEDIA = {
    "TextSource": "text",
    "PDFSource": "PDF",
    "PictureSource": "picture",
    "AudioSource": "audio",
    "VideoSource": "video",
}
TEXTS = ("Representation", "TextDescription", "Transcript")
"""Elements inside of a source that hold its text."""
SELECTIONS = (
    "PlainTextSelection",
    "TranscriptSelection",
    "PDFSelection",
    "PictureSelection",
    "AudioSelection",
    "VideoSelection",
)
VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")
TIME = "{}-{} ms"
"""How a piece of a recording is written."""
MOST_LINES = 65_535
"""The last line that the parser counts."""
LARGEST = 2**62
"""Beyond it no number is a place in anything."""


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; blank for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The children that are called so."""
    return (child for child in element if local(child) in names)


def guid_of(element: etree._Element, name: str = "guid") -> str:
    """A GUID without braces, in lower case; blank, if there is none."""
    return element.get(name, "").strip().strip("{}").lower()


class Reader:
    """Rows from elements. What refers to what is settled by `refi` when all have been read."""

    def __init__(self, file: str, archive: Archive | None) -> None:
        self.file, self.archive = file, archive
        self.tool = self.title = ""
        self.rows: dict[str, list[dict]] = {}
        self.alias: dict[str, str] = {}
        """The source that a representation, a description or a transcript is the text of."""
        self.sync: dict[str, dict] = {}
        """The place, the time and the row of each sync point."""
        self.noted: list[tuple[str, str, str]] = []
        """Which note is about what: table, owner, note."""
        self.case_codes: list[dict] = []
        """The rows of codes that a case names."""

    def row(self, table: str, element: etree._Element, what: str | None = None, **cells: object) -> dict:
        """A row of a table, with what the element is called and where it stands."""
        line, guid = element.sourceline or 0, guid_of(element) or guid_of(element, "targetGUID")
        where = ", ".join(filter(None, [f"line {line}" if 0 < line < MOST_LINES else "", guid]))
        made = cells | {"what": local(element) if what is None else what, "where": where}
        self.rows.setdefault(table, []).append(made)
        return made

    def leave(self, element: etree._Element) -> None:
        """An element that no study has a place for, and each item in it."""
        why = (
            "a study has no place for drawings"
            if local(element) == "Graph"
            else "it stands where no tool has it"
        )
        for one in element.iter(etree.Element):
            if local(one) in scan.ITEMS:
                self.row("others", one, id=guid_of(one), name=one.get("name"), why=why)

    def unknown(self, what: str, times: int) -> None:
        """Elements that are none of the standard."""
        row = {"what": what, "where": "anywhere", "why": "the standard has no such element"}
        self.rows.setdefault("others", []).extend(dict(row) for _ in range(times))

    def number(self, row: dict, element: etree._Element, name: str) -> int | None:
        """A whole number of an attribute; a row without it is broken."""
        text = element.get(name, "")
        try:
            found = int(text)
        except ValueError:
            found = -1
        if 0 <= found < LARGEST or (found < 0 and "Position" not in name and text.strip("-").isdecimal()):
            return found
        row |= {"broken": True, "why": f'{name}="{text}" is no place in a source; expected a whole number'}
        return None

    def named(self, row: dict, element: etree._Element) -> str:
        """The GUID of something that others refer to; a row without one is broken."""
        if not (guid := guid_of(element)):
            row |= {"broken": True, "why": f"a {local(element)} without a guid; others refer to it by that"}
        return guid

    # ---- people, codes and variables -----------------------------------------------------------------

    def about(self, element: etree._Element) -> None:
        """The project's own description or note."""
        if local(element) == "NoteRef":
            self.noted.append(("", "", guid_of(element, "targetGUID")))
        elif (element.text or "").strip():
            self.row("notes", element, "", id="project:description", name="project", text=element.text)

    def user(self, element: etree._Element) -> None:
        """Somebody who coded."""
        row = self.row("coders", element)
        row |= {"id": self.named(row, element), "name": element.get("name") or element.get("id")}

    def code(self, element: etree._Element, parent: str | None = None) -> None:
        """A code and those below it."""
        row = self.row("codes", element, parent=parent)
        guid = self.named(row, element)
        row |= {"id": guid, "name": element.get("name"), "definition": self.described(element)}
        row |= {
            "color": element.get("color"),
            "codable": "false"
            if element.get("isCodable", "true").strip().lower() in ("false", "0")
            else "true",
        }
        self.notes(element, "codes", guid)
        for child in children(element, "Code"):
            self.code(child, guid)

    def variable(self, element: etree._Element) -> None:
        """A variable of cases or sources."""
        row = self.row("variables", element, definition=self.described(element), name=element.get("name"))
        row |= {"id": self.named(row, element), "type": element.get("typeOfVariable")}

    def case(self, element: etree._Element) -> None:
        """A case, its values, and what it is: sources, selections, or a code that stands for it."""
        row = self.row("cases", element)
        guid = self.named(row, element)
        row |= {"id": guid, "name": element.get("name")}
        self.notes(element, "cases", guid)
        self.values(element, "cases", guid)
        for ref in children(element, "SourceRef"):
            self.row("members", ref, case=guid, source=guid_of(ref, "targetGUID"))
        for ref in children(element, "SelectionRef"):
            self.row("members", ref, case=guid, selection=guid_of(ref, "targetGUID") or "nothing")
        for ref in children(element, "CodeRef"):
            self.case_codes.append(
                self.row("others", ref, scan.CASE_CODE, id=guid_of(ref, "targetGUID"), case=guid)
            )

    def values(self, element: etree._Element, table: str, owner: str) -> None:
        """What variables say of a case or a source."""
        for child in children(element, "VariableValue"):
            ref = next((guid_of(one, "targetGUID") for one in children(child, "VariableRef")), "")
            value = next((one.text for one in children(child, *VALUES)), None)
            row = self.row("values", child, of=table, owner=owner, variable=ref, value=value)
            if value is None or not value.strip():
                row["why"] = "it has no value"

    def described(self, element: etree._Element) -> str | None:
        """The text of an element's description."""
        return next((child.text for child in children(element, "Description")), None)

    def notes(self, element: etree._Element, table: str, owner: str) -> None:
        """Which notes are about an element, and its description as one more, where it has no column."""
        for ref in children(element, "NoteRef"):
            self.noted.append((table, owner, guid_of(ref, "targetGUID")))
        described = self.described(element)
        if table != "codes" and described and described.strip():
            number = len(self.rows.get("notes", []))
            self.row("notes", element, "", id=f"{owner}:{number}", of=table, owner=owner, text=described)

    # ---- sources and what is marked in them ----------------------------------------------------------

    def source(self, element: etree._Element) -> None:
        """A source of any medium."""
        row = self.row("sources", element, medium=MEDIA[local(element)])
        guid = self.named(row, element)
        row |= {"id": guid, "name": element.get("name")}
        self.values(element, "sources", guid)
        self.content(element, guid, row)

    def content(self, element: etree._Element, guid: str, row: dict) -> None:
        """The text of a source, and all that was marked in it."""
        self.notes(element, "sources", guid)
        if self.holds(element):
            row["text"] = self.text(element)
        if next(children(element, "Coding"), None) is not None:
            whole = self.row("passages", element, "", id=f"{guid}:all", source=guid)
            self.codings(element, whole["id"])
        for child in children(element, "SyncPoint"):
            point = self.row("others", child, id=guid_of(child), why="no selection begins or ends there")
            place = self.number(point, child, "position") if child.get("position") else None
            self.sync[guid_of(child)] = {"place": place, "time": child.get("timeStamp", ""), "row": point}
        for child in children(element, *SELECTIONS):
            self.selection(child, guid)
        for child in children(element, *TEXTS):
            self.inner(child, guid, row)

    def inner(self, element: etree._Element, guid: str, row: dict) -> None:
        """A text inside of a source is the source's own; a further transcript is a source by itself."""
        own, transcript = guid_of(element), local(element) == "Transcript"
        self.values(element, "sources", guid)
        if row.get("text") is None:
            self.alias[own] = guid
            row["name"] = row["name"] or element.get("name")
            if transcript:
                self.row("others", element, id=own)
            self.content(element, guid, row)
        else:
            further = self.row(
                "sources", element, None if transcript else "", medium="transcript", within=guid
            )
            further |= {"id": self.named(further, element)}
            further["name"] = element.get("name") or f"{row['name']}, transcript"
            self.content(element, own, further)

    def holds(self, element: etree._Element) -> bool:
        """Whether an element has a text, in itself or beside it."""
        return (
            bool(element.get("plainTextPath"))
            or next(children(element, "PlainTextContent"), None) is not None
        )

    def text(self, element: etree._Element) -> str | None:
        """The text as it is stored, its mark and line ends with it; none, if it is not in the file."""
        inline = next((child.text or "" for child in children(element, "PlainTextContent")), None)
        path = element.get("plainTextPath", "")
        if inline is not None and (inline or not path):
            return inline
        if (member := self.member(path)) is None:
            return None
        data = self.archive.read(member)
        encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            byte = f"byte 0x{data[error.start]:02X} is not {encoding.upper()}"
            says = f"{self.archive.stored(member)}, line {line}: {byte}"
            raise SourceError(self.file, [says]) from error

    def member(self, path: str) -> str | None:
        """The member that a path names. Nothing outside of the zip file is ever opened."""
        if self.archive is None or path.startswith(("absolute:", "relative:")):
            return None
        name = PurePosixPath(path.removeprefix("internal://").replace("\\", "/")).name.lower()
        named = self.archive.called(name)
        return next((one for one in named if one.startswith("sources/")), next(iter(named), None))

    def selection(self, element: etree._Element, source: str) -> None:
        """A piece of a source: of its text, a page, a picture or a recording."""
        kind, number = local(element), len(self.rows.get("passages", []))
        row = self.row("passages", element, id=guid_of(element) or f"{source}:{number}", source=source)
        if kind == "PlainTextSelection":
            row["start"], row["end"] = (
                self.number(row, element, f"{one}Position") for one in ("start", "end")
            )
            if self.tool.lower().startswith("atlas"):  # others write a number of a line there, or nothing
                row["text"] = element.get("name")
        elif kind == "TranscriptSelection":
            row["sync"] = (guid_of(element, "fromSyncPoint"), guid_of(element, "toSyncPoint"))
        elif kind in ("AudioSelection", "VideoSelection"):
            row["region"] = TIME.format(self.number(row, element, "begin"), self.number(row, element, "end"))
        else:
            corners = [self.number(row, element, one) for one in ("firstX", "firstY", "secondX", "secondY")]
            page = f"page {self.number(row, element, 'page')}: " if kind == "PDFSelection" else ""
            row["region"] = page + ",".join(map(str, corners))
            for child in children(element, "Representation"):
                row["text"] = self.text(child)
                self.codings(child, row["id"])
                for part in children(
                    child, *SELECTIONS
                ):  # of the box's own text: what is put there is put on it
                    self.row("others", part, id=guid_of(part))
                    self.codings(part, row["id"])
        self.notes(element, "passages", row["id"])
        self.codings(element, row["id"])

    def codings(self, element: etree._Element, passage: str) -> None:
        """The codings that hang on an element. The coder is theirs, not the selection's."""
        for index, child in enumerate(children(element, "Coding")):
            code = next((guid_of(ref, "targetGUID") for ref in children(child, "CodeRef")), "")
            guid = guid_of(child) or f"{passage}:{index}"
            row = self.row("codings", child, id=guid, passage=passage, code=code)
            row |= {"coder": guid_of(child, "creatingUser"), "date": child.get("creationDateTime")}
            if not code:
                row |= {"broken": True, "why": "it names no code; expected a CodeRef with a targetGUID"}
            self.notes(child, "codings", guid)

    # ---- notes, links and sets -----------------------------------------------------------------------

    def note(self, element: etree._Element) -> None:
        """A memo; one that was coded itself is a source like others."""
        if next(children(element, "Coding", *SELECTIONS), None) is not None:
            row = self.row("sources", element, name=element.get("name"), medium="note")
            row["id"] = self.named(row, element)
            self.content(element, row["id"], row)
            return
        row = self.row("notes", element, name=element.get("name"))
        row["id"] = self.named(row, element)
        text = self.text(element) if self.holds(element) else None
        row["text"] = "\n".join(filter(None, [self.described(element), text]))
        row |= {"author": guid_of(element, "creatingUser"), "date": element.get("creationDateTime")}
        for child in children(element, "VariableValue"):
            self.row("others", child, why="notes have no variables in a study")

    def link(self, element: etree._Element) -> None:
        """What ties two things; only a note's ties are kept."""
        ends = (guid_of(element, "originGUID"), guid_of(element, "targetGUID"))
        self.row("others", element, id=guid_of(element), name=element.get("name"), ends=ends)

    def set(self, element: etree._Element) -> None:
        """A set of sources or of codes is read as a variable: ATLAS.ti has no other way to say one."""
        guid, name = guid_of(element), element.get("name", "")
        variable, value = attribute(name)
        members = 0
        for child in element:
            one = guid_of(child, "targetGUID") or guid_of(child)
            table = {"MemberCode": "codes", "MemberSource": "sources"}.get(local(child))
            if table and one:
                self.row("values", child, of=table, owner=one, variable="", value=value, group=variable)
                members += 1
            elif local(child).startswith("Member"):
                why = "notes have no groups in a study" if table is None else "it names nothing"
                self.row("others", child, id=one, why=why)
        if members:
            row = self.row("variables", element, id=f"set:{guid}", name=variable, type=GROUP)
            row["definition"] = self.described(element)
        else:
            self.row("others", element, id=guid, name=name, why="it holds nothing that a study has groups of")
