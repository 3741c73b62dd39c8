"""What may leave of a restricted study: its results as far as they point at nobody, and why not the rest.

Results of a restricted study are for its analysts. A release is made from them and computes nothing anew:
tables of people are protected together, quotations have to be cleared, and what no rule speaks of stays.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import FailedError, UnusableError
from analysis.audit.leaks import scan
from analysis.measures import calibration, release, uniqueness
from analysis.measures.intervals import wilson
from analysis.measures.suppression import ALL
from analysis.outputs import calibrated
from analysis.outputs.paper import excerpt_tables
from analysis.outputs.place import Results
from analysis.runs import record
from analysis.runs.files import hashes, replaced, sha256
from analysis.runs.steps import Tell, silent
from analysis.study import Study

OF_CODERS: dict[str, tuple[str, ...]] = {
    "agreement": ("code", "coders", "alpha", "low", "high", "uncoded", "holds"),
    "agreement_on_sets": ("distance", "coders", "alpha", "low", "high", "uncoded", "holds"),
    "agreement_on_text": ("code", "coders", "alpha"),
}
"""Tables of how coders agree, and what leaves of them: from more columns or digits counts could be told."""
DIGITS = 2
OF_INTERVIEWS = ("saturation", "unseen")
"""Tables from which follows in how many interviews codes came up, though not which codes."""
ONE_BY_ONE = ["interview", "codes", "new", "seen"]
"""Their columns that tell of one interview."""
JOINT = "joint_by_"
"""Tables of quotations beside numbers, one for each grouping."""
COMPARED = ("contrasts_by_", "differences_by_")
"""Tables with rows for each code, computed from all its groups."""
OF_OTHERS = ["p_bh", "p_holm", "family", "why"]
"""Their columns that depend on other codes, or say how many were left out."""
HIDDEN = "codes of which it is hidden how many speak of them could be told by it"
WORDS = "it is made of interviewees' words"
WHY = {
    "sample": "those who are alike in all groupings are few",
    "reconciliation": "it tells of single group interviews",
    "voices": "how many people are behind a number of quotations is not in it",
    "cooccurrence": "pairs of codes are not protected together with the codes",
    "robustness": "what leaving out one person changes tells of that person",
    "saturation_rule": "it tells of single interviews",
    "disagreements": "it lists excerpts one by one",
    "words": WORDS,
    "collocations": WORDS,
    "concordance": WORDS,
    "quotation_book": WORDS,
    "sensecheck": "how few people gave an answer in a workshop could tell who they are",
    "facts": "it may hold what is hidden elsewhere",
    "claims": "it may hold what is hidden elsewhere",
}
"""Why a table does not leave."""
NO_RULE = "no rule says what of it may leave"
UNKNOWN = (
    "how many people are behind its numbers is not known, or no two groups are large enough to be told of"
)
LARGER = "its groups are not those that may be told of"
APPENDIX = "it lists interviewees"
FIGURE = "it is drawn from numbers that are not protected"
NOTEBOOK = "it shows rows of the raw tables"


Refuse = Callable[[str], FailedError]
"""Makes the error of whoever is refused, of the reason."""


class ReleaseError(FailedError):
    """Why nothing can be released."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.add_note("Nothing was released, and an earlier release is as it was.")


