"""What of a study's confidential material stands in its results, in whatever format and disguise.

Results are read as somebody would who has the files: tables, pages, Word files with their properties,
executed notebooks with every output, the text of drawings and what pictures carry beside their pixels.
What is found is of one of these kinds:

- `quotation`: consecutive words of an excerpt, told by the excerpt's id and never by the words. Case,
  accents, punctuation, line breaks and the escapes of HTML, LaTeX, Markdown and JSON make no difference.
- `participant`: the id of one as a whole word, case and all. `perhaps a participant`: an id that is a plain
  word or number and may mean something else; one row a file, with the first place.
- `perhaps a combination`: a line with all the values of a combination of attributes that few people share.
- `not read`: a file that cannot be looked into, so that nothing is known of it.
"""

import base64
import binascii
import codecs
import html
import json
import re
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pandas as pd

from analysis.runs.steps import Tell, silent

COLUMNS = ["file", "kind", "what", "where"]
POLICIES = ("public", "restricted")
SHORTEST = 4
"""Texts of fewer words cannot be told from ordinary prose."""
SHORT_VALUE = 2
"""A value of so few letters is looked for as it is written: `A` is a borough and `a` an article."""
COUNTS = ("people", "people_least", "rare")
"""Columns of a table of combinations that are no attribute."""

Passage = tuple[str, str | None]
"""Where a text stands, `{}` for the number of its line, and the text; none where it cannot be read."""


@dataclass(frozen=True)
class _Sought:
    """What must not be found: runs of words by their length, ids by their first part, combinations."""

    runs: dict[int, dict[str, list[str]]]
    ids: dict[str, list[str]]
    cleared: frozenset[str]
    combinations: list[tuple[str, list[str]]]


def scan(
    folder: Path,
    excerpts: pd.DataFrame,
    participants: Iterable[str],
    cleared_excerpts: Collection[str] = (),
    cleared_participants: Collection[str] = (),
    policy: str = "restricted",
    combinations: pd.DataFrame | None = None,
    words: int = 8,
    tell: Tell = silent,
) -> pd.DataFrame:
    """What stands in the files below a folder and is not cleared: rows `file, kind, what, where`, sorted.

    A quotation is `words` consecutive words of an excerpt, or the whole of a shorter one; words that a
    cleared excerpt says too are cleared, and `too_short` lists what is not looked for. `combinations` is a
    table as `uniqueness.combinations` gives it, without those that are cleared; where it says which are
    rare, only they are looked for. `policy="public"` clears all excerpts and combinations, and no
    participant. `where` is a line, a cell of a notebook, a part of a Word file, `metadata` or `file name`.
    No rows mean that nothing stands there verbatim: paraphrase, translation and pixels pass unseen.
    """
    known = pd.Series([*participants], dtype="str").dropna().tolist()
    _refuse_unknown(policy, words, known)
    _refuse_unknown_clearance("excerpt", cleared_excerpts, excerpts["excerpt"])
    _refuse_unknown_clearance("participant", cleared_participants, known)
    if not folder.is_dir():
        raise ValueError(f'"{folder.name}" is no folder; expected the folder of a study\'s results')
    restricted = policy == "restricted"
    sought = _Sought(
        _runs(excerpts if restricted else excerpts.iloc[:0], {*cleared_excerpts}, words),
        _by_first_part(known),
        frozenset(cleared_participants),
        _phrases(combinations) if restricted and combinations is not None else [],
    )
    found = _searched(folder, sought, tell)
    tell("Listing what was found")
    return pd.DataFrame(sorted(found, key=_in_order), columns=COLUMNS, dtype="str")


def _searched(folder: Path, sought: _Sought, tell: Tell) -> list[tuple[str, str, str, str]]:
    """The rows of every file; the largest come first, lest the last one take longer than was told."""
    files = [(path.stat().st_size, path) for path in folder.rglob("*") if path.is_file()]
    found = []
    for done, (_, path) in enumerate(sorted(files, reverse=True)):
        tell("Searching files for what is not cleared", done, len(files))
        name = path.relative_to(folder).as_posix()
        found += [(name, *row) for row in _found_in(name, path.read_bytes(), sought)]
    return found


