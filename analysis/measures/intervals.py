"""Intervals for a share: of people, and of the excerpts of people who speak more than once."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd
from scipy import stats

ALIKE = "nobody of the group differs from the others, so resampling them shows no spread"
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
    under: pd.DataFrame,
    spoken: pd.DataFrame,
    codes: Sequence[object],
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """The share of a group's excerpts under each code, with an interval that resamples its people.

    `spoken` has `group, said, people`: how many people of a group have so many excerpts; `under` has
    `group, code, here, said, people`: how many have so many of them under a code, none aside. One row per
    group × code: `group, code, share, low, high, why`, in sorted order of groups; `low` and `high` are
    blank where no interval can be had, and `why` says it in words.

    Excerpts of one person are not independent, so people are drawn with replacement, each with all that
    they said: the cluster bootstrap of Davison and Hinkley (1997), Bootstrap Methods and their
    Application, section 3.8, with the percentiles moved outwards as few people need it (the expanded
    percentile interval of Hesterberg 2015, The American Statistician 69, 371–386). It is still too narrow
    where few people speak and a code is rare: `calibration` says how often it holds.

    People who said as much, and as much of it under the code, are alike, so how often each sort of them is
    drawn is multinomial, and many people cost no more than few. What is drawn for a cell depends on nothing
    but that cell.

    Source: Davison and Hinkley (1997), as above.
    """
    rows = []
    cells = dict([*under.groupby(["group", "code"])[["here", "said", "people"]]])
    for group, sizes in spoken.groupby("group", sort=True):
        everybody = sizes.groupby("said")["people"].sum()
        for code in codes:
            sorts = sorts_of(cells.get((group, code), under[:0]), everybody)
            rows.append((group, code, *_interval(sorts, confidence, resamples, seed)))
    return pd.DataFrame(rows, columns=["group", "code", "share", "low", "high", "why"])


def alike(said: pd.DataFrame, excerpts: pd.Series, group: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What `clustered` takes, `under` and `spoken`, of people one by one.

    `said` has a participant a row and a code a column: how many of the person's excerpts stand under the
    code. `excerpts` is how many excerpts each has in all, and `group` where each belongs.

    Source: a plain count.
    """
    each = said.rename_axis(index="who", columns="code").stack().rename("here").reset_index()
    each = each.assign(group=each["who"].map(group), said=each["who"].map(excerpts))
    columns = ["group", "code", "here", "said"]
    under = each[each["here"] > 0].groupby(columns).size().rename("people").reset_index()
    of = pd.DataFrame({"group": group, "said": excerpts.reindex(group.index)})
    return under, of.groupby(["group", "said"]).size().rename("people").reset_index()


def sorts_of(some: pd.DataFrame, everybody: pd.Series) -> np.ndarray:
    """People of a group by what they said: under the code, in all, and how many they are; sorted.

    `some` has `here, said, people`, `everybody` how many people said so much, by how much.

    Source: plain counts.
    """
    others = everybody.sub(some.groupby("said")["people"].sum(), fill_value=0)
    silent = np.column_stack([np.zeros(len(others)), others.index.to_numpy(float), others.to_numpy(float)])
    sorts = np.concatenate([silent, some[["here", "said", "people"]].to_numpy(float)])
    sorts = sorts[sorts[:, 2] > 0]
    return sorts[np.lexsort((sorts[:, 0], sorts[:, 1]))]


def _interval(
    sorts: np.ndarray, confidence: float, resamples: int, seed: int
) -> tuple[float, float, float, str]:
    """The share of a cell, its interval, and why there is none."""
    here, said, people = sorts.T
    total = int(people.sum())
    share = here @ people / (said @ people) if said @ people else np.nan
    if total == 1:
        return share, np.nan, np.nan, ALONE
    shares = drawn(sorts, resamples, seed)
    low, high = np.quantile(shares, tails(total, confidence)) if len(shares) else (0, 0)
    return (share, np.nan, np.nan, ALIKE) if low == high else (share, low, high, "")


def drawn(sorts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """The share in each resample of the people of a group, given their sorts as `sorts_of` does.

    Source: the bootstrap of `clustered`: how often each sort is drawn is multinomial.
    """
    total = int(sorts[:, 2].sum())
    often = np.random.default_rng(seed).multinomial(total, sorts[:, 2] / total, resamples)
    here, said = (often @ sorts[:, :2]).T
    return here[said > 0] / said[said > 0]


def tails(people: int, confidence: float) -> list[float]:
    """The percentiles that give a mean of so many people, two or more, the width of a t interval.

    Source: Hesterberg (2015), The American Statistician 69, 371–386.
    """
    t = stats.t.ppf((1 + confidence) / 2, people - 1)
    tail = stats.norm.cdf(-t * (people / (people - 1)) ** 0.5)
    return [tail, 1 - tail]