class UnreleasedError(FailedError):
    """Why there is no release that could be shown of the results in place."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.add_note("Nothing was written, and what was made of an earlier release is as it was.")


@dataclass(frozen=True)
class Told:
    """The numbers of people that leave, and what becomes of groups that are too small."""

    numbers: pd.DataFrame
    becomes: dict[str, dict[str, str]]

    @property
    def printed(self) -> pd.DataFrame:
        """The numbers that stand in a table, hidden ones too."""
        return self.numbers[~self.numbers["follows"]]

    def as_they_were(self, by: str) -> bool:
        """Whether every group of a grouping may be told of."""
        return by in self.becomes and all(group == told for group, told in self.becomes[by].items())

    def codes(self, *by: str) -> set[str]:
        """The codes of which all numbers by a grouping are shown; without one, how many speak of them."""
        rows = self.printed[self.printed["code"].notna() & self.printed["by"].map(by.__eq__)]
        return {*rows["code"]} - {*rows.loc[~rows["shown"], "code"]}


@dataclass(frozen=True)
class Release:
    """What was released: the numbers, `result, why` of what stays, and what the scan is not sure of."""

    told: Told | None
    withheld: pd.DataFrame
    doubtful: pd.DataFrame


def write(study: Study, kept: Results, place: Results, threshold: int, tell: Tell = silent) -> Release:
    """Write what may leave of the kept results into another place; ReleaseError if that cannot be.

    What has been written then is left to the caller.
    """
    tell("Protecting the numbers of people")
    try:
        told = protected(study, kept, threshold)
    except ValueError as error:
        raise ReleaseError(str(error)) from error
    tell("Writing what may leave")
    withheld = [*_tables(study, kept, place, told, threshold), *_quotations(study, place, threshold)]
    withheld += [(path.stem, FIGURE) for path in sorted(kept.figures.glob("*.png"))]
    withheld += [(path.name, NOTEBOOK) for path in sorted((kept.derived / "notebooks").glob("*.ipynb"))]
    listed = pd.DataFrame(withheld, columns=["result", "why"])
    place.table("withheld", listed)
    return Release(told, listed, _doubtful(leaking(study, place.derived, tell), ReleaseError))


def known_by(study: Study, threshold: int) -> Iterator[str]:
    """How many people could be known by their groups, and how many labels fit few; it names nobody."""
    alike = uniqueness.combinations(study.roster, [*study.groupings], threshold)
    few = alike.loc[alike["rare"], "people"].sum()
    yield (
        f"By {', '.join(study.groupings)} {uniqueness.alone(alike)} people are the only ones of their kind, "
        f"and {few} of {alike['people'].sum()} are among fewer than {threshold}."
    )
    fit = uniqueness.labels(study.excerpts, study.roster, study.roles, threshold)
    yield f"Of {len(fit)} labels beside quotations {fit['rare'].sum()} fit fewer than {threshold} people."


def sentences(made: Release, threshold: int) -> Iterator[str]:
    """What was done, for the analysts; it may still be too much for others."""
    told = made.told
    if told:
        for name, groups in told.becomes.items():
            if gone := [group for group, becomes in groups.items() if group != becomes]:
                yield f"Small groups of {name} are one, {release.OTHERS}: {', '.join(gone)}."
        hidden = told.printed[~told.printed["shown"]]
        small = hidden["why"].eq("small").sum()
        yield (
            f"Hidden are {len(hidden)} of {len(told.printed)} numbers of people: {small} are of fewer than "
            f"{threshold} or of all but so few, and {len(hidden) - small} would tell of these, or of so few "
            "who speak of a code and not of one below it. A reader who knows all the others was tried on "
            "every small one, and can bring none, nor anything between the tables, down to so few."
        )
    yield f"Not released, see withheld.csv: {len(made.withheld)} results."
    for row in made.doubtful.itertuples():
        yield f"To be looked at: {row.file}, {row.where}: {row.kind} {row.what}"


def noted(study: str, root: Path, releases: Path) -> dict[str, Any]:
    """The note of a study's release; UnreleasedError, if it is not of the results in place below `root`."""
    note, folder = record.read(releases / f"{study}.json"), releases / study
    again = f"make release STUDY={study}"
    if not note or not folder.is_dir():
        raise UnreleasedError(
            f"only what make release writes may leave of a restricted study; first run {again}"
        )
    if note.get("record") != sha256(Results(study, root).derived / record.SHARED):
        raise UnreleasedError(f"the release is not made from the results in place; first run {again}")
    if note.get("files") != hashes(folder.rglob("*"), folder):
        raise UnreleasedError(f"the release is no longer as it was written; first run {again}")
    return note


def leaking(study: Study, folder: Path, tell: Tell = silent) -> pd.DataFrame:
    """What stands in the files of a folder that the study has not cleared: the rows of `leaks.scan`.

    UnusableError for a restricted study of which only a sample is in memory: a search that does not know
    every text and every id would find nothing and prove nothing.
    """
    if study.sampled and study.policy == "restricted":
        raise UnusableError(
            f"{study.name}: nothing that is made of a restricted study can leave while its tables lie in an "
            f"engine: it has to be searched for every text and every id, and known here are {study.sampled}"
        )
    shared = uniqueness.combinations(study.roster, [*study.groupings])
    return scan(
        folder,
        study.excerpts,
        study.roster["participant"],
        study.cleared,
        policy=study.policy,
        combinations=shared,
        tell=tell,
    )