def too_short(excerpts: pd.DataFrame) -> pd.DataFrame:
    """The excerpts of so few words that `scan` does not look for them: rows `excerpt, words`."""
    texts = excerpts[["excerpt", "text"]].fillna({"text": ""})
    counts = [len(_words(text)[0]) for text in texts["text"]]
    rows = pd.DataFrame({"excerpt": texts["excerpt"], "words": pd.Series(counts, texts.index, dtype=int)})
    return rows[rows["words"] < SHORTEST].sort_values("excerpt", ignore_index=True)


def _refuse_unknown(policy: str, words: int, participants: list[str]) -> None:
    if policy not in POLICIES:
        raise ValueError(f'policy="{policy}" is not one of {", ".join(POLICIES)}')
    if words < SHORTEST:
        raise ValueError(f'words="{words}" is too few to know a quotation by; expected {SHORTEST} or more')
    for one in participants:
        if not PART.search(one):
            raise ValueError(f'the participant "{one}" has neither letter nor digit; it cannot be looked for')


def _refuse_unknown_clearance(kind: str, cleared: Collection[str], known: Iterable[str]) -> None:
    for one in sorted({*cleared} - {*known}):
        raise ValueError(f'the cleared {kind} "{one}" is not in the study; expected an id of its {kind}s')


# What is looked for


def _runs(excerpts: pd.DataFrame, cleared: set[str], words: int) -> dict[int, dict[str, list[str]]]:
    """Every run of `words` words, by its length: the excerpts that say it, unless a cleared one does too."""
    said = {row.excerpt: _words(row.text)[0] for row in excerpts.dropna(subset="text").itertuples()}
    runs: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for excerpt, spoken in said.items():
        length = min(words, len(spoken))
        if excerpt not in cleared and length >= SHORTEST:
            for run in {*_windows(spoken, length)}:
                runs[length][run].append(excerpt)
    for length, known in runs.items():
        for excerpt in cleared & said.keys():
            for run in _windows(said[excerpt], length):
                known.pop(run, None)
    return {length: dict(known) for length, known in sorted(runs.items())}


def _windows(words: list[str], length: int) -> Iterator[str]:
    return (" ".join(words[start : start + length]) for start in range(len(words) - length + 1))


def _by_first_part(participants: list[str]) -> dict[str, list[str]]:
    """The ids by their first run of letters and digits, longest first: `P1-2` is not `P1`."""
    parts: dict[str, list[str]] = defaultdict(list)
    for one in sorted({*participants}, key=lambda one: (-len(one), one)):
        parts[PART.search(one).group()].append(one)
    return dict(parts)


def _phrases(combinations: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Each combination in words, and the values that a line must hold."""
    rows = combinations[combinations["rare"]] if "rare" in combinations else combinations
    rows = rows.drop(columns=[name for name in COUNTS if name in rows]).astype("str")
    return [
        (", ".join(f"{name} {value}" for name, value in row.items()), [*row.values()])
        for row in rows.to_dict("records")
    ]


# What a text says

PART = re.compile(r"[^\W_]+")
WORD = re.compile(r"[^\W_]+(?:(?:'|-(?:[ \t]*\n\s*)?)[^\W_]+)*")
"""Letters and digits; an apostrophe, a hyphen or a hyphen at a line's end within them is dropped."""
SAME = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u00b4`\u2032", "'") | dict.fromkeys("\u2010\u2011", "-")
)
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f]")
"""Soft hyphens, marks without width, and accents once they are apart from their letters."""


def _words(text: str) -> tuple[list[str], list[int], str]:
    """The words as they are compared, where each begins, and the text in which it does."""
    plain = text.casefold()
    if not text.isascii():
        plain = UNSEEN.sub("", unicodedata.normalize("NFKD", text.translate(SAME))).casefold()
    found = [*WORD.finditer(plain)]
    return [re.sub(r"\W", "", word.group()) for word in found], [word.start() for word in found], plain


MARKUP = [
    (re.compile(r"<!--|-->"), " "),  # drawings keep their words in comments
    (re.compile(r"</?[A-Za-z!?][^<>]*>"), " "),
    (re.compile(r"\\textquote(?:left|right|single)(?:\{\}|\s)?"), "'"),
    (re.compile(r"\\-"), ""),
    (re.compile(r"\\(?:[\"'`^~=.]|[cuvHdbkrt](?=\{))\{?\\?([A-Za-z])\}?"), r"\1"),  # letters with accents
    (re.compile(r"\\\\(?:\*?\[[^\]\n]*\])?"), " "),
    (re.compile(r"\\[A-Za-z]+\*?"), " "),
    (re.compile(r"\\(?=[^\w\s]|_)|[{}]"), ""),
]
ESCAPES = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|[nrt])")


