"""A paragraph for the methods, with counted numbers, and a list of what only the authors can say."""

from collections.abc import Iterable

import pandas as pd

from analysis.handin import layout
from analysis.handin.answers import MANY, coder_names, released_people
from analysis.handin.material import Material
from analysis.measures import sample
from analysis.outputs import word
from analysis.outputs.formats import plain
from analysis.outputs.sentences import alike, counted, listed

TITLE = "Methods"
LEFT = (
    "how people were chosen and asked, and who declined",
    "who held the interviews, with which guide, where and for how long",
    "how interviews were recorded and transcribed",
    "how codes and themes came about, and on which methodology that rests",
    "ethics approval and consent",
)
"""What no table of a study says."""
USED = ("pandas", "numpy", "scipy", "matplotlib", "nltk")
"""Packages that compute or draw something that is printed."""


def sentences(material: Material) -> list[str]:
    """The sentences of the paragraph, each about one thing; what the record lacks is said to be lacking."""
    parts = (_invented, _people, _interviews, _excerpts, _coders, _saturation, _speakers, _software)
    return [text for part in parts for text in part(material)]


def markdown(material: Material) -> bytes:
    """The paragraph and the list, as Markdown."""
    left = "\n".join(f"- {plain(one)}" for one in LEFT)
    text = plain(" ".join(sentences(material)))
    return f"# {TITLE}\n\n{text}\n\n## What the authors must add\n\n{left}\n".encode()


def written(material: Material) -> bytes:
    """The same as a Word document."""
    document = layout.begun(TITLE, material.study.title)
    document.add_paragraph(" ".join(sentences(material)))
    document.add_heading("What the authors must add", 1)
    for one in LEFT:
        document.add_paragraph(one, style="List Bullet")
    return word.saved(document)


def _invented(material: Material) -> Iterable[str]:
    if material.simulated:
        yield "The people of this study were invented, and so was what they say."


def _people(material: Material) -> Iterable[str]:
    study = material.study
    if study.roster.empty:
        if everybody := released_people(material):
            yield f"The release told of {counted(everybody, 'person', 'people')}."
        return
    people = study.roster.groupby(study.site)["n"].sum()
    parts = [f"{number} in {study.site} {name}" for name, number in people.items()]
    again = int(study.roster["listed_again"].sum())
    twice = f" ({again} of whom may have been listed twice)" if again else ""
    yield f"The roster listed {counted(int(people.sum()), 'person', 'people')}{twice}: {listed(parts)}."


def _interviews(material: Material) -> Iterable[str]:
    study = material.study
    if study.roster.empty:
        return
    if study.interviews.empty:
        yield "The record did not say how many interviews there were."
        return
    rows = sample.reconciliation(study.roster, study.interviews, study.site)
    total = rows[rows[study.site] == "all"].iloc[0]
    if pd.isna(total["participants_implied"]):
        yield f"Not for every {study.site} it was recorded how many interviews there were."
        return
    held, groups = counted(total["interviews"], "interview"), total["group_interviews"]
    implied = counted(total["participants_implied"], "participant")
    apart = listed(rows.loc[(rows[study.site] != "all") & rows["difference"].ne(0), study.site])
    yield f"The record had {held}, {groups} of them with groups, which implied {implied}."
    if apart:
        yield (
            f"In {study.site} {apart} the number of people listed was not the number that the interviews "
            "implied; both were kept."
        )


def _excerpts(material: Material) -> Iterable[str]:
    study = material.study
    if study.excerpts.empty:
        return
    notes = int((study.excerpts["source"] != "interview").sum())
    of_them = f" ({counted(notes, 'field note')} among them)" if notes else ""
    made = study.codings.drop_duplicates(["excerpt", "code"])
    levels = study.codebook["level"].fillna("code").value_counts(sort=False)
    tree = listed([counted(int(number), level) for level, number in levels.items()])
    yield (
        f"The analysis rested on {counted(len(study.excerpts), 'excerpt')}{of_them} and a codebook of "
        f"{tree}; "
        f"{made['excerpt'].nunique()} of the excerpts carried at least one code."
    )


def _coders(material: Material) -> Iterable[str]:
    named, rows = coder_names(material), material.frame("agreement")
    alphas = rows.get("alpha", pd.Series(dtype=float)).dropna()
    if not named and material.restricted:
        return
    if not named:
        yield "The record named no coder, so agreement of coders could not be computed."
    elif named < MANY or alphas.empty:
        yield f"Codes were put by {counted(named, 'coder')}; agreement could not be computed."
    else:
        yield (
            f"Codes were put by {counted(named, 'coder')}; Krippendorff’s alpha lay between "
            f"{alphas.min():.2f} and {alphas.max():.2f} over {counted(len(alphas), 'code')}."
        )


def _saturation(material: Material) -> Iterable[str]:
    curve, rule = material.frame("saturation"), material.frame("saturation_rule")
    if material.restricted:
        return
    if curve.empty or rule.empty:
        yield "Saturation could not be judged, as the record did not say which interview brought which codes."
        return
    came = curve.loc[curve["new"] > 0, "order"]
    if came.empty or not material.study.documents["order"].notna().any():
        yield "When the last new code came up the record did not say, as it gave interviews in no order."
        return
    yield f"The last new code came up in document {came.max():.0f} of {len(curve)}."


def _speakers(material: Material) -> Iterable[str]:
    """How excerpts were given to groups whose speaker is not named."""
    excerpts = material.study.excerpts
    if excerpts.empty or not material.study.compare:
        return
    groups = listed(alike(by) for by in material.study.compare)
    if excerpts["participant"].notna().all():
        yield f"Codes were counted by {groups}; every excerpt named its participant."
        return
    found = {run["parameters"].get("min_people") for run in material.record["runs"]} - {None}
    widened = f" until at least {max(found)} people fitted it" if found else ""
    yield (
        f"Codes were counted by {groups} as bounds, the least and the most that the record allows, since "
        f"{counted(int(excerpts['participant'].isna().sum()), 'excerpt')} named no participant; a role label "
        f"was widened{widened} before anything was computed from it."
    )


def _software(material: Material) -> Iterable[str]:
    found = material.record.get("software", {})
    used = listed(f"{name} {found[name]}" for name in USED if name in found)
    state = material.record.get("state", "not recorded")
    yield (
        f"Tables and figures were computed by notebooks in one recorded sequence ({state}), with Python "
        f"{found.get('python', 'of a version that was not recorded')}{f', {used}' if used else ''}; "
        f"{_policy(material)}."
    )


def _policy(material: Material) -> str:
    if material.restricted:
        return "the data are restricted, numbers of few people are hidden, and only cleared quotations shown"
    return "the data are public, and every number can be computed again from them"
