"""How often an interval of 95 % contains the truth, where the truth is known.

A grid fixed beforehand: so many people in a group, so common a code, excerpts of one person weakly or
strongly alike. In each cell studies are simulated, each method prints its interval, and the share of
intervals that contain the truth is counted. Source: Morris, White and Crowther (2019), Statistics in
Medicine 38, 2074–2102, on simulation studies of statistical methods.
"""

import numpy as np
import pandas as pd

from analysis.measures.intervals import clustered, wilson

PEOPLE = (5, 10, 20, 40)
PREVALENCE = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
CLUSTERING = {"weak": 20.0, "strong": 2.0}
"""The weight of a person's own leaning: a beta distribution with parameters p × weight, (1 − p) × weight."""
CONFIDENCE = 0.95
WITHIN = (0.93, 0.97)
"""An interval that contains the truth so often is taken to be one of 95 %."""
EXCERPTS = (2, 6)
"""The least and the most that a person says."""
BATCH = 250
"""Studies in which people say equally much; the next so many have other people."""


def coverage(studies: int = 1000, seed: int = 1) -> pd.DataFrame:
    """One row per method × people × prevalence × clustering: how its 95 % interval fares.

    `method, unit, people, prevalence, clustering, studies, printed, coverage, width`: `printed` is the
    share of studies in which the method gives an interval at all, `coverage` the share of those
    intervals that contain the truth, `width` their mean width.
    """
    rows = []
    for people in PEOPLE:
        for prevalence in PREVALENCE:
            for clustering, weight in CLUSTERING.items():
                rng = np.random.default_rng([seed, people, round(prevalence * 100), round(weight)])
                cell = {"people": people, "prevalence": prevalence, "clustering": clustering}
                for method, unit, trial in METHODS:
                    found = trial(people, prevalence, weight, studies, rng)
                    rows.append({"method": method, "unit": unit} | cell | fares(found, prevalence))
    return pd.DataFrame(rows).sort_values(["method", "people", "prevalence", "clustering"], ignore_index=True)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """What may be said of each method at each number of people, from the rows of `coverage`.

    `method, unit, people, lowest, highest, cells, within`: the lowest and the highest coverage over all
    prevalences and clusterings, how many cells there are, and in how many the coverage is `WITHIN`.
    """
    cells = rows.assign(within=rows["coverage"].between(*WITHIN)).groupby(["method", "unit", "people"])
    return cells.agg(
        lowest=("coverage", "min"),
        highest=("coverage", "max"),
        cells=("coverage", "size"),
        within=("within", "sum"),
    ).reset_index()


def marked(rows: pd.DataFrame, calibrated: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """The rows of `prevalence.count` with `holds`: how often such an interval contained the truth.

    `calibrated` has the rows of `coverage`. An interval that rests on so many people is held against the
    largest number of people tried that is no larger, over all prevalences and clusterings tried: "91–98 %",
    or "as claimed" where that stays within 93 to 97 %. Fewer people than were ever tried have their interval
    withdrawn, and so has one of another confidence, as only 95 % was tried.
    """
    tried = np.array(sorted({*calibrated["people"]}))
    place = np.searchsorted(tried, rows["people"].fillna(0).to_numpy(float), side="right") - 1
    known = pd.Series(place >= 0, rows.index) & (confidence == CONFIDENCE) & rows["low"].notna()
    words = summary(calibrated).set_index(["unit", "people"]).apply(_in_words, axis=1)
    keys = zip(rows["unit"], tried[place.clip(0)], strict=True)
    holds = pd.Series([words.get(key, "") for key in keys], rows.index, dtype=object)
    known &= holds != ""
    return rows.assign(low=rows["low"].where(known), high=rows["high"].where(known), holds=holds.where(known))


def _in_words(row: pd.Series) -> str:
    if WITHIN[0] <= row["lowest"] and row["highest"] <= WITHIN[1]:
        return "as claimed"
    return f"{row['lowest']:.0%}–{row['highest']:.0%}".replace("%–", "–").replace("%", " %")


def fares(found: pd.DataFrame, truth: float) -> dict[str, float]:
    """What intervals with columns `low` and `high` come to: how many there are, and hold the true share."""
    printed = found.dropna(subset=["low", "high"])
    holds = printed["low"].le(truth) & printed["high"].ge(truth)
    return {
        "studies": len(found),
        "printed": len(printed) / len(found),
        "coverage": holds.mean() if len(printed) else np.nan,
        "width": (printed["high"] - printed["low"]).mean(),
    }


def _wilson(people: int, prevalence: float, _: float, studies: int, rng: np.random.Generator) -> pd.DataFrame:
    """Of so many people each says it or does not: a person counts once, so nothing clusters."""
    said = pd.Series(rng.binomial(people, prevalence, studies))
    return wilson(said, pd.Series(people, said.index))


def _clustered(
    people: int, prevalence: float, weight: float, studies: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Many studies of the same people at once: a study takes the place of a code."""
    batches = []
    for start in range(0, studies, BATCH):
        size = (people, min(BATCH, studies - start))
        excerpts = rng.integers(EXCERPTS[0], EXCERPTS[1] + 1, people)
        leaning = rng.beta(prevalence * weight, (1 - prevalence) * weight, size)
        said = pd.DataFrame(rng.binomial(excerpts[:, None], leaning))
        group = pd.Series("all", said.index)
        batches.append(clustered(said, pd.Series(excerpts), group, seed=int(rng.integers(2**31))))
    return pd.concat(batches)


METHODS = (("wilson", "people", _wilson), ("clustered", "excerpts", _clustered))
