"""How often an interval of 95 % contains the truth, where the truth is known.

A grid fixed beforehand: so many people in a group, so common a code, excerpts of one person weakly or
strongly alike. In each cell studies are simulated, each method prints its interval, and the share of
intervals that contain the truth is counted. Source: Morris, White and Crowther (2019), Statistics in
Medicine 38, 2074–2102, on simulation studies of statistical methods.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from analysis.measures import alpha, bounds
from analysis.measures.contrasts import People, fisher_freeman_halton, newcombe, permuted
from analysis.measures.intervals import alike, clustered, wilson
from analysis.measures.prevalence import count

PEOPLE = (5, 10, 20, 40)
PREVALENCE = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
CLUSTERING = {"weak": 20.0, "strong": 2.0}
"""The weight of a person's own leaning: a beta distribution with parameters p × weight, (1 − p) × weight."""
CONFIDENCE = 0.95
WITHIN = (0.93, 0.97)
"""An interval that contains the truth so often is taken to be one of 95 %."""
UNTRIED = "withdrawn: never tried for such a study"
LEAST = 0.85
"""An interval that contained the truth less often is not printed."""
EXCERPTS = (2, 6)
"""The least and the most that a person says."""
ERROR = 0.05
"""The chance that a coder judges an excerpt wrongly."""
CODES = 3
"""How many codes a coder may put on an excerpt, for agreement on sets."""
SETS = {"jaccard": alpha.jaccard, "masi": alpha.masi}
SHUFFLES = 199
"""Of people, for a permutation test: p is exact for any number of them."""
JUDGED = 500
"""Studies with coders, whose documents are resampled, or with bounds: they take longest."""
LABELS = ("nurse", "doctor", None)
"""What stands beside an excerpt, where bounds are tried; a third of the people are listed without one."""
KNOWN = 0.5
"""The share of excerpts that name their speaker there."""
NO_ROLES = pd.DataFrame(
    {"label": [], "broader": [], "role_group": [], "lead": [], "stated": []}, dtype=object
)
BATCH = 50
"""Studies in which people say equally much; the next so many have other people."""


@dataclass(frozen=True)
class Cell:
    """A cell of the grid: `people` in a group, a true share, and how little a person's excerpts are alike."""

    people: int
    prevalence: float
    weight: float
    studies: int
    rng: np.random.Generator


def coverage(
    studies: int = 1000, seed: int = 1, tell: Callable[..., object] = lambda *_: None
) -> pd.DataFrame:
    """One row per method × people × prevalence × clustering: how its 95 % interval fares.

    `method, unit, people, prevalence, clustering, studies, printed, coverage, width`: `printed` is the
    share of studies in which the method gives an interval at all, `coverage` the share of those
    intervals that contain the truth, `width` their mean width. A test has no width: its coverage is the
    share of all studies in which it keeps, at a level of 5 %, what is true. `tell` is told how many places of
    the grid are done; large and small ones take turns, so that the pace says how long the others take.

    Source: that of this module.
    """
    rows = []
    grid = [*product(PREVALENCE, CLUSTERING.items(), PEOPLE)]
    for done, (prevalence, (clustering, weight), people) in enumerate(grid):
        tell("Simulating studies", done, len(grid))
        place = {"people": people, "prevalence": prevalence, "clustering": clustering}
        for number, (method, unit, trial) in enumerate(METHODS):
            key = [seed, people, round(prevalence * 100), round(weight), number]
            cell = Cell(people, prevalence, weight, studies, np.random.default_rng(key))
            rows.append({"method": method, "unit": unit} | place | fares(trial(cell)))
    return pd.DataFrame(rows).sort_values(["method", "people", "prevalence", "clustering"], ignore_index=True)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """What may be said of each method at each number of people, from the rows of `coverage`.

    `method, unit, people, lowest, highest, cells, within`: the lowest and the highest coverage over all
    prevalences and clusterings, how many cells there are, and in how many the coverage is `WITHIN`.

    Source: that of this module.
    """
    cells = rows.assign(within=rows["coverage"].between(*WITHIN)).groupby(["method", "unit", "people"])
    return cells.agg(
        lowest=("coverage", "min"),
        highest=("coverage", "max"),
        cells=("coverage", "size"),
        within=("within", "sum"),
    ).reset_index()


