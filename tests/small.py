"""Studies of a few people, made by hand, in frames like those that loading a study gives."""

from dataclasses import dataclass, replace

import narwhals as nw
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from analysis.measures import bounds, prevalence
from analysis.study.record import with_role_groups

# Derandomised, so that a run of the tests can be repeated; `--hypothesis-seed` does not undo it.
properties = settings(max_examples=50, deadline=None, database=None, derandomize=True)
few = settings(properties, max_examples=12)  # where an example takes long

LADDER = [
    ("nurse", "nurse", None, False, True),
    ("community nurse", "nurse", "nurse", False, True),
    ("district nurse", "nurse", "community nurse", False, True),
    ("hospital nurse", "nurse", "nurse", False, True),
    ("physiotherapist", "physiotherapist", "therapist", False, True),
    ("occupational therapist", "occupational therapist", "therapist", False, True),
    ("lead therapist", "therapist", "therapist", True, True),
    ("social worker", "social worker", None, False, True),
    ("service lead", "service lead", None, True, False),
]
"""label, role group, the label one step up, leads?, profession stated?"""

FIELD_NOTES = "field notes"
CODES = [
    ("top", None, "dimension"),
    ("left", "top", "theme"),
    ("left-a", "left", "subtheme"),
    ("left-b", "left", "subtheme"),
    ("right", "top", "theme"),
    ("other", None, "dimension"),
]
"""code, the code one step up, level"""


@dataclass(frozen=True)
class Small:
    """The tables of a study that the counts need."""

    roster: pd.DataFrame
    roles: pd.DataFrame
    excerpts: pd.DataFrame
    codings: pd.DataFrame
    codebook: pd.DataFrame

    def place(self, by="borough", **choices):
        return bounds.place(self.excerpts, self.roster, self.roles, by, **choices)

    def place_each(self, by="borough", **choices):
        """Where each excerpt may be from, by its id."""
        return bounds.one_by_one(self.place(by, **choices), self.excerpts, self.roster)

    def count(self, by="borough", **choices):
        placement = self.place(by, **choices)
        return prevalence.count(placement, self.excerpts, self.codings, self.codebook, self.roster)


def text(rows, columns):
    return pd.DataFrame(rows, columns=columns, dtype="str")


def roles(ladder=LADDER):
    frame = text([row[:3] for row in ladder], ["label", "role_group", "broader"])
    return frame.assign(lead=[row[3] for row in ladder], stated=[row[4] for row in ladder])


def people(*rows, ladder=LADDER):
    """A roster of printed groups: rows of borough, role, and if need be n, leads, those listed again."""
    full = [(*row, *(1, 0, 0)[len(row) - 2 :]) for row in rows]
    frame = text([(None, *row[:2]) for row in full], ["participant", "borough", "role"])
    for place, column in enumerate(["n", "service_leads", "listed_again"], start=2):
        frame[column] = pd.array([row[place] for row in full], dtype="Int64")
    return with_role_groups(frame, roles(ladder))


def persons(*rows, ladder=LADDER):
    """A roster of the people p1, p2, …: rows of borough, role, and if need be 1 for a lead."""
    roster = people(*[(*row[:2], 1, *row[2:]) for row in rows], ladder=ladder)
    ids = [f"p{number}" for number in range(1, len(rows) + 1)]
    return roster.assign(participant=pd.array(ids, dtype="str"))


def excerpts(*rows):
    """The excerpts E1, E2, …: rows of participant and speaker; `FIELD_NOTES` is neither."""
    full = [
        (f"E{number}", None, FIELD_NOTES, FIELD_NOTES)
        if row == FIELD_NOTES
        else (f"E{number}", *row, "interview")
        for number, row in enumerate(rows, start=1)
    ]
    frame = text(full, ["excerpt", "participant", "speaker", "source"])
    return frame.assign(text=frame["excerpt"].add(" is said"), printed_in="Table 1")


def quoted(*labels):
    """Excerpts with a role label and no participant; `FIELD_NOTES` and None are possible labels."""
    return excerpts(*[label if label == FIELD_NOTES else (None, label) for label in labels])


def said_by(*ids):
    """Excerpts with a participant and no label."""
    return excerpts(*[one if one == FIELD_NOTES else (one, None) for one in ids])


def texts(*said):
    """Interview excerpts T1, T2, … with these words."""
    rows = [(f"T{number}", None, None, "interview", words) for number, words in enumerate(said, start=1)]
    return text(rows, ["excerpt", "participant", "speaker", "source", "text"])