def _readings(text: str) -> set[str]:
    """The text as it stands, without markup, and without the escapes of JSON and of printed values.

    Each finds what the others miss: a quotation in an attribute, across tags, or in a string. Line
    breaks stay where they are.
    """
    plain = text
    for pattern, instead in MARKUP:
        plain = pattern.sub(lambda found, instead=instead: _keeping_lines(found, instead), plain)
    escaped = ESCAPES.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", text)
    return {html.unescape(html.unescape(one)) for one in (text, plain, escaped)}


def _keeping_lines(found: re.Match[str], instead: str) -> str:
    return found.expand(instead) + "\n" * found.group().count("\n")


# What is found


def _found_in(name: str, data: bytes, sought: _Sought) -> set[tuple[str, str, str]]:
    """The rows of one file, without its name."""
    rows = set()
    doubtful: dict[str, list[str]] = defaultdict(list)
    for place, text in [("file name", name), *_passages(name, data)]:
        if text is None:
            rows.add(("not read", f"a file of the kind {Path(name).suffix or 'without suffix'}", place))
            continue
        for kind, what, line in (row for reading in _readings(text) for row in _told(reading, sought)):
            where = place.replace("{}", str(line))
            if kind == "perhaps a participant":
                doubtful[what].append(where)
            else:
                rows.add((kind, what, where))
    for what, places in doubtful.items():
        first, *others = dict.fromkeys(sorted(places, key=_natural))
        rows.add(("perhaps a participant", what, f"{first} and {len(others)} more" if others else first))
    return rows


def _told(text: str, sought: _Sought) -> Iterator[tuple[str, str, int]]:
    """Kind, what and line of everything that one reading of a text gives away."""
    yield from (("quotation", excerpt, line) for excerpt, line in _quoted(text, sought.runs))
    for one, start in _named(text, sought.ids):
        if one not in sought.cleared:
            plain = re.fullmatch(r"[^\W\d_]+|\d+", one)
            yield "perhaps a participant" if plain else "participant", one, _line(text, start)
    for number, line in enumerate(text.split("\n") if sought.combinations else (), start=1):
        yield from (("perhaps a combination", what, number) for what in _combined(line, sought.combinations))


def _quoted(text: str, runs: dict[int, dict[str, list[str]]]) -> Iterator[tuple[str, int]]:
    """Each excerpt and the line where a run of its words begins; runs that overlap are one."""
    words, starts, plain = _words(text) if runs else ([], [], "")
    for length, known in runs.items():
        last: dict[str, int] = {}
        for place, run in enumerate(_windows(words, length)):
            for excerpt in known.get(run, ()):
                if last.get(excerpt) != place - 1:
                    yield excerpt, _line(plain, starts[place])
                last[excerpt] = place


