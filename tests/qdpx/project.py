"""A coded project as a test describes it. Places are code points of the plain text: LF, no mark, half open.

Things are named by their names: a code by its path ("Work > Waiting"), a source by its name, a passage by the
name of its source and its number there ("P1.txt#0").
"""

from dataclasses import dataclass, field

ABOVE = " > "


@dataclass(frozen=True)
class Code:
    """A code and the codes under it."""

    name: str
    definition: str = ""
    color: str = ""
    codable: bool = True
    codes: tuple["Code", ...] = ()


@dataclass(frozen=True)
class Coding:
    """A code, by its path, put by one coder."""

    code: str
    coder: str


@dataclass(frozen=True)
class Passage:
    """A piece of a source: `start` to `end` of its text, a `box` (of a `page`), `begin` to `stop` in
    milliseconds, or all of it. With both a place in the text and a box it is text of a PDF.
    """

    start: int | None = None
    end: int | None = None
    page: int | None = None
    box: tuple[int, int, int, int] | None = None
    begin: int | None = None
    stop: int | None = None
    codings: tuple[Coding, ...] = ()
    comment: str = ""

    @property
    def textual(self) -> bool:
        return self.start is not None

    @property
    def whole(self) -> bool:
        return self.start is None and self.box is None and self.begin is None


@dataclass(frozen=True)
class Source:
    """A document: `medium` is text, picture, PDF, audio or video; `text` what it says or a transcript of it.

    `sync` are the pairs of milliseconds and place of a transcript; its passages begin and end at such places.
    """

    name: str
    text: str = ""
    medium: str = "text"
    passages: tuple[Passage, ...] = ()
    sync: tuple[tuple[int, int], ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Case:
    """A person: what is known of her, and which sources or passages are about her."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Note:
    """A memo about a `source`, a `code` or a `passage` (`of`), or about the project."""

    name: str
    text: str
    author: str
    of: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Group:
    """What the standard calls a set."""

    name: str
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """From one thing to another, each as a pair of what it is and its name."""

    name: str
    origin: tuple[str, str]
    target: tuple[str, str]


@dataclass(frozen=True)
class Graph:
    """Things as circles, and a line between each and the next."""

    name: str
    things: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Project:
    """All of it. `types` are of variables that are not Text."""

    name: str
    users: tuple[str, ...]
    codes: tuple[Code, ...] = ()
    cases: tuple[Case, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = ()
    groups: tuple[Group, ...] = ()
    links: tuple[Link, ...] = ()
    graphs: tuple[Graph, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    comment: str = ""

    @property
    def variables(self) -> list[str]:
        return [*dict.fromkeys(name for case in self.cases for name in case.values)]

    def cases_of(self, source: str) -> list[Case]:
        """Those who the whole of a source is about."""
        return [case for case in self.cases if source in case.sources]


def at(text: str, words: str) -> tuple[int, int]:
    """Where these words stand; they stand there once."""
    if text.count(words) != 1:
        raise ValueError(f"{words!r} stands {text.count(words)} times in the text")
    return text.index(words), text.index(words) + len(words)
