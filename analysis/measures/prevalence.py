"""How often a code stands in each group, in excerpts and in people."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.measures.bounds import Placement
from analysis.measures.intervals import clustered, wilson
from analysis.measures.labels import group_of_participants

COLUMNS = [
    "code",
    "name",
    "level",
    "unit",
    "least",
    "most",
    "expected",
    "denominator",
    "share",
    "share_of_code",
    "people",
    "low",
    "high",
]


def rolled_up(codings: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """Which excerpts stand under which code, its subcodes included: pairs `excerpt, code`, each once.

    An excerpt counts once for a code, however many coders or subcodes put it there.

    Source: the codebook.
    """
    above = codebook[["code", "parent"]]
    pairs = step = codings[["excerpt", "code"]].drop_duplicates()
    while len(step):
        up = step.merge(above, on="code").dropna(subset="parent")
        step = up[["excerpt", "parent"]].set_axis(["excerpt", "code"], axis=1).drop_duplicates()
        pairs = pd.concat([pairs, step])
    return pairs.drop_duplicates(ignore_index=True)


def excerpts_behind(code: str, codings: pd.DataFrame, codebook: pd.DataFrame) -> list[str]:
    """The ids of the excerpts counted for a code, sorted.

    Source: a plain list.
    """
    pairs = rolled_up(codings, codebook)
    return sorted(pairs.loc[pairs["code"] == code, "excerpt"])


@dataclass(frozen=True)
class Behind:
    """The excerpts behind a number: those that `are` of the group, and those whose group is `open`.

    Which of the open ones may be of the group is not told: that could tie a single quotation to a few
    groups that the record does not print.
    """

    are: list[str]
    open: list[str]


def behind(placement: Placement, pairs: pd.DataFrame, code: str, group: str) -> Behind:
    """The ids of the excerpts behind a code in a group, sorted; every open one under the code is listed.

    `pairs` are `excerpt, code` as `rolled_up` gives them.

    Source: `bounds.place`.
    """
    under = sorted({*pairs.loc[pairs["code"] == code, "excerpt"]} & {*placement.possible.index})
    possible = placement.possible.loc[under]
    several = possible.sum(axis=1) > 1
    return Behind([*possible.index[possible[group] & ~several]], [*possible.index[several]])


def by_participant(
    excerpts: pd.DataFrame, codings: pd.DataFrame, codebook: pd.DataFrame, roster: pd.DataFrame
) -> pd.DataFrame:
    """One row per participant of the roster and one column per code: 1 if they spoke of it, else 0.

    `participant`, then the codes in the order of the codebook. Who speaks of a subcode speaks of the codes
    above it, and one coder who says so is enough. Field notes are nobody's words. No rows at all where no
    excerpt names its participant, as zeros would then say what nobody knows; people without any excerpt have
    a row of zeros, printed groups have none.

    Source: a plain count.
    """
    spoken = excerpts[excerpts["source"] == "interview"].dropna(subset="participant")
    under = _incidence(rolled_up(codings, codebook), codebook["code"], pd.Index(excerpts["excerpt"]))
    said = _by_speaker(under, spoken.set_index("excerpt")["participant"]).gt(0)
    people = pd.Index(roster["participant"].dropna() if len(spoken) else [], name="participant", dtype="str")
    rows = said.reindex(people, fill_value=False).astype(int)
    return rows.rename_axis(columns=None).reset_index()


def above_subthemes(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of everything but subthemes, to be shown at a glance.

    Source: the levels of the codebook.
    """
    return rows[rows["level"] != "subtheme"].reset_index(drop=True)


def count(
    placement: Placement,
    excerpts: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    confidence: float | None = 0.95,
) -> pd.DataFrame:
    """One row per code × group × unit, zeros included, in the order of the codebook.

    `least` and `most` are the bounds of the count, `expected` the model's number; where the record
    says everything the three are one. `denominator` is the group's excerpts, or its people; blank
    where the record leaves it open, and `share` with it. `share_of_code` is the group's part of all that
    stands under the code, blank where any group's is open.

    `low` and `high` are an interval for the share, where the record names every speaker: Wilson's for
    people, who count once; for excerpts one that resamples their speakers, since excerpts of one person
    are not independent. `people` is how many people it rests on, those listed or those who speak. Quotations
    of unnamed speakers get none: chosen for print, they are no sample. Without `confidence` nothing gets one.

    `expected` is blank where it hangs on a field note or one open excerpt, and a narrow placement is counted
    for dimensions and themes only: a row must not tell where one quotation is from.

    Sources: `bounds.place`, `intervals.wilson` and `intervals.clustered`.
    """
    if placement.by in COLUMNS:
        raise ValueError(f'by="{placement.by}" is a column of the result; give the roster another name')
    under = _incidence(rolled_up(codings, codebook), codebook["code"], placement.possible.index)
    rows = _in_excerpts(placement, under)
    speakers = excerpts.loc[excerpts["source"] == "interview"].set_index("excerpt")["participant"]
    group = group_of_participants(roster, placement.by)
    if len(speakers) and speakers.map(group).notna().all():
        said = _by_speaker(under, speakers)
        if confidence is not None:
            rows = rows.merge(_resampled(said, speakers, group, placement.by, confidence), how="left")
        rows = pd.concat([rows, _in_people(placement, said, group, roster, confidence)])
    rows = _in_codebook_order(rows, codebook, placement.by)
    rows["share"], rows["share_of_code"] = _of_group(rows), _of_code(rows)
    shown = _broad(rows, codebook) if placement.narrow else rows
    return shown.reset_index(drop=True).reindex(columns=[*COLUMNS[:3], placement.by, *COLUMNS[3:]])


