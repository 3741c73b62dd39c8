"""How each vendor writes a project, as far as real files, sources and the specification say.

What no file has shown (the unit of NVivo for Mac, line ends of MAXQDA) is the likeliest guess.
"""

import uuid
from dataclasses import dataclass, replace

SPACE = uuid.UUID("5a1c6f0e-3a55-4b8f-9a0e-6d1f0a3f9b77")
TIME = "2024-03-05T09:30:00Z"


@dataclass(frozen=True)
class Dialect:
    """The choices of a vendor; those of the standard are the defaults."""

    name: str
    origin: str = ""
    namespace: str = "urn:QDA-XML:project:1.0"
    codebook: str = "urn:QDA-XML:codebook:1.0"
    prefix: str = ""
    """Of elements, in a codebook."""
    qde: str = "project.qde"
    """The XML's name; `{}` is the project's."""
    folder: str = "sources"
    root: bool = False
    """An empty member `.root` in the folder."""
    indent: str = "\n"
    xml_mark: bool = False
    declaration: str = '<?xml version="1.0" encoding="utf-8"?>'
    base: str = ""
    # texts
    unit: str = "code points"
    windows: bool = False
    """Line ends are stored as two characters."""
    pair: int = 2
    """What such a line end counts."""
    mark: bool = False
    """Texts begin with a byte-order mark, which does not count."""
    rich: bool = False
    inline: bool = False
    """Texts stand in the XML."""
    empty: str = ""
    """What is stored for an empty text."""
    path: str = "internal://{}"
    same_file: bool = False
    """Files of a text are called by the GUID of what they are the text of."""
    # GUIDs
    upper: bool = False
    braces: bool = False
    member: str = "same"
    """The case of zip members: `same` as in the XML, `lower` or `upper`."""
    md5: bool = False
    # selections
    quote: str = "label"
    """Their name: a label, blank, the quote cut short, or the line's number."""
    each_code: bool = False
    """A selection of its own for each coding."""
    importer: str = ""
    """A user who is said to have made all selections."""
    coder: bool = True
    lines: bool = False
    zero: bool = False
    """A selection of no length in each text, with a comment."""
    twins: bool = False
    """Coded text of a PDF stands there once more, as a box, by the same GUID."""
    first_page: int = 1
    # codes
    flat: bool = False
    """Codes are not nested, their names have the group before `::`."""
    colors: bool = True
    alpha: bool = False
    twice: bool = False
    """One code stands in the tree again, by another GUID."""
    case_codes: bool = False
    """Cases are codes too, by the same GUID, and who is in a case is a coding."""
    dots: bool = False
    """Codes are not nested, their names have dots."""
    empty_sets: bool = False
    # cases, notes, media
    attributes: str = "cases"
    """On cases, on nameless `nameless` cases, on `sources`, or as `sets` of sources."""
    variable: str = "{}"
    blank_descriptions: bool = False
    memos: str = "notes"
    """As notes, as `description`, as `links` or only those of `sources`."""
    note_files: bool = False
    extension: bool = True
    """Whether names of sources keep theirs."""
    av_as_video: bool = False
    av_nameless: bool = False
    bad_sets: bool = False
    """Members of sets as an early draft of the standard had them, which no schema allows."""

    def guid(self, *key: object) -> str:
        """Always the same for the same thing, in this vendor's spelling."""
        made = uuid.uuid5(SPACE, "/".join(map(str, key)))
        if self.md5:  # no UUID by its version, only by its looks
            made = uuid.uuid3(SPACE, "/".join(map(str, key)))
        text = str(made).upper() if self.upper else str(made)
        return f"{{{text}}}" if self.braces else text

    def file(self, guid: str, suffix: str) -> str:
        """The name of a file in the XML."""
        return self.path.format(guid.strip("{}") + suffix)

    def zipped(self, guid: str, suffix: str) -> str:
        """The name of the same file among the zip's members."""
        name = guid.strip("{}") + suffix
        return f"{self.folder}/{name if self.member == 'same' else getattr(name, self.member)()}"

    def stored(self, text: str) -> str:
        """A text as it is kept."""
        text = (text or self.empty).replace("\n", "\r\n" if self.windows else "\n")
        return ("\ufeff" if self.mark else "") + text

    def place(self, text: str, point: int) -> int:
        """A code point of the plain text in this vendor's unit."""
        before = text[:point].replace("\n", "\r\n" if self.windows and self.pair == 2 else "\n")
        return {
            "code points": len(before),
            "UTF-16 units": len(before.encode("utf-16-le")) // 2,
            "UTF-8 bytes": len(before.encode()),
        }[self.unit]

    def called(self, source: str) -> str:
        """The name of a source."""
        return source if self.extension else source.rpartition(".")[0] or source


