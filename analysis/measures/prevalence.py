"""How often a code stands in each group, in excerpts and in people."""

import pandas as pd

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
    spoken = excerpts.loc[excerpts["source"] == "interview", ["excerpt", "participant"]].dropna()
    said = rolled_up(codings, codebook).merge(spoken, on="excerpt")
    people = pd.Index(roster["participant"].dropna() if len(spoken) else [], name="participant", dtype="str")
    counts = pd.crosstab(said["participant"], said["code"]).clip(upper=1)
    rows = counts.reindex(index=people, columns=codebook["code"], fill_value=0).astype(int)
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
    confidence: float = 0.95,
) -> pd.DataFrame:
    """One row per code × group × unit, zeros included, in the order of the codebook.

    `least` and `most` are the bounds of the count, `expected` the model's number; where the record
    says everything the three are one. `denominator` is the group's excerpts, or its people; blank
    where the record leaves it open, and `share` with it. `share_of_code` is the group's part of all that
    stands under the code, blank where any group's is open.

    `low` and `high` are an interval for the share, where the record names every speaker: Wilson's for
    people, who count once; for excerpts one that resamples their speakers, since excerpts of one person
    are not independent. `people` is how many people it rests on, those listed or those who speak. Quotations
    of unnamed speakers get none: chosen for print, they are no sample.

    `expected` is blank where it hangs on a field note or one open excerpt, and a narrow placement is counted
    for dimensions and themes only: a row must not tell where one quotation is from.

    Sources: `bounds.place`, `intervals.wilson` and `intervals.clustered`.
    """
    if placement.by in COLUMNS:
        raise ValueError(f'by="{placement.by}" is a column of the result; give the roster another name')
    pairs = rolled_up(codings, codebook)
    rows = _in_excerpts(placement, pairs, codebook)
    group = group_of_participants(roster, placement.by)
    speakers = excerpts.loc[excerpts["source"] == "interview", "participant"]
    if len(speakers) and speakers.map(group).notna().all():
        spread = _resampled(placement, pairs, excerpts, codebook, group, confidence)
        people = _in_people(placement, pairs, excerpts, codebook, roster, confidence)
        rows = pd.concat([rows.merge(spread, how="left"), people])
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


def _in_excerpts(placement: Placement, pairs: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    possible, only = placement.possible, placement.possible.sum(axis=1) == 1
    incidence = pd.crosstab(pairs["code"], pairs["excerpt"]).clip(upper=1)
    incidence = incidence.reindex(index=codebook["code"], columns=possible.index, fill_value=0)
    rows = pd.DataFrame(
        {
            "least": (incidence @ (possible.mul(only, axis=0)).astype(int)).stack(),
            "most": (incidence @ possible.astype(int)).stack(),
            "expected": (incidence @ placement.chance.fillna(0)).stack(),
        }
    ).rename_axis(["code", placement.by])
    open_excerpts = incidence @ (possible.sum(axis=1) > 1).astype(int)
    unsaid = (incidence @ placement.chance.isna().any(axis=1).astype(int) > 0) | (open_excerpts == 1)
    rows.loc[unsaid[unsaid].index.tolist(), "expected"] = float("nan")
    all_said = possible.sum(axis=1).le(1).all()
    sizes = possible.sum() if all_said else pd.Series(pd.NA, possible.columns)
    rows = rows.reset_index()
    return rows.assign(unit="excerpts", denominator=rows[placement.by].map(sizes).astype("Int64"))


def _in_people(
    placement: Placement,
    pairs: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    roster: pd.DataFrame,
    confidence: float,
) -> pd.DataFrame:
    """A person counts once for a code, however often they say it."""
    group = group_of_participants(roster, placement.by)
    spoken = excerpts.loc[excerpts["source"] == "interview", ["excerpt", "participant"]]
    said = pairs.merge(spoken.dropna(), on="excerpt")
    said = said.drop_duplicates(["participant", "code"])
    counts = pd.crosstab(said["code"], said["participant"].map(group))
    counts = counts.reindex(index=codebook["code"], columns=placement.possible.columns, fill_value=0)
    rows = counts.stack().rename("least").rename_axis(["code", placement.by]).reset_index()
    sizes = roster.groupby(placement.by)["n"].sum()
    total = rows[placement.by].map(sizes).astype("Int64")
    rows = rows.assign(unit="people", most=rows["least"], expected=rows["least"].astype(float))
    return rows.assign(denominator=total, people=total).join(wilson(rows["least"], total, confidence))


def _resampled(
    placement: Placement,
    pairs: pd.DataFrame,
    excerpts: pd.DataFrame,
    codebook: pd.DataFrame,
    group: pd.Series,
    confidence: float,
) -> pd.DataFrame:
    """The intervals for shares of excerpts: `code`, the grouping, `unit, people, low, high`."""
    spoken = excerpts.loc[excerpts["source"] == "interview"].set_index("excerpt")["participant"]
    sizes = spoken.value_counts().sort_index()
    under = pairs[pairs["excerpt"].isin(spoken.index)]
    said = under.groupby([under["excerpt"].map(spoken), "code"]).size().unstack(fill_value=0)
    said = said.reindex(index=sizes.index, columns=codebook["code"], fill_value=0)
    where = sizes.index.to_series().map(group)
    found = clustered(said, sizes, where, confidence).rename(columns={"group": placement.by})
    people = found[placement.by].map(where.value_counts()).astype("Int64")
    return found.assign(unit="excerpts", people=people)[
        ["code", placement.by, "unit", "people", "low", "high"]
    ]
