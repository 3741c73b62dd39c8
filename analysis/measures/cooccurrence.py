"""Which codes stand together: on an excerpt, with a participant, or on the same stretch of a document.

That two codes stand together says that the analysts saw both, not that interviewees connect them, and a
code that is used everywhere stands beside all others: read `lift` beside `both`.
"""

import narwhals as nw
import numpy as np
import pandas as pd
from scipy import sparse

from analysis.frames import Table, length
from analysis.measures import tally
from analysis.measures.prevalence import rolled_up

COLUMNS = [
    "code",
    "other",
    "unit",
    "both",
    "either",
    "code_count",
    "other_count",
    "total",
    "jaccard",
    "lift",
]


def by_excerpt(
    codings: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    ancestors: bool = False,
    zeros: bool = False,
) -> pd.DataFrame:
    """The pairs of codes that stand on the same excerpts, in excerpts: one row per unordered pair.

    `both` excerpts have the two codes, `either` at least one, `code_count` and `other_count` the one and
    the other, of `total` excerpts, uncoded ones included. `jaccard` is both ÷ either; `lift` is
    both × total ÷ (code_count × other_count), 1 where the two stand together as often as codes that have
    nothing to do with each other. A code counts once per excerpt, however many coders put it there.
    Sorted by `code, other`, of which `code` comes first in the alphabet.

    Codes count as they stand; give `prevalence.rolled_up(codings, codebook)` to count subcodes for the
    codes above them. A code is no pair with one above it, unless `ancestors` asks for that. Pairs that
    never stand together are left out, unless `zeros` asks for all pairs of the codebook; there `jaccard`
    and `lift` are blank where a count of 0 makes them undefined. A ValueError names codings that the
    codebook or the excerpts do not know. Sources: Jaccard (1912), New Phytol. 11, 37–50; lift is the
    interest of Brin, Motwani, Ullman and Tsur (1997), Proc. ACM SIGMOD, 255–264.

    >>> codings = pd.DataFrame({"excerpt": ["E1", "E1", "E2"], "code": ["trust", "time", "time"]})
    >>> excerpts = pd.DataFrame({"excerpt": ["E1", "E2", "E3"]})
    >>> codebook = pd.DataFrame({"code": ["trust", "time"], "parent": [None, None]})
    >>> by_excerpt(codings, excerpts, codebook)[["code", "other", "both", "either", "jaccard", "lift"]]
       code  other  both  either  jaccard  lift
    0  time  trust     1       2      0.5   1.5
    """
    _known(codings, excerpts, codebook)
    place = pd.Index(excerpts["excerpt"]).get_indexer(codings["excerpt"])
    held = _incidence(place, codings["code"], codebook, len(excerpts))
    return _pairs(held, np.ones(len(excerpts), dtype=int), "excerpts", codebook, ancestors, zeros)


def by_participant(
    codings: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    ancestors: bool = False,
    zeros: bool = False,
) -> pd.DataFrame:
    """The pairs of codes that the same participants speak of, in people: one row per unordered pair.

    Columns and options as in `by_excerpt`; `total` is everybody who speaks in an excerpt. Field notes are
    nobody's voice and stay outside. A ValueError names a coded interview excerpt without a participant,
    because nobody can be counted then. Long interviews have many codes, so most pairs stand together here.

    Sources: those of `by_excerpt`.
    """
    _known(codings, excerpts, codebook)
    spoken = excerpts[excerpts["source"] == "interview"]
    nobody = spoken.loc[spoken["participant"].isna() & spoken["excerpt"].isin(codings["excerpt"]), "excerpt"]
    if len(nobody):
        raise ValueError(f'excerpt "{nobody.iloc[0]}" is coded and names no participant to count')
    said = spoken.dropna(subset="participant").set_index("excerpt")["participant"]
    people = pd.Index(said.unique())
    coded = codings[codings["excerpt"].isin(said.index)]
    place = people.get_indexer(coded["excerpt"].map(said))
    held = _incidence(place, coded["code"], codebook, len(people))
    return _pairs(held, np.ones(len(people), dtype=int), "people", codebook, ancestors, zeros)


def by_overlap(
    codings: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    ancestors: bool = False,
    zeros: bool = False,
) -> pd.DataFrame:
    """The pairs of codes whose excerpts overlap, in characters: one row per unordered pair.

    Columns and options as in `by_excerpt`. An excerpt is the characters of a `document` from `start` up to
    `end`, which is outside. `both` is the characters under the two codes, wherever the excerpts that carry
    them begin and end: two codes on one excerpt overlap, excerpts that only touch do not, and characters
    under a code twice count once. `total` is the characters in any excerpt, because the length of a
    document is not known. `overlaps` shows the stretches themselves. A ValueError names a coded excerpt
    without a place, and one that does not end after its start. Long excerpts weigh more than short ones.

    Sources: those of `by_excerpt`.
    """
    held, stretches = _on_stretches(codings, excerpts, codebook)
    length = (stretches["end"] - stretches["start"]).to_numpy(dtype=int)
    return _pairs(held, length, "characters", codebook, ancestors, zeros)


