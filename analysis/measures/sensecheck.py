"""What people said of the findings when these were taken back to them: tallied, and never averaged.

Answers are *that is so*, *not so* and *it depends*. Where somebody says the one and somebody says the other,
the tally says disagreement, whatever the numbers: who is few in a workshop may be right.
"""

from collections.abc import Sequence

import pandas as pd

ANSWERS = {"that is so": "that_is_so", "not so": "not_so", "it depends": "it_depends"}
"""Each answer, and the column that counts the people who gave it."""
EVERY = "all"
UNNAMED = "not named"
DISAGREED = "disagreement"
NOT_ASKED = "not asked"
ROOM, FINDING = 165, 60
"""The words of quotations that a page has room for, beside a finding of so many words and three answers."""
MOST = 3
"""Quotations that people at a table take in together."""
COLUMNS = ["code", "name", "level", "workshop", *ANSWERS.values(), "people", "outcome", "comments"]


def outcome(answers: Sequence[str]) -> str:
    """What answers come to: `disagreement` where both *that is so* and *not so* were given, by however many;
    else the answers that were given, joined by "or"; `not asked` where there are none.

    Source: this project's own rule, after Birt and others (2016), Qual. Health Res. 26, 1802–1811: what does
    not confirm a finding is data, and is reported.

    >>> outcome(["that is so", "it depends", "not so"]), outcome(["it depends", "that is so"])
    ('disagreement', 'that is so, or it depends')
    """
    given = [answer for answer in ANSWERS if answer in {*answers}]
    if {"that is so", "not so"} <= {*given}:
        return DISAGREED
    return ", or ".join(given) or NOT_ASKED


def findings(codebook: pd.DataFrame) -> pd.DataFrame:
    """What is said of each code, by code: what was `found` of it in plain words, and what it is `about`, its
    definition; blank where the analysts have written neither, and never made up.

    Source: the analysts, in codebook.csv.
    """
    said = codebook.set_index("code").reindex(columns=["finding", "definition"]).astype("str")
    return said.rename(columns={"finding": "found", "definition": "about"})


def on_sheets(ranking: pd.DataFrame, excerpts: pd.DataFrame, codebook: pd.DataFrame) -> pd.DataFrame:
    """The quotations for a sheet on each theme, in the order of the rule: rows `code, excerpt`.

    `ranking` comes from `quoting.ranked`. At most three a theme, with at most 165 words in all, fewer where
    the finding has more than 60: one that is too long for what is left is passed over and never shortened. No
    two are of one person, where the record names them, and none stands on two sheets: of two themes the one
    with fewer quotations chooses first.

    Source: this project's own rule, for a page of paper.
    """
    speaker, said = excerpts.set_index("excerpt")["participant"], findings(codebook)
    found = said["found"].fillna(said["about"]).fillna("")
    mine = ranking[ranking["cleared"]]
    mine = mine.assign(speaker=mine["excerpt"].map(speaker))
    fewest = mine.groupby("code").size()
    used: list[str] = []
    sheets: dict[str, list[str]] = {}
    for code in sorted(fewest.index, key=lambda code: (fewest[code], code)):
        room = ROOM - max(0, len(found[code].split()) - FINDING)
        sheets[code] = _fitting(mine[(mine["code"] == code) & ~mine["excerpt"].isin(used)], room)
        used += sheets[code]
    rows = [(code, one) for code in ranking["code"].drop_duplicates() for one in sheets.get(code, [])]
    return pd.DataFrame(rows, columns=["code", "excerpt"], dtype="str")


def _fitting(ranked: pd.DataFrame, room: int) -> list[str]:
    """The first quotations that fit into so many words, each of another person."""
    taken: list[str] = []
    people: set[str] = set()
    for row in ranked.sort_values("rank").itertuples():
        if len(taken) < MOST and row.words <= room and row.speaker not in people:
            taken.append(row.excerpt)
            room -= row.words
            people |= {row.speaker} if isinstance(row.speaker, str) else set()
    return taken


def tally(responses: pd.DataFrame, codebook: pd.DataFrame, themes: Sequence[str]) -> pd.DataFrame:
    """How many people gave each answer: for every theme, and any other code that was asked about, a row
    `all`, then a row for each workshop, by name. Counts are people.

    Columns `code, name, level, workshop, that_is_so, not_so, it_depends, people, outcome, comments`. The
    outcome of `all` takes every workshop's answers together, so that workshops which differ among each other
    are a disagreement too. Comments stand with their workshop, each behind its answer, joined by semicolons.

    Source: plain counts of responses.csv, and `outcome`.
    """
    said = responses[responses["people"] > 0]
    said = said.assign(workshop=said["workshop"].fillna(UNNAMED))
    asked = [code for code in codebook["code"] if code in {*themes, *said["code"]}]
    rows = []
    for code in asked:
        mine = said[said["code"] == code]
        rows.append((code, EVERY, *_counts(mine), ""))
        rows += [(code, name, *_counts(here), _comments(here)) for name, here in mine.groupby("workshop")]
    frame = pd.DataFrame(
        rows, columns=["code", "workshop", *ANSWERS.values(), "people", "outcome", "comments"]
    )
    return frame.merge(codebook[["code", "name", "level"]], on="code", how="left")[COLUMNS]


def _counts(answers: pd.DataFrame) -> tuple[int | str, ...]:
    people = [int(answers.loc[answers["answer"] == one, "people"].sum()) for one in ANSWERS]
    return (*people, sum(people), outcome([*answers["answer"]]))


def _comments(answers: pd.DataFrame) -> str:
    """The comments of a workshop, sorted by answer and words: the order of rows tells who spoke first."""
    place = {answer: number for number, answer in enumerate(ANSWERS)}
    noted = answers.dropna(subset="comment")
    told = sorted(zip(noted["answer"].map(place), noted["answer"], noted["comment"], strict=True))
    return "; ".join(f"{answer}: “{comment}”" for _, answer, comment in told)


def summed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a tally that take all workshops together: one a theme.

    Source: `tally`.
    """
    return rows[rows["workshop"] == EVERY].reset_index(drop=True)
