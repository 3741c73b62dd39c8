"""REFI-QDA projects (.qdpx) and codebooks (.qdc), as the standard has them and as vendors write them.

Sources: REFI-QDA 1.5 (2019) and its schemas. Elements are known by their local names, as vendors write other
namespaces; GUIDs are compared without braces and case; the file of the project and the folder of sources are
found whatever their case.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from analysis.sources import scan
from analysis.sources.archive import MOST_XML, Archive
from analysis.sources.offsets import COUNTED, Unit
from analysis.sources.project import Project, SourceError, frames
from analysis.sources.refi_elements import MEDIA, TIME, Reader, local

GROUPS = ("Users", "Codes", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs")
"""Elements whose children are read one after the other."""
NAMESPACES = ("urn:QDA-XML:project:1.0", "urn:QDA-XML:codebook:1.0")
OURS = "interview-study-notebooks"
"""How the origin of files of this suite begins."""
KNOWN_UNITS = {
    "nvivo": Unit(COUNTED[1], crlf=2),
    "atlas": Unit(COUNTED[0], crlf=1),
    "qualcoder": Unit(COUNTED[0]),
    OURS: Unit(COUNTED[0]),
}
"""What a tool is known to count in, by how its name begins."""
REFERRED = ("coders", "codes", "variables", "cases", "sources", "passages", "codings", "notes")


def read_project(path: Path) -> Project:
    """The project of a .qdpx file. SourceError, if it is none, or is no file to be trusted."""
    with Archive(path) as archive:
        found = [name for name in archive.names() if name.endswith(".qde") and "/" not in name]
        if len(found) != 1:
            many = ", ".join(archive.stored(name) for name in found) or "none"
            raise SourceError(path.name, [f"expected one .qde file at the top of the zip file, found {many}"])
        opened = lambda: archive.open(found[0], MOST_XML)  # noqa: E731 - a stream that is opened twice
        return _read(Reader(path.name, archive), archive.stored(found[0]), opened, "REFI-QDA project")


def read_codebook(path: Path) -> Project:
    """The codes of a .qdc file, as a project without sources."""
    project = _read(Reader(path.name, None), path.name, lambda: path.open("rb"), "REFI-QDA codebook")
    project.findings.append(
        "A codebook has no people and no excerpts: there is nothing to analyse in it yet."
    )
    return project


def _read(reader: Reader, name: str, opened: Callable[[], BinaryIO], form: str) -> Project:
    totals = scan.count(reader.file, name, opened, MOST_XML)
    for what in totals:
        if what.startswith(scan.UNKNOWN):
            reader.unknown(what, totals[what])
    findings: list[str] = []
    readers: dict[str, Callable] = dict.fromkeys(MEDIA, reader.source) | {
        kind: getattr(reader, kind.lower())
        for kind in ("User", "Code", "Variable", "Case", "Note", "Link", "Set")
    }
    try:
        with opened() as stream:
            for group, element in _items(stream):
                if not group:
                    findings += _root(reader, element)
                elif group not in GROUPS:
                    reader.about(element)
                else:
                    readers.get(local(element), reader.leave)(element)
    except etree.XMLSyntaxError as error:
        raise SourceError(reader.file, [f"{name} cannot be read as XML ({error})"]) from error
    findings += _settle(reader)
    unit = next((unit for tool, unit in KNOWN_UNITS.items() if reader.tool.lower().startswith(tool)), None)
    return Project(reader.tool, form, reader.title, frames(reader.rows), totals, unit, findings)


def _items(stream: BinaryIO) -> Iterator[tuple[str, etree._Element]]:
    """The root, without a group; each element of a group, whole; and what the root has beside them."""
    above: list[str] = []
    for event, element in etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    ):
        if event == "start":
            if not above:
                yield "", element
            above.append(local(element))
            continue
        above.pop()
        groups = [name for name in above if name in GROUPS]
        if len(groups) == 1 and above[-1] == groups[0]:
            yield above[-1], element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif len(above) == 1 and local(element) in ("Description", "NoteRef"):
            yield above[0], element


def _root(reader: Reader, element: etree._Element) -> Iterator[str]:
    """What the root says of the project."""
    reader.title, reader.tool = element.get("name", ""), element.get("origin", "")
    if local(element) not in ("Project", "CodeBook"):
        says = f'its XML is a "{local(element)}"; expected a Project or a CodeBook of REFI-QDA'
        raise SourceError(reader.file, [says])
    namespace = element.tag.rpartition("}")[0].strip("{")
    if namespace not in NAMESPACES:
        yield f"The file's namespace is \"{namespace}\", which is not the standard's."


# ---- what refers to what ----------------------------------------------------------------------------------


def _settle(reader: Reader) -> Iterator[str]:
    """Put names and places where the file has references, once all of it has been read."""
    for table in REFERRED:
        reader.rows.setdefault(table, [])
    _twins(reader)
    _of_sources(reader)
    _places(reader)
    _variables(reader)
    _cases_as_codes(reader)
    yield from _notes(reader)


def _twins(reader: Reader) -> None:
    """Words of a PDF may stand there twice by one GUID, in its text and as a box on the page: one passage."""
    texts = {row["id"]: row for row in reader.rows["passages"] if "start" in row}
    boxes = [
        row
        for row in reader.rows["passages"]
        if "region" in row and row["id"] in texts and texts[row["id"]]["source"] == row["source"]
    ]
    for row in boxes:
        texts[row["id"]]["region"] = row["region"]
    _became_part(reader, "passages", boxes)


def _became_part(reader: Reader, table: str, rows: list[dict]) -> None:
    """Rows that have gone into other rows stand among the others, without a reason to be left out."""
    gone = {id(row) for row in rows}
    reader.rows[table] = [row for row in reader.rows[table] if id(row) not in gone]
    reader.rows.setdefault("others", []).extend(
        {key: row[key] for key in ("id", "what", "where")} for row in rows if row["what"]
    )


def _of_sources(reader: Reader) -> None:
    """A representation, a description or a transcript is the source that it is the text of."""
    for row in (*reader.rows.get("members", []), *reader.rows.get("values", [])):
        for column in ("source", "owner"):
            if column in row:
                row[column] = reader.alias.get(row[column], row[column])


def _places(reader: Reader) -> None:
    """Where a transcript's selections and a case's selections are."""
    for passage in reader.rows["passages"]:
        if "sync" in passage:
            passage.update(_between(passage.pop("sync"), reader.sync))
    passages = {row["id"]: row for row in reader.rows["passages"]}
    for member in reader.rows.get("members", []):
        if not (selection := member.pop("selection", None)):
            continue
        if selection not in passages:
            member["broken"], member["why"] = True, f"it names the selection {selection}, which is not there"
            continue
        member.update(_held(passages[selection]))
        if not reader.tool.startswith(OURS):  # whose selections are excerpts, also those without a code
            passages[selection]["spoken"] = True


def _between(ends: tuple[str, str], points: dict[str, dict]) -> dict:
    """The place and time between two sync points."""
    marks = [points.get(one) for one in ends]
    if None in marks:
        return {"broken": True, "why": "it does not name two sync points that are there"}
    for mark in marks:
        mark["row"].pop("why", None)
    region = TIME.format(marks[0]["time"], marks[1]["time"])
    return {"start": marks[0]["place"], "end": marks[1]["place"], "region": region}


def _held(passage: dict) -> dict:
    """What of a source a case is, that is this passage of it."""
    held = {key: passage.get(key) for key in ("source", "start", "end")}
    if passage.get("region") and passage.get("start") is None:
        held["why"] = "who speaks in a piece of a picture or a recording has no place in a study"
    return held


def _variables(reader: Reader) -> None:
    """Values by the names of their variables."""
    names = {row["id"]: row["name"] for row in reader.rows["variables"]}
    for row in reader.rows.get("values", []):
        group, ref = row.pop("group", None), row["variable"]
        row["variable"] = group or names.get(ref)
        if row["variable"] is None:
            row |= {"broken": True, "why": f'it names the variable "{ref}", which is not there'}


def _cases_as_codes(reader: Reader) -> None:
    """A code that is a case says who speaks, as NVivo has it: it is none of the codebook's."""
    cases = {row["id"]: row["name"] for row in reader.rows["cases"]}
    codes = {row["id"]: row for row in reader.rows["codes"]}
    stand = {code: code for code in codes if code in cases}
    for ref in reader.case_codes:
        code, case = ref["id"], ref.pop("case")
        if code in codes and codes[code]["name"] == cases[case]:
            stand[code] = case
        elif code not in stand:
            ref["why"] = "a case that owns a code: a study says who speaks by documents and passages"
    passages = {row["id"]: row for row in reader.rows["passages"]}
    kept = []
    for row in reader.rows["codings"]:
        if row["code"] not in stand:
            kept.append(row)
            continue
        account = {key: row[key] for key in ("what", "where")}
        member = _held(passages[row["passage"]]) | account | {"case": stand[row["code"]]}
        reader.rows.setdefault("members", []).append(member)
        passages[row["passage"]]["spoken"] = True
    _unused(reader, kept)
    reader.rows["codings"] = kept
    for row in reader.rows["codes"]:  # one below a code that is a case moves up
        while row.get("parent") in stand:
            row["parent"] = codes[row["parent"]].get("parent")
    _became_part(reader, "codes", [row for row in reader.rows["codes"] if row["id"] in stand])


