"""An XML file of somebody else's, looked through before it is read: refused if it is a trap, else counted.

The count is made by another parser than the one that reads, so that an element which the reader has
overlooked shows.
"""

import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from analysis.sources.project import SourceError

ITEMS = frozenset(
    (
        *("User", "Code", "Variable", "VariableValue", "Case", "SourceRef", "SelectionRef"),
        *(
            "TextSource",
            "PDFSource",
            "PictureSource",
            "AudioSource",
            "VideoSource",
            "Transcript",
            "SyncPoint",
        ),
        *("PlainTextSelection", "TranscriptSelection", "PDFSelection", "PictureSelection", "AudioSelection"),
        *("VideoSelection", "Coding", "Note", "Link", "Set", "MemberCode", "MemberSource", "MemberNote"),
        *("Graph", "Vertex", "Edge"),
    )
)
"""Elements that are accounted for one by one; all others of the standard are parts of them."""
PARTS = frozenset(
    (
        *("Project", "Users", "CodeBook", "Codes", "Variables", "Cases", "Sources", "Notes", "Links", "Sets"),
        *(
            "Graphs",
            "Description",
            "PlainTextContent",
            "Representation",
            "TextDescription",
            "NoteRef",
            "CodeRef",
        ),
        *(
            "VariableRef",
            "TextValue",
            "BooleanValue",
            "IntegerValue",
            "FloatValue",
            "DateValue",
            "DateTimeValue",
        ),
    )
)
CASE_CODE = "CodeRef of a Case"
UNKNOWN = "unknown element "
DEEPEST = 200
"""Codes below codes; nobody's codebook has as many."""
CHUNK = 2**20


def count(file: str, name: str, opened: Callable[[], BinaryIO], most: int) -> dict[str, int]:
    """How many of each item an XML file has, by local name.

    SourceError, if it is longer than `most` bytes, declares a document type (which can hide entities that
    grow without end or name other files), nests deeper than `DEEPEST`, or is no XML. `file` and `name` are
    for the sentence.
    """
    seen = _Seen(file, name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = seen.begin
    parser.EndElementHandler = seen.end
    parser.StartDoctypeDeclHandler = seen.refuse
    read = 0
    try:
        with opened() as stream:
            while data := stream.read(CHUNK):
                read += len(data)
                if read > most:
                    raise SourceError(file, [f"{name} has more than {most / 2**20:,.0f} MiB"])
                parser.Parse(data)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise SourceError(file, [f"{name} cannot be read as XML ({error})"]) from error
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise SourceError(file, [f"{name} is damaged or cut short ({error})"]) from error
    return dict(seen.found)


class _Seen:
    """What has been seen of a file, and where in it we are."""

    def __init__(self, file: str, name: str) -> None:
        self.file, self.name = file, name
        self.found: Counter[str] = Counter()
        self.above: list[str] = []

    def begin(self, tag: str, _: object) -> None:
        local = tag.rpartition(":")[2]
        if len(self.above) >= DEEPEST:
            says = f"{self.name} nests elements more than {DEEPEST} deep; no codebook does"
            raise SourceError(self.file, [says])
        if local in ITEMS:
            self.found[local] += 1
        elif local not in PARTS:
            self.found[UNKNOWN + local] += 1
        elif local == "CodeRef" and self.above[-1:] == ["Case"]:
            self.found[CASE_CODE] += 1
        self.above.append(local)

    def end(self, _: str) -> None:
        self.above.pop()

    def refuse(self, *_: object) -> None:
        says = f"{self.name} has a document type declaration (DOCTYPE), which no tool writes"
        raise SourceError(self.file, [says])
