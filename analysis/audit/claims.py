"""The paper's claims, held against what the notebooks computed and against what they wrote.

A cell tagged `facts` shows what a notebook found in single values, by name, beside the claims of the
paper that say the same. The facts travel inside the executed notebook, so that the last notebook holds
the paper against the evidence itself and not against a second computation. A claim's address says where
the same value stands in a table of the results: cell and table must say the same, or nothing is said.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.audit import addresses
from analysis.outputs.formats import html_frame
from analysis.outputs.paper import plan_names
from analysis.outputs.place import Results
from analysis.runs.plan import plan
from analysis.study import Study

MIME = "application/vnd.interview-study.facts+json"
STAMP = "simulated"
"""The column that tables of invented people have in every study of them."""
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError)
COLUMNS = ["claim", "where", "printed", "computed", "verdict", "notebook", "cell", *addresses.COLUMNS]


class ClaimError(Exception):
    """Claims whose computation is not in the evidence, or not in the table where it should stand."""


@dataclass(frozen=True)
class Facts:
    """What a notebook found, and the paper's claims that speak of it."""

    found: dict[str, str]
    claims: pd.DataFrame

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        table = html_frame(self.claims, most=len(self.claims))
        rest = f"<p>{len(self.found)} values found, {len(self.claims)} of them claimed by the paper.</p>"
        return {"text/html": table + rest, "text/plain": str(self.found), MIME: self.found}


def facts(claims: pd.DataFrame, found: Mapping[str, object]) -> Facts:
    """The values found, as text, beside the claims that name them: the paper's words, what they say
    in figures, and what was computed."""
    texts = {name: str(value) for name, value in found.items()}
    rows = claims[claims["fact"].isin(texts)]
    computed = rows["fact"].map(texts)
    shown = rows[["claim", "printed", "value"]].set_axis(["claim", "words", "printed"], axis=1)
    shown = shown.assign(computed=computed, verdict=_verdicts(rows["value"], computed))
    return Facts(texts, shown)


def ledger(claims: pd.DataFrame, results: Path) -> pd.DataFrame:
    """Every claim with its verdict: agrees, differs, attested, or not reproducible.

    `printed` is what the paper's words say in figures, or the words where they say no figure. `results` is
    the study's folder of results, with tables and executed notebooks. ClaimError, with every reason at once:
    a claim whose cell is not among the notebooks, one whose address leads nowhere, and one whose cell says
    something else than the table at its address. A claim without an address, whose value its cell no longer
    finds, differs, with nothing computed.
    """
    rows, problems = _held(claims, results)
    if problems:
        raise ClaimError("; ".join(problems))
    return rows


def _held(claims: pd.DataFrame, results: Path) -> tuple[pd.DataFrame, list[str]]:
    """The ledger as far as it can be told, and what keeps it from being one."""
    claims = claims.reindex(columns=[*dict.fromkeys([*claims.columns, *addresses.COLUMNS])])
    found = evidence(results / "notebooks")
    due = claims[claims["kind"] == "computed"]
    problems = [_disputed(row, found, results) for row in due.to_dict("records")]
    keys = zip(due["computed_by"], due["fact"], strict=True)
    computed = pd.Series([found.get(key, "") for key in keys], due.index, dtype=object).reindex(claims.index)
    rows = claims.assign(
        printed=claims["value"].fillna(claims["printed"]),
        computed=computed.fillna(""),
        verdict=_verdicts(claims["value"], computed).where(computed.notna(), claims["kind"]),
        notebook=claims["computed_by"].str.split("#").str[0].fillna(""),
        cell=claims["computed_by"].str.split("#").str[-1].fillna(""),
        **{name: claims[name].astype(object).fillna("") for name in addresses.COLUMNS},
    )
    return rows[COLUMNS].reset_index(drop=True), [*filter(None, problems)]


def _disputed(claim: Mapping[str, str], found: Mapping[tuple[str, str], str], results: Path) -> str | None:
    """Why a claim's cell and its address do not give one value; None if they do."""
    name, cell, fact = claim["claim"], claim["computed_by"], claim["fact"]
    if cell not in {known for known, _ in found}:
        return f"{name}: no cell {cell}"
    if not (address := addresses.of(claim)):
        return None
    try:
        written = addresses.value(results, address)
    except addresses.AddressError as error:
        return f"{name}: {error}"
    said = found.get((cell, fact))
    if said == written:
        return None
    says = "no value" if said is None else f'"{said}"'
    return f'{name}: the cell {cell} has {says} for "{fact}", and {address} gives "{written}"'


