"""What the data answer of the items of COREQ: sentences with numbers that are counted as they are written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from analysis.handin.material import Material
from analysis.measures import codes, sample, saturation, voices
from analysis.outputs import reading
from analysis.outputs.sentences import alike, counted, listed, quoted

FROM_DATA, IN_PART, OPEN = "from the data", "in part", "open"
FEW = 3
"""How many of the codes with the fewest excerpts are named."""
MANY = 2
"""Coders, for an agreement."""
TO_TOPS = ("dimension", "theme")
"""The levels of major themes."""


@dataclass(frozen=True)
class Answer:
    """What the data say of an item, and whether that is all, a part or nothing; `left` is for the authors."""

    status: str
    says: str = ""
    left: str = ""


def answers(material: Material) -> dict[int, Answer]:
    """The answer to each item that the data speak of, by its number; what they do not answer stays open."""
    return {number: answer(material) for number, answer in ANSWERED.items()}


def sample_size(material: Material) -> Answer:
    """People, interviews and participants, side by side where they do not agree."""
    study = material.study
    if study.roster.empty:
        return _released_people(material)
    rows = sample.reconciliation(study.roster, study.interviews, study.site)
    says = [_words(reading.sample(sample.count(study.roster, [*study.groupings]), study.site))]
    says += [_words(reading.reconciliation(rows, study.site))]
    total = rows[rows[study.site] == "all"].iloc[0]
    if pd.notna(total["interviews"]) and total["difference"]:
        says.append("The record does not agree with itself here.")
    return Answer(FROM_DATA, " ".join(says))


def _released_people(material: Material) -> Answer:
    """How many people a release tells of in all."""
    everybody = released_people(material)
    if not everybody:
        return Answer(OPEN)
    says = f"The release tells of {counted(everybody, 'person', 'people')}."
    return Answer(IN_PART, says, "Say how many interviews there were.")


def released_people(material: Material) -> int:
    """How many people there are in the tables of a release, of whatever group; 0 where none says so."""
    tables = [material.frame(one.name) for one in material.results if one.name.startswith("themes_by_")]
    found = [rows["of"].max() for rows in tables if "of" in rows and rows["of"].notna().any()]
    return int(max(found, default=0))


def non_participation(material: Material) -> Answer:
    """Groups of which nobody is listed, and labels that are quoted and listed nowhere."""
    study = material.study
    if study.roster.empty:
        return Answer(OPEN)
    says = [
        f"In {study.site} {name} nobody is listed of these by {alike(by)}: {listed(groups)}."
        for by in study.groupings
        if by != study.site
        for name, groups in _absent(study.roster, by, study.site)
    ]
    unlisted = voices.labels_not_listed(study.excerpts, study.roster, study.roles)
    if unlisted:
        says.append(f"Quoted, and in no row of the roster: {quoted(unlisted)}.")
    says = says or [f"Every group is listed in every {study.site}."]
    return Answer(IN_PART, " ".join(says), "Say who was asked and declined, and why.")


def _absent(roster: pd.DataFrame, by: str, site: str) -> Iterable[tuple[str, list[str]]]:
    """Each site of which some groups are not listed that others have, with these groups."""
    people = roster.pivot_table("n", by, site, aggfunc="sum", fill_value=0)
    for name in people:
        if groups := [str(group) for group, number in people[name].items() if number == 0]:
            yield str(name), groups


def description_of_sample(material: Material) -> Answer:
    """How many people there are of each group, by each grouping."""
    study = material.study
    if study.roster.empty:
        return Answer(OPEN)
    says = [f"People by {alike(by)}: {_groups(study.roster, by)}." for by in study.groupings]
    return Answer(IN_PART, " ".join(says), "Add what else matters of them: age, gender, years in the post.")


def _groups(roster: pd.DataFrame, by: str) -> str:
    people = roster.groupby(by)["n"].sum().sort_values(ascending=False, kind="stable")
    return ", ".join(f"{group} {number}" for group, number in people.items())


def repeat_interviews(material: Material) -> Answer:
    """Who stands in more than one interview, where documents name their participants."""
    documents = material.study.documents
    named = documents.get("participants", pd.Series(dtype=str)).dropna().str.split(r"\s*;\s*").explode()
    if named.empty:
        return Answer(OPEN)
    often = int(named.value_counts().gt(1).sum())
    says = f"{counted(named.nunique(), 'participant')} took part in {counted(len(documents), 'document')}"
    return Answer(FROM_DATA, f"{says}; {often or 'none'} of them in more than one.")


def field_notes(material: Material) -> Answer:
    """How many of the excerpts are field notes."""
    excerpts = material.study.excerpts
    notes = int((excerpts["source"] != "interview").sum()) if len(excerpts) else 0
    if not notes:
        return Answer(OPEN)
    says = f"{notes} of {counted(len(excerpts), 'excerpt')} are field notes."
    return Answer(IN_PART, says, "Say when and by whom notes were made.")


def data_saturation(material: Material) -> Answer:
    """What the growth of codes says, or why that cannot be judged."""
    curve, rule = material.frame("saturation"), material.frame("saturation_rule")
    study = material.study
    if rule.empty:
        return Answer(OPEN)
    if curve.empty:
        return Answer(OPEN, _words(reading.saturation(curve, rule, "interview", study.documents)))
    _, _, unit = saturation.interviews(study.excerpts, study.documents)
    rule = rule.astype({"why": object}).where(rule.notna(), None)
    says = _words(reading.saturation(curve, rule, unit, study.documents))
    return Answer(IN_PART, says, "Say whether saturation was sought, and how it was judged.")


def coders(material: Material) -> Answer:
    """How many coders the record names, and how far they agree."""
    rows, named = material.frame("agreement"), coder_names(material)
    if not named:
        return Answer(OPEN, "" if material.restricted else "The record names no coder.")
    says = f"{counted(named, 'coder')} {'is' if named == 1 else 'are'} named."
    if len(rows) and {"units", "why"} <= {*rows}:
        says += f" {_words(reading.agreement(rows))}"
    return Answer(FROM_DATA, says)


def coder_names(material: Material) -> int:
    """How many coders the codings name; of a restricted study, how many its release tells of."""
    rows = material.frame("agreement").get("coders", pd.Series(dtype=float))
    named = material.study.codings["coder"].nunique()
    return int(named or (rows.max() if material.restricted and rows.notna().any() else 0))


def coding_tree(material: Material) -> Answer:
    """Levels and codes, and how excerpts spread over them."""
    study = material.study
    if study.codebook.empty:
        return Answer(OPEN)
    if study.codings.empty:
        return Answer(IN_PART, f"The release names {counted(len(study.codebook), 'code')}.")
    says = [_words(reading.codes(codes.tree(study.codebook, study.codings)))]
    defined = int(study.codebook["definition"].notna().sum())
    says.append(f"{defined} of {counted(len(study.codebook), 'code')} have a definition.")
    return Answer(FROM_DATA, " ".join(says))


def derivation(material: Material) -> Answer:
    """How many codings were inferred afterwards; how themes came about no table says."""
    codings = material.study.codings
    if not (codings["basis"] == "inferred").any():
        return Answer(OPEN)
    return Answer(OPEN, _words(reading.basis(codings)))


def software(material: Material) -> Answer:
    """The tool that the codings came from, if they were imported, and what the tables were computed with."""
    found = material.record.get("software", {})
    versions = [f"{name.capitalize()} {found[name]}" for name in ("python", "pandas") if name in found]
    used = f"Tables and figures were computed with {listed(versions) or 'unrecorded versions'}."
    told = material.study.imported
    if told:
        return Answer(FROM_DATA, f"{told['summary']} {used}")
    by_hand = "" if material.restricted else " The study's tables were written by people."
    return Answer(IN_PART, f"{used}{by_hand}", "Say with which software the data were coded.")


def participant_checking(material: Material) -> Answer:
    """What people answered when findings were taken back to them."""
    responses = material.study.responses
    given = responses[responses["people"] > 0]  # an empty table of `make sensecheck` has rows of nobody
    if given.empty:
        return Answer(OPEN)
    people = given.groupby("answer")["people"].sum()
    said = listed([f"{answer}: {number}" for answer, number in people.items()])
    workshops = given["workshop"].nunique()
    where = f" in {counted(workshops, 'workshop')}" if workshops else ""
    says = f"Findings on {counted(given['code'].nunique(), 'code')} were taken back{where}; people gave "
    says += f"{counted(int(people.sum()), 'answer')}: {said}."
    return Answer(IN_PART, says, "Say whether those who answered had been interviewed, and what followed.")


def quotations(material: Material) -> Answer:
    """How many quotations there are, and by what each is attributed."""
    excerpts = material.study.excerpts
    if excerpts.empty:
        shown = sum(len(table.frame) for table in material.printed)
        says = f"{counted(shown, 'row')} of quotations {'is' if shown == 1 else 'are'} released."
        return Answer(IN_PART, says) if shown else Answer(OPEN)
    spoken = excerpts[excerpts["source"] == "interview"]
    notes = len(excerpts) - len(spoken)
    says = f"The record has {counted(len(excerpts), 'excerpt')}, of them {counted(len(spoken), 'quotation')}"
    says += f" and {counted(notes, 'field note')}. " if notes else ". "
    by = [
        f"{int(spoken[column].notna().sum())} by {what}"
        for column, what in (
            ("speaker", "a role label"),
            ("participant", "a participant's id"),
            ("document", "their interview"),
        )
        if column in spoken
    ]
    return Answer(FROM_DATA, f"{says}Quotations are attributed as follows: {listed(by)}.")


def consistency(material: Material) -> Answer:
    """How the paper's claims compare with what was computed."""
    verdicts = material.frame("claims").get("verdict", pd.Series(dtype=str)).value_counts()
    if verdicts.empty:
        return Answer(OPEN)
    said = listed([f"{verdict} {number}" for verdict, number in verdicts.items()])
    says = f"The verdicts on {counted(int(verdicts.sum()), 'claim')} of the paper are: {said}."
    return Answer(IN_PART, says, "Say how findings were held against the data.")