def searched(
    study: Study, files: Mapping[str, bytes], refuse: Refuse, tell: Tell = silent, ours: str = ""
) -> pd.DataFrame:
    """What in finished files of a restricted study may tell of somebody, for people to look at.

    Raises what `refuse` makes of the reason, if words or ids are in them that the study has not cleared. Code
    in the folder `ours` may name what looks like an id: it was not made from the data.
    """
    with tempfile.TemporaryDirectory() as place:
        replaced(Path(place) / "files", files)
        return _doubtful(leaking(study, Path(place) / "files", tell), refuse, ours)


def _doubtful(found: pd.DataFrame, refuse: Refuse, ours: str = "") -> pd.DataFrame:
    """The places that may be nothing: a number that is an id too, a combination that somebody has.

    Raises what `refuse` makes of any other.
    """
    perhaps = found["kind"].eq("perhaps a participant")
    maybe = found["kind"].eq("perhaps a combination") | (perhaps & found["what"].str.isdecimal())
    if ours:
        maybe |= (perhaps | found["kind"].eq("participant")) & found["file"].str.startswith(ours)
    for row in found[~maybe].itertuples():
        raise refuse(f"{row.file}, {row.where}: {row.kind} {row.what} is not cleared")
    return found[maybe]


def protected(study: Study, kept: Results, threshold: int) -> Told | None:
    """The people in the results of a study, protected; none where the record does not say who speaks."""
    groupings = [*dict.fromkeys(study.groupings)]
    people = _read(kept, "sample")[[*groupings, "people"]].astype({"people": int})
    _refuse_own_names(people, groupings)
    becomes = release.merged(people, threshold)
    said = [part for by in study.compare for part in _said(kept, by, becomes, people)]
    if not said:
        return None
    people = people.assign(**{name: people[name].map(groups) for name, groups in becomes.items()})
    people = people.groupby([*becomes])["people"].sum().reset_index()
    puzzle = release.puzzle(people, pd.concat(said), study.codebook, {*study.codings["code"]})
    return Told(release.protected(puzzle, threshold), becomes)


def _refuse_own_names(people: pd.DataFrame, groupings: list[str]) -> None:
    for name in groupings:
        if taken := {ALL, release.OTHERS} & {*people[name]}:
            called = min(taken)
            says = f'a group of "{name}" is called "{called}", which means something else in a release'
            raise ReleaseError(says)