STANDARD = Dialect("standard", origin="Interviews 1.0")
ATLAS = Dialect(
    "atlas",
    origin="ATLAS.ti 23.1.1.0",
    codebook="urn:QDA-XML:codebook:0:4",
    declaration='<?xml version="1.0" encoding="utf-8" standalone="yes"?>',
    qde="{}.qde",
    base="/Users/someone/Library/Media",
    windows=True,
    pair=1,
    rich=True,
    upper=True,
    member="upper",
    quote="cut",
    zero=True,
    twins=True,
    first_page=0,
    colors=False,
    attributes="sets",
    memos="description",
    av_nameless=True,
)
MAXQDA = Dialect(
    "maxqda",
    origin="MAXQDA 24.2.0",
    attributes="nameless",
    upper=True,
    rich=True,
    extension=False,
    av_as_video=True,
    quote="label",
)
_ALL = (
    STANDARD,
    Dialect(
        "nvivo_windows",
        origin="NVivo 12.6.0.959",
        folder="Sources",
        unit="UTF-16 units",
        windows=True,
        mark=True,
        rich=True,
        quote="blank",
        each_code=True,
        importer="WORKSTATION",
        case_codes=True,
        memos="links",
        note_files=True,
        same_file=True,
        variable="Person:{}",
        blank_descriptions=True,
    ),
    Dialect(
        "nvivo_mac",
        origin="NVivo Mac 15.0.1",
        codebook="urn:QDA-XML:codebook:1:0",
        root=True,
        indent="",
        unit="UTF-16 units",
        empty="\n",
        upper=True,
        quote="blank",
        case_codes=True,
        note_files=True,
        same_file=True,
        variable="Person:{}",
        blank_descriptions=True,
    ),
    ATLAS,
    replace(
        ATLAS, name="atlas_8", origin="ATLAS.ti 8.4.0 573 , macOS Version 10.14.3", flat=True, member="same"
    ),
    MAXQDA,
    replace(MAXQDA, name="maxqda_sources", attributes="sources", quote="blank"),
    Dialect("quirkos", origin="Quirkos 2.5.3", attributes="nameless", memos="sources", inline=True),
    Dialect(
        "transana",
        origin="Transana 3.22b2-QDE-Win",
        namespace="urn:QDA-XML:project:0:10",
        base="E:/Data/Video/Transana/",
        rich=True,
        coder=False,
        same_file=True,
        note_files=True,
        bad_sets=True,
    ),
    Dialect("qualcoder", origin="QualCoder 3.5", folder="Sources", xml_mark=True, mark=True, quote="blank"),
    Dialect(
        "qc",
        origin="qualitative-coding 1.7.8",
        path="{}",
        md5=True,
        quote="line",
        lines=True,
        twice=True,
        memos="notes",
    ),
    replace(STANDARD, name="braces", braces=True, upper=True, member="lower"),
    replace(STANDARD, name="bytes", unit="UTF-8 bytes", indent=""),
    Dialect("taguette", origin="Taguette 1.4.1", dots=True, empty_sets=True, colors=False),
    Dialect("prefixed", origin="Dedoose 9", prefix="qda:", alpha=True),
)
DIALECTS: dict[str, Dialect] = {one.name: one for one in _ALL}
CODEBOOK_ONLY = ("taguette", "prefixed")
"""Of these only .qdc files are known."""