def _named(text: str, ids: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    """Each id that stands in the text as a whole word, and where."""
    for part in PART.finditer(text) if ids else ():
        for one in ids.get(part.group(), ()):
            start = part.start() - PART.search(one).start()
            end = start + len(one)
            if start >= 0 and text.startswith(one, start) and not text[end : end + 1].isalnum():
                yield one, start
                break


def _combined(line: str, combinations: list[tuple[str, list[str]]]) -> Iterator[str]:
    folded, written = (f" {' '.join(found)} " for found in (_words(line)[0], PART.findall(line)))
    for what, values in combinations:
        if all(
            f" {value} " in written
            if len(value) <= SHORT_VALUE
            else f" {' '.join(_words(value)[0])} " in folded
            for value in values
        ):
            yield what


def _line(text: str, start: int) -> int:
    return text.count("\n", 0, start) + 1


def _natural(text: str) -> list[tuple[int, str]]:
    """For sorting: line 9 stands before line 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)]


def _in_order(row: tuple[str, str, str, str]) -> tuple[object, ...]:
    return (*row[:2], _natural(row[2]), _natural(row[3]))


# What a file holds

DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)[\w;=-]*;base64,\s*([A-Za-z0-9+/=\s]+)")
"""A file within a text, as pages and drawings carry pictures."""


def _passages(name: str, data: bytes) -> list[Passage]:
    """Every text of a file and where it stands."""
    for read in (READERS.get(Path(name).suffix.lower(), _text), _text):
        try:
            return [*read(data)]
        except (ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error):
            continue  # a broken notebook is still a text
    return [("", None)]


def _text(data: bytes) -> Iterator[Passage]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16")
    elif b"\0" in data:
        raise ValueError("no text has a zero byte")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    yield from _carrying("line {}", text.replace("\r\n", "\n").replace("\r", "\n"))


def _carrying(place: str, text: str) -> Iterator[Passage]:
    """A text, and the files that stand in it as Base64."""
    for found in DATA.finditer(text):
        if found[1].startswith(("image/", "text/")):
            yield from _file_in_text(place.replace("{}", str(_line(text, found.start()))), found[1], found[2])
    yield place, DATA.sub(lambda found: " " + "\n" * found.group().count("\n"), text)


def _file_in_text(place: str, kind: str, text: str) -> Iterator[Passage]:
    try:
        data = base64.b64decode(text)
    except binascii.Error:
        data = text.encode()
    name = "file." + re.split("[/+]", kind)[1]
    yield from ((place, within) for _, within in _passages(name, data))


def _notebook(data: bytes) -> Iterator[Passage]:
    """Sources, every output and all metadata, by cell."""
    notebook = json.loads(data)
    for number, cell in enumerate(notebook["cells"], start=1):
        for kind, text in _strings(cell):
            place = f"cell {cell.get('id', number)}"
            if kind.startswith("image/") and "svg" not in kind:
                yield from _file_in_text(place, kind, text)
            else:
                yield from _carrying(place, re.sub(r"\x1b\[[\d;]*m", "", text))  # colours of a terminal
    rest = {name: value for name, value in notebook.items() if name != "cells"}
    yield from (("metadata", text) for _, text in _strings(rest))


def _strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string within, under the name that it has; lines in a list are one text."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        yield name, " ".join(value)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield "", key
            yield from _strings(item, key)


def _office(data: bytes) -> Iterator[Passage]:
    """Every part of a Word file: text, notes, comments, properties, pictures."""
    with zipfile.ZipFile(BytesIO(data)) as parts:
        for part in sorted(parts.namelist()):
            if part.endswith((".xml", ".rels")):
                text = parts.read(part).decode("utf-8")
                yield f"{part}, paragraph {{}}", _paragraphs(text)
            elif not part.endswith("/"):
                for place, text in _passages(part, parts.read(part)):
                    yield f"{part}, {place}" if place else part, text


def _paragraphs(xml: str) -> str:
    """The words of a part, a paragraph or a table's row on a line; a word may be in several runs."""
    flat = re.sub(r"\s*\n\s*", " ", xml)
    flat = re.sub(r"</w:p>\s*</w:tc>|<w:(?:br|cr|tab)\b[^>]*>", " ", flat)
    lines = re.sub(r"</(?:\w+:)?(?:p|h|si|tr|row|title|description|creator|subject|keywords)>", "\n", flat)
    attributes = " ".join(re.findall(r'\b(?:descr|title|author|alt|initials)="([^"]*)"', lines))
    return html.unescape(re.sub(r"<[^>]*>", "", lines) + "\n" + attributes)


def _png(data: bytes) -> Iterator[Passage]:
    """What a picture carries beside its pixels."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("no PNG begins like this")
    start = 8
    while start < len(data):
        size, kind = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        held = data[start + 8 : start + 8 + size]
        if kind in (b"tEXt", b"eXIf"):
            yield "metadata", held.replace(b"\0", b" ").decode("latin-1")
        elif kind == b"zTXt":
            name, packed = held.split(b"\0", 1)
            yield "metadata", f"{name.decode('latin-1')} {zlib.decompress(packed[1:]).decode('latin-1')}"
        elif kind == b"iTXt":
            name, rest = held.split(b"\0", 1)
            language, also, text = rest[2:].split(b"\0", 2)
            text = zlib.decompress(text) if rest[0] else text
            yield "metadata", b" ".join((name, language, also, text)).decode("utf-8", errors="replace")
        start += size + 12


def _picture(data: bytes) -> Iterator[Passage]:
    """What is legible in a picture of another kind: its comments and properties."""
    yield "metadata", " ".join(run.decode("ascii") for run in re.findall(rb"[\x20-\x7e]{8,}", data))


READERS = {".ipynb": _notebook, ".png": _png} | dict.fromkeys((".docx", ".xlsx", ".pptx", ".odt"), _office)
READERS |= dict.fromkeys((".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff"), _picture)
