"""In which unit a tool counts the places of a text, found out for each text by itself.

Tools count Unicode code points, UTF-16 units or UTF-8 bytes, a Windows line end as one or two, and the
byte-order mark or not, and their files do not say which. A wrong guess moves every passage a little and
nobody notices. So every unit is tried: one is right if passages begin and end where words do, and if they
say what the tool itself quotes.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

COUNTED = ("code points", "UTF-16 units", "UTF-8 bytes")
MARK = "\ufeff"
"""The byte-order mark, as the first character of a decoded text."""
LEAST = 0.8
"""Of a unit that is believed, so many ends are where words end, or so many quotations agree."""
ENOUGH = 20
"""Ends from which a text speaks for itself; one with fewer is believed if its file as a whole is."""
ELLIPSIS = ("…", "...")
"""How tools end a quotation that they cut short."""
JOINED = re.compile(
    r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Letters of scripts that put something between words: not Thai, Lao, Burmese, Khmer, Chinese or Japanese."""
ASTRAL, TWO, THREE, FOUR = 0x10000, 0x80, 0x800, 0x10000
"""The first code points of two UTF-16 units, and of two, three and four UTF-8 bytes."""


class OffsetError(Exception):
    """Why no unit can be believed."""


@dataclass(frozen=True)
class Unit:
    """What is counted, how long a line end is, and whether the byte-order mark counts."""

    counted: str
    crlf: int = 1
    mark: bool = False

    def __str__(self) -> str:
        return f"{self.counted}, a line end as {self.crlf}, {'with' if self.mark else 'without'} the mark"


class Tried(NamedTuple):
    """A unit for the passages of one text, and how well it does.

    `spans` is passages × 2, half open, in code points of the plain text, -1 where there is no such place.
    `fits` is the share of passages that lie in the text; `quoted` the share of quotations that agree, None
    without any; `words` the share of ends that lie where words end.
    """

    unit: Unit
    spans: np.ndarray
    fits: float
    quoted: float | None
    words: float

    @property
    def score(self) -> float:
        """What speaks for the unit: quotations, or the ends of words; nothing, if a passage has no place."""
        return 0.0 if self.fits < 1 else self.words if self.quoted is None else self.quoted


def plain(text: str) -> str:
    """The text without its byte-order mark, and with line ends of one character."""
    return text.removeprefix(MARK).replace("\r\n", "\n")


def units(text: str) -> list[Unit]:
    """The units in which the places of this text can differ, the standard's own first.

    Source: REFI-QDA 1.5 (2019), section 10.2, where a place is a code point.
    """
    crlf = (1, 2) if "\r\n" in text else (1,)
    mark = (False, True) if text.startswith(MARK) else (False,)
    wide = [counted for counted in COUNTED if counted == COUNTED[0] or not text.isascii()]
    return [Unit(counted, lines, marked) for counted, lines, marked in product(wide, crlf, mark)]


