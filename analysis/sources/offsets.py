"""In which unit a tool counts the places of a text, found out for each text by itself.

Tools count Unicode code points, UTF-16 units or UTF-8 bytes, a Windows line end as one or two, and the
byte-order mark or not, and their files do not say which. A wrong guess moves every passage a little and
nobody notices. So every unit is tried: one is right if passages begin and end where words do, and if they
say what the tool itself quotes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

COUNTED = ("code points", "UTF-16 units", "UTF-8 bytes")
MARK = "\ufeff"
"""The byte-order mark, as the first character of a decoded text."""
LEAST = 0.8
"""Of a unit that is believed, so many ends are where words end, or so many quotations agree."""
ELLIPSIS = ("…", "...")
"""How tools end a quotation that they cut short."""
ASTRAL, TWO, THREE, FOUR = 0x10000, 0x80, 0x800, 0x10000
"""The first code points of two UTF-16 units, and of two, three and four UTF-8 bytes."""


class OffsetError(Exception):
    """Why no unit can be believed."""


@dataclass(frozen=True)
class Unit:
    """What is counted, how long a Windows line end is, and whether the byte-order mark counts."""

    counted: str
    crlf: int = 2
    mark: bool = False

    def __str__(self) -> str:
        return f"{self.counted}, a line end as {self.crlf}, {'with' if self.mark else 'without'} the mark"


@dataclass(frozen=True)
class Detected:
    """The unit, what it scores, how the others do, and the passages in code points of the plain text.

    `tried` has a row for each unit, best first: `unit, fits, quoted, words, score`. `spans` is passages × 2,
    half open, in the text without its mark and with line ends of one character.
    """

    unit: Unit
    score: float
    tried: pd.DataFrame
    spans: np.ndarray


def plain(text: str) -> str:
    """The text without its byte-order mark, and with line ends of one character."""
    return text.removeprefix(MARK).replace("\r\n", "\n")


def units(text: str) -> list[Unit]:
    """The units in which the places of this text can differ, the standard's own first.

    Source: REFI-QDA 1.5 (2019), section 10.2, where a place is a code point.
    """
    crlf = (2, 1) if "\r\n" in text else (2,)
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
    """Which characters of the plain text were a carriage return and a line feed."""
    body = np.frombuffer(text.removeprefix(MARK).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    pairs = np.flatnonzero((body[:-1] == ord("\r")) & (body[1:] == ord("\n"))) if len(body) else body
    return pairs - np.arange(len(pairs))


def in_code_points(text: str, unit: Unit, places: np.ndarray) -> np.ndarray:
    """The places, passages × 2, as code points of the plain text; -1 where there is no such place."""
    begins = ends(text, unit)
    found = np.searchsorted(begins, places)
    there = begins[found.clip(max=len(begins) - 1)] == places
    return np.where(there, found, -1)


def detect(
    text: str,
    places: Sequence[tuple[int, int]],
    quoted: Sequence[str] | None = None,
    first: Unit | None = None,
) -> Detected:
    """The unit in which the passages of a text are counted, and the passages in code points.

    `text` is as it was stored, mark and line ends included; `places` are the tool's own, half open; `quoted`
    what it says stands there, blank where it does not say. `first` is the unit that the tool is known for:
    of units that fit alike it is taken. A unit scores by the share of quotations that agree, where there are
    any, then by the share of ends where words end. OffsetError, if a passage lies outside of the text in
    every unit, if the best one scores less than `LEAST`, or if another one with other passages does as well
    and the tool is known for neither.
    """
    given = np.array(places, dtype=np.int64).reshape(-1, 2)
    said = [*quoted] if quoted is not None else [""] * len(given)
    body = plain(text)
    tried = [_tried(text, body, unit, given, said) for unit in units(text)]
    order = sorted(tried, key=lambda one: (-one["score"], -one["words"], one["unit"] != first))
    best = order[0]
    table = pd.DataFrame([{key: one[key] for key in one if key != "spans"} for one in order])
    if len(given):
        _refuse(best, order, given, first)
    return Detected(best["unit"], best["score"], table.astype({"unit": str}), best["spans"])


def _tried(text: str, body: str, unit: Unit, given: np.ndarray, said: list[str]) -> dict[str, object]:
    spans = in_code_points(text, unit, given)
    fits = float((spans >= 0).all(axis=1).mean()) if len(spans) else 1.0
    words = _at_words(body, spans) if len(spans) else 1.0
    quotes = [_agrees(body, span, quote) for span, quote in zip(spans, said, strict=True) if quote.strip()]
    quoted = float(np.mean(quotes)) if quotes else None
    score = (words if quoted is None else quoted) if fits == 1 else 0.0
    return {"unit": unit, "fits": fits, "quoted": quoted, "words": words, "score": score, "spans": spans}


def _at_words(body: str, spans: np.ndarray) -> float:
    """The share of ends that lie between a word and what is none."""
    letters = np.array([False, *(sign.isalnum() for sign in body), False])
    between = ~(letters[:-1] & letters[1:])
    inside = spans[(spans >= 0).all(axis=1)]
    return float(between[inside].mean()) if len(inside) else 0.0


def _agrees(body: str, span: np.ndarray, quote: str) -> bool:
    """Whether a passage says what the tool quotes, white space aside, and as far as it quotes."""
    if (span < 0).any():
        return False
    there, said = ("".join(words.split()) for words in (body[span[0] : span[1]], quote))
    for dots in ELLIPSIS:
        if said.endswith(dots):
            return there.startswith(said.removesuffix(dots))
    return there == said


def _refuse(best: dict, order: list[dict], given: np.ndarray, first: Unit | None) -> None:
    if best["fits"] < 1:
        one = given[(best["spans"] < 0).any(axis=1).argmax()]
        raise OffsetError(f"the passage {one[0]} to {one[1]} lies outside of the text in every unit")
    if best["score"] < LEAST:
        what = "ends are where words end" if best["quoted"] is None else "quotations agree"
        raise OffsetError(f"no unit fits: by the best one ({best['unit']}) {best['score']:.0%} of the {what}")
    for other in order[1:]:
        alike = (other["score"], other["words"]) == (best["score"], best["words"])
        if alike and best["unit"] != first and not np.array_equal(other["spans"], best["spans"]):
            raise OffsetError(f"two units fit alike, with other passages: {best['unit']}; {other['unit']}")
