"""When interviews stop bringing new codes, and how many codes may not have come up at all.

Everything here counts codes, and codes are coined by analysts: a finer codebook saturates later, one that
was closed early saturates at once, and neither says that the meaning of a code is understood (Hennink,
Kaiser and Marconi 2017, Qual. Health Res. 27, 591–608). Interviews count also where nothing was coded in
them.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

BASE, RUN, THRESHOLD = 4, 2, 0.05
"""How many interviews make the base and a run, and the share of new codes at which a run has few enough."""
RARE = 10
"""A code in more interviews, or on more excerpts, than this says nothing of codes that are not seen."""
BLOCK = 4_000_000
"""How many positions are held in memory at once while orders are drawn."""


def by_document(excerpts: pd.DataFrame, documents: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """The document of each excerpt, by excerpt, and all documents in their order, empty ones included.

    `excerpts` has `excerpt, document`, `documents` has `document, order`. Leave out of `documents` what is
    no interview to you. Excerpts without a document stay outside. A ValueError names documents without an
    order, or with the same one, and excerpts from a document that is not listed.

    Source: documents.csv.
    """
    order = _in_order(documents)
    held = excerpts.dropna(subset="document").set_index("excerpt")["document"]
    _each_listed(held, order)
    return held, order


def _in_order(documents: pd.DataFrame) -> list[str]:
    unplaced = documents.loc[documents["order"].isna(), "document"]
    if len(unplaced):
        raise ValueError(f'document "{unplaced.iloc[0]}" has no "order"; every interview needs its place')
    in_order = documents.sort_values("order")
    again = in_order.loc[in_order["order"].duplicated(keep=False), "document"]
    if len(again):
        raise ValueError(f'documents "{again.iloc[0]}" and "{again.iloc[1]}" have the same "order"')
    return in_order["document"].tolist()


def by_participant(excerpts: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """The participant of each interview excerpt, by excerpt, and the participants as they first appear.

    Stands in where the record has no documents: each participant is taken for one interview, and the order
    of the excerpts for the order of the interviews. It misleads where excerpts are sorted by theme, as
    printed ones are, and it knows nothing of interviews without an excerpt. Field notes stay outside.

    Source: the study's excerpts.
    """
    spoken = excerpts[excerpts["source"] == "interview"].dropna(subset="participant")
    return spoken.set_index("excerpt")["participant"], spoken["participant"].unique().tolist()


def incidence(codings: pd.DataFrame, interviews: pd.Series, order: Sequence[str]) -> pd.DataFrame:
    """Which code came up in which interview, as a table of truth values, interviews × codes.

    `interviews` is the interview of each excerpt, by excerpt; `order` is all interviews in order. A code
    counts once per interview, however many excerpts and coders it has there. Columns are the codes used,
    sorted; give `prevalence.rolled_up(codings, codebook)` to count subcodes for the codes above them. A
    ValueError names a coded excerpt that is in no interview, and an interview out of the order.

    Source: a plain table of presence.

    >>> codings = pd.DataFrame({"excerpt": ["E1", "E2", "E2"], "code": ["trust", "trust", "time"]})
    >>> interviews = pd.Series({"E1": "first", "E2": "third"})
    >>> incidence(codings, interviews, ["first", "second", "third"]).astype(int).to_dict("list")
    {'time': [0, 0, 1], 'trust': [1, 0, 1]}
    """
    places = pd.Index(order, name="interview")
    if not places.is_unique:
        raise ValueError(f'interview "{places[places.duplicated()][0]}" is in the order twice')
    held = codings["excerpt"].map(interviews.dropna())
    outside = codings.loc[held.isna(), "excerpt"]
    if len(outside):
        raise ValueError(
            f'excerpt "{outside.iloc[0]}" is in no interview; place it, or leave its codings out'
        )
    _each_listed(held, places)
    codes = pd.Index(sorted(codings["code"].unique()), name="code")
    came_up = np.zeros((len(places), len(codes)), dtype=bool)
    came_up[places.get_indexer(held), codes.get_indexer(codings["code"])] = True
    return pd.DataFrame(came_up, places, codes)


def _each_listed(held: pd.Series, listed: Sequence[str]) -> None:
    unknown = held[~held.isin(listed)]
    if len(unknown):
        raise ValueError(f'interview "{unknown.iloc[0]}" has an excerpt and no place in the order')


def interviews(excerpts: pd.DataFrame, documents: pd.DataFrame) -> tuple[pd.Series, list[str], str]:
    """The interview of each excerpt and all interviews in order, and what was taken for an interview.

    That is a document where the study lists them, else a participant, else nothing: blank, and no rows.
    Where no document has an `order`, they stand as they are listed.

    Source: documents.csv, else the roster's participants.
    """
    if len(documents):
        unordered = documents["order"].isna().all()
        listed = documents.assign(order=range(len(documents))) if unordered else documents
        return *by_document(excerpts, listed), "document"
    held, order = by_participant(excerpts)
    return held, order, "participant" if order else ""


def curve(incidence: pd.DataFrame, draws: int = 1_000, seed: int = 1) -> pd.DataFrame:
    """How the codes grow, as they came, in random orders and exactly: one row per interview in order.

    The columns of `growth`, then `mean, low, high` of `permuted` and `expected` of `rarefied`, after so many
    interviews.

    Sources: those of `growth`, `permuted` and `rarefied`.
    """
    after = permuted(incidence, draws, seed=seed).merge(rarefied(incidence), on="interviews")
    return growth(incidence).merge(after.rename(columns={"interviews": "order"}), on="order")


def growth(incidence: pd.DataFrame) -> pd.DataFrame:
    """How the codes grow, one row per interview in order: `interview, order, codes, new, seen`.

    `order` counts from 1, `codes` is how many codes came up in the interview, `new` how many of them for
    the first time, and `seen` how many so far.

    Source: a plain count.
    """
    came_up = incidence.to_numpy(dtype=bool)
    seen = np.logical_or.accumulate(came_up).sum(axis=1)
    order, new = np.arange(1, len(seen) + 1), np.diff(seen, prepend=0)
    columns = {"interview": incidence.index, "order": order, "codes": came_up.sum(axis=1), "new": new}
    return pd.DataFrame({**columns, "seen": seen})


def permuted(
    incidence: pd.DataFrame, draws: int = 1_000, confidence: float = 0.95, seed: int = 1
) -> pd.DataFrame:
    """The codes seen after k interviews if their order were random: `interviews, mean, low, high`.

    `mean` is over `draws` random orders, and between `low` and `high` lie `confidence` of them. The band
    is about the order of these interviews and not about other interviews: at its end it closes, because
    all orders end with the same codes.

    Source: the accumulation curve of Gotelli and Colwell (2001), Ecol. Lett. 4, 379–391.
    """
    if draws < 1:
        raise ValueError(f"draws={draws}: at least one order has to be drawn")
    generator, interviews = np.random.default_rng(seed), len(incidence)
    code, interview = np.nonzero(incidence.to_numpy(dtype=bool).T)
    each = max(1, BLOCK // max(len(code), interviews, 1))
    sizes = [min(each, draws - start) for start in range(0, draws, each)]
    orders = (generator.random((size, interviews)).argsort(axis=1) for size in sizes)
    seen = np.concatenate([_seen(places, code, interview) for places in orders])
    low, high = np.quantile(seen, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    after = np.arange(1, interviews + 1)
    return pd.DataFrame({"interviews": after, "mean": seen.mean(axis=0), "low": low, "high": high})


def _seen(places: np.ndarray, code: np.ndarray, interview: np.ndarray) -> np.ndarray:
    """The codes seen after 1, 2, … interviews, a row per order; `places` says where each interview went."""
    orders, interviews = places.shape
    if not len(code):
        return np.zeros(places.shape)
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    first = np.minimum.reduceat(places[:, interview], starts, axis=1)
    cells = (first + interviews * np.arange(orders)[:, None]).ravel()
    return np.bincount(cells, minlength=places.size).reshape(places.shape).cumsum(axis=1)


def rarefied(incidence: pd.DataFrame) -> pd.DataFrame:
    """The codes expected in k of the interviews, drawn without order: `interviews, expected`.

    Exact: what the mean over random orders comes to when all orders are tried. S(k) is the codes seen less
    those that all k interviews would miss, Σ C(n − n_j, k) / C(n, k), where code j came up in n_j of the n
    interviews. Source: Hurlbert (1971), Ecology 52, 577–586; for samples with and without a code Colwell,
    Mao and Chang (2004), Ecology 85, 2717–2727.
    """
    interviews = len(incidence)
    held, codes = np.unique(incidence.to_numpy(dtype=bool).sum(axis=0), return_counts=True)
    left = np.arange(interviews, 0, -1)  # before the first, second, … interview is drawn
    missed = (1 - held[:, None] / left).clip(min=0).cumprod(axis=1)
    return pd.DataFrame(
        {"interviews": np.arange(1, interviews + 1), "expected": codes.sum() - codes @ missed}
    )


def runs(incidence: pd.DataFrame, base: int = BASE, run: int = RUN) -> pd.DataFrame:
    """How many new codes each run of interviews brings, against the base: one row per run after the base.

    Columns `first, last, interviews, new, base_codes, ratio`: the run's first and last interview, how many
    interviews there were by its end, the codes that came up for the first time in it, the codes of the
    first `base` interviews, and new ÷ base codes, blank where the base has no code. Runs overlap: each
    begins one interview after the one before. Empty where there are fewer interviews than base and run.
    Source: Guest, Namey and Chen (2020), PLoS ONE 15(5): e0232076.
    """
    if min(base, run) < 1:
        raise ValueError(f"base={base}, run={run}: both are numbers of interviews, at least 1")
    grown = growth(incidence)
    new, names = grown["new"].to_numpy(), grown["interview"].to_numpy()
    ends = np.arange(base + run, len(grown) + 1)
    base_codes = int(new[:base].sum())
    total = np.concatenate([[0], new.cumsum()])
    in_run = total[ends] - total[ends - run]
    ratio = in_run / base_codes if base_codes else np.full(len(ends), np.nan)
    columns = {"first": names[ends - run], "last": names[ends - 1], "interviews": ends, "new": in_run}
    return pd.DataFrame({**columns, "base_codes": base_codes, "ratio": ratio})


def reached(
    incidence: pd.DataFrame, base: int = BASE, run: int = RUN, threshold: float = THRESHOLD
) -> pd.DataFrame:
    """When the codes are saturated by the rule of base, run and threshold, in one row.

    Columns `base, run, threshold, interview, interviews, before_run, ratio, why`: the interview that ends
    the first run whose ratio of new codes is at or below the threshold, how many interviews that makes,
    and how many there were before the run, which the source prints as 6 with a raised +2. Blank where that
    never happens, and `why` says so. Source: Guest, Namey and Chen (2020), PLoS ONE 15(5): e0232076. The
    rule knows one order of interviews; see `permuted` for how much hangs on it.
    """
    if not threshold >= 0:
        raise ValueError(f"threshold={threshold}: a share of new codes, 0 or more, is expected")
    tried = runs(incidence, base, run)
    low = tried[tried["ratio"] <= threshold].head(1).reset_index(drop=True)
    row = low.reindex([0])  # blank where no run is low enough
    row = row.assign(base=base, run=run, threshold=threshold, interview=row["last"].astype("str"))
    row["interviews"] = row["interviews"].astype("Int64")
    row["before_run"] = row["interviews"] - run
    row["why"] = "" if len(low) else _why_not(tried, len(incidence), base)
    return row[["base", "run", "threshold", "interview", "interviews", "before_run", "ratio", "why"]]


def _why_not(tried: pd.DataFrame, interviews: int, base: int) -> str:
    if tried.empty:
        return "fewer interviews than base and run"
    if not tried["base_codes"].iloc[0]:
        return f"no code in the base of {base} interviews"
    return f"not reached within {interviews} interviews"


def unseen(codings: pd.DataFrame, incidence: pd.DataFrame, rare: int = RARE) -> pd.DataFrame:
    """How many codes there may be that no interview brought up: `estimator, seen, estimate, unseen, why`.

    Four rows. `Chao2` and `ICE` ask in how many interviews each code came up, `Chao1` and `ACE` on how many
    excerpts it stands; all reason from the codes met once to those met never, and `estimate` is seen and
    unseen together. `Chao1` and `Chao2` are lower bounds: as many codes at least. `ACE` and `ICE` look at
    codes met up to `rare` times, and are blank where all of those were met once.

    Codes are not species: analysts coin, split and merge them, so read the estimates as a scale for how
    unfinished this codebook looks, never as a number of themes out there. Excerpts of one person are no
    independent draws, so `Chao1` and `ACE` are the weaker pair. The estimators take more interviews to be
    like those held; a purposive sample seeks unlike ones.

    Sources: Chao (1984), Scand. J. Stat. 11, 265–270; Chao (1987), Biometrics 43, 783–791; both in the form
    for small samples, with (n − 1) / n, and the bias-corrected one where no code was met twice: Chao and
    Chiu (2016), Wiley StatsRef. `ACE`: Chao and Lee (1992), J. Am. Stat. Assoc. 87, 210–217; `ICE`: Lee and
    Chao (1994), Biometrics 50, 88–97.
    """
    came_up = incidence.to_numpy(dtype=bool)
    in_interviews = came_up.sum(axis=0)
    with_rare = came_up[:, in_interviews <= rare].any(axis=1).sum()
    on_excerpts = codings.drop_duplicates(["excerpt", "code"])["code"].value_counts().to_numpy()
    rows = [
        ("Chao2", in_interviews, *_chao(in_interviews, len(incidence), "interview")),
        ("ICE", in_interviews, *_by_coverage(in_interviews, rare, with_rare, "interview")),
        ("Chao1", on_excerpts, *_chao(on_excerpts, on_excerpts.sum(), "coding")),
        ("ACE", on_excerpts, *_by_coverage(on_excerpts, rare, None, "excerpt")),
    ]
    found = [
        (estimator, seen := int((met > 0).sum()), estimate, estimate - seen, why)
        for estimator, met, estimate, why in rows
    ]
    return pd.DataFrame(found, columns=["estimator", "seen", "estimate", "unseen", "why"])


def _chao(met: np.ndarray, samples: int, unit: str) -> tuple[float, str]:
    seen, once, twice = ((met > 0).sum(), (met == 1).sum(), (met == 2).sum())  # noqa: PLR2004 - met twice
    if not seen:
        return np.nan, "no code is seen"
    if samples == 1:
        return np.nan, f"a single {unit} says nothing of others"
    bound = once**2 / (2 * twice) if twice else once * (once - 1) / 2
    return float(seen + (samples - 1) / samples * bound), ""


def _by_coverage(met: np.ndarray, rare: int, samples: int | None, unit: str) -> tuple[float, str]:
    """ICE where `samples` is the number of interviews with a rare code, ACE where it is None."""
    met = met[met > 0]
    few = met[met <= rare]
    once, total = (few == 1).sum(), few.sum()
    if not len(met):
        return np.nan, "no code is seen"
    if not len(few):
        return float(len(met)), ""
    if once == total:
        return np.nan, f"every code met up to {rare} times was met once, by a single {unit}"
    coverage = 1 - once / total
    pairs = total * (total - 1) if samples is None else total**2 * (samples - 1) / samples
    variation = max(len(few) / coverage * (few * (few - 1)).sum() / pairs - 1, 0)
    return float(len(met) - len(few) + (len(few) + once * variation) / coverage), ""
