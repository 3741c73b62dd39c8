"""A study on its way back into other tools: its codebook as .qdc, its texts and codings as .qdpx.

Source: REFI-QDA 1.5 (2019) and its schemas, see `analysis/sources/schemas/`. What the standard has no place
for is left out and listed, as its section 7 asks. No clock and no chance: the same study is the same bytes.
"""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.sources.offsets import plain
from analysis.sources.refi_markup import CODEBOOK, PROJECT, Codes, Element, Elements, rows, xml

ORIGIN = "interview-study-notebooks"
KNOWN = {
    "roster": {"participant", "guid"},
    "documents": {"document", "medium", "participants", "within", "characters", "text_file", "guid"},
    "excerpts": {"excerpt", "participant", "document", "start", "end", "region", "text", "source"},
    "codings": {"coding", "excerpt", "code", "coder", "coded_at"},
    "notes": {"note", "of", "owner", "name", "text", "author", "date"},
}
"""Columns that are no variables."""
PLACE = re.compile(r"[0-9]{1,15}")
NO_SIGN = re.compile("[\ud800-\udfff]")
"""Halves of a character, which no UTF-8 may have."""
UNKNOWN = "\ufffd"
"""Stands for one of these, so that the places after it stay what they are."""


@dataclass(frozen=True)
class Written:
    """A file's bytes, and what of the study is not in it: rows of `table`, `id` and `why`."""

    data: bytes
    left_out: pd.DataFrame


def qdc(codebook: pd.DataFrame, titles: Mapping[str, str] | None = None) -> Written:
    """The codebook as a .qdc file. Further columns are sets of codes, `titles` what they are called.

    ValueError, if there is no code: the standard has no empty codebook.
    """
    made = Elements(CODEBOOK)
    codes = Codes(made, codebook)
    if not codes.rows:
        raise ValueError("a codebook without codes cannot be written")
    root = made.root("CodeBook", origin=ORIGIN)
    codes.write(root)
    codes.write_sets(root, titles or {}, "guid")
    return Written(xml(root), made.left_out())


def qdpx(
    study_tables: Mapping[str, pd.DataFrame],
    texts: Mapping[str, str],
    title: str,
    titles: Mapping[str, Mapping[str, str]] | None = None,
) -> Written:
    """The study as a .qdpx file: coders, codes, participants, documents that have a text, codings and notes.

    `study_tables` are roster, documents, codebook, excerpts, codings and notes, all of text; a missing one is
    empty. `texts` are the plain texts by document, in whose code points excerpts start and end. The `guid` of
    a row is kept, unless another row has it already. By table and column `titles` has the names of variables
    and of sets of codes. ValueError, if a text is not plain.
    """
    for document, text in texts.items():
        if plain(text) != text:
            raise ValueError(f'the text of "{document}" has a byte-order mark or line ends of Windows')
    return _Study(study_tables, texts, title, titles or {}).written()


@dataclass(frozen=True)
class _Place:
    """An excerpt that is a piece of a text."""

    row: dict[str, str]
    start: str
    end: str
    guid: str


@dataclass(frozen=True)
class _Coding:
    """A coding that is written; it has no id of its own, so `label` says excerpt, code and coder."""

    row: dict[str, str]
    label: str
    guid: str


