"""A study as a notebook sees it: checked frames, and the choices that its authors made."""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import ROOT
from analysis.elsewhere import Reference, references
from analysis.frames import Table
from analysis.study import cells, large, levels, missing, rules, sampling, tables
from analysis.study.cells import NOT_STATED
from analysis.study.contract import CONTRACT
from analysis.study.problems import Problem, StudyError, listed, nearest
from analysis.study.remembered import digest

RAW = ROOT / "data" / "raw"
CHOICES: dict[str, tuple[type, tuple[str, ...] | None]] = {
    "groupings": (list, None),
    "compare": (list, None),
    "site": (str, None),
    "policy": (str, ("public", "restricted")),
    "cleared": (list, None),
    "contrasts": (str, ("asked", "not asked")),
    "uncoded_excerpts": (str, ("error", "allowed")),
    "captions": (dict, None),
    "appendix": (dict, None),
    "simulation": (dict, None),
    "cluster": (str, None),
}
"""What a datapackage.json may say under `study`: its form, and its values where they are few."""


SIMULATED = "simulated-"
"""How the folder of a study with invented people begins."""


@dataclasses.dataclass(frozen=True)
class Whole:
    """Every excerpt and every coding, where they live.

    In an engine, excerpts bring the groups of their participants along, a column for each grouping.
    """

    excerpts: Table
    codings: Table


@dataclasses.dataclass(frozen=True)
class Study:
    """A checked study. Tables that the folder lacks are empty frames, named in `missing`.

    Tables that lie in an engine are `referenced`. Of those the frames hold a sample, of which `sampled` says
    how it was drawn, and the roster holds everybody: whoever speaks in the sample by name, others as groups
    of alike people. What can be counted where it lies is counted in the `whole`. `elsewhere` names
    the tables that lie there, `counted` has their `counts`.

    `imported` is the report of the import that made the tables, empty if people have written them; its
    `changed` names the files that are not as the import has written them.
    """

    name: str
    title: str
    site: str
    groupings: tuple[str, ...]
    compare: tuple[str, ...]
    policy: str
    cleared: tuple[str, ...]
    contrasts: bool
    captions: dict[str, str]
    appendix: dict[str, Any]
    missing: tuple[str, ...]
    imported: dict[str, Any]
    roster: pd.DataFrame
    interviews: pd.DataFrame
    roles: pd.DataFrame
    documents: pd.DataFrame
    notes: pd.DataFrame
    codebook: pd.DataFrame
    excerpts: pd.DataFrame
    codings: pd.DataFrame
    activities: pd.DataFrame
    claims: pd.DataFrame
    selections: pd.DataFrame
    responses: pd.DataFrame
    referenced: Whole | None = None
    sampled: str = ""
    elsewhere: tuple[str, ...] = ()
    counted: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)

    def counts(self, table: str) -> Mapping[str, int]:
        """How many rows a table has where it lies, and in how many no participant or coder is named."""
        return self.counted.get(table) or sampling.counts(getattr(self, table))

    @property
    def whole(self) -> Whole:
        """Everything that can be counted: the frames themselves, unless tables lie in an engine."""
        return self.referenced or Whole(self.excerpts, self.codings)

    @property
    def entire(self) -> pd.DataFrame:
        """The excerpts, if they are all there are: in a sample every interview has gaps."""
        return self.excerpts[:0] if self.sampled else self.excerpts

    @property
    def simulated(self) -> bool:
        """Whether its people are invented: a study that declares so has to be named so."""
        return self.name.startswith(SIMULATED)

    @property
    def beside(self) -> str:
        """The grouping that stands beside the site in a two-way table: the first other one."""
        others = [name for name in self.groupings if name not in (self.site, "role_group")]
        return next(iter(others), self.groupings[-1])

    @property
    def themes(self) -> tuple[str, ...]:
        """The codes that a reader is told of one by one, in the order of the codebook."""
        return tuple(levels.themes(self.codebook))

    @property
    def quotable(self) -> tuple[str, ...]:
        """The excerpts that may be quoted: all that a public record prints, else those that are cleared."""
        return tuple(self.excerpts["excerpt"]) if self.policy == "public" else self.cleared


