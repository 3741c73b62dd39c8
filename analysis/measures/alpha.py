"""Krippendorff's alpha: one coefficient for any number of coders, blanks, and several kinds of values.

`judgements` is a frame of units × coders, blank where a coder did not judge a unit.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd

DISTANCES = ("nominal", "ordinal", "interval", "masi", "jaccard")
SETS = ("masi", "jaccard")


@dataclass(frozen=True)
class Interval:
    """A bootstrap interval of alpha from so many documents; blank ends, and what must be known of it, are
    explained in `why`."""

    low: float
    high: float
    why: str = ""
    documents: int = 0


def coefficient(judgements: pd.DataFrame, distance: str = "nominal") -> float:
    """Alpha: 1 where coders agree throughout, 0 where they agree as by chance, below 0 where less; blank
    where it is undefined, for which `coefficients.undefined` has the words.

    `distance` says how far two values are apart: `nominal` (same or not), `ordinal` (numbers or one
    set of ordered categories, by rank), `interval` (numbers), or, where each value is a set of codes, `masi`
    and `jaccard`. Units with a single judgement change nothing. Where all values are the same alpha is
    undefined, not 1; where nearly all are, a few disagreements bring it close to 0, so that it is to be
    read beside the prevalence. Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability;
    Krippendorff (2019), Content Analysis, 4th edition, chapter 12.

    >>> judgements = pd.DataFrame({"K": list("0100000010"), "L": list("1110010000")})
    >>> round(coefficient(judgements), 3)
    0.095
    """
    values, apart = _measured(judgements, distance)
    observed = _disagreement(values, apart).sum()
    expected = _expected(np.ones((1, 1)), _totals(values, np.zeros(len(values), dtype=int), apart), apart)[0]
    return float(1 - observed / expected) if expected > 0 else float("nan")


def interval(
    judgements: pd.DataFrame,
    documents: pd.Series,
    distance: str = "nominal",
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """The percentile bootstrap interval of alpha, drawing whole documents with replacement.

    `documents` holds the document of each unit, on the index of `judgements`; a unit whose document is
    blank is drawn by itself. Excerpts of one interview resemble each other, so drawing excerpts would make
    the interval too narrow; with a handful of documents it is rough, and too narrow still. Resamples
    in which alpha is undefined are left out, and `why` says how many. Blank where fewer than two
    documents are judged by two coders. The distance between ranks would change with every resample, so
    `ordinal` is a ValueError. Source: Field and Welsh (2007), J. R. Stat. Soc. B 69, 369–390.
    """
    if distance == "ordinal":
        raise ValueError('distance="ordinal" has no interval here; one of nominal, interval, masi, jaccard')
    values, apart = _measured(judgements, distance)
    place = _places(documents.reindex(judgements.index)[_judged_twice(judgements)])
    totals = _totals(values, place, apart)
    if not apart.any():
        return Interval(np.nan, np.nan, documents=len(totals))
    if len(totals) == 1:
        return Interval(np.nan, np.nan, "no interval: fewer than two documents", documents=1)
    weights = _drawn(len(totals), resamples, seed)
    observed = weights @ np.bincount(place, _disagreement(values, apart))
    expected = _expected(weights, totals, apart)
    drawn = 1 - observed[expected > 0] / expected[expected > 0]
    return replace(_between(drawn, resamples, confidence), documents=len(totals))


def masi(one: frozenset[str], other: frozenset[str]) -> float:
    """How far two sets of codes are apart, 0 to 1: 1 minus their Jaccard index × a weight for how one
    contains the other: 1 where they are equal, 2/3 where one holds the other, 1/3 where they overlap, 0
    where they have nothing in common.

    Two empty sets are equal, so 0 apart. The weights are those of Passonneau (2006), Measuring Agreement
    on Set-valued Items (MASI), LREC.

    >>> round(masi(frozenset("ab"), frozenset("a")), 4)
    0.6667
    """
    return float(_sets_apart([one, other], "masi")[0, 1])


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """How far two sets of codes are apart, 0 to 1: the share of the codes in either that are not in both;
    0 for two empty sets. Source: Jaccard (1912), New Phytol. 11, 37–50.

    >>> jaccard(frozenset("ab"), frozenset("a"))
    0.5
    """
    return float(_sets_apart([one, other], "jaccard")[0, 1])


def _judged_twice(judgements: pd.DataFrame) -> np.ndarray:
    return judgements.notna().sum(axis=1).to_numpy() > 1


def _measured(judgements: pd.DataFrame, distance: str) -> tuple[np.ndarray, np.ndarray]:
    """Units with two judgements × coders, as numbers of values, −1 a blank; and how far values are apart."""
    if distance not in DISTANCES:
        raise ValueError(f'distance="{distance}" is not one of {", ".join(DISTANCES)}')
    paired = judgements.loc[_judged_twice(judgements)]
    if distance in SETS:
        paired = paired.map(_frozen, na_action="ignore")
    if distance in ("ordinal", "interval"):
        paired = _ranked(paired, distance)
    numbers, found = pd.factorize(paired.to_numpy(dtype=object).ravel())
    values = numbers.reshape(paired.shape)
    if distance == "nominal":
        return values, 1 - np.eye(len(found))
    if distance in SETS:
        return values, _sets_apart([*found], distance)
    scale = found.astype(float)
    at = _mid_ranks(scale, np.bincount(numbers[numbers >= 0])) if distance == "ordinal" else scale
    return values, np.subtract.outer(at, at) ** 2


def _ranked(judgements: pd.DataFrame, distance: str) -> pd.DataFrame:
    """The judgements as numbers: those of ordered categories are their places."""
    kinds = {*judgements.dtypes}
    if distance == "ordinal" and len(kinds) == 1 and getattr(*kinds, "ordered", False):
        return judgements.apply(lambda column: column.cat.codes.where(column.notna()))
    said = judgements.astype(object).stack().dropna()
    words = said[pd.to_numeric(said, errors="coerce").isna()]
    if len(words):
        expected = "numbers or ordered categories" if distance == "ordinal" else "numbers"
        raise ValueError(f'distance="{distance}" takes {expected}; found "{words.iloc[0]}"')
    return judgements.apply(pd.to_numeric)


def _mid_ranks(scale: np.ndarray, total: np.ndarray) -> np.ndarray:
    """The middle rank of each value: between two lie the judgements between them, and half of their own."""
    order = np.argsort(scale)
    middle = np.empty(len(scale))
    middle[order] = np.cumsum(total[order]) - total[order] / 2
    return middle


def _frozen(value: object) -> frozenset:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ValueError(
            f'"{value}" is no set of codes; masi and jaccard compare sets, such as {{"{value}"}}'
        )
    return frozenset(value)


def _sets_apart(sets: list[frozenset], distance: str) -> np.ndarray:
    codes = {code: place for place, code in enumerate(dict.fromkeys(code for one in sets for code in one))}
    holds = np.zeros((len(sets), len(codes)))
    for line, one in enumerate(sets):
        holds[line, [codes[code] for code in one]] = 1
    parts = np.array_split(holds, len(sets) // 500 + 1)  # so that memory holds thousands of sets
    return np.concatenate([_apart(part, holds, distance) for part in parts])


def _apart(some: np.ndarray, others: np.ndarray, distance: str) -> np.ndarray:
    """How far sets are apart, from tables of sets × codes."""
    shared, size, other_size = some @ others.T, some.sum(axis=1)[:, None], others.sum(axis=1)
    either = size + other_size - shared
    alike = np.divide(shared, either, out=np.ones_like(shared), where=either > 0)
    if distance == "jaccard":
        return 1 - alike
    contained = (shared == size) | (shared == other_size)
    return 1 - alike * np.select([shared == either, contained, shared > 0], [1, 2 / 3, 1 / 3], 0)


def _disagreement(values: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Each unit's share of the observed disagreement: how far its judgements are apart, pair by pair."""
    total = np.zeros(len(values))
    for one, other in combinations(values.T, 2):
        both = (one >= 0) & (other >= 0)
        total[both] += 2 * apart[one[both], other[both]]
    return total / ((values >= 0).sum(axis=1) - 1)