def by_every_unit(codings: Table, excerpts: Table, codebook: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The pairs in excerpts, in people and in characters, as far as the record goes, and why no further.

    Subcodes count for the codes above them; a code is no pair with one above it. See `by_excerpt`.

    Sources: those of the three functions that count in one unit.
    """
    if isinstance(excerpts, nw.LazyFrame):
        return _in_an_engine(codings, excerpts, codebook)
    counted = rolled_up(codings, codebook)
    found, why = [], []
    for unit in (by_excerpt, by_participant, by_overlap):
        try:
            found.append(unit(counted, excerpts, codebook))
        except ValueError as error:
            why.append(str(error))
    return pd.concat(found, ignore_index=True), "; ".join(why)


def carried(codings: Table, codebook: pd.DataFrame) -> pd.DataFrame:
    """How many `excerpts` carry how many `codes` as they were put, one row a number of codes.

    Source: a plain count.
    """
    sets = tally.together(codings, codebook.assign(parent=None))
    codes = sets.drop(columns="n").sum(axis=1).rename("codes")
    return sets["n"].groupby(codes).sum().rename("excerpts").reset_index()


def _in_an_engine(
    codings: nw.LazyFrame, excerpts: nw.LazyFrame, codebook: pd.DataFrame
) -> tuple[pd.DataFrame, str]:
    """The pairs in excerpts and in people, counted where these live."""
    spoken = excerpts.filter(nw.col("source") == "interview")
    who = spoken.select("excerpt", who="participant")
    found = [_of_sets(tally.together(codings, codebook), length(excerpts), "excerpts", codebook)]
    why = ["characters are counted in memory only, since where excerpts overlap takes all of their places"]
    if unnamed := length(spoken.filter(nw.col("participant").is_null())):
        why.insert(0, f"{unnamed} interview excerpts name no participant to count")
    else:
        people = length(who.select("who").unique())
        found.append(_of_sets(tally.together(codings, codebook, who), people, "people", codebook))
    return pd.concat(found, ignore_index=True), "; ".join(why)


def _of_sets(sets: pd.DataFrame, total: int, unit: str, codebook: pd.DataFrame) -> pd.DataFrame:
    """The rows of all pairs, from the sets of codes that stand together and how often each does."""
    bare = total - int(sets["n"].sum())
    held = sparse.csr_array(sets.reindex(columns=_codes(codebook)).to_numpy(dtype=np.int64))
    held.resize((len(sets) + 1, held.shape[1]))
    weight = np.append(sets["n"].to_numpy(dtype=np.int64), bare)
    return _pairs(held, weight, unit, codebook, ancestors=False, zeros=False)


def overlaps(
    codings: pd.DataFrame, excerpts: pd.DataFrame, codebook: pd.DataFrame, code: str, other: str
) -> pd.DataFrame:
    """Where two codes overlap: one row per unbroken stretch of text under both, `document, start, end`.

    In the order of the text; `end` is outside. Errors as in `by_overlap`, and one for a code that the
    codebook does not have.

    Source: plain stretches of text.
    """
    for name in (code, other):
        if name not in set(codebook["code"]):
            raise ValueError(f'code "{name}" is not in the codebook')
    held, stretches = _on_stretches(codings, excerpts, codebook)
    codes = _codes(codebook)
    under_both = held[:, codes.get_indexer([code, other])].toarray().all(axis=1)
    common = stretches[under_both]
    last_end = common.groupby("document")["end"].shift()
    unbroken = common.groupby(common["start"].ne(last_end).cumsum())
    found = unbroken.agg({"document": "first", "start": "first", "end": "last"})
    return found.astype({"start": int, "end": int}).reset_index(drop=True)


def _codes(codebook: pd.DataFrame) -> pd.Index:
    return pd.Index(sorted(codebook["code"]))


def _known(codings: pd.DataFrame, excerpts: pd.DataFrame, codebook: pd.DataFrame) -> None:
    for column, table, named in (("excerpt", excerpts, "excerpts"), ("code", codebook, "codebook")):
        unknown = codings.loc[~codings[column].isin(table[column]), column]
        if len(unknown):
            raise ValueError(f'{column} "{unknown.iloc[0]}" of the codings is not in the {named}')


def _incidence(place: np.ndarray, codes: pd.Series, codebook: pd.DataFrame, places: int) -> sparse.csr_array:
    """Which code stands at which place, as 0 and 1, places × codes in the order of the alphabet."""
    known = _codes(codebook)
    where = (place, known.get_indexer(codes))
    held = sparse.csr_array((np.ones(len(place), dtype=np.int64), where), shape=(places, len(known)))
    held.sum_duplicates()
    held.data[:] = 1
    return held


def _on_stretches(
    codings: pd.DataFrame, excerpts: pd.DataFrame, codebook: pd.DataFrame
) -> tuple[sparse.csr_array, pd.DataFrame]:
    """The codes of each stretch between two neighbouring ends of excerpts, and those stretches.

    Excerpts begin and end only where stretches do, so the codes of a stretch are those of each of its
    characters. Stretches outside of every excerpt are left out.
    """
    _known(codings, excerpts, codebook)
    spans = _spans(excerpts, codings)
    ends = spans.melt("document", ["start", "end"], value_name="at")[["document", "at"]]
    ends = ends.drop_duplicates().sort_values(["document", "at"], ignore_index=True)
    places = pd.MultiIndex.from_frame(ends)
    first = places.get_indexer(pd.MultiIndex.from_frame(spans[["document", "start"]]))
    last = places.get_indexer(pd.MultiIndex.from_frame(spans[["document", "end"]]))
    depth = np.cumsum(np.bincount(first, minlength=len(ends)) - np.bincount(last, minlength=len(ends)))
    row = pd.Index(spans["excerpt"]).get_indexer(codings["excerpt"])
    lengths = (last - first)[row]
    offset = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    held = _incidence(
        np.repeat(first[row], lengths) + offset, codings["code"].repeat(lengths), codebook, len(ends)
    )
    stretches = pd.DataFrame(
        {"document": ends["document"], "start": ends["at"], "end": ends["at"].shift(-1, fill_value=0)}
    )
    return held[depth > 0], stretches[depth > 0]


def _spans(excerpts: pd.DataFrame, codings: pd.DataFrame) -> pd.DataFrame:
    """The excerpts that have a place: `excerpt, document, start, end`."""
    place = ["document", "start", "end"]
    lacking = excerpts[place].isna().any(axis=1)
    lost = excerpts.loc[lacking & excerpts["excerpt"].isin(codings["excerpt"]), "excerpt"]
    if len(lost):
        raise ValueError(
            f'excerpt "{lost.iloc[0]}" is coded and has no place; "document", "start" and "end" are needed'
        )
    spans = excerpts.loc[~lacking, ["excerpt", *place]].astype({"start": "int64", "end": "int64"})
    for row in spans[spans["end"] <= spans["start"]].itertuples():
        raise ValueError(f'excerpt "{row.excerpt}" runs from {row.start} to {row.end}; it has to end later')
    return spans


def _pairs(
    held: sparse.csr_array,
    weight: np.ndarray,
    unit: str,
    codebook: pd.DataFrame,
    ancestors: bool,
    zeros: bool,
) -> pd.DataFrame:
    """The rows of all pairs; each place weighs what it holds of the unit."""
    codes = _codes(codebook)
    together = (held.T @ held.multiply(weight[:, None]).tocsr()).toarray()
    one, other = np.triu_indices(len(codes), 1)
    both, alone = together[one, other], together.diagonal()
    kept = (both > 0) | zeros
    kept &= ancestors | ~_related(codebook)[one, other]
    one, other, both = one[kept], other[kept], both[kept]
    rows = pd.DataFrame({"code": codes[one], "other": codes[other], "unit": unit, "both": both})
    rows["either"] = alone[one] + alone[other] - both
    rows["code_count"], rows["other_count"] = alone[one], alone[other]
    rows["total"] = int(weight.sum())
    rows["jaccard"] = both / rows["either"].where(rows["either"] > 0)
    product = rows["code_count"].astype(float) * rows["other_count"]
    rows["lift"] = both * float(weight.sum()) / product.where(product > 0)
    return rows[COLUMNS]


def _related(codebook: pd.DataFrame) -> np.ndarray:
    """Whether one of two codes lies above the other, codes × codes in the order of the alphabet."""
    codes = _codes(codebook)
    chains = rolled_up(pd.DataFrame({"excerpt": codebook["code"], "code": codebook["code"]}), codebook)
    related = np.zeros((len(codes), len(codes)), dtype=bool)
    related[codes.get_indexer(chains["excerpt"]), codes.get_indexer(chains["code"])] = True
    return related | related.T