class _Study:
    """A study's tables, sorted by where they stand in the file, and then written in its order."""

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        texts: Mapping[str, str],
        title: str,
        titles: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.made = made = Elements(PROJECT)
        self.title, self.texts, self.titles = title, texts, titles
        self.codes = Codes(made, tables.get("codebook"))
        self.people = made.once("roster", "participant", tables.get("roster"))
        self.cases = made.guids("roster", "participant", self.people)
        every = made.once("documents", "document", tables.get("documents"))
        self.documents = [one for one in every if self._has_text(one)]
        self.sources = made.guids("documents", "document", self.documents)
        self.by = {one["document"]: self._participants(one) for one in self.documents}
        self.places: dict[str, list[_Place]] = defaultdict(list)
        self.whole: dict[str, list[str]] = defaultdict(list)
        """The excerpts that are all of a document."""
        for row in made.once("excerpts", "excerpt", tables.get("excerpts")):
            if why := self._sort(row):
                made.leave("excerpts", row["excerpt"], why)
        self.codings = self._codings(rows(tables.get("codings")))
        self.notes = made.once("notes", "note", tables.get("notes"))
        self.note_guids = made.guids("notes", "note", self.notes)
        for row in self.notes:
            made.notes_on.setdefault(_about(row), []).append(self.note_guids[row["note"]])
        self.users = self._users()
        self.variables = self._variables()
        for table in ("excerpts", "codings", "notes"):
            made.unused(table, tables.get(table), KNOWN[table])
        listed = {one["document"] for one in every}
        for document in [one for one in texts if one not in listed]:
            made.leave("documents", document, "its text, since it is not in the table")

    # what is carried, and what is not

    def _has_text(self, row: dict[str, str]) -> bool:
        document, medium = row["document"], row.get("medium", "")
        if document not in self.texts:
            self.made.leave("documents", document, "all of it, since it has no text")
            return False
        if medium.strip().lower() not in ("", "text"):
            self.made.leave("documents", document, f"that it is {medium}: only its text is written")
        return True

    def _participants(self, row: dict[str, str]) -> list[str]:
        """Who a document is with, as far as the roster knows them."""
        named = [one.strip() for one in row.get("participants", "").split(";")]
        for one in filter(None, named):
            if one not in self.cases:
                self.made.leave("documents", row["document"], f'its participant "{one}", not in the roster')
        return [*filter(None, dict.fromkeys(named))]

    def _sort(self, row: dict[str, str]) -> str:
        """Put an excerpt where it belongs; what of it is lost there, and why."""
        document, start, end = (row.get(key, "").strip() for key in ("document", "start", "end"))
        if document not in self.sources:
            return f'all of it, since its document "{document}" is not written'
        region = row.get("region", "")
        if region and not start:
            return f'all of it, since it is the region "{region}" and only texts are written'
        if not start and not end:
            self.whole[document].append(row["excerpt"])
            return self._whose(row, document, part=False)
        if not (PLACE.fullmatch(start) and PLACE.fullmatch(end)):
            return f'all of it, since "{start}" to "{end}" is no place'
        if not int(start) <= int(end) <= len(self.texts[document]):
            return f"all of it, since {start} to {end} is no place in a text of {len(self.texts[document]):,}"
        guid = self.made.guid("excerpts", row["excerpt"], given=row.get("guid", ""))
        self.places[document].append(_Place(row, str(int(start)), str(int(end)), guid))
        lost = [f'the region "{region}", since its place in the text is written'] if region else []
        return "; ".join(filter(None, [*lost, self._whose(row, document, part=True)]))

    def _whose(self, row: dict[str, str], document: str, *, part: bool) -> str:
        """Why it cannot be said who speaks in an excerpt; blank if it can."""
        who, alone = row.get("participant", ""), self._alone(document)
        if who in ("", alone):
            nobody = alone in self.cases and not who
            return f'that nobody is said to speak there: all of "{document}" is {alone}\'s' if nobody else ""
        if who not in self.cases:
            return f'its participant "{who}", not in the roster'
        return "" if part else f'its participant "{who}", since it is not only theirs, and no part of it is'

    def _alone(self, document: str) -> str:
        """The only participant of a document, blank if they are several or none."""
        return self.by[document][0] if len(self.by[document]) == 1 else ""

    def _codings(self, every: list[dict[str, str]]) -> dict[str, list[_Coding]]:
        """The codings that are written, by excerpt."""
        here = {one.row["excerpt"] for places in self.places.values() for one in places}
        here |= {one for whole in self.whole.values() for one in whole}
        found: dict[str, list[_Coding]] = defaultdict(list)
        for row in every:
            key = [row.get(column, "") for column in ("excerpt", "code", "coder")]
            label = ", ".join(key)
            if key[0] not in here:
                self.made.leave("codings", label, f'all of it, since the excerpt "{key[0]}" is not written')
            elif key[1] not in self.codes.guids:
                self.made.leave("codings", label, f'all of it, since "{key[1]}" is not in the codebook')
            else:
                guid = self.made.guid("codings", *key, given=row.get("guid", ""))
                found[key[0]].append(_Coding(row, label, guid))
        return found

    def _users(self) -> dict[str, str]:
        """The GUIDs of who coded or wrote a note, by name."""
        coders = [one.row.get("coder", "") for codings in self.codings.values() for one in codings]
        names = dict.fromkeys([*coders, *[one.get("author", "") for one in self.notes]])
        return {one: self.made.guid("coders", one) for one in names if one}

    def _variables(self) -> dict[str, str]:
        """The GUIDs of variables by name; one name is one variable, of participants and documents alike."""
        names = [*_others(self.people, "roster"), *_others(self.documents, "documents")]
        return {one: self.made.guid("variables", one) for one in dict.fromkeys(names)}

    # the file

    def written(self) -> Written:
        made = self.made
        root = made.root("Project", name=made.clean("", "", "title", self.title), origin=ORIGIN)
        self._write_users(root)
        if self.codes.rows:
            self.codes.write(made.under(root, "CodeBook"))
        self._write_variables(root)
        self._write_cases(root)
        self._write_sources(root)
        self._write_notes(root)
        self.codes.write_sets(root, self.titles.get("codebook", {}), "targetGUID")
        made.note_refs(root, "", "")
        self._tell_of_lost_notes()
        data = self._zip(xml(root))
        return Written(data, made.left_out())

    def _write_users(self, root: Element) -> None:
        place = self.made.under(root, "Users") if self.users else root
        for name, guid in self.users.items():
            self.made.under(place, "User", guid=guid, name=self.made.clean("coders", name, "name", name))

    def _write_variables(self, root: Element) -> None:
        place = self.made.under(root, "Variables") if self.variables else root
        for name, guid in self.variables.items():
            called = (self.titles.get(table, {}).get(name) for table in ("roster", "documents"))
            called = next(filter(None, called), name)
            said = self.made.clean("variables", name, "name", called)
            self.made.under(place, "Variable", guid=guid, name=said, typeOfVariable="Text")

    def _write_values(self, parent: Element, table: str, key: str, row: dict[str, str]) -> None:
        for name in _others([row], table):
            if row[name]:
                value = self.made.under(parent, "VariableValue")
                self.made.under(value, "VariableRef", targetGUID=self.variables[name])
                self.made.under(value, "TextValue", self.made.clean(table, key, name, row[name]))

    def _write_cases(self, root: Element) -> None:
        place = self.made.under(root, "Cases") if self.people else root
        for row in self.people:
            who = row["participant"]
            name = self.made.clean("roster", who, "participant", who)
            case = self.made.under(place, "Case", guid=self.cases[who], name=name)
            self._write_values(case, "roster", who, row)
            for document, guid in self.sources.items():
                if self._alone(document) == who or who in self._silent(document):
                    self.made.under(case, "SourceRef", targetGUID=guid)
            for document in self.sources:
                self._write_parts(case, document, who)

    def _write_parts(self, case: Element, document: str, who: str) -> None:
        """What is said by one participant in a document that is not theirs alone."""
        if self._alone(document) == who:
            return
        parts = [one.guid for one in self.places[document] if one.row.get("participant") == who]
        for guid in parts:
            self.made.under(case, "SelectionRef", targetGUID=guid)
        if who in self.by[document] and not parts and who not in self._silent(document):
            why = f"that {who} takes part, since no excerpt of it is by {who}"
            self.made.leave("documents", document, why)

    def _silent(self, document: str) -> list[str]:
        """Those of several who take part and say nothing; one alone would seem to say all the rest."""
        speak = {one.row.get("participant") for one in self.places[document]}
        silent = [who for who in self.by[document] if who in self.cases and who not in speak]
        return silent if len(silent) > 1 else []

    def _write_sources(self, root: Element) -> None:
        place = self.made.under(root, "Sources") if self.documents else root
        for row in self.documents:
            document = row["document"]
            guid = self.sources[document]
            name = self.made.clean("documents", document, "document", document)
            path = f"internal://{guid}.txt"
            source = self.made.under(place, "TextSource", guid=guid, name=name, plainTextPath=path)
            for one in self.places[document]:
                self._write_place(source, one)
            for excerpt in self.whole[document]:
                self._write_codings(source, excerpt)
                if not self.codings[excerpt]:
                    self.made.leave(
                        "excerpts", excerpt, "all of it, since it is a whole document without a code"
                    )
            self.made.note_refs(source, "documents", document)
            self.made.note_refs(source, "excerpts", *self.whole[document])
            self._write_values(source, "documents", document, row)

    def _write_place(self, source: Element, place: _Place) -> None:
        excerpt = place.row["excerpt"]
        name = self.made.clean("excerpts", excerpt, "excerpt", excerpt)
        ends = {"startPosition": place.start, "endPosition": place.end}
        element = self.made.under(source, "PlainTextSelection", guid=place.guid, name=name, **ends)
        self._write_codings(element, excerpt)
        self.made.note_refs(element, "excerpts", excerpt)

    def _write_codings(self, parent: Element, excerpt: str) -> None:
        for one in self.codings[excerpt]:
            coding = self.made.under(
                parent,
                "Coding",
                guid=one.guid,
                creatingUser=self.users.get(one.row.get("coder", ""), ""),
                creationDateTime=self.made.moment("codings", one.row, "coded_at", one.label),
            )
            self.made.under(coding, "CodeRef", targetGUID=self.codes.guids[one.row["code"]])
            known_by = [one.label, one.row.get("coding", ""), one.row.get("guid", "")]
            self.made.note_refs(coding, "codings", *filter(None, known_by))

    def _write_notes(self, root: Element) -> None:
        """All notes; a case cannot name one, so a link leads from the note to it."""
        place = self.made.under(root, "Notes") if self.notes else root
        linked = []
        for row in self.notes:
            note, guid = row["note"], self.note_guids[row["note"]]
            element = self.made.under(
                place,
                "Note",
                guid=guid,
                name=self.made.clean("notes", note, "name", row.get("name", "")),
                creatingUser=self.users.get(row.get("author", ""), ""),
                creationDateTime=self.made.moment("notes", row, "date", note),
            )
            text = self.made.clean("notes", note, "text", row.get("text", ""))
            self.made.under(element, "PlainTextContent", text)
            if _about(row)[0] == "roster" and _about(row)[1] in self.cases:
                linked.append((note, guid, self.cases[_about(row)[1]]))
        links = self.made.under(root, "Links") if linked else root
        for note, origin, target in linked:
            ends = {"originGUID": origin, "targetGUID": target}
            self.made.under(links, "Link", guid=self.made.guid("links", note), direction="OneWay", **ends)
            self.made.placed.add(origin)

    def _tell_of_lost_notes(self) -> None:
        whole = {("excerpts", one): document for document, them in self.whole.items() for one in them}
        for row in self.notes:
            of, owner = about = _about(row)
            if self.note_guids[row["note"]] not in self.made.placed:
                self.made.leave("notes", row["note"], f'what it is about, since {of} has no "{owner}" here')
            elif about in whole:
                why = (
                    f'that it is about "{owner}", since that is all of "{whole[about]}": it is a note on this'
                )
                self.made.leave("notes", row["note"], why)

    def _zip(self, description: bytes) -> bytes:
        members = {"project.qde": description}
        for document, guid in self.sources.items():
            text = self.texts[document]
            for sign in dict.fromkeys(NO_SIGN.findall(text)):
                why = f"the half character U+{ord(sign):04X} in its text, which UTF-8 cannot hold"
                self.made.leave("documents", document, why)
            members[f"sources/{guid}.txt"] = NO_SIGN.sub(UNKNOWN, text).encode()
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, data in members.items():
                zipped.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        return made.getvalue()


def _others(these: list[dict[str, str]], table: str) -> list[str]:
    """The columns of a table that are variables."""
    return [name for name in dict.fromkeys(name for one in these for name in one) if name not in KNOWN[table]]


def _about(note: dict[str, str]) -> tuple[str, str]:
    """The table and the id of what a note is about; both blank, if it is the project."""
    of = note.get("of", "")
    return (of, note.get("owner", "")) if of else ("", "")