def _totals(values: np.ndarray, place: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """How many judgements give each value in each document: documents × values."""
    documents, said = place.max(initial=0) + 1, values >= 0
    cells = np.repeat(place, said.sum(axis=1)) * len(apart) + values[said]
    return np.bincount(cells, minlength=documents * len(apart)).reshape(documents, -1).astype(float)


def _expected(weights: np.ndarray, totals: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """The disagreement if all judgements of a resample were paired at random, on the observed one's scale."""
    if len(totals) < len(apart):  # the same sum in the order that takes less time
        pairs = ((weights @ (totals @ apart @ totals.T)) * weights).sum(axis=1)
    else:
        drawn = weights @ totals
        pairs = ((drawn @ apart) * drawn).sum(axis=1)
    return pairs / np.maximum(weights @ totals.sum(axis=1) - 1, 1)


def _places(documents: pd.Series) -> np.ndarray:
    """A number for each unit's document; a unit without one has a number of its own."""
    number, names = pd.factorize(documents, sort=True)
    alone = number < 0
    number[alone] = len(names) + np.arange(alone.sum())
    return number


@lru_cache(maxsize=1)  # the codes of a study are judged on the same documents: one draw serves all
def _drawn(documents: int, resamples: int, seed: int) -> np.ndarray:
    """How often each document is in each resample: resamples × documents."""
    chances = np.full(documents, 1 / documents)
    drawn = np.random.default_rng(seed).multinomial(documents, chances, size=resamples).astype(float)
    drawn.setflags(write=False)
    return drawn


def _between(drawn: np.ndarray, resamples: int, confidence: float) -> Interval:
    left_out = resamples - len(drawn)
    if not len(drawn):
        return Interval(np.nan, np.nan, "no interval: no resample has two different judgements")
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    why = f"interval without {left_out} of {resamples} resamples, in which every judgement is the same"
    return Interval(float(low), float(high), why if left_out else "")
