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
PARTS = ("counted", "crlf", "mark")
"""What makes a unit, the weightiest first."""
MARGIN = 4
"""Ends by which another unit has to be better for a text to depart from the rest of its file."""
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
    what it says stands there, blank where it does not say. Where no unit is perfect, single line ends are
    tried as two: a file may have lost a half of each after the tool has counted it.
    """
    given = np.array(places, dtype=np.int64).reshape(-1, 2)
    body = plain(text)
    said = _in_text(body, [*quoted] if quoted is not None else [""] * len(given))
    between = _between_words(body)
    found = [_tried(text, body, between, unit, given, said) for unit in only or units(text)]
    if not only and max(one.score for one in found) < 1 and "\n" in text:
        lost = {Unit(one.unit.counted, 2, one.unit.mark) for one in found} - {one.unit for one in found}
        found += [_tried(text, body, between, unit, given, said) for unit in sorted(lost, key=str)]
    return sorted(found, key=lambda one: (-one.score, -one.words))


def _in_text(body: str, quoted: list[str]) -> list[str]:
    """The quotations that stand somewhere in the text; a name that does not says nothing of a place."""
    flat = "".join(body.split())
    return [quote if _bare(quote)[0] in flat else "" for quote in quoted]


def _bare(quote: str) -> tuple[str, bool]:
    """A quotation without white space, and whether it goes on."""
    said = "".join(quote.split())
    dots = next((dots for dots in ELLIPSIS if said.endswith(dots)), "")
    return said.removesuffix(dots), bool(dots)


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
    there, (said, goes_on) = "".join(body[span[0] : span[1]].split()), _bare(quote)
    return there.startswith(said) if goes_on else there == said


def decide(
    texts: Mapping[str, list[Tried]], known: Unit | None = None, least: float = LEAST
) -> dict[str, Tried]:
    """The unit of each text of a file, from what was `tried` for it.

    A tool counts in one way, so texts speak for each other: each text for what it could have shown to be
    otherwise, by as many ends as it has. A text departs from the others only where that is better by `MARGIN`
    ends. Of units that do exactly as well, with other passages, the one that the tool is known for is taken.
    OffsetError, with every text for which no unit can be believed, if several are left, or if the one taken
    scores less than `least`: of a text with fewer than `ENOUGH` ends, only if the whole file does, or if the
    text departs from the others.
    """
    ends = {name: one[0].spans.size for name, one in texts.items()}
    common = _common(texts, ends)
    found, apart, wrong = {}, {}, []
    for name, one in texts.items():
        order = sorted(
            (_distance(each.unit, common), -each.score, -each.words, _distance(each.unit, known), at)
            for at, each in enumerate(one)
            if (one[0].score - each.score) * ends[name] < MARGIN
        )
        found[name] = one[order[0][-1]]
        apart[name] = order[0][0] > min(_distance(each.unit, common) for each in one)
        rivals = [one[rank[-1]] for rank in order if rank[:-1] == order[0][:-1]]
        if any(not np.array_equal(each.spans, rivals[0].spans) for each in rivals):
            units = ", ".join(str(each.unit) for each in rivals)
            wrong.append(f"{name}: several units fit alike, with other passages: {units}")
    total = sum(ends.values())
    whole = sum(one.score * ends[name] for name, one in found.items()) / total if total else 1.0
    for name, one in found.items():
        believed = max(one.score, whole) if ends[name] < ENOUGH and not apart[name] else one.score
        if ends[name] and believed < least:
            wrong.append(f"{name}: no unit fits: by the best one ({one.unit}) {_says(one)}")
    if wrong:
        raise OffsetError("\n".join(wrong))
    return found


def _common(texts: Mapping[str, list[Tried]], ends: Mapping[str, int]) -> dict[str, object]:
    """What most ends of a file speak for: counting, line ends and mark, each where there is a choice."""
    votes = {part: Counter() for part in PARTS}
    for name, one in texts.items():
        if len(_rivals(one)) == 1:
            for part, counts in votes.items():
                if len({getattr(each.unit, part) for each in one}) > 1:
                    counts[getattr(one[0].unit, part)] += ends[name]
    return {part: max(counts, key=counts.get) for part, counts in votes.items() if counts}


def _says(one: Tried) -> str:
    if one.fits < 1:
        return f"{1 - one.fits:.0%} of the passages have no place in the text"
    return (
        f"{one.score:.0%} of the {'ends are where words end' if one.quoted is None else 'quotations agree'}"
    )


def _distance(unit: Unit, other: Mapping[str, object] | Unit | None) -> int:
    """In how much a unit is another than the common or the known one, as far as these say."""
    said = vars(other) if isinstance(other, Unit) else other or {}
    return sum(
        2**at
        for at, part in enumerate(reversed(PARTS))
        if said.get(part, getattr(unit, part)) != getattr(unit, part)
    )


def _rivals(one: list[Tried]) -> list[Tried]:
    """The best unit, and those that do as well with other passages."""
    best = one[0]
    return [best] + [
        other
        for other in one[1:]
        if (other.score, other.words) == (best.score, best.words)
        and not np.array_equal(other.spans, best.spans)
    ]