def _said(
    kept: Results, by: str, becomes: dict[str, dict[str, str]], people: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    """How many people of each group speak of each code, if groups may be told of and people are counted."""
    rows = _read(kept, f"themes_by_{by}")
    rows = rows.loc[rows["unit"] == "people", ["code", by, "least"]].rename(columns={"least": "people"})
    if by not in becomes or rows.empty:
        return
    rows = rows.assign(group=rows[by].map(becomes[by])).astype({"people": int})
    counted = rows.groupby(["code", "group"], sort=False)["people"].sum()
    sizes = people.groupby(people[by].map(becomes[by]))["people"].sum()
    every = pd.MultiIndex.from_product([rows["code"].unique(), sizes.index], names=["code", "group"])
    full = counted.reindex(every, fill_value=0).reset_index()
    yield full.assign(by=by, of=full["group"].map(sizes))


def _tables(
    study: Study, kept: Results, place: Results, told: Told | None, threshold: int
) -> Iterator[tuple[str, str]]:
    """Write tables as far as they may leave; what does not, with the reason."""
    if told:
        _people(told, place, threshold)
    for path in sorted(kept.derived.glob("*.csv")):
        leaving = _leaving(path.stem, _read(kept, path.stem), study, told, threshold)
        if isinstance(leaving, str):
            yield path.stem, leaving
        else:
            place.table(path.stem, leaving)


def _leaving(
    name: str, rows: pd.DataFrame, study: Study, told: Told | None, threshold: int
) -> pd.DataFrame | str:
    """The rows of a table that may leave, or why none do."""
    if name in WHY or name.startswith(JOINT):
        return WHY.get(name, WORDS)
    if told is None:
        return UNKNOWN if "code" in rows or name in {*OF_CODERS, *OF_INTERVIEWS} else NO_RULE
    if name in OF_CODERS:
        return _of_coders(rows[[one for one in OF_CODERS[name] if one in rows]], told)
    if name in OF_INTERVIEWS:
        known = {*study.codebook["code"]} == told.codes()
        return rows.drop(columns=ONE_BY_ONE, errors="ignore") if known else HIDDEN
    return _across(name, rows, study, told, threshold)


def _of_coders(rows: pd.DataFrame, told: Told) -> pd.DataFrame:
    """How coders agree, as far as it is told how many people speak of a code, and in so few digits."""
    mine = rows[rows["code"].isin(told.codes())] if "code" in rows else rows
    numbers = mine.columns.intersection(["alpha", "low", "high"])
    return mine.assign(**mine[numbers].replace("", None).astype(float).round(DIGITS))


def _across(name: str, rows: pd.DataFrame, study: Study, told: Told, threshold: int) -> pd.DataFrame | str:
    """The same for tables across groups: prevalence, and what is computed from all groups at once."""
    for by in study.compare:
        if name == f"themes_by_{by}":
            return _themes(study, told, by, threshold) if by in told.becomes else LARGER
        if name in {start + by for start in COMPARED}:
            mine = rows[rows["code"].isin(told.codes(by))].drop(columns=OF_OTHERS, errors="ignore")
            return mine if told.as_they_were(by) else LARGER
    return NO_RULE


def _people(told: Told, place: Results, threshold: int) -> None:
    """How many people belong to each two groups, and to each one."""
    rows = told.printed[told.printed["code"].isna()]
    for (one, other), table in rows.groupby("by"):
        groups = pd.DataFrame([*table["group"]], columns=[one, other], index=table.index)
        parts = [groups.join(_printed(table, threshold))]
        for name, rest in ((one, other), (other, one)):
            sizes = groups.assign(people=table["people"]).groupby(name, as_index=False)["people"].sum()
            parts.append(sizes.assign(**{rest: ALL}))
        place.table(f"people_by_{one}_and_{other}", pd.concat(parts).sort_values([one, other])[[*parts[0]]])


def _themes(study: Study, told: Told, by: str, threshold: int) -> pd.DataFrame:
    """How many people of each group, and of all, speak of each code."""
    mine = told.printed["by"].map(lambda names: names in ((by,), ()))
    rows = told.printed[told.printed["code"].notna() & mine].copy()
    rows[by] = [group[0] if group else ALL for group in rows["group"]]
    rows = rows.join(study.codebook.set_index("code")[["name", "level"]], on="code")
    printed = _printed(rows, threshold).assign(of=rows["of"])
    share = printed["people"].astype(float) / printed["of"].astype(float)
    printed = printed.assign(share=share).join(wilson(printed["people"], printed["of"]))
    full = rows[["code", "name", "level", by]].join(printed)
    order = {code: number for number, code in enumerate(study.codebook["code"])}
    full = full.sort_values(
        ["code", by], key=lambda column: column.map(order) if column.name == "code" else column
    )
    marked = calibration.marked(full, calibrated(), pd.Series("wilson", full.index), full["of"])
    return marked[["code", "name", "level", by, "people", "of", "share", "low", "high", "holds", "hidden"]]


def _printed(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Numbers as they are printed: blank where hidden, and alike for whatever reason."""
    hidden = f"fewer than {threshold} people, or it would tell of so few"
    return pd.DataFrame(
        {
            "people": rows["people"].astype("Int64").where(rows["shown"]),
            "hidden": rows["shown"].map({True: "", False: hidden}),
        }
    )


def _quotations(study: Study, place: Results, threshold: int) -> Iterator[tuple[str, str]]:
    """Write tables of the quotations that are cleared; labels that fit few people are left out of them."""
    cleared = study.excerpts[study.excerpts["excerpt"].isin(study.cleared)]
    fit = uniqueness.labels(cleared, study.roster, study.roles, threshold).set_index("label")["rare"]
    many = cleared["speaker"].str.casefold().map(~fit).eq(other=True) & cleared["source"].eq("interview")
    shown = cleared.assign(speaker=cleared["speaker"].where(many))
    codings = study.codings[study.codings["excerpt"].isin(shown["excerpt"])]
    if len(shown):
        place.documents(excerpt_tables(study.codebook, codings, shown, study.captions))
    left = len(study.excerpts) - len(shown)
    if left:
        yield (
            "quotations",
            f"{left} of {len(study.excerpts)} are not among the cleared ones of datapackage.json",
        )
    yield "table-a1", APPENDIX
    yield from ((name, WORDS) for name in (*(f"joint-by-{by}" for by in study.compare), "quotation-book"))
    yield "sense-check", WHY["sensecheck"]


def _read(kept: Results, name: str) -> pd.DataFrame:
    """A table of the results, as text, without the stamp of a simulated study."""
    rows = pd.read_csv(kept.derived / f"{name}.csv", dtype=str, keep_default_na=False)
    return rows.drop(columns="simulated", errors="ignore")