def _unused(reader: Reader, codings: list[dict]) -> None:
    """A selection that only says who speaks is no excerpt of its own."""
    coded = {row["passage"] for row in codings}
    spoken = [row for row in reader.rows["passages"] if row.pop("spoken", False)]
    _became_part(reader, "passages", [row for row in spoken if row["id"] not in coded])


def _notes(reader: Reader) -> Iterator[str]:
    """What each note is about, by its references and by links; a note about two things stands twice."""
    tables = {row["id"]: table for table in REFERRED for row in reader.rows[table]}
    notes = {row["id"]: row for row in reader.rows["notes"]}
    for row in reader.rows.get("others", []):
        if not (ends := row.pop("ends", None)):
            continue
        note, other = ends if ends[0] in notes else ends[::-1]
        if note in notes and other in tables:
            reader.noted.append((tables[other], other, note))
        else:
            row["why"] = "a study has no place for links but those of a note"
    lost = 0
    for table, owner, note in reader.noted:
        if note not in notes:
            lost += 1
        elif "of" not in notes[note]:
            notes[note] |= {"of": table, "owner": reader.alias.get(owner, owner)}
        else:
            number = len(reader.rows["notes"])
            further = notes[note] | {"id": f"{note}:{number}", "of": table, "owner": owner, "what": ""}
            reader.rows["notes"].append(further)
    if lost:
        yield f"References to notes that are documents by themselves, or not there, and are not kept: {lost}."
