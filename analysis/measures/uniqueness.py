"""Who could be recognised: how many people share a combination of attributes, or fit a label."""

import pandas as pd

from analysis.measures import MIN_PEOPLE
from analysis.measures.labels import people_fitting
from analysis.measures.sample import NOT_STATED

COUNTED = ["n", "service_leads", "listed_again", "people", "people_least", "rare"]
"""Columns that count people and so are no attribute of theirs."""


def combinations(roster: pd.DataFrame, by: list[str], min_people: int = MIN_PEOPLE) -> pd.DataFrame:
    """How many people share each combination of the attributes `by`, one row each, sorted.

    Columns: those of `by` as text, `people`, `people_least`, `rare`. Only combinations that somebody has
    have a row. A blank attribute is `not stated`, a value of its own: those who have it may belong to any
    other combination. `people_least` counts those whom the record may list twice once, as far as they
    stand in different rows of the roster; `rare` says that it is below `min_people`. Counted are those
    who were interviewed: to a reader who does not know who was, a person hides among all staff alike.

    Sources: Sweeney (2002), Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557–570
    (k-anonymity); Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 3.

    >>> roster = pd.DataFrame({"borough": ["A", "A", "B"], "n": [3, 4, 1], "listed_again": 0})
    >>> combinations(roster, ["borough"])
      borough  people  people_least   rare
    0       A       7             7  False
    1       B       1             1   True
    """
    _refuse_no_attributes(roster, by)
    stated = roster.assign(**{name: roster[name].astype("str").fillna(NOT_STATED) for name in by})
    shared = stated.assign(surely=stated["n"] - stated["listed_again"]).groupby(by)
    people, surely, together = shared["n"].sum(), shared["surely"].sum(), shared["n"].max()
    least = surely.where(surely >= together, together)
    rows = pd.DataFrame({"people": people, "people_least": least}).astype(int).reset_index()
    rows["rare"] = rows["people_least"] < min_people
    return rows.sort_values(by, ignore_index=True)


def alone(rows: pd.DataFrame) -> int:
    """How many people may be the only ones with their combination, from the rows of `combinations`.

    Source: that of `combinations`.
    """
    return int((rows["people_least"] == 1).sum())


def labels(
    excerpts: pd.DataFrame, roster: pd.DataFrame, roles: pd.DataFrame, min_people: int = MIN_PEOPLE
) -> pd.DataFrame:
    """How many people fit each label that stands beside a quotation, one row each, sorted by label.

    Columns `label` (its case is ignored), `excerpts`, `people`, `people_least`, `rare`. A label fits those
    with the same label, a narrower or a broader one, of the people with a stated profession; a quotation
    without a label is `not stated` and may be anybody's. Field notes are nobody's words. `people_least`
    leaves out those whom the record may list twice, and `rare` says that it is below `min_people`, as it
    is for a label that nobody is listed by. It counts the people of the whole study; a label beside a
    group's name fits fewer, see `combinations`.

    Source: that of `combinations`.
    """
    spoken = excerpts.loc[excerpts["source"] == "interview", "speaker"].astype("str").str.casefold()
    rows = []
    for label, count in spoken.fillna(NOT_STATED).value_counts(sort=False).sort_index().items():
        blank = label == NOT_STATED
        people = roster["n"] if blank else people_fitting(label, roster, roles)
        least = (people - roster["listed_again"]).clip(lower=0).sum()
        rows.append((label, count, int(people.sum()), int(least), bool(least < min_people)))
    kinds = {"label": "str", "excerpts": int, "people": int, "people_least": int, "rare": bool}
    return pd.DataFrame(rows, columns=[*kinds]).astype(kinds)


def _refuse_no_attributes(roster: pd.DataFrame, by: list[str]) -> None:
    if not by:
        raise ValueError("by names no attribute; expected one or several columns of the roster")
    for name in by:
        if name not in roster:
            raise ValueError(f'by="{name}" is no column of the roster; it has {", ".join(roster)}')
        if name in COUNTED:
            raise ValueError(f'by="{name}" counts people and is no attribute of theirs; give it another name')
        if by.count(name) > 1:
            raise ValueError(f'by="{name}" stands twice; expected every attribute once')