def codings(*rows):
    """Rows of excerpt, code, and if need be coder."""
    return text([(*row, None)[:3] for row in rows], ["excerpt", "code", "coder"])


def codebook(codes=CODES):
    frame = text(codes, ["code", "parent", "level"])
    return frame.assign(name=frame["code"].str.capitalize(), printed_in="Table 1")


def study(roster, quotations, *coded, ladder=LADDER):
    return Small(roster, roles(ladder), quotations, codings(*coded), codebook())


def shuffled(frame, seed):
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def reordered(small, seed, *tables):
    """The same study with the rows of these tables in another order."""
    return replace(small, **{table: shuffled(getattr(small, table), seed) for table in tables})


ABOVE = {label: broader for label, _, broader, _, _ in LADDER}
STATED = [label for label, _, _, lead, stated in LADDER if stated and not lead]


def line(label):
    """The label and all above it, by a second route: the tests do not borrow the code they test."""
    return [label, *line(ABOVE[label])] if ABOVE.get(label) else [label]


def labels_for(role, lead):
    """The labels that may be printed beside what this person says."""
    if role == "service lead":  # whose profession nobody knows
        return [*ABOVE]
    fitting = [label for label in STATED if label in line(role) or role in line(label)]
    return [*fitting, "lead therapist"] if lead and "therapist" in line(role) else fitting


@st.composite
def studies(draw, unstated=True, notes=True, most_people=6, most_excerpts=5):
    """A study in which every participant is known, and printed labels that fit them."""
    kinds = STATED + ["service lead"] * unstated
    who = draw(
        st.lists(
            st.tuples(st.sampled_from("ABC"), st.sampled_from(kinds), st.booleans()),
            min_size=1,
            max_size=most_people,
        )
    )
    speakers = st.integers(0, len(who) - 1) | (st.just(FIELD_NOTES) if notes else st.nothing())
    rows = [
        one
        if one == FIELD_NOTES
        else (f"p{one + 1}", draw(st.sampled_from(labels_for(who[one][1], who[one][2]))))
        for one in draw(st.lists(speakers, max_size=most_excerpts))
    ]
    spots = st.tuples(
        st.sampled_from([f"E{number}" for number in range(1, len(rows) + 1)]),
        st.sampled_from([code for code, _, _ in CODES]),
        st.sampled_from(["x", "y"]),
    )
    coded = draw(st.lists(spots, unique=True, max_size=8)) if rows else []
    roster = persons(*[(borough, role, int(lead or role == "service lead")) for borough, role, lead in who])
    return study(roster, excerpts(*rows), *coded)


def blinded(small):
    """The study as it would be printed: nobody named."""
    return replace(
        small,
        roster=small.roster.assign(participant=pd.array([None] * len(small.roster), dtype="str")),
        excerpts=small.excerpts.assign(participant=pd.array([None] * len(small.excerpts), dtype="str")),
    )


def compatible(label, made, reading, least):
    """The boroughs of those who may have said it, by a second route: person by person."""
    people = [*made.roster[["borough", "role", "service_leads"]].itertuples(index=False, name=None)]
    unstated = {borough for borough, role, _ in people if role == "service lead" and reading == "any"}
    for step in [] if pd.isna(label) else line(label):
        place = "therapist" if step == "lead therapist" else step
        fitting = [
            borough
            for borough, role, leads in people
            if role != "service lead"
            and (leads or place == step)
            and (place in line(role) or role in line(place))
        ]
        if len(fitting) >= least and len({*fitting}) > 1:
            return {*fitting} | unstated
    return {borough for borough, _, _ in people}


def under(small):
    """Which excerpts stand under each code, subcodes included, by a second route."""
    above = {code: parent for code, parent, _ in CODES}
    found = {code: set() for code in above}
    for excerpt, coded in small.codings[["excerpt", "code"]].itertuples(index=False):
        code = coded
        while code:
            found[code].add(excerpt)
            code = above[code]
    return found


def elsewhere(small, groupings=("borough", "role_group")):
    """The same study with its excerpts and codings in an engine, where excerpts bring their groups along."""
    groups = small.roster[["participant", *groupings]].dropna(subset="participant")
    return replace(
        small,
        excerpts=in_engine(small.excerpts.merge(groups, on="participant", how="left")),
        codings=in_engine(small.codings),
    )


def in_engine(frame):
    """The frame in an engine."""
    return nw.from_native(frame).lazy("duckdb")
