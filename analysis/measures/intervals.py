"""Intervals for a share: of people, and of the excerpts of people who speak more than once."""

from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy import stats

ALIKE = "nobody of the group differs from the others, so resampling them shows no spread"
BLOCK = 100_000
"""Draws at once: few enough to stay in the processor's own memory."""
ALONE = "a group of one cannot be resampled"


def wilson(count: pd.Series, total: pd.Series, confidence: float = 0.95) -> pd.DataFrame:
    """The Wilson score interval of count ÷ total people, as columns `low` and `high`.

    Blank where the total is 0. Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209–212. It takes
    people to be drawn independently, which a purposive sample is not: read it as a scale for how
    little a few people can say, not as a statement about a population.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    total = total.where(total > 0).astype(float)
    share = count.astype(float) / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * (share * (1 - share) / total + z**2 / (4 * total**2)) ** 0.5
    low, high = (
        (middle - half).mask(share == 0, 0.0),
        (middle + half).mask(share == 1, 1.0),
    )  # else by rounding
    return pd.DataFrame({"low": low, "high": high})


def clustered(
    said: pd.DataFrame,
    excerpts: pd.Series,
    group: pd.Series,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """The share of a group's excerpts under each code, with an interval that resamples its people.

    `said` has a participant a row and a code a column: how many of the person's excerpts stand under the
    code. `excerpts` is how many excerpts each has in all, and `group` where each belongs. One row per
    group × code: `group, code, share, low, high, why`, in sorted order of groups; `low` and `high` are
    blank where no interval can be had, and `why` says it in words.

    Excerpts of one person are not independent, so people are drawn with replacement, each with all that
    they said: the cluster bootstrap of Davison and Hinkley (1997), Bootstrap Methods and their
    Application, section 3.8, with the percentiles moved outwards as few people need it (the expanded
    percentile interval of Hesterberg 2015, The American Statistician 69, 371–386). It is still too narrow
    where few people speak and a code is rare: `calibration` says how often it holds.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for name, people in group.groupby(group, sort=True).groups.items():
        counts, sizes = said.loc[people].to_numpy(float), excerpts.loc[people].to_numpy(float)
        sums = _resampled(rng, np.column_stack([counts, sizes]), resamples)
        sums = sums[sums[:, -1] > 0]
        drawn = sums[:, :-1] / sums[:, -1:]
        tails = _tails(len(people), confidence)
        low, high = np.quantile(drawn, tails, axis=0) if len(drawn) else np.full((2, said.shape[1]), np.nan)
        share = counts.sum(axis=0) / sizes.sum() if sizes.sum() else np.full(said.shape[1], np.nan)
        rows.append(
            pd.DataFrame({"group": name, "code": said.columns, "share": share, "low": low, "high": high})
        )
    found = pd.concat(rows, ignore_index=True) if rows else _no_shares()
    alone = found["group"].map(group.value_counts()).eq(1)
    alike = (found["low"] == found["high"]) | found["low"].isna()
    found["why"] = np.select([alone, alike], [ALONE, ALIKE], "")
    found.loc[alone | alike, ["low", "high"]] = np.nan
    return found


def _tails(people: int, confidence: float) -> list[float]:
    """The percentiles that give a mean of so many the width of a t interval; one person gives none."""
    if people == 1:
        return [0.0, 1.0]
    t = stats.t.ppf((1 + confidence) / 2, people - 1)
    tail = stats.norm.cdf(-t * (people / (people - 1)) ** 0.5)
    return [tail, 1 - tail]


def _resampled(rng: np.random.Generator, values: np.ndarray, resamples: int) -> np.ndarray:
    """The sums of people's values in each resample: resamples × values.

    A few resamples at a time, so that how often everybody was drawn stays in the processor's own memory.
    """
    people = len(values)
    at_once = max(1, BLOCK // people)
    sizes = (min(at_once, resamples - start) for start in range(0, resamples, at_once))
    return np.concatenate([_drawn(rng, people, size) @ values for size in sizes])


def _drawn(rng: np.random.Generator, people: int, resamples: int) -> np.ndarray:
    """How often each person is drawn in each resample: resamples × people."""
    drawn = rng.integers(people, size=(resamples, people)) + np.arange(resamples)[:, None] * people
    return np.bincount(drawn.ravel(), minlength=resamples * people).reshape(resamples, people).astype(float)


def _no_shares() -> pd.DataFrame:
    return pd.DataFrame({"group": [], "code": [], "share": [], "low": [], "high": []}, dtype=float)
