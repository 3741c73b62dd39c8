"""What is in a file, and so what a reader has to find."""

import re
from dataclasses import replace
from typing import NamedTuple

from qdpx.dialects import DIALECTS, Dialect
from qdpx.project import ABOVE, Code, Passage, Project, Source

CUT = 40
"""Characters of a quotation that is cut short."""


class Expected(NamedTuple):
    """`texts`: (source, start, end, text, code path, coder); `regions`: (source, place, code path, coder)."""

    texts: set[tuple[str, int, int, str, str, str]]
    regions: set[tuple[str, str, str, str]]


def paths(codes: tuple[Code, ...], above: str = "") -> dict[str, Code]:
    """Each code by its path, in their order."""
    found = {}
    for code in codes:
        path = above + code.name
        found |= {path: code, **paths(code.codes, path + ABOVE)}
    return found


def path_in(path: str, dialect: Dialect) -> str:
    """A code's path as this vendor has it."""
    return path.replace(ABOVE, "::") if dialect.flat else path


def held(source: Source, dialect: Dialect) -> list[Passage]:
    """The passages of a source as this vendor can hold them: some only whole lines, or without coders."""
    passages = [*source.passages]
    if not dialect.coder:  # two coders of one mind are one coding then
        passages = [replace(one, codings=(*{x.code: x for x in one.codings}.values(),)) for one in passages]
    if not dialect.lines:
        return passages
    return [part for one in passages for part in _lines(one, source.text)]


def _lines(passage: Passage, text: str) -> list[Passage]:
    if not passage.textual:
        return [passage]
    spans = [one.span() for one in re.finditer(r"[^\n]+", text)]
    touched = [(a, b) for a, b in spans if a < passage.end and passage.start < b]
    return [replace(passage, start=a, end=b) for a, b in touched]


def region(passage: Passage, dialect: Dialect) -> str:
    """A place that is none in a text; pages are numbered as the vendor does."""
    if passage.begin is not None:
        return f"{passage.begin}-{passage.stop} ms"
    if passage.box is None:
        return ""
    page = "" if passage.page is None else f"page {passage.page - 1 + dialect.first_page}: "
    return page + ",".join(map(str, passage.box))


def name_of(source: Source, dialect: Dialect) -> str:
    """What a source is called; where audio is nameless, the name stands on its transcript."""
    return dialect.called(source.name)


def expected(project: Project, dialect: str | Dialect = "standard") -> Expected:
    """All codings of a file, by who made them; nobody, where the vendor does not say.

    Text of a PDF that is also a box counts once, as text. Who is in a case is no coding, see `members`.
    """
    kind = DIALECTS[dialect] if isinstance(dialect, str) else dialect
    found = Expected(set(), set())
    for source in project.sources:
        name = name_of(source, kind)
        for one in held(source, kind):
            for coding in one.codings:
                code, coder = path_in(coding.code, kind), coding.coder if kind.coder else ""
                if one.textual:
                    said = source.text[one.start : one.end]
                    found.texts.add((name, one.start, one.end, said, code, coder))
                else:
                    found.regions.add((name, region(one, kind), code, coder))
    return found


def values(project: Project, dialect: str | Dialect = "standard") -> set[tuple[str, str, str, str]]:
    """What is known of people: (`cases` or `sources`, the name of one, variable, value).

    Where attributes are sets, only of cases that sources are wholly about; the same where they are on sources
    or on nameless cases, which say of whom they are only by the source.
    """
    kind = DIALECTS[dialect] if isinstance(dialect, str) else dialect
    if kind.attributes == "cases":
        return {
            ("cases", one.name, kind.variable.format(key), value)
            for one in project.cases
            for key, value in one.values.items()
        }
    named = {one.name: name_of(one, kind) for one in project.sources}
    return {
        ("sources", named[source], key, value)
        for one in project.cases
        for source in one.sources
        for key, value in one.values.items()
    }


def members(
    project: Project, dialect: str | Dialect = "standard"
) -> set[tuple[str, str, int | None, int | None]]:
    """Who is spoken of where: (case, source, start, end), the places blank if all of it is about one."""
    kind = DIALECTS[dialect] if isinstance(dialect, str) else dialect
    if kind.attributes != "cases":
        return set()
    sources = {one.name: one for one in project.sources}
    found = set()
    for case in project.cases:
        found |= {(case.name, name_of(sources[name], kind), None, None) for name in case.sources}
        for place in case.passages:
            name, _, number = place.rpartition("#")
            whole = replace(sources[name], passages=(sources[name].passages[int(number)],))
            parts = held(whole, kind)
            found |= {(case.name, name_of(whole, kind), one.start, one.end) for one in parts}
    return found
