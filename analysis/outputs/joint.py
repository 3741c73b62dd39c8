"""Numbers beside words, as tables for print: joint displays, the quotation book, the sense-check."""

from typing import Any

import pandas as pd

from analysis.measures import BY_HAND
from analysis.measures.sensecheck import ANSWERS, summed
from analysis.outputs.paper import PaperTable
from analysis.outputs.sentences import alike

NOTHING = "No quotation: {}."
UNKNOWN = "the record says nothing else"
OF_EXCERPTS = (
    "Excerpts: how many stand under the theme, from the least to the most where the record leaves it open, "
    "of how many of the group in all, where that is known. "
)
OF_PEOPLE = "People: how many of the group speak of it, of how many who are listed. "
OF_QUOTATIONS = (
    "A quotation stands for a theme and a {0} only where the record says that it is of that {0}, and in one "
    "place only; it is chosen by length, distinctive words and place in print or id"
)
OF_BOOK = (
    "Place: in the order of the rule, by length, distinctive words and place in print or id; only what is "
    "cleared for publication has one. Speaker: the label printed beside the quotation, and what the record "
    "says of the speaker. Sense-check: what people answered when the theme was taken back to them."
)
OF_RESPONSES = (
    "Counts are people. Disagreement: somebody said that it is so and somebody that it is not, however many; "
    "no majority is taken for an answer."
)


def display(rows: pd.DataFrame, by: str) -> PaperTable:
    """A joint display as it is printed: a section a theme, a row a group, with counts and a quotation.

    `rows` come from `quoting.display`. `excerpts` and `people` are counts in words, `quotation` the words of
    the speaker or why there are none. Groups without any excerpt are named once, in the note.
    """
    group = alike(by)
    bare = rows["excerpts_of"].eq(0).fillna(value=False)
    silent, rows = [*dict.fromkeys(rows.loc[bare, by])], rows[~bare].reset_index(drop=True)
    named = rows["people"].notna().any()
    frame = pd.DataFrame({"theme": rows["name"], "group": rows[by], "excerpts": _excerpts(rows)}, dtype="str")
    if named:
        frame["people"] = _of(rows["people"].astype("str"), rows["people_of"])
    frame["quotation"] = rows["text"].where(rows["text"].notna(), rows["why"].map(NOTHING.format))
    frame["speaker"] = rows["speaker"].where(rows["text"].notna(), "").fillna("")
    heads = (group.capitalize(), "Excerpts", *(("People",) if named else ()), "Quotation", "Speaker")
    return PaperTable(
        name=f"joint-by-{by}",
        caption=f"Themes by {group}, in numbers and words",
        frame=frame.astype("str"),
        headings=heads,
        section="theme",
        note=_note(rows, group, silent, named=bool(named)),
        widths=(0.17, 0.13, *((0.11,) if named else ()), 0.52 - 0.11 * bool(named), 0.18),
    )


def _excerpts(rows: pd.DataFrame) -> pd.Series:
    least, most = rows["excerpts_least"].astype("str"), rows["excerpts_most"].astype("str")
    return _of(least.where(least == most, least + "–" + most), rows["excerpts_of"])


def _of(counts: pd.Series, whole: pd.Series) -> pd.Series:
    return counts.where(whole.isna(), counts + " of " + whole.astype("str"))


def _note(rows: pd.DataFrame, group: str, silent: list[str], *, named: bool) -> str:
    """What the columns count, how quotations were chosen, which were not, and who is not in the table."""
    by_hand = int(rows["why"].eq(BY_HAND).sum())
    chosen = f"; {by_hand} here {'was' if by_hand == 1 else 'were'} chosen by hand" if by_hand else ""
    parts = [
        OF_EXCERPTS,
        OF_PEOPLE if named else "",
        OF_QUOTATIONS.format(group) + f"{chosen}. ",
        f"Not in the table, as no excerpt at all is known to be theirs: {', '.join(silent)}."
        if silent
        else "",
    ]
    return "".join(parts).strip()


def book(rows: pd.DataFrame, responses: pd.DataFrame) -> PaperTable:
    """The quotation book as it is printed: a section a theme, a row a quotation, in the order of the rule.

    `rows` come from `quoting.book`, `responses` from `sensecheck.tally`: what was answered to a theme stands
    beside its name, so that nobody reads the quotations without it.
    """
    beside, known = rows["speaker"].fillna(""), rows["known"].where(rows["known"].ne(""), UNKNOWN)
    said = {row.code: answered(row) for row in summed(responses).itertuples()}
    frame = pd.DataFrame(
        {
            "theme": rows["name"] + ". Sense-check: " + rows["code"].map(said),
            "place": rows["rank"].astype("str").where(rows["rank"].notna(), "–"),
            "quotation": rows["text"],
            "speaker": beside.where(beside.eq(""), beside + "; ") + known,
            "cleared": rows["cleared"],
            "shown": rows["used_in"].fillna("nowhere"),
        },
        dtype="str",
    )
    return PaperTable(
        name="quotation-book",
        caption="The quotation book: every quotation under each theme",
        frame=frame,
        headings=("Place", "Quotation", "Speaker", "Cleared", "Shown in"),
        section="theme",
        note=OF_BOOK,
        widths=(0.08, 0.46, 0.2, 0.11, 0.15),
    )


def answered(row: Any) -> str:  # noqa: ANN401 - a row of a frame has no type of its own
    """What a row of a tally says in one phrase: the outcome first, then how many people gave each answer."""
    if not row.people:
        return row.outcome
    counts = [f"{answer}: {getattr(row, column)}" for answer, column in ANSWERS.items()]
    people = "person" if row.people == 1 else "people"
    return f"{row.outcome} ({', '.join(counts)}; {row.people} {people})"


def responses(rows: pd.DataFrame) -> PaperTable:
    """The sense-check as it is printed: a section a theme, a row a workshop and first all together."""
    frame = rows[["name", "workshop", *ANSWERS.values(), "outcome", "comments"]].rename(
        columns={"name": "theme"}
    )
    return PaperTable(
        name="sense-check",
        caption="The sense-check: what people answered when the findings were taken back to them",
        frame=frame.astype("str"),
        headings=("Workshop", "That is so", "Not so", "It depends", "Outcome", "Comments"),
        section="theme",
        note=OF_RESPONSES,
        widths=(0.16, 0.09, 0.08, 0.12, 0.2, 0.35),
    )