def load(name: str, raw: Path | None = None, *, anew: bool = False) -> Study:
    """The study `data/raw/<name>/`, or a StudyError with every reason why not.

    Tables in an engine that were found sound and have not changed are not checked again, but with `anew`.

    Its roster carries `role_group`, `stated` and `lead` from roles.csv beside its own columns; somebody of
    whom a grouping says nothing is in a group of their own, `not stated`. UnusableError, if tables lie in an
    engine that is not there.
    """
    folder = (raw or RAW) / name
    package, problems = _package(folder)
    if problems:
        raise StudyError(_shown(folder), problems)
    choices = package["study"]
    contract, found = _contract(package), references(package)
    frames, problems = _tables(folder, contract, choices, found)
    problems += _name_problems(name, choices)
    lazy: large.Lazy = {}
    sample = large.NOTHING
    if found and not problems:
        lazy, sample, problems = large.brought(found, folder, contract, choices, frames, anew=anew)
        frames |= sample.frames
    if problems:
        raise StudyError(_shown(folder), problems)
    absent = [table for table in CONTRACT if table not in found and not (folder / f"{table}.csv").exists()]
    frames = {table: frame.reset_index(drop=True) for table, frame in frames.items()}
    frames["roster"] = with_role_groups(frames["roster"], frames["roles"])
    groupings = [name for name in choices["groupings"] if frames["roster"][name].notna().any()]
    frames["roster"][groupings] = frames["roster"][groupings].fillna(NOT_STATED)
    return Study(
        name=name,
        **_chosen(package, name),
        missing=tuple(absent),
        imported=_imported(folder),
        referenced=Whole(*large.whole(lazy, frames["roster"], choices["groupings"])) if lazy else None,
        sampled=sample.says,
        elsewhere=tuple(found),
        counted=sample.counted,
        **frames,
    )


def _chosen(package: dict[str, Any], name: str) -> dict[str, Any]:
    """What a study chooses, and what counts where it says nothing."""
    choices = package["study"]
    return {
        "title": package.get("title", name),
        "site": choices.get("site", choices["groupings"][0]),
        "groupings": tuple(choices["groupings"]),
        "compare": tuple(choices.get("compare", choices["groupings"])),
        "policy": choices.get("policy", "restricted"),
        "cleared": tuple(choices.get("cleared", ())),
        "contrasts": choices.get("contrasts") == "asked",
        "captions": choices.get("captions", {}),
        "appendix": choices.get("appendix", {}),
    }


def _name_problems(name: str, choices: dict[str, Any]) -> Iterator[Problem]:
    if "simulation" in choices and not name.startswith(SIMULATED):
        says = f'the folder is called "{name}"; one with invented people has to begin with "{SIMULATED}"'
        yield Problem("datapackage.json", None, "study.simulation", says)


def _imported(folder: Path) -> dict[str, Any]:
    """What is told of the import that made a study, and which of its files have changed since."""
    path = folder / "import-report.json"
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        changed = [name for name, said in told["files"].items() if digest(folder / name) != said]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        says = f"not readable as the report of an import ({type(error).__name__}: {error})"
        raise StudyError(_shown(folder), [Problem(path.name, None, None, says)]) from error
    return told | {"changed": changed}