def major_themes(material: Material) -> Answer:
    """Codes of the upper levels with their excerpts."""
    study = material.study
    if study.codings.empty:
        return Answer(OPEN)
    tree = codes.tree(study.codebook, study.codings)
    upper = tree[tree["level"].isin(TO_TOPS) | (tree["depth"] == 0)]
    named = [f"“{row.name}” ({row.excerpts})" for row in upper.itertuples(index=False)]
    return Answer(
        IN_PART,
        f"Codes of the upper levels, with their excerpts: {listed(named)}.",
        "Say where in the paper each is told of.",
    )


def minor_themes(material: Material) -> Answer:
    """Codes with the fewest excerpts, and excerpts on whose codes coders disagree."""
    study = material.study
    if study.codings.empty:
        return Answer(OPEN)
    tree = codes.tree(study.codebook, study.codings)
    lowest = (
        tree[~tree["code"].isin(study.codebook["parent"])].sort_values("excerpts", kind="stable").head(FEW)
    )
    named = [f"“{row.name}” ({row.excerpts})" for row in lowest.itertuples(index=False)]
    says = f"The codes with the fewest excerpts are {listed(named)}."
    if len(split := material.frame("disagreements")):
        says += f" On {counted(split['excerpt'].nunique(), 'excerpt')} coders do not agree about a code."
    return Answer(IN_PART, says, "Say which cases and voices stand against the themes.")


def _words(said: object) -> str:
    """The words of a sentence that is made for a notebook."""
    return " ".join(getattr(said, "data", "").split())


ANSWERED: dict[int, Callable[[Material], Answer]] = {
    12: sample_size,
    13: non_participation,
    16: description_of_sample,
    18: repeat_interviews,
    20: field_notes,
    22: data_saturation,
    24: coders,
    25: coding_tree,
    26: derivation,
    27: software,
    28: participant_checking,
    29: quotations,
    30: consistency,
    31: major_themes,
    32: minor_themes,
}
"""What is answered by data, by the numbers of coreq.toml."""
