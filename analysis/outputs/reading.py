"""Results read aloud: sentences made from the frames they speak of, so that no number can go stale."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from IPython.display import HTML, Markdown

from analysis.measures import BY_HAND, SILENT
from analysis.measures.sample import NOT_STATED
from analysis.measures.sensecheck import EVERY
from analysis.outputs import formats
from analysis.outputs.sentences import alike, counted, listed

if TYPE_CHECKING:
    from analysis.measures.wording import Counts

FALSE_SHARE = 0.05
"""The share of false differences that is put up with."""
MANY = 2
"""Coders, for an agreement."""


class Table(HTML):
    """A table to be looked at, which has words where there is no browser.

    What it was written to, by path, goes into the executed notebook: from a file to the cell behind it.
    """

    def __init__(self, page: str, words: str, wrote: Sequence[str] = ()) -> None:
        super().__init__(page, metadata={"wrote": [*wrote]} if wrote else None)
        self.words, self.wrote = words, [*wrote]

    def __repr__(self) -> str:
        return self.words


def rows(frame: pd.DataFrame, most: int = 20, wrote: Sequence[str] = ()) -> Table:
    """The frame to be looked at: whole texts, blanks for missing values, at most so many rows."""
    return Table(formats.html_frame(frame, most), formats.text_frame(frame, most), wrote)


def ranges(counts: pd.DataFrame, by: str, unit: str = "excerpts") -> Table:
    """A code a row and a group a column: the count where it is exact, else least–most."""
    here = counts[counts["unit"] == unit]
    least, most = here["least"].astype(str), here["most"].astype(str)
    cells = here.assign(cell=least.where(least == most, least + "–" + most))
    wide = cells.pivot(index=["code", "name"], columns=by, values="cell")
    return rows(wide.loc[[*dict.fromkeys(zip(here["code"], here["name"], strict=True))]].reset_index("name"))


def missing(tables: tuple[str, ...], sampled: str = "") -> Markdown:
    """Which optional tables the study lacks, and what is read of a study too large to be read."""
    lacks = listed([f"{t}.csv" for t in tables], "and no")
    said = f"The study has no {lacks}: what needs it says so." if tables else "The study has every table."
    return Markdown(said + (f" {_sample(sampled)}" if sampled else ""))


def _sample(sampled: str) -> str:
    """What is counted of a study in an engine, and what is read."""
    return (
        "Its tables lie in an engine. Groups, themes, voices, words and codes that stand together are "
        f"counted in all of them. What looks at texts, or at codings one by one, reads {sampled}: quotations "
        "and their places, agreement and what single codings change speak of these and not of the whole."
    )


def imported(told: dict[str, Any]) -> Markdown:
    """How the tables came from another tool, what to look at, and whether they are still as they came."""
    if not told:
        return Markdown("The tables were written by people; nothing was imported from another tool.")
    parts = [told["summary"], *told["findings"]]
    if told["changed"]:
        parts.append(f"Changed since the import: {listed(told['changed'])}.")
    return Markdown("\n".join([parts[0], "", *(f"- {one}" for one in parts[1:])]))


def reconciled(told: dict[str, Any]) -> Table | Markdown:
    """What the file of the other tool has, kind by kind, and what became of it."""
    if not told:
        return Markdown("There is no file of another tool to reconcile them with.")
    return rows(pd.DataFrame(told["reconciliation"]), most=100)


def sample(people: pd.DataFrame, site: str) -> Markdown:
    """How many people there are, by site, and how many of them lead a service."""
    if people.empty:
        return Markdown("The roster is empty: there is nobody to count.")
    by_site = people.fillna({site: NOT_STATED}).groupby(site)["people"].sum()
    parts = listed([f"{n} in {site} {name}" for name, n in by_site.items()])
    leads = people["service_leads"].sum()
    return Markdown(
        f"The record lists {people['people'].sum()} people: {parts}. Of them {leads} lead a service."
    )


def reconciliation(rows: pd.DataFrame, site: str) -> Markdown:
    """What is listed, what is printed, what that implies, and where they part."""
    if rows["interviews"].isna().all():
        return Markdown("The study has no interviews.csv: people cannot be held against interviews.")
    total = rows[rows[site] == "all"].iloc[0]
    if pd.isna(total.interviews):
        return Markdown(f"Not every {site} has its interviews in interviews.csv: the totals stay open.")
    least = (
        f" ({total.people_least} if those who may be listed twice are counted once)"
        if total.people_least != total.people_listed
        else ""
    )
    parts = [
        f"{site} {row[site]} lists {_more(row.difference)} its interviews imply"
        for _, row in rows[rows[site] != "all"].iterrows()
    ]
    return Markdown(
        f"The record lists {total.people_listed} people{least} and prints {total.interviews} interviews, "
        f"{total.group_interviews} of them group interviews, which imply {total.participants_implied} "
        f"participants. By {site}: {listed(parts)}. Equal totals would not make the lists agree, and "
        "nothing here picks one of them."
    )


def labels(not_listed: list[str]) -> Markdown:
    """Labels beside quotations that the roster does not have."""
    if not not_listed:
        return Markdown("Every label beside a quotation is in the roster.")
    named = listed([f"“{label}”" for label in not_listed])
    return Markdown(
        f"Quoted, and in no row of the roster: {named}. Their speakers may be listed under a broader "
        "label, or not at all; the record does not say."
    )


def codes(tree: pd.DataFrame) -> Markdown:
    """How many codes of each level there are, and how the excerpts spread over the top."""
    if tree.empty:
        return Markdown("The codebook is empty: there is nothing to count under.")
    levels = tree["level"].fillna("code").value_counts(sort=False)
    tops = tree[tree["depth"] == 0]
    spread = listed([f"{row.excerpts} under “{row.name}”" for row in tops.itertuples(index=False)])
    unused = tree.loc[tree["excerpts"] == 0, "name"]
    silent = f" Without an excerpt: {listed(unused)}." if len(unused) else " No code is without an excerpt."
    counted = listed([f"{n} {level}{'s' if n > 1 else ''}" for level, n in levels.items()])
    return Markdown(f"The codebook has {counted}. Of the excerpts stand {spread}.{silent}")


def basis(codings: pd.DataFrame, sampled: str = "") -> Markdown:
    """How many codings the record prints, and how many were inferred."""
    inferred = codings[codings["basis"] == "inferred"]
    named = f": {listed(inferred['excerpt'])}" if len(inferred) else ""
    coders = codings["coder"].nunique()
    said = {0: "no coder is named", 1: "1 coder is named"}.get(coders, f"{coders} coders are named")
    told = f"Of {len(codings)} codings {len(inferred)} are inferred by sense{named}; {said}."
    return Markdown(f"{told} {_sample(sampled)}" if sampled else told)


def themes(rows: pd.DataFrame, by: str) -> Markdown:
    """How far the record settles a table of themes: exact cells, and ranges that start at none."""
    excerpts = rows[rows["unit"] == "excerpts"]
    rows = excerpts if len(excerpts) else rows  # of a view in people there are no others
    exact, free = (rows["least"] == rows["most"]).sum(), (rows["least"] == 0) & (rows["most"] > 0)
    group = alike(by)
    if rows.empty:
        return Markdown("The codebook or the grouping is empty: nothing is counted.")
    if exact == len(rows):
        return Markdown(f"The record says every count: all {len(rows)} cells of code and {group} are exact.")
    return Markdown(
        f"Of {len(rows)} cells of code and {group} the record settles {exact}; {free.sum()} run from none "
        f"upwards. Where a range starts at none, the record does not show that anybody of that {group} spoke "
        "of the theme at all."
    )


def part(
    within: Mapping[str, Sequence[str]],
    unsaid: Mapping[str, int],
    excerpts: int,
    people: int,
    sampled: str = "",
) -> Markdown:
    """What is looked at, if not everything, and what is left out because the record does not say enough."""
    here = f"{counted(excerpts, 'excerpt')}, {counted(people, 'person', 'people')} listed."
    here += f" Texts that are shown are of a sample: {sampled}." if sampled else ""
    if not within:
        return Markdown(f"Everything is looked at: {here}")
    groups = [f"{alike(name)} {listed(values, 'or')}" for name, values in within.items()]
    said = f"Looked at is what lies within {listed(groups)}: {here}"
    lost = [
        f" Of {count} excerpts the record does not say the {alike(name)}; they are left out."
        for name, count in unsaid.items()
        if count
    ]
    return Markdown(said + "".join(lost))


def unit(rows: pd.DataFrame, wanted: str) -> Markdown:
    """Whether the record lets itself be counted in a unit."""
    if wanted in {*rows["unit"]}:
        return Markdown(f"Counted in {wanted}.")
    return Markdown(
        f"Nothing can be counted in {wanted}: for that a record has to name the speaker of every quotation "
        "by a number. What can be counted are excerpts."
    )


def narrower(wide: pd.DataFrame, narrow: pd.DataFrame, by: str) -> Markdown:
    """Which ranges shrink when unstated roles fit no label."""
    both = wide.merge(narrow, on=["code", "name", by, "unit"], suffixes=("", "_narrow"))
    moved = both[(both["most"] != both["most_narrow"]) | (both["least"] != both["least_narrow"])]
    parts = [
        f"“{row.name}” in {by} {getattr(row, by)} {_narrowed(row)}" for row in moved.itertuples(index=False)
    ]
    return Markdown(f"{len(moved)} of {len(both)} ranges change" + (f": {listed(parts)}." if parts else "."))


def _narrowed(row: Any) -> str:  # noqa: ANN401 - a row of a frame has no type of its own
    if row.least == row.least_narrow:
        return f"at most {row.most_narrow} instead of {row.most}"
    if row.most == row.most_narrow:
        return f"at least {row.least_narrow} instead of {row.least}"
    return f"{row.least_narrow} to {row.most_narrow} instead of {row.least} to {row.most}"


def voices(rows: pd.DataFrame) -> Markdown:
    """Who is quoted most against their number, and who never."""
    if rows["ratio"].isna().all() or not rows["excerpts"].any():
        return Markdown("The study has no role groups or no quotations: voices cannot be compared.")
    silent = rows[(rows["excerpts"] == 0) & (rows["people"] > 0)]
    loud = rows.sort_values("ratio").dropna(subset="ratio").iloc[-1]
    unlisted = rows[(rows["people"] == 0) & (rows["excerpts"] > 0)]
    says = (
        f"Quoted most against their number: {loud.role_group}, {loud.people_share:.0%} of the people and "
        f"{loud.excerpts_share:.0%} of the quotations."
    )
    if len(silent):
        groups = listed([f"{row.role_group} ({row.people})" for row in silent.itertuples()])
        says += (
            f" Interviewed, and no quotation carries their label: {groups}, {silent['people'].sum()} people "
            "in all; those without a stated profession among them may stand behind another label."
        )
    if len(unlisted):
        groups = listed([f"{row.role_group} ({row.excerpts})" for row in unlisted.itertuples()])
        says += f" Quoted in a group in which nobody is listed: {groups}."
    return Markdown(says)


def joint(rows: pd.DataFrame, by: str) -> Markdown:
    """In how many cells numbers and words meet, and what keeps words out of the others."""
    group = alike(by)
    if rows.empty:
        return Markdown("The codebook or the grouping is empty: there is nothing to show beside each other.")
    filled = rows["excerpt"].notna()
    cells = f"{len(rows)} cells of theme and {group}"
    if not filled.any() and rows["why"].eq(SILENT["unsaid"]).all():
        return Markdown(
            f"No quotation stands in any of {cells}: the record prints no {group} beside one. Nothing is put "
            f"where a {group} could only be guessed, so this display has numbers and no words."
        )
    by_hand = int((rows["why"] == BY_HAND).sum())
    parts = [f"{count} because {why}" for why, count in rows.loc[~filled, "why"].value_counts().items()]
    return Markdown(
        f"Of {cells} {filled.sum()} have a quotation"
        + (f", {by_hand} of them chosen by hand." if by_hand else ".")
        + (f" The others have none: {listed(parts)}." if parts else "")
    )


def book(rows: pd.DataFrame, coded: pd.DataFrame) -> Markdown:
    """How many quotations there are under the themes, how many may be printed, and what stands under none."""
    if rows.empty:
        return Markdown("No quotation stands under a theme: the book is empty.")
    each = rows.drop_duplicates("excerpt")
    left = coded.loc[~coded["excerpt"].isin(each["excerpt"]), "excerpt"].nunique()
    others = f" {left} coded excerpts are no quotations under a theme." if left else ""
    return Markdown(
        f"The book has {len(each)} quotations under {rows['code'].nunique()} themes; "
        f"{each['cleared'].eq('yes').sum()} of them are cleared for publication, and "
        f"{rows.loc[rows['used_in'].notna(), 'excerpt'].nunique()} are shown somewhere.{others}"
    )


def sensecheck(rows: pd.DataFrame) -> Markdown:
    """What workshops said of each theme, disagreement first; or what a sense-check would need."""
    asked = rows[(rows["workshop"] == EVERY) & (rows["people"] > 0)]
    if asked.empty:
        return Markdown(
            "responses.csv has no answer, or is not there: nobody knows yet what those who were interviewed "
            "make of the findings. `make sensecheck` writes sheets for a workshop and a table to bring back."
        )
    each = rows[(rows["workshop"] != EVERY) & (rows["people"] > 0)]
    parts = [
        f"{outcome} for {listed(f'“{name}”' for name in same['name'])}"
        for outcome, same in asked.groupby("outcome", sort=False)
    ]
    silent = rows.loc[(rows["workshop"] == EVERY) & (rows["people"] == 0), "name"]
    return Markdown(
        f"{counted(each['workshop'].nunique(), 'workshop')} answered to {counted(len(asked), 'theme')}: "
        f"{listed(parts)}. Where "
        "there is disagreement it stands, whatever the numbers."
        + (f" Not asked: {listed(f'“{name}”' for name in silent)}." if len(silent) else "")
    )


def words(counts: "Counts", keys: pd.DataFrame, pairs: pd.DataFrame) -> Markdown:
    """How much text there is."""
    return Markdown(
        f"The quotations hold {counts.length} words, {counts.different} of them different, in "
        f"{counts.excerpts} excerpts. {keys['word'].nunique()} words and {len(pairs)} pairs of "
        "words that are no stop words stand often enough to be listed."
    )


def places(places: pd.DataFrame, lines: pd.DataFrame) -> Markdown:
    """Of how many places the lines of a concordance show how many."""
    found, shown = places["word"].value_counts(), lines["word"].value_counts()
    cut = found.index[found > shown.reindex(found.index, fill_value=0)].sort_values()
    if cut.empty:
        return Markdown(f"All {len(places)} places of the words are listed.")
    drawn = [f"{word} {shown.get(word, 0)} of {found[word]}" for word in cut]
    said = f"{len(lines)} of {len(places)} places of the words are listed, drawn at random: {listed(drawn)}."
    return Markdown(said)


def activities(rows: pd.DataFrame, site: str) -> Markdown:
    """Where activities of each direction are described."""
    if rows.empty:
        return Markdown("The study has no activities.csv: there is nothing to place.")
    named = rows[rows[site] != "not named"]
    counts = named.groupby("direction")["activities"].sum()
    lost = rows.loc[rows[site] == "not named"].set_index("direction")["activities"]
    directions = sorted({*counts.index, *lost.index}, reverse=True)
    parts = [
        f"{direction}: {counts.get(direction, 0)} with a {site} named, {lost.get(direction, 0)} without"
        for direction in directions
    ]
    return Markdown(
        f"Activities in their {site}: {listed(parts)}. One that is described for more than one {site}, or "
        "once with and once without a name, is counted each time."
    )


def cooccurrence(pairs: pd.DataFrame, carried: pd.DataFrame, why: str) -> Markdown:
    """Which two codes stand together most, and what the record would need for more than that."""
    several = carried.loc[carried["codes"] > 1, "excerpts"].sum()
    said = f"{several} of {carried['excerpts'].sum()} coded excerpts carry more than one code."
    if several == 0:
        said += " To know which codes go together, a record has to give every code of its excerpts."
    here = pairs[pairs["unit"] == "excerpts"]
    if len(here):
        top = here.sort_values(["jaccard", "code", "other"], ascending=[False, True, True]).iloc[0]
        said += (
            f" Most alike in where they stand are {top.code} and {top.other}: on {top.both} of the "
            f"{top.either} excerpts of either."
        )
    return Markdown(said + (f" Not every unit can be counted: {why}." if why else ""))


def contrasts(tests: pd.DataFrame, by: str, why: str) -> Markdown:
    """How many codes differ across groups, out of how many tested, or why nothing was tested."""
    group = alike(by)
    if why:
        return Markdown(
            f"No {group} is tested against another: {why}. For that a record has to give, for each "
            "interviewee by a number, the group and the codes of their interview."
        )
    exact = tests[tests["observed"].isna()].dropna(subset="p")
    least = exact.sort_values("p").head(1)
    named = f", the smallest for {least['code'].iloc[0]}" if len(least) else ""
    return Markdown(
        f"Exploratory, since people were chosen on purpose and not drawn: {len(exact)} codes were tested for "
        f"a difference in who speaks of them{named}; after adjustment for that number "
        f"{exact['p_bh'].lt(FALSE_SHARE).sum()} stay below {FALSE_SHARE} by Benjamini and Hochberg, "
        f"{exact['p_holm'].lt(FALSE_SHARE).sum()} by Holm."
    )


def unattributed(codings: pd.DataFrame) -> Markdown:
    """Whether it is known of each coding who made it."""
    blank = int(codings["coder"].isna().sum())
    if not blank:
        return Markdown("Each coding names its coder.")
    if blank == len(codings):
        return Markdown("No coding names its coder.")
    return Markdown(
        f"Of {len(codings)} codings {blank} name no coder, and are left out where coders are compared."
    )


def agreement(rows: pd.DataFrame) -> Markdown:
    """How far coders agree, or what would be needed to know."""
    coders, known = rows["coders"].max(), rows.dropna(subset="alpha")
    if rows.empty or coders < MANY or known.empty:
        return Markdown(
            f"Agreement cannot be computed: {rows['why'].iloc[0] if len(rows) else 'the codebook is empty'}. "
            "For that a record has to give which coder put which code on which excerpt, for interviews that "
            "more than one of them coded."
        )
    low, high = (known.loc[known["alpha"].idxmin()], known.loc[known["alpha"].idxmax()])
    blank = len(rows) - len(known)
    return Markdown(
        f"{coders} coders judged {rows['units'].max()} excerpts. Alpha runs from {low.alpha:.2f} "
        f"({low.code}) to {high.alpha:.2f} ({high.code})"
        + (f"; for {blank} codes it is undefined, and the column `why` says so." if blank else ".")
    )


def saturation(curve: pd.DataFrame, rule: pd.DataFrame, interview: str, documents: pd.DataFrame) -> Markdown:
    """When the codes stopped growing, or what would be needed to know."""
    if curve.empty:
        return Markdown(
            "Saturation cannot be judged: no excerpt names its interview or its participant. For that a "
            "record has to give, for each interview in its order, which codes came up in it."
        )
    last, said = curve[curve["new"] > 0].tail(1), rule.iloc[0]
    new = (
        f"The last new code came up in {interview} {last['order'].iloc[0]}"
        if len(last)
        else "No code came up"
    )
    with_rule = (
        f"by the rule with a base of {said.base}, runs of {said.run} and a threshold of {said.threshold:.0%}"
    )
    reached = said.why or f"the codes were saturated after {said.before_run} {interview}s"
    unordered = interview != "document" or documents["order"].isna().all()
    as_listed = (
        f" The study gives no order of its {interview}s, so they stand as listed: random orders, and what is "
        "expected of them, can be read; when a code came up cannot."
    )
    return Markdown(f"{new} of {len(curve)}; {with_rule}, {reached}.{as_listed if unordered else ''}")


def robustness(rows: pd.DataFrame) -> Markdown:
    """How many codes change their place when somebody is left out or two codes are merged."""
    parts = [
        f"{reading} {(found['rank_all'] != found['rank_without']).sum()} of {len(found)}"
        for reading, found in rows.groupby("reading")
    ]
    absent = [kind for kind in ("participant", "coder") if not any(kind in one for one in rows["reading"])]
    said = "Nothing can be left out."
    if parts:
        said = f"Codes that move, and among them those that change their rank at least once: {listed(parts)}."
    lacking = (
        f" The record does not say which {listed(absent, 'or which')} is behind a coding." if absent else ""
    )
    return Markdown(said + lacking)


def claims(verdicts: pd.DataFrame, claimed: pd.DataFrame) -> Markdown:
    """Which claims differ from what was computed, in words."""
    if verdicts.empty:
        return Markdown("The study has no claims.csv: there is nothing to hold the results against.")
    parts = [f"- {sentence}" for sentence in differing(verdicts, claimed)]
    return Markdown("\n".join(parts or ["Every claim that can be computed agrees."]))


def differing(verdicts: pd.DataFrame, claimed: pd.DataFrame) -> list[str]:
    """One sentence for each claim that differs: its name, its place, its statement, both values."""
    rows = verdicts.merge(claimed[["claim", "statement", "unit"]], on="claim")
    return [
        f"{row.claim} ({row.where}): {row.statement} "
        f"That is {row.printed}{_unit(row.unit)}; computed {row.computed}."
        for row in rows[rows["verdict"] == "differs"].itertuples()
    ]


def _unit(unit: object) -> str:
    return f" {unit}" if isinstance(unit, str) else ""


def _more(difference: int) -> str:
    if difference == 0:
        return "as many people as"
    people = "person" if abs(difference) == 1 else "people"
    return f"{abs(difference)} {people} {'more' if difference > 0 else 'fewer'} than"