def ends(text: str, unit: Unit) -> np.ndarray:
    """Where each character of the plain text begins in this unit, and where the last one ends."""
    points = np.frombuffer(plain(text).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    width = np.ones(len(points), dtype=np.int64)
    if unit.counted == COUNTED[1]:
        width += points >= ASTRAL
    elif unit.counted == COUNTED[2]:
        width += (points >= TWO).astype(int) + (points >= THREE) + (points >= FOUR)
    width[_line_ends(text)] = unit.crlf
    marked = unit.mark and text.startswith(MARK)
    counted = {COUNTED[0]: 1, COUNTED[1]: 1, COUNTED[2]: 3}[unit.counted] if marked else 0
    return np.concatenate([[0], width.cumsum()]) + counted


def _line_ends(text: str) -> np.ndarray:
    """Which characters of the plain text are line ends: what was two characters, or else each line feed."""
    body = np.frombuffer(text.removeprefix(MARK).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    feeds = np.flatnonzero(body == ord("\n"))
    pairs = feeds[(feeds > 0) & (body[feeds - 1] == ord("\r"))] - 1
    return pairs - np.arange(len(pairs)) if len(pairs) else feeds


def in_code_points(text: str, unit: Unit, places: np.ndarray) -> np.ndarray:
    """The places, passages × 2, as code points of the plain text; -1 where there is no such place."""
    begins = ends(text, unit)
    found = np.searchsorted(begins, places)
    there = begins[found.clip(max=len(begins) - 1)] == places
    return np.where(there, found, -1)


def tried(
    text: str,
    places: Sequence[tuple[int, int]],
    quoted: Sequence[str] | None = None,
    only: Sequence[Unit] | None = None,
) -> list[Tried]:
    """Every unit for the passages of a text, or only some, the best one first.

    `text` is as it was stored, mark and line ends included; `places` are the tool's own, half open; `quoted`
    what it says stands there, blank where it does not say. Where no unit is good, single line ends are
    tried as two: a file may have lost a half of each after the tool has counted it.
    """
    given = np.array(places, dtype=np.int64).reshape(-1, 2)
    said = [*quoted] if quoted is not None else [""] * len(given)
    body = plain(text)
    between = _between_words(body)
    found = [_tried(text, body, between, unit, given, said) for unit in only or units(text)]
    if not only and max(one.score for one in found) < LEAST and "\n" in text:
        lost = {Unit(one.unit.counted, 2, one.unit.mark) for one in found} - {one.unit for one in found}
        found += [_tried(text, body, between, unit, given, said) for unit in sorted(lost, key=str)]
    return sorted(found, key=lambda one: (-one.score, -one.words))


def _between_words(body: str) -> np.ndarray:
    """Whether each place of a text, its beginning and end among them, is not within a word."""
    points = np.frombuffer(body.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    signs, where = np.unique(points, return_inverse=True)  # a text has many signs, and few different ones
    of_words = np.array([JOINED.match(chr(sign)) is not None for sign in signs], dtype=bool)
    joined = np.concatenate([[False], of_words[where], [False]])
    return ~(joined[:-1] & joined[1:])


def _tried(
    text: str, body: str, between: np.ndarray, unit: Unit, given: np.ndarray, said: list[str]
) -> Tried:
    spans = in_code_points(text, unit, given)
    inside = (spans >= 0).all(axis=1)
    quotes = [agrees(body, span, quote) for span, quote in zip(spans, said, strict=True) if quote.strip()]
    return Tried(
        unit=unit,
        spans=spans,
        fits=float(inside.mean()) if len(given) else 1.0,
        quoted=float(np.mean(quotes)) if quotes else None,
        words=float(between[spans[inside]].mean()) if inside.any() else float(not len(given)),
    )


def agrees(body: str, span: Sequence[int], quote: str) -> bool:
    """Whether a passage says what the tool quotes, white space aside, and as far as it quotes."""
    if min(span) < 0:
        return False
    there, said = ("".join(words.split()) for words in (body[span[0] : span[1]], quote))
    for dots in ELLIPSIS:
        if said.endswith(dots):
            return there.startswith(said.removesuffix(dots))
    return there == said


def decide(
    texts: Mapping[str, list[Tried]], known: Unit | None = None, least: float = LEAST
) -> dict[str, Tried]:
    """The unit of each text of a file, from what was `tried` for it.

    A text whose best unit stands alone has that one. Where several units with different passages do as well,
    the one that the rest of the file speaks for is taken, or else the one that the tool is known for.
    OffsetError, with every text for which no unit can be believed, if the best one scores less than `least`:
    of a text with fewer than `ENOUGH` ends, only if the whole file does, or if it is another unit than that
    of the other texts.
    """
    rivals = {name: _rivals(one) for name, one in texts.items()}
    alone = Counter(one[0].unit for one in rivals.values() if len(one[0].spans) and len(one) == 1)
    found, wrong = {}, []
    for name, one in rivals.items():
        order = sorted((_distance(each.unit, alone, known), index) for index, each in enumerate(one))
        first, second = ([*order, None])[:2]
        found[name] = one[first[1]]
        if second and second[0] == first[0]:
            units = ", ".join(str(one[index].unit) for _, index in order)
            wrong.append(f"{name}: several units fit alike, with other passages: {units}")
    ends = {name: one.spans.size for name, one in found.items()}
    total = sum(ends.values())
    whole = sum(one.score * ends[name] for name, one in found.items()) / total if total else 1.0
    common = max(alone, key=alone.get, default=None)
    for name, one in found.items():
        alike = ends[name] < ENOUGH and (common is None or _as_if(texts[name], one, common))
        believed = max(one.score, whole) if alike else one.score
        if ends[name] and believed < least:
            wrong.append(f"{name}: no unit fits: by the best one ({one.unit}) {_says(one)}")
    if wrong:
        raise OffsetError("\n".join(wrong))
    return found


def _as_if(tried: list[Tried], one: Tried, common: Unit) -> bool:
    """Whether passages are where the commonest unit of the file has them, or the nearest one tried."""

    def apart(each: Tried) -> tuple[bool, bool, bool]:
        unit = each.unit
        return unit.counted != common.counted, unit.crlf != common.crlf, unit.mark != common.mark

    return np.array_equal(one.spans, min(tried, key=apart).spans)


def _says(one: Tried) -> str:
    if one.fits < 1:
        return f"{1 - one.fits:.0%} of the passages have no place in the text"
    return (
        f"{one.score:.0%} of the {'ends are where words end' if one.quoted is None else 'quotations agree'}"
    )


def _distance(unit: Unit, alone: Counter[Unit], known: Unit | None) -> tuple[int, ...]:
    """How little speaks for a unit besides the text itself: the rest of the file, then what is known."""
    counted = sum(times for each, times in alone.items() if each.counted == unit.counted)
    apart = known is None or unit.counted != known.counted
    return -alone[unit], -counted, apart, known is None or unit.crlf != known.crlf


def _rivals(one: list[Tried]) -> list[Tried]:
    """The best unit, and those that do as well with other passages."""
    best = one[0]
    return [best] + [
        other
        for other in one[1:]
        if (other.score, other.words) == (best.score, best.words)
        and not np.array_equal(other.spans, best.spans)
    ]
