"""Intervals for a share of people."""

from statistics import NormalDist

import pandas as pd


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
    return pd.DataFrame({"low": (middle - half).clip(0, 1), "high": (middle + half).clip(0, 1)})