def of_shares(rows: pd.DataFrame, calibrated: pd.DataFrame, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """The rows of `prevalence.count` with `holds`, see `marked`.

    Source: that of this module.
    """
    method = rows["unit"].map({"people": "wilson", "excerpts": "clustered"})
    return marked(rows, calibrated, method, rows["people"], confidence)


def of_differences(rows: pd.DataFrame, calibrated: pd.DataFrame) -> pd.DataFrame:
    """The rows of `contrasts.differences` with `holds`, see `marked`; the smaller group decides.

    Source: that of this module.
    """
    people = rows[["total", "other_total"]].min(axis=1)
    return marked(rows, calibrated, pd.Series("newcombe", rows.index), people)


def of_agreement(rows: pd.DataFrame, calibrated: pd.DataFrame) -> pd.DataFrame:
    """The rows of `agreement.by_code` or `on_sets` with `holds`, see `marked`; tried for two coders.

    Source: that of this module.
    """
    two = rows["coders"].eq(2)
    method = "alpha, " + rows["distance"] if "distance" in rows else pd.Series("alpha", rows.index)
    return marked(rows, calibrated, method, rows["documents"].where(two))


def marked(
    rows: pd.DataFrame,
    calibrated: pd.DataFrame,
    method: pd.Series,
    people: pd.Series,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """The rows with `holds`: how often an interval of this method, on so many people, contained the truth.

    `calibrated` has the rows of `coverage`. An interval is held against the largest number of people tried
    that is no larger than its own, over all prevalences and clusterings tried: "91–98 %", or "as claimed"
    where that stays within 93 to 97 %. It is withdrawn, which `holds` says in words, where it held less than
    `LEAST` in any of them, was never tried (so few people, more than two coders), and at another confidence.

    Source: that of this module.
    """
    tried = np.array(sorted({*calibrated["people"]}))
    place = np.searchsorted(tried, people.fillna(0).to_numpy(float), side="right") - 1
    spoken = summary(calibrated).set_index(["method", "people"])
    words = {key: _in_words(row) for key, row in spoken.iterrows()}
    keys = [*zip(method, tried[place.clip(0)], strict=True)]
    holds = pd.Series([words.get(key, UNTRIED) for key in keys], rows.index, dtype=object)
    holds = holds.where(place >= 0, UNTRIED)
    if confidence != CONFIDENCE:
        holds[:] = f"withdrawn: only {CONFIDENCE:.0%} was tried"
    good = ~holds.str.startswith("withdrawn")
    blanked = {end: rows[end].where(good) for end in ("low", "high")}
    return rows.assign(**blanked, holds=holds.where(rows["low"].notna()))


def _in_words(row: pd.Series) -> str:
    if WITHIN[0] <= row["lowest"] and row["highest"] <= WITHIN[1]:
        return "as claimed"
    words = f"{100 * row['lowest']:.0f}–{100 * row['highest']:.0f} %"
    return words if row["lowest"] >= LEAST else f"withdrawn: {words}"


def fares(found: pd.DataFrame) -> dict[str, float]:
    """What became of so many studies, a row each: whether something was `printed`, whether it `holds`.

    Source: that of this module.
    """
    printed = found["printed"].mean()
    coverage = found["holds"].dropna().astype(float).mean()
    return {"studies": len(found), "printed": printed, "coverage": coverage, "width": found["width"].mean()}


def _held(found: pd.DataFrame, truth: float) -> pd.DataFrame:
    """Whether intervals with columns `low` and `high` contain the truth, and how wide they are."""
    width = found["high"] - found["low"]
    holds = (found["low"].le(truth) & found["high"].ge(truth)).astype(object).where(width.notna())
    return pd.DataFrame({"printed": width.notna(), "holds": holds, "width": width})


def _wilson(cell: Cell) -> pd.DataFrame:
    """Of so many people each says it or does not: a person counts once, so nothing clusters."""
    said = pd.Series(cell.rng.binomial(cell.people, cell.prevalence, cell.studies))
    return _held(wilson(said, pd.Series(cell.people, said.index)), cell.prevalence)


def _newcombe(cell: Cell) -> pd.DataFrame:
    """The difference to as many other people, of whom each says it with a chance of one half."""
    said, other = _two_groups(cell, 0.5)
    total = pd.Series(cell.people, said.index)
    return _held(newcombe(said, total, other, total), cell.prevalence - 0.5)


def _exact(cell: Cell) -> pd.DataFrame:
    """Two groups that do not differ: the test at 5 % holds the truth where it does not reject it."""
    said, other = _two_groups(cell, cell.prevalence)
    pairs = pd.DataFrame({"said": said, "other": other})
    some = pairs[(pairs.sum(axis=1) > 0) & (pairs.sum(axis=1) < 2 * cell.people)].drop_duplicates()
    p = pd.Series(
        [
            fisher_freeman_halton([[one, cell.people - one], [two, cell.people - two]]).p
            for one, two in zip(some["said"], some["other"], strict=True)
        ],
        pd.MultiIndex.from_frame(some),
        dtype=float,
    )
    return _kept(pairs.join(p.rename("p"), on=["said", "other"])["p"])


def _permuted(cell: Cell) -> pd.DataFrame:
    """Two groups that do not differ, in shares of excerpts, which are alike within a person."""

    def tested(said: pd.DataFrame, excerpts: pd.Series) -> pd.Series:
        half = pd.Series(np.where(said.index < cell.people, "one", "other"), said.index)
        return permuted(People(half, excerpts, said, ""), draws=SHUFFLES)["p"]

    return _kept(pd.concat([tested(*some) for some in _clusters(cell, groups=2)], ignore_index=True))


def _clustered(cell: Cell) -> pd.DataFrame:
    """The share of excerpts of people who say several things each."""
    batches = []
    for said, excerpts in _clusters(cell):
        group = pd.Series("all", said.index)
        people = alike(said, excerpts, group)
        batches.append(clustered(*people, [*said], seed=int(cell.rng.integers(2**31))))
    return _held(pd.concat(batches, ignore_index=True), cell.prevalence)


def _alpha(cell: Cell) -> pd.DataFrame:
    """Two coders who judge each excerpt wrongly with a chance of `ERROR`; a person is a document."""
    chance = cell.prevalence + ERROR - 2 * cell.prevalence * ERROR
    truth = 1 - 2 * ERROR * (1 - ERROR) / (2 * chance * (1 - chance))
    rows = []
    for document, judged in _judgements(cell, codes=1):
        found = alpha.interval(pd.DataFrame(judged[:, :, 0].astype(float)), document, resamples=500)
        rows.append((found.low, found.high))
    return _held(pd.DataFrame(rows, columns=["low", "high"]), truth)


def _judgements(cell: Cell, codes: int) -> Iterator[tuple[pd.Series, np.ndarray]]:
    """Study by study: the document of each excerpt, and what two coders judge, excerpts × coders × codes."""
    for _ in range(min(cell.studies, JUDGED)):
        excerpts = cell.rng.integers(EXCERPTS[0], EXCERPTS[1] + 1, cell.people)
        leaning = cell.rng.beta(*_shape(cell), (cell.people, codes))
        document = pd.Series(np.repeat(np.arange(cell.people), excerpts))
        really = cell.rng.random((len(document), codes)) < leaning[document]
        yield document, really[:, None] ^ (cell.rng.random((len(document), 2, codes)) < ERROR)


def _alpha_of_sets(cell: Cell, distance: str) -> pd.DataFrame:
    """The same of several codes, each as common as the others: coders put a set of them on an excerpt.

    The truth is alpha of infinitely many excerpts, summed over all pairs of sets.
    """
    every = [*product((False, True), repeat=CODES)]
    sets = np.empty(len(every), dtype=object)
    sets[:] = [frozenset(np.flatnonzero(one).astype(str)) for one in every]
    apart = np.array([[SETS[distance](one, other) for other in sets] for one in sets])
    together, alone = _chances(cell.prevalence, every)
    truth = 1 - (together * apart).sum() / (np.outer(alone, alone) * apart).sum()
    rows = []
    for document, judged in _judgements(cell, CODES):
        put = sets[judged @ (1 << np.arange(CODES)[::-1])]
        found = alpha.interval(pd.DataFrame(put), document, distance, resamples=500)
        rows.append((found.low, found.high))
    return _held(pd.DataFrame(rows, columns=["low", "high"]), truth)


def _chances(prevalence: float, sets: list[tuple[bool, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """How likely each pair of sets is on one excerpt, and how likely each set is."""
    wrong = np.array([[1 - ERROR, ERROR], [ERROR, 1 - ERROR]])
    pair = wrong.T @ np.diag([1 - prevalence, prevalence]) @ wrong
    places = np.array(sets, dtype=int)
    together = np.prod(pair[places[:, None], places[None]], axis=2)
    return together, together.sum(axis=1)


def _bounds(cell: Cell) -> pd.DataFrame:
    """Two groups, of whose excerpts half name their speaker and half have a label only.

    A study takes the place of a code, as in `_clusters`.
    """
    found = []
    for said, excerpts in _clusters(cell, groups=2, at_once=JUDGED // 2, studies=min(cell.studies, JUDGED)):
        group = pd.Series(np.where(said.index < cell.people, "one", "other"), said.index)
        label = pd.Series(cell.rng.choice(LABELS, len(said)), said.index, dtype=object)
        roster = _roster(group, label)
        who = excerpts.index.repeat(excerpts)
        blind = pd.DataFrame(
            {
                "excerpt": np.arange(len(who)).astype(str),
                "participant": who.astype("str"),
                "source": "interview",
            }
        )
        blind["participant"] = blind["participant"].where(cell.rng.random(len(who)) < KNOWN)
        blind["speaker"] = label[who].fillna(LABELS[0]).to_numpy()
        nth = blind.groupby(who.to_numpy()).cumcount().to_numpy()
        excerpt, code = np.nonzero(nth[:, None] < said.to_numpy()[who])
        placed = bounds.place(blind, roster, NO_ROLES, by="group")
        codebook = pd.DataFrame({"code": said.columns, "parent": None, "name": "", "level": None})
        codings = pd.DataFrame({"excerpt": excerpt.astype(str), "code": code})
        counted = count(placed, blind, codings, codebook, roster)
        truth = said.groupby(group).sum().stack().rename("truth")
        rows = counted.join(truth.swaplevel(), on=["code", "group"])
        rows["holds"] = rows["least"].le(rows["truth"]) & rows["truth"].le(rows["most"])
        rows["width"] = (rows["most"] - rows["least"]) / len(blind)
        found.append(rows.groupby("code").agg(holds=("holds", "all"), width=("width", "mean")))
    return pd.concat(found).assign(printed=True)


def _roster(group: pd.Series, label: pd.Series) -> pd.DataFrame:
    people = {
        "participant": group.index.astype("str"),
        "group": group,
        "role": label,
        "stated": label.notna(),
    }
    return pd.DataFrame(people | {"n": 1, "service_leads": 0, "listed_again": 0, "lead": False})


def _two_groups(cell: Cell, other: float) -> tuple[pd.Series, pd.Series]:
    one, two = (
        pd.Series(cell.rng.binomial(cell.people, chance, cell.studies)) for chance in (cell.prevalence, other)
    )
    return one, two


def _clusters(
    cell: Cell, groups: int = 1, at_once: int = BATCH, studies: int | None = None
) -> Iterator[tuple[pd.DataFrame, pd.Series]]:
    """Many studies of the same people at once: a study takes the place of a code."""
    people, studies = cell.people * groups, studies or cell.studies
    for start in range(0, studies, at_once):
        size = (people, min(at_once, studies - start))
        excerpts = cell.rng.integers(EXCERPTS[0], EXCERPTS[1] + 1, people)
        said = cell.rng.binomial(excerpts[:, None], cell.rng.beta(*_shape(cell), size))
        yield pd.DataFrame(said), pd.Series(excerpts)


def _shape(cell: Cell) -> tuple[float, float]:
    return cell.prevalence * cell.weight, (1 - cell.prevalence) * cell.weight


def _kept(p: pd.Series) -> pd.DataFrame:
    """Whether a test at 5 % keeps what is true, as it does where it has nothing to test."""
    return pd.DataFrame({"printed": p.notna(), "holds": ~p.le(1 - CONFIDENCE), "width": np.nan})


METHODS = (
    ("alpha", "judgements", _alpha),
    ("alpha, jaccard", "sets", partial(_alpha_of_sets, distance="jaccard")),
    ("alpha, masi", "sets", partial(_alpha_of_sets, distance="masi")),
    ("bounds", "excerpts", _bounds),
    ("clustered", "excerpts", _clustered),
    ("exact test", "people", _exact),
    ("newcombe", "differences", _newcombe),
    ("permutation test", "excerpts", _permuted),
    ("wilson", "people", _wilson),
)