def _of_group(rows: pd.DataFrame) -> pd.Series:
    """The part of a group that stands under the code, where the count is exact and the group's size known."""
    counted = rows["denominator"].where((rows["least"] == rows["most"]) & (rows["denominator"] > 0))
    return rows["least"] / counted.astype(float)


def _of_code(rows: pd.DataFrame) -> pd.Series:
    """Each group's part of what stands under the code, where every group's count is exact."""
    whole = rows.assign(open=rows["least"] != rows["most"]).groupby(["code", "unit"])
    total = whole["least"].transform("sum").astype(float)
    return rows["least"] / total.where((total > 0) & ~whole["open"].transform("any"))


def _in_codebook_order(rows: pd.DataFrame, codebook: pd.DataFrame, by: str) -> pd.DataFrame:
    order = {code: place for place, code in enumerate(codebook["code"])}
    return rows.merge(codebook[["code", "name", "level"]], on="code").sort_values(
        ["code", by, "unit"],
        key=lambda column: column.map(order) if column.name == "code" else column,
        ignore_index=True,
    )


def _broad(rows: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """The rows of dimensions and themes; where the codebook has no levels, of codes with subcodes."""
    has_subcodes = rows["code"].isin(codebook["parent"])
    return rows[rows["level"].isin(["dimension", "theme"]) | (rows["level"].isna() & has_subcodes)]


@dataclass(frozen=True)
class _Incidence:
    """Which excerpts stand under which code: few do, so codes × excerpts is kept sparse."""

    matrix: csr_array
    codes: pd.Index
    excerpts: pd.Index

    def summed(self, values: pd.DataFrame) -> pd.DataFrame:
        """Values of excerpts, added up over those under each code: codes × columns."""
        return pd.DataFrame(self.matrix @ values.to_numpy(float), self.codes, values.columns)


def _incidence(pairs: pd.DataFrame, codes: pd.Series, excerpts: pd.Index) -> _Incidence:
    names = pd.Index(codes, name="code")
    code, excerpt = names.get_indexer(pairs["code"]), excerpts.get_indexer(pairs["excerpt"])
    known = (code >= 0) & (excerpt >= 0)
    shape = (len(names), len(excerpts))
    matrix = coo_array((np.ones(known.sum()), (code[known], excerpt[known])), shape).tocsr()
    return _Incidence(matrix, names, excerpts)


def _in_excerpts(placement: Placement, under: _Incidence) -> pd.DataFrame:
    possible, only = placement.possible, placement.possible.sum(axis=1) == 1
    rows = pd.DataFrame(
        {
            "least": under.summed(possible.mul(only, axis=0)).stack().astype(int),
            "most": under.summed(possible).stack().astype(int),
            "expected": under.summed(placement.chance.fillna(0)).stack(),
        }
    ).rename_axis(["code", placement.by])
    several, no_chance = possible.sum(axis=1) > 1, placement.chance.isna().any(axis=1)
    hangs = under.summed(pd.DataFrame({"open": several, "no chance": no_chance}))
    unsaid = (hangs["no chance"] > 0) | (hangs["open"] == 1)
    rows.loc[unsaid[unsaid].index.tolist(), "expected"] = float("nan")
    sizes = pd.Series(pd.NA, possible.columns) if several.any() else possible.sum()
    rows = rows.reset_index()
    return rows.assign(unit="excerpts", denominator=rows[placement.by].map(sizes).astype("Int64"))


def _by_speaker(under: _Incidence, speakers: pd.Series) -> pd.DataFrame:
    """How many excerpts of each speaker stand under each code: participants × codes, sorted."""
    place = under.excerpts.get_indexer(speakers.index)
    who, names = pd.factorize(speakers, sort=True)
    of = coo_array((np.ones(len(who)), (place, who)), (len(under.excerpts), len(names))).tocsr()
    return pd.DataFrame((under.matrix @ of).toarray().T, pd.Index(names, name="participant"), under.codes)


def _in_people(
    placement: Placement,
    said: pd.DataFrame,
    group: pd.Series,
    roster: pd.DataFrame,
    confidence: float | None,
) -> pd.DataFrame:
    """A person counts once for a code, however often they say it."""
    groups = placement.possible.columns.rename(placement.by)
    counts = said.gt(0).groupby(said.index.map(group)).sum().reindex(groups, fill_value=0).T
    rows = counts.stack().rename("least").reset_index()
    sizes = roster.groupby(placement.by)["n"].sum().reindex(groups, fill_value=0)
    total = rows[placement.by].map(sizes).astype("Int64")
    rows = rows.assign(unit="people", most=rows["least"], expected=rows["least"].astype(float))
    rows = rows.assign(denominator=total, people=total)
    return rows if confidence is None else rows.join(wilson(rows["least"], total, confidence))


def _resampled(
    said: pd.DataFrame, speakers: pd.Series, group: pd.Series, by: str, confidence: float
) -> pd.DataFrame:
    """The intervals for shares of excerpts: `code`, the grouping, `unit, people, low, high`."""
    sizes = speakers.value_counts().reindex(said.index)
    where = said.index.to_series().map(group)
    found = clustered(said, sizes, where, confidence).rename(columns={"group": by})
    people = found[by].map(where.value_counts()).astype("Int64")
    return found.assign(unit="excerpts", people=people)[["code", by, "unit", "people", "low", "high"]]
