"""A project as a zip file, a codebook as XML, in the words and bytes of a vendor."""

import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from qdpx.dialects import DIALECTS, TIME, Dialect
from qdpx.project import ABOVE, Case, Code, Coding, Note, Passage, Project, Source
from qdpx.truth import CUT, held, paths
from qdpx.xml import element, on_lines, parent

KINDS = {"text": "Text", "picture": "Picture", "PDF": "PDF", "audio": "Audio", "video": "Video"}
BYTES = {
    "picture": (".png", b"\x89PNG\r\n\x1a\n"),
    "PDF": (".pdf", b"%PDF-1.4\n%%EOF\n"),
    "audio": (".m4a", b"\0\0\0\x18ftypM4A "),
    "video": (".mp4", b"\0\0\0\x18ftypmp42"),
}
"""Suffix and contents of media; nobody looks into them."""
DRAFT = "urn:QDA-XML:project:0:10"


def write(path: Path, project: Project, dialect: str | Dialect = "standard") -> Path:
    """Write the project as this vendor would; always the same bytes. The path comes back."""
    kind = DIALECTS[dialect] if isinstance(dialect, str) else dialect
    made = Writer(project, kind)
    head = ("\ufeff" if kind.xml_mark else "") + kind.declaration + kind.indent
    xml = head + on_lines(made.project_element(), kind.indent)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        members = {kind.qde.format(project.name): xml.encode()}
        members |= {f"{kind.folder}/.root": b""} if kind.root else {}
        for name, data in (members | made.files).items():
            info = zipfile.ZipInfo(name, (2024, 3, 5, 9, 30, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(info, data)
    return path


def write_codebook(path: Path, project: Project, dialect: str | Dialect = "standard") -> Path:
    """Write the codes alone, as a .qdc file, with the sets of codes."""
    kind = DIALECTS[dialect] if isinstance(dialect, str) else dialect
    made = Writer(replace(project, notes=()), kind)  # a codebook has no notes
    codes = element("Codes", *made.codes(project.codes))
    groups = [
        element(
            "Set",
            *[element("MemberCode", guid=made.guid("code", code)) for code in group.codes],
            guid=made.guid("set", group.name),
            name=group.name,
        )
        for group in project.groups
        if group.codes
    ]
    sets = element("Sets", *groups) if groups and not kind.empty_sets else "<Sets/>" * kind.empty_sets
    space = {f"xmlns__{kind.prefix[:-1]}" if kind.prefix else "xmlns": kind.codebook}
    xml = element("CodeBook", codes, sets, origin=kind.origin, **space)
    if kind.prefix:
        xml = xml.replace("</", "\0").replace("<", "<" + kind.prefix).replace("\0", "</" + kind.prefix)
    path.write_bytes((kind.declaration + kind.indent + on_lines(xml, kind.indent)).encode())
    return path


class Writer:
    """The elements of one project; the files that they name gather in `files`."""

    def __init__(self, project: Project, dialect: Dialect) -> None:
        self.project, self.dialect = project, dialect
        self.guid = dialect.guid
        self.files: dict[str, bytes] = {}

    # the project

    def project_element(self) -> str:
        kind, project = self.dialect, self.project
        users = [*project.users, *([kind.importer] if kind.importer else [])]
        parts = [
            parent("Users", [element("User", guid=self.guid("user", one), name=one) for one in users]),
            parent("CodeBook", [parent("Codes", self.codes(project.codes) + self.odd_codes())]),
            parent("Variables", self.variables()),
            parent("Cases", self.cases()),
            parent("Sources", [self.source(one) for one in project.sources]),
            parent("Notes", self.notes() if kind.memos != "description" else []),
            parent("Links", self.links()),
            parent("Sets", self.sets()),
            parent("Graphs", self.graphs()),
            self.description(project.comment, "", ""),
            *self.note_refs("", ""),
        ]
        return element("Project", *parts, **self.project_attributes())

    def project_attributes(self) -> dict[str, object]:
        kind, project = self.dialect, self.project
        found = {"xmlns": kind.namespace, "name": project.name, "origin": kind.origin}
        if kind.namespace == DRAFT:
            found["xmlns__xsi"] = "http://www.w3.org/2001/XMLSchema-instance"
            found["xsi__schemaLocation"] = f"{DRAFT} Project.xsd"
        found |= {"creatingUserGUID": self.guid("user", project.users[0]), "creationDateTime": TIME}
        return found | ({"basePath": kind.base} if kind.base else {})

    # codes

    def codes(self, codes: tuple[Code, ...], above: str = "") -> list[str]:
        """One element for each code at the top, or for each code where they are not nested."""
        if self.dialect.flat or self.dialect.dots:
            sign = "::" if self.dialect.flat else "."
            every = paths(codes)
            return [self.code(path, one, path.replace(ABOVE, sign)) for path, one in every.items()]
        return [
            self.code(above + one.name, one, one.name, self.codes(one.codes, above + one.name + ABOVE))
            for one in codes
        ]

    def code(self, path: str, code: Code, name: str, under: list[str] | None = None) -> str:
        color = code.color if self.dialect.colors else ""
        return element(
            "Code",
            self.description(code.definition, "code", path),
            *self.note_refs("code", path),
            *(under or []),
            guid=self.guid("code", path),
            name=name,
            isCodable=str(code.codable).lower(),
            color=color + "8" * (len(color) // 3) * self.dialect.alpha if color else None,
        )

    def odd_codes(self) -> list[str]:
        """Codes that are cases, or the same once more."""
        if self.dialect.twice:
            last = [*paths(self.project.codes).values()][-1]
            return [element("Code", guid=self.guid("again", last.name), name=last.name, isCodable="true")]
        if not self.dialect.case_codes or not self.project.cases:
            return []
        each = [
            element("Code", guid=self.guid("case", one.name), name=one.name, isCodable="true")
            for one in self.project.cases
        ]
        return [element("Code", *each, guid=self.guid("folder", "Cases"), name="Cases", isCodable="false")]

    # people

    def variables(self) -> list[str]:
        if self.dialect.attributes == "sets":
            return []
        return [
            element(
                "Variable",
                guid=self.guid("variable", name),
                name=self.dialect.variable.format(name),
                typeOfVariable=self.project.types.get(name, "Text"),
            )
            for name in self.project.variables
        ]

    def value(self, name: str, value: str) -> str:
        kind = self.project.types.get(name, "Text")
        ref = element("VariableRef", targetGUID=self.guid("variable", name))
        return element("VariableValue", ref, element(f"{kind}Value", says=value))

    def cases(self) -> list[str]:
        how = self.dialect.attributes
        if how == "cases":
            return [self.case(one) for one in self.project.cases]
        if how != "nameless":
            return []
        return [
            element(
                "Case",
                *[
                    self.value(*pair)
                    for one in self.project.cases_of(source.name)
                    for pair in one.values.items()
                ],
                element("SourceRef", targetGUID=self.guid("source", source.name)),
                guid=self.guid("case of", source.name),
            )
            for source in self.project.sources
            if self.project.cases_of(source.name)
        ]

    def case(self, case: Case) -> str:
        refs = []
        if not self.dialect.case_codes:
            refs = [element("SourceRef", targetGUID=self.guid("source", name)) for name in case.sources]
            refs += [
                element("SelectionRef", targetGUID=guid)
                for place in case.passages
                for guid in self.selections_of(place)
            ]
        values = [self.value(*pair) for pair in case.values.items()]
        comment = self.description("", "case", case.name)
        return element("Case", comment, *values, *refs, guid=self.guid("case", case.name), name=case.name)

    def selections_of(self, place: str) -> list[str]:
        """The GUIDs of the selections that a passage has become."""
        name, _, number = place.rpartition("#")
        source = next(one for one in self.project.sources if one.name == name)
        wanted = source.passages[int(number)]
        codes = {one.code for one in wanted.codings}
        return [
            self.guid("selection", name, at)
            for at, one in enumerate(held(source, self.dialect))
            if one.textual
            and {x.code for x in one.codings} == codes
            and one.start < wanted.end
            and wanted.start < one.end
        ]

    # sources

    def text_of(self, owner: str, name: str, text: str) -> tuple[dict[str, str], str]:
        """The attributes and the element that give a text, which is put among the files."""
        kind = self.dialect
        if kind.inline:
            return {}, element("PlainTextContent", says=text)
        guid = self.guid(owner if kind.same_file else "text", name)
        self.files[kind.zipped(guid, ".txt")] = kind.stored(text).encode()
        found = {"plainTextPath": kind.file(guid, ".txt")}
        if kind.rich:
            rich = guid if kind.same_file else self.guid("rich", name)
            self.files[kind.zipped(rich, ".docx")] = b"PK\x05\x06" + bytes(18)
            found["richTextPath"] = kind.file(rich, ".docx")
        return found, ""

    def source(self, source: Source) -> str:
        kind = self.dialect
        passages = [*enumerate(held(source, kind))]
        coded = [(place, one) for place, one in passages if one.whole]
        direct = [x for place, one in coded for x in self.codings(source, place, one.codings)]
        tail = [
            *direct,
            *self.case_codings(source),
            *self.note_refs("source", source.name),
            *self.source_values(source),
        ]
        medium = "video" if source.medium == "audio" and kind.av_as_video else source.medium
        inside, attributes = getattr(self, f"in_{medium.lower()}")(source, passages)
        nameless = kind.av_nameless and medium in ("audio", "video") and source.text
        return element(
            f"{KINDS[medium]}Source",
            self.description(source.comment, "source", source.name),
            *inside,
            *tail,
            guid=self.guid("source", source.name),
            name="" if nameless else kind.called(source.name),
            **attributes,
            creatingUser=self.guid("user", self.project.users[0]),
            creationDateTime=TIME,
        )

    def in_text(self, source: Source, passages: list) -> tuple[list[str], dict]:
        attributes, content = self.text_of("source", source.name, source.text)
        return [content, *self.selections(source, passages)], attributes

    def in_picture(self, source: Source, passages: list) -> tuple[list[str], dict]:
        boxes = [
            self.selection("Picture", source, at, one, **self.box(one)) for at, one in passages if one.box
        ]
        return boxes, self.media(source)

    def in_pdf(self, source: Source, passages: list) -> tuple[list[str], dict]:
        boxes = [
            self.selection(
                "PDF", source, at, one, page=one.page - 1 + self.dialect.first_page, **self.box(one)
            )
            for at, one in passages
            if one.box and (self.dialect.twins or not one.textual)
        ]
        attributes, content = self.text_of("text", source.name, source.text)
        shown = element(
            "Representation",
            content,
            *self.selections(source, passages),
            guid=self.guid("text", source.name),
            name=f"Representation_for_{source.name}",
            **attributes,
        )
        return [*boxes, shown if source.text else ""], self.media(source)

    def in_audio(self, source: Source, passages: list) -> tuple[list[str], dict]:
        return self.in_media("Audio", source, passages)

    def in_video(self, source: Source, passages: list) -> tuple[list[str], dict]:
        return self.in_media("Video", source, passages)

    def in_media(self, kind: str, source: Source, passages: list) -> tuple[list[str], dict]:
        times = [
            self.selection(kind, source, at, one, begin=one.begin, end=one.stop)
            for at, one in passages
            if one.begin is not None
        ]
        return [self.transcript(source, passages), *times], self.media(source)

    def transcript(self, source: Source, passages: list) -> str:
        if not source.text:
            return ""
        attributes, content = self.text_of("transcript", source.name, source.text)
        points = [
            element(
                "SyncPoint",
                guid=self.guid("sync", source.name, place),
                timeStamp=time,
                position=self.dialect.place(source.text, place),
            )
            for time, place in source.sync
        ]
        chosen = [
            self.selection(
                "Transcript",
                source,
                at,
                one,
                fromSyncPoint=self.guid("sync", source.name, one.start),
                toSyncPoint=self.guid("sync", source.name, one.end),
            )
            for at, one in passages
            if one.textual
        ]
        name = self.dialect.called(source.name)
        return element(
            "Transcript",
            content,
            *points,
            *chosen,
            guid=self.guid("transcript", source.name),
            name=name if self.dialect.av_nameless else f"Transcript of {name}",
            **attributes,
        )

    def media(self, source: Source) -> dict[str, str]:
        suffix, data = BYTES[source.medium]
        guid = self.guid("medium", source.name)
        if self.dialect.base and source.medium in ("audio", "video"):
            here = self.dialect.base.rstrip("/")
            return {
                "path": f"relative:///{source.name}",
                "currentPath": f"absolute:///{here.lstrip('/')}/{source.name}",
            }
        self.files[self.dialect.zipped(guid, suffix)] = data
        return {"path": self.dialect.file(guid, suffix)}

    # selections

    def selections(self, source: Source, passages: list) -> list[str]:
        """The selections of a text."""
        found = [
            part for at, one in passages if one.textual for part in self.text_selections(source, at, one)
        ]
        if self.dialect.zero and source.medium == "text" and source.text:
            blank = Passage(0, 0, comment="A mark at the very beginning.")
            found += self.text_selections(source, "zero", blank)
        return found + self.case_selections(source)

    def text_selections(self, source: Source, at: object, one: Passage) -> list[str]:
        """A selection, or one for each coding of it."""
        places = self.ends(source, one)
        if not self.dialect.each_code or not one.codings:
            return [self.selection("PlainText", source, at, one, **places)]
        return [
            self.selection("PlainText", source, at, one, number, **places)
            for number in range(len(one.codings))
        ]

    def ends(self, source: Source, one: Passage) -> dict[str, int]:
        return {
            "startPosition": self.dialect.place(source.text, one.start),
            "endPosition": self.dialect.place(source.text, one.end),
        }

    def selection(
        self, kind: str, source: Source, at: object, one: Passage, number: int | None = None, **place: object
    ) -> str:
        """A selection with its codings; with a `number`, with this one only."""
        codings = one.codings if number is None else one.codings[number : number + 1]
        inner = ""
        if kind == "PDF" and one.textual:
            says = element("PlainTextContent", says=source.text[one.start : one.end])
            inner = element("Representation", says, guid=self.guid("inner", source.name, at))
        first = number or 0
        key = ("selection", source.name, at, *([number] if number else []))
        passage = f"{source.name}#{at}"
        who = self.dialect.importer or (codings[0].coder if codings else self.project.users[0])
        return element(
            f"{kind}Selection",
            self.description(one.comment, "passage", passage),
            inner,
            *self.codings(source, f"{at} {kind}" if inner else at, codings, first),
            *(self.note_refs("passage", passage) if not first else []),
            guid=self.guid(*key),
            name=self.quote(source, one, at),
            **place,
            creatingUser=self.guid("user", who),
            creationDateTime=TIME,
        )

    def quote(self, source: Source, one: Passage, at: object) -> str:
        if self.dialect.quote == "blank":
            return ""
        if self.dialect.quote == "line" and one.textual:
            return f"line:{source.text.count(chr(10), 0, one.start)}"
        if self.dialect.quote == "cut" and one.textual:
            words = " ".join(source.text[one.start : one.end].split())
            return words if len(words) <= CUT else words[:CUT] + "…"
        if self.dialect.av_as_video and one.begin is not None:
            return f"({one.begin},0),({one.stop},0)"
        return f"Quotation {at}"

    @staticmethod
    def box(one: Passage) -> dict[str, int]:
        return dict(zip(("firstX", "firstY", "secondX", "secondY"), one.box, strict=True))

    def codings(self, source: Source, at: object, codings: tuple[Coding, ...], first: int = 0) -> list[str]:
        return [
            element(
                "Coding",
                element("CodeRef", targetGUID=self.guid("code", one.code)),
                guid=self.guid("coding", source.name, at, number),
                creatingUser=self.guid("user", one.coder) if self.dialect.coder else None,
                creationDateTime=TIME if self.dialect.coder else None,
            )
            for number, one in enumerate(codings, start=first)
        ]

    def case_coding(self, case: Case, place: str) -> str:
        return element(
            "Coding",
            element("CodeRef", targetGUID=self.guid("case", case.name)),
            guid=self.guid("member", case.name, place),
            creatingUser=self.guid("user", self.project.users[0]),
            creationDateTime=TIME,
        )

    def case_codings(self, source: Source) -> list[str]:
        """Who a whole source is about, said by codings."""
        if not self.dialect.case_codes:
            return []
        return [self.case_coding(one, source.name) for one in self.project.cases_of(source.name)]

    def case_selections(self, source: Source) -> list[str]:
        """Who a passage is about, said by codings."""
        if not self.dialect.case_codes:
            return []
        return [
            element(
                "PlainTextSelection",
                self.case_coding(case, place),
                guid=self.guid("about", case.name, place),
                name="",
                **self.ends(source, source.passages[int(place.rpartition("#")[2])]),
                creatingUser=self.guid("user", self.dialect.importer or self.project.users[0]),
                creationDateTime=TIME,
            )
            for case in self.project.cases
            for place in case.passages
            if place.rpartition("#")[0] == source.name
        ]

    def source_values(self, source: Source) -> list[str]:
        if self.dialect.attributes != "sources":
            return []
        cases = self.project.cases_of(source.name)
        return [self.value(*pair) for one in cases for pair in one.values.items()]

    # memos

    def told(self) -> list[Note]:
        """The notes that this vendor writes."""
        only = self.dialect.memos == "sources"
        return [one for one in self.project.notes if one.of == "source" or not only]

    def notes(self) -> list[str]:
        found = []
        for one in self.told():
            attributes, content = {}, element("PlainTextContent", says=one.text)
            if self.dialect.note_files:
                guid = self.guid("note", one.name)
                self.files[self.dialect.zipped(guid, ".txt")] = self.dialect.stored(one.text).encode()
                attributes, content = {"plainTextPath": self.dialect.file(guid, ".txt")}, ""
            found.append(
                element(
                    "Note",
                    content,
                    guid=self.guid("note", one.name),
                    name=one.name,
                    **attributes,
                    creatingUser=self.guid("user", one.author),
                    creationDateTime=TIME,
                )
            )
        return found

    def note_refs(self, of: str, owner: str) -> list[str]:
        if self.dialect.memos == "description" or (self.dialect.memos == "links" and of == "passage"):
            return []
        return [
            element("NoteRef", targetGUID=self.guid("note", one.name))
            for one in self.told()
            if (one.of, one.owner) == (of, owner)
        ]

    def description(self, comment: str, of: str, owner: str) -> str:
        """What is said of a thing; notes too, without author and date, where that is all a vendor keeps."""
        notes = self.project.notes if self.dialect.memos == "description" else ()
        says = [comment, *[one.text for one in notes if (one.of, one.owner) == (of, owner)]]
        if not any(says) and not self.dialect.blank_descriptions:
            return ""
        return element("Description", says="\n".join(filter(None, says)))

    # the rest

    def thing(self, kind: str, name: str) -> str:
        """The GUID of anything; a passage is named by its source and its number."""
        if kind == "passage":
            source, _, number = name.rpartition("#")
            return self.guid("selection", source, number)
        return self.guid(kind, name)

    def links(self) -> list[str]:
        found = [
            element(
                "Link",
                guid=self.guid("link", one.name),
                name=one.name,
                direction="OneWay",
                originGUID=self.thing(*one.origin),
                targetGUID=self.thing(*one.target),
            )
            for one in self.project.links
            if self.dialect.memos != "description" or "note" not in (one.origin[0], one.target[0])
        ]
        if self.dialect.memos == "links":
            found += [self.annotation(one) for one in self.told() if one.of == "passage"]
        return found

    def annotation(self, note: Note) -> str:
        """From a note to its passage, as NVivo does; the passage itself names no note."""
        return element(
            "Link",
            guid=self.guid("annotation", note.name),
            name=note.name,
            direction="OneWay",
            originGUID=self.guid("note", note.name),
            targetGUID=self.thing("passage", note.owner),
        )

    def sets(self) -> list[str]:
        groups = [
            element(
                "Set",
                *[element("MemberCode", targetGUID=self.guid("code", name)) for name in one.codes],
                *[self.member("MemberSource", self.guid("source", name)) for name in one.sources],
                *[self.member("MemberNote", self.guid("note", name)) for name in one.notes if self.has_notes],
                guid=self.guid("set", one.name),
                name=one.name,
                creatingUser=self.guid("user", self.project.users[0]) if self.dialect.bad_sets else None,
            )
            for one in self.project.groups
        ]
        return groups + (self.attribute_sets() if self.dialect.attributes == "sets" else [])

    @property
    def has_notes(self) -> bool:
        return self.dialect.memos not in ("description", "sources")

    def member(self, name: str, guid: str) -> str:
        if not self.dialect.bad_sets:
            return element(name, targetGUID=guid)
        return element(name, says=guid) if name == "MemberNote" else element(name, guid=guid)

    def attribute_sets(self) -> list[str]:
        """What is known of people as sets of their sources."""
        about: dict[str, list[str]] = {}
        for case in self.project.cases:
            for key, value in case.values.items():
                about.setdefault(f"{key}: {value}", []).extend(case.sources)
        return [
            element(
                "Set",
                *[element("MemberSource", targetGUID=self.guid("source", name)) for name in sources],
                guid=self.guid("set", name),
                name=name,
            )
            for name, sources in about.items()
            if sources
        ]

    def graphs(self) -> list[str]:
        found = []
        for one in self.project.graphs:
            circles = [self.guid("vertex", one.name, number) for number in range(len(one.things))]
            vertices = [
                element(
                    "Vertex",
                    guid=guid,
                    representedGUID=self.thing(*thing),
                    name=thing[1],
                    firstX=10 * place,
                    firstY=10,
                    shape="Oval",
                )
                for place, (guid, thing) in enumerate(zip(circles, one.things, strict=True))
            ]
            edges = [
                element("Edge", guid=self.guid("edge", a, b), sourceVertex=a, targetVertex=b)
                for a, b in pairwise(circles)
            ]
            found.append(
                element("Graph", *vertices, *edges, guid=self.guid("graph", one.name), name=one.name)
            )
        return found