def _tables(
    folder: Path, contract: dict[str, Any], choices: dict[str, Any], found: dict[str, Reference]
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Every table of the contract, empty where the folder lacks it, and everything wrong with them."""
    frames = {table: tables.empty(schema["fields"]) for table, schema in contract.items()}
    sound: dict[str, pd.DataFrame] = {}
    whole: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = [*missing.misnamed(folder, contract), *large.problems(found, folder)]
    for table, schema in contract.items():
        path = folder / f"{table}.csv"
        if path.exists():
            frames[table], wrong, complete = tables.read(path, schema["fields"])
            problems += wrong
            sound |= {} if wrong else {table: frames[table]}
            whole |= {table: frames[table]} if complete else {}
        elif schema.get("required") and table not in found:
            problems.append(missing.table(path))
    for table in large.TABLES if found else ():  # held to each other where they lie
        sound.pop(table, None)
        whole.pop(table, None)
    problems += rules.broken(sound, whole, contract, choices)
    if "excerpts" in whole:
        ids = [*whole["excerpts"]["excerpt"].dropna()]
        problems += rules.uncleared(choices.get("cleared", []), {*ids}, ids, "excerpts.csv")
    if "roster" in whole:
        files = {table: f"{table}.csv" for table in contract if (folder / f"{table}.csv").exists()}
        problems += rules.groupings(choices, [*whole["roster"].columns], files)
    return frames, problems


def declared_simulation(folder: Path) -> dict[str, Any]:
    """What a study's datapackage.json declares under `study.simulation`, or a StudyError."""
    package, problems = _package(folder)
    if not problems and "simulation" not in package["study"]:
        says = "nothing is declared to be simulated; this is no simulated study"
        problems = [Problem("datapackage.json", None, "study.simulation", says)]
    if problems:
        raise StudyError(_shown(folder), problems)
    return package["study"]["simulation"]


def texts(record: Study, raw: Path | None = None) -> dict[str, str]:
    """The plain text of each document that has one in the study's folder, by the document's id.

    StudyError, if `text_file` of documents.csv names none, or one outside of the folder.
    """
    folder = ((raw or RAW) / record.name).resolve()
    if "text_file" not in record.documents:
        return {}
    found, problems = {}, []
    for row in record.documents.dropna(subset="text_file").itertuples():
        path = (folder / row.text_file).resolve()
        if path.is_relative_to(folder) and path.is_file():
            found[row.document] = path.read_bytes().decode("utf-8", "surrogatepass")
        else:
            says = f'"{row.text_file}", the text of "{row.document}", is no file of the folder'
            problems.append(Problem("documents.csv", None, "text_file", says))
    if problems:
        raise StudyError(_shown(folder), problems)
    return found


def names(raw: Path | None = None) -> list[str]:
    """The studies of data/raw/, by name."""
    found = (path.parent.name for path in (raw or RAW).glob("*/datapackage.json"))
    return sorted(name for name in found if not name.startswith("."))  # those of an import cut short


def with_role_groups(roster: pd.DataFrame, roles: pd.DataFrame) -> pd.DataFrame:
    """The roster with each row's `role_group`, `stated` and `lead`; a label's case is ignored."""
    known = roles.assign(key=roles["label"].str.casefold()).set_index("key")
    key = roster["role"].str.casefold()
    return roster.assign(
        role_group=key.map(known["role_group"]),
        stated=key.map(known["stated"]).eq(True) if len(roles) else roster["role"].notna(),
        lead=key.map(known["lead"]).eq(True),
    )


def _shown(folder: Path) -> str:
    return str(folder.relative_to(ROOT)) if folder.is_relative_to(ROOT) else str(folder)


def _package(folder: Path) -> tuple[dict[str, Any], list[Problem]]:
    path = folder / "datapackage.json"
    if not re.fullmatch(r"\w[\w.-]*", folder.name) or not folder.is_dir():
        return {}, [missing.study(folder.name, names(folder.parent))]
    if not path.exists():
        return {}, [missing.package(path)]
    try:
        text = path.read_text(encoding="utf-8-sig")
        package = json.loads(text)
    except UnicodeDecodeError:
        return {}, [
            Problem(path.name, None, None, "it is not saved as UTF-8; save it again as text in UTF-8")
        ]
    except json.JSONDecodeError as error:
        return {}, [Problem(path.name, error.lineno, None, _unreadable(text, error))]
    if not isinstance(package, dict) or not isinstance(package.setdefault("study", {}), dict):
        says = 'expected an object with an object "study" in it'
        return {}, [Problem(path.name, None, "study", says)]
    problems = [*_choice_problems(package["study"]), *_resource_problems(package)]
    return package, problems or [*large.unknown(package, folder)]


def _unreadable(text: str, error: json.JSONDecodeError) -> str:
    """Why a text is no JSON, as somebody who edits it by hand needs it."""
    before = text[: error.pos].rstrip()
    if re.search("[“”„‘’]", text[error.pos : error.pos + 1]):
        why = 'a curly quotation mark stands where a straight one, ", is expected'
    elif before.endswith(",") and text[error.pos :].lstrip()[:1] in ("}", "]"):
        why = "a comma stands behind the last one of a list; remove it"
    elif text[error.pos : error.pos + 1] == "," or "delimiter" in error.msg:
        why = "a comma, a colon or a quotation mark is missing here or just before"
    else:
        why = "a value, a bracket or a quotation mark is missing here or just before"
    return f"not readable as JSON: {why} ({error.msg}, column {error.colno})"


def _resource_problems(package: dict[str, Any]) -> Iterator[Problem]:
    """What the study says of its tables has to be in the form of a Table Schema."""
    resources = package.get("resources", [])
    if not isinstance(resources, list) or not all(
        isinstance(one, dict) and "name" in one for one in resources
    ):
        yield Problem("datapackage.json", None, "resources", 'expected a list of objects, each with a "name"')
        return
    for resource in resources:
        if not isinstance(resource["name"], str):
            yield Problem(
                "datapackage.json", None, "resources", f"{resource['name']} is no name; expected a text"
            )
            continue
        schema = resource.get("schema", {})
        fields = schema.get("fields", []) if isinstance(schema, dict) else None
        where = f"resources, {resource['name']}"
        if not isinstance(fields, list) or not all(isinstance(one, dict) and "name" in one for one in fields):
            says = 'expected a schema with a list of fields, each with a "name"'
            yield Problem("datapackage.json", None, where, says)
            continue
        for field in fields:
            if (kind := field.get("type", "string")) not in cells.TYPES:
                says = f'"{kind}", the type of "{field["name"]}", is not one of {listed(cells.TYPES)}'
                yield Problem("datapackage.json", None, where, says, nearest(str(kind), cells.TYPES))


def _choice_problems(choices: dict[str, Any]) -> Iterator[Problem]:
    for name, value in choices.items():
        shape, legal = CHOICES.get(name, (object, None))
        where = f"study.{name}"
        if name not in CHOICES:
            says = f'"{name}" is not one of {listed(CHOICES, 20)}'
            yield Problem("datapackage.json", None, where, says, nearest(name, CHOICES))
        elif not isinstance(value, shape) or (shape is list and not all(isinstance(v, str) for v in value)):
            form = {str: "a text", list: "a list of texts", dict: "an object"}[shape]
            meant = f": write {json.dumps([value])}" if shape is list and isinstance(value, str) else ""
            yield Problem("datapackage.json", None, where, f"{json.dumps(value)} is not {form}{meant}")
        elif legal and value not in legal:
            says = f'"{value}" is not one of {listed(legal)}'
            yield Problem("datapackage.json", None, where, says, nearest(value, legal))
    if not choices.get("groupings"):
        says = 'it names no column of roster.csv by which people are compared; expected a list, as ["ward"]'
        yield Problem("datapackage.json", None, "study.groupings", says)


def _contract(package: dict[str, Any]) -> dict[str, Any]:
    """The contract of every table, with what the study's own Table Schemas add to it."""
    own = {
        resource["name"]: resource.get("schema", {}).get("fields", [])
        for resource in package.get("resources", [])
    }
    site = package["study"].get("site", package["study"]["groupings"][0])
    merged = json.loads(json.dumps(CONTRACT))
    for table, schema in merged.items():
        fields = {field["name"]: field for field in schema["fields"]}
        if "site" in fields:
            fields = {site if name == "site" else name: field for name, field in fields.items()}
            fields[site]["name"] = site
            schema["primaryKey"] = [site if name == "site" else name for name in schema["primaryKey"]]
        for field in fields.values():
            field["column_required"] = field.get("constraints", {}).get("required", False)
        for field in own.get(table, []):
            base = fields.setdefault(field["name"], {"name": field["name"]})
            limits = base.get("constraints", {}) | field.get("constraints", {})
            base |= {key: value for key, value in field.items() if key != "description"}
            base["constraints"], base["column_required"] = limits, True
        schema["fields"] = [*fields.values()]
    return merged