def evidence(notebooks: Path) -> dict[tuple[str, str], str]:
    """Every fact in the executed notebooks, by `run#cell tag` and name."""
    found = {}
    for path in sorted(notebooks.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                for name, value in output.get("data", {}).get(MIME, {}).items():
                    found |= {(f"{path.stem}#{tag}", name): value for tag in cell["metadata"].get("tags", [])}
    return found


def gathered(found: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """Every fact of the evidence as a row, in the order of the notebooks: `fact, value, notebook, cell`."""
    rows = [(fact, value, *cell.split("#")) for (cell, fact), value in found.items()]
    return pd.DataFrame(rows, columns=["fact", "value", "notebook", "cell"])


def problems(study: Study, root: Path) -> list[str]:
    """Why the kept ledger below `root` is not what follows from the claims and the evidence there.

    A claim without its computation and a computation without a claim, a cell and a table that say different
    things, a changed cell of claims.csv or facts.csv, and facts of a cell that the plan does not know.
    Nothing runs; the executed notebooks and the tables are read.
    """
    results = Results(study.name, root).derived
    where = results.relative_to(root).as_posix()
    if absent := [name for name in ("claims.csv", "facts.csv") if not (results / name).is_file()]:
        return [f"{where}/{name} is missing: make reproduce STUDY={study.name}" for name in absent]
    try:
        rows, found = _held(study.claims, results)
        facts = evidence(results / "notebooks")
    except UNREADABLE as error:
        return [f"{where}: a table or a notebook cannot be read ({type(error).__name__}: {error})"]
    raw = f"data/raw/{study.name}/claims.csv"
    no_claim = f"a computation with no claim: no row of {raw} has it"
    return [
        *found,
        *_drifted(results / "claims.csv", rows, ["claim"], no_claim, f"a claim of {raw}"),
        *_drifted(
            results / "facts.csv",
            gathered(facts),
            ["fact", "notebook"],
            "in no notebook",
            "what a cell found",
        ),
        *_strangers(study, root, facts),
    ]


def _drifted(path: Path, made: pd.DataFrame, key: list[str], alone: str, lost: str) -> list[str]:
    """What a kept table says otherwise than the one that follows from the evidence, by line and column."""
    try:
        kept = pd.read_csv(path, dtype=str, keep_default_na=False)
    except UNREADABLE as error:
        return [f"{path.name} cannot be read ({type(error).__name__}: {error})"]
    kept = kept.drop(columns=STAMP, errors="ignore")
    if [*kept] != [*made]:
        return [f"{path.name} has the columns {', '.join(kept)}; expected {', '.join(made)}"]
    due = {tuple(row[name] for name in key): row for row in made.to_dict("records")}
    says, seen = [], set()
    for line, row in enumerate(kept.to_dict("records"), start=2):
        one = tuple(row[name] for name in key)
        at, named = f"{path.name}, line {line}", ", ".join(one)
        says += [f'{at}: "{named}" stands twice'] if one in seen else []
        says += [f'{at}: "{named}" is {alone}'] if one not in due else []
        seen.add(one)
        for name, value in due.get(one, {}).items():
            if row[name] != str(value):
                says.append(
                    f'{at}, column "{name}": "{row[name]}" is kept for "{named}", and "{value}" follows'
                )
    return says + [f'{path.name}: "{", ".join(one)}" has no row, and is {lost}' for one in due.keys() - seen]


def _strangers(study: Study, root: Path, found: Mapping[tuple[str, str], str]) -> list[str]:
    """Cells with facts that no run of the plan has."""
    names = plan_names(study)
    known = set()
    for run in plan(study.name, names):
        source = root / "notebooks" / f"{run.notebook}.ipynb"
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"] if source.is_file() else []
        known |= {f"{run.name}#{tag}" for cell in cells for tag in cell["metadata"].get("tags", [])}
    strange = dict.fromkeys(cell for cell, _ in found if cell not in known)
    return [f"{cell}: it has facts, and is no cell of a run of the plan" for cell in strange]


def tally(rows: pd.DataFrame) -> pd.DataFrame:
    """How many claims have each verdict."""
    order = ["agrees", "differs", "attested", "not reproducible"]
    return (
        rows["verdict"]
        .value_counts()
        .reindex(order, fill_value=0)
        .rename("claims")
        .rename_axis("verdict")
        .reset_index()
    )


def _verdicts(printed: pd.Series, computed: pd.Series) -> pd.Series:
    return printed.eq(computed).map({True: "agrees", False: "differs"})
