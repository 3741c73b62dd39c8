"""A file of another tool as the files of a study's folder, with the report of the import among them."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.sources import attributes as sheets_of_attributes
from analysis.sources import folder, naming, people, places, pseudonyms, recognise, report
from analysis.sources import mapping as mappings
from analysis.sources.folder import Folder
from analysis.sources.mapping import Mapping
from analysis.sources.project import Project, SourceError
from analysis.sources.pseudonyms import Key
from analysis.sources.sound import sound
from analysis.study import CONTRACT
from analysis.study.problems import Problem, listed, nearest
from analysis.study.tables import written

REPORT, PAGE, ROWS, CHOICES = "import-report.json", "import-report.html", "import-rows.csv", "import.toml"
SHEET = "only in the sheet"
"""Under which name the report lists what a sheet of attributes says of nobody in the file."""
SAID = {
    "people": "what people are: cases or sources; blank: cases, if the file has some that say something",
    "unit": "what the tool counts places in, if it is to be believed without asking; see --help",
    "project": "which project of several in one file",
    "attributes": "a sheet that says of each document or participant what they are",
    "skip_broken": "whether rows at fault are left out and listed, instead of refusing the file",
    "pseudonyms": "whether names are replaced",
}


@dataclass(frozen=True)
class Choices:
    """What a user may choose of an import; blank is for the import to find out."""

    people: str = ""
    unit: str = ""
    project: str = ""
    attributes: str = ""
    skip_broken: bool = False
    pseudonyms: bool = False
    mapping: Mapping | None = field(default=None)


@dataclass(frozen=True)
class Imported:
    """The files of a study by their names, what is told of it, and the key, if names were replaced."""

    files: dict[str, bytes]
    told: dict[str, Any]
    key: Key | None = None


def study(
    path: Path, choices: Choices, key: Key | None = None, tell: Callable[..., object] = lambda *_: None
) -> Imported:
    """A study's files from a file of another tool. SourceError, if it cannot be one, with every reason.

    `key` has pseudonyms that are in use already, where `choices` asks for some; `tell` is told what is done.
    """
    _there(path)
    tell(f"Reading {path}")
    project, used = recognise.read(path, choices.project, choices.mapping)
    project, unknown = _with_attributes(path, project, choices.attributes)
    project = sound(path.name, project, skip_broken=choices.skip_broken)
    placing = partial(tell, f"Placing {len(project['passages']):,} passages in sources")
    placed = places.place(
        path.name, project, choices.unit or None, skip_broken=choices.skip_broken, tell=placing
    )
    if choices.pseudonyms:
        tell("Replacing names")
        key = (key or Key({})).longer("P", [naming.clean(name) for name in unknown.get(SHEET, [])])
        placed, key = pseudonyms.replaced(placed, key)
    tell(f"Making tables of {len(project['codings']):,} codings")
    built = folder.build(placed, choices.people or None)
    found = report.rows(built.accounts)
    table = report.reconciliation(found, project.totals)
    report.closed(path.name, table)
    made = {"file": path.name, "sha256": _hash(path), "attributes": unknown, "columns": _columns(used)}
    told = report.report(placed, built, made, found, table)
    saved, title = replace(choices, mapping=used), told["project"] or path.stem
    if choices.pseudonyms:
        told, title = pseudonyms.hidden([told, title], key)
        for column in ("where", "into", "why"):
            found[column] = pseudonyms.hidden([*found[column]], key)
        saved = _hidden(saved, key)
    files = _files(built, title)
    told["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    files |= _account(told, found, saved)
    return Imported(files, told, key if choices.pseudonyms else None)


def _account(told: dict[str, Any], found: pd.DataFrame, saved: Choices) -> dict[str, bytes]:
    """The report, its page, the list of rows, and the choices by which it all is made again."""
    return {
        REPORT: (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(),
        PAGE: report.page(told).encode(),
        ROWS: written(found).encode(),
        CHOICES: to_toml(saved).encode(),
    }


def _columns(used: Mapping | None) -> dict[str, list[str]]:
    """Which columns of a sheet were read as what, and which were not."""
    if used is None:
        return {}
    found: dict[str, list[str]] = {}
    for column, role in used.used().items():
        found.setdefault(role, []).append(column)
    return dict(sorted(found.items())) | {"not used": [*used.unused]}


def _there(path: Path) -> None:
    """SourceError, if there is no such file, or if it may not be opened."""
    try:
        if path.is_dir():
            [*path.iterdir()]
        elif path.is_file():
            path.open("rb").close()
        else:
            raise SourceError(path, ["there is no such file"])
    except OSError as error:
        raise SourceError(path, [f"it cannot be opened ({error.strerror})"]) from error


def _with_attributes(path: Path, project: Project, name: str) -> tuple[Project, dict[str, list[str]]]:
    """The project with the attributes of a sheet, if any, and the names that only one of them has."""
    if not name:
        return project, {}
    sheet = next(filter(Path.exists, (Path(name), path.parent / name)), None)
    if sheet is None:
        raise SourceError(name, ["there is no such file, here or beside the imported one"])
    project, *unmatched = sheets_of_attributes.join(project, sheets_of_attributes.attributes(sheet))
    return project, dict(zip((SHEET, "only in the project"), unmatched, strict=True))


def _hidden(choices: Choices, key: Key) -> Choices:
    """The choices without names; whoever imports with them again has to write the names in their places."""
    texts = {one.name: getattr(choices, one.name) for one in fields(Choices) if one.name != "mapping"}
    mapping = choices.mapping and pseudonyms.hidden_mapping(choices.mapping, key)
    return Choices(**pseudonyms.hidden(texts, key), mapping=mapping)


def _hash(path: Path) -> str:
    """The SHA-256 of a file; of a folder, of its files' names and contents."""
    total = hashlib.sha256()
    for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if one.is_file():
            total.update(one.name.encode() if path.is_dir() else b"")
            with one.open("rb") as stream:
                while data := stream.read(2**20):
                    total.update(data)
    return total.hexdigest()


# ---- the folder -------------------------------------------------------------------------------------------


def _files(built: Folder, title: str) -> dict[str, bytes]:
    """The tables, texts and description of a study."""
    groupings = people.groupings(built.tables["roster"])
    if not groupings:
        built.tables["roster"].insert(1, people.EVERYONE, "all")
        groupings = [people.EVERYONE]
    tables = {name: _tidy(name, frame, groupings) for name, frame in built.tables.items()}
    files = {f"{name}.csv": written(frame).encode() for name, frame in tables.items()}
    names = dict(built.tables["documents"].dropna(subset=["text_file"])[["document", "text_file"]].to_numpy())
    files |= {
        names[document]: text.encode("utf-8", "surrogatepass") for document, text in built.texts.items()
    }
    definitions = _definitions(built)
    package = {
        "profile": "tabular-data-package",
        "title": title,
        "resources": [
            _resource(name, frame, built.titles.get(name, {}), definitions) for name, frame in tables.items()
        ],
        "study": {"groupings": groupings, "policy": "restricted", "uncoded_excerpts": "allowed"},
    }
    return files | {"datapackage.json": (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()}


def _tidy(table: str, frame: pd.DataFrame, groupings: list[str]) -> pd.DataFrame:
    """The table without columns in which nothing stands, but for those that it has to have."""
    needed = {one["name"] for one in CONTRACT[table]["fields"] if one.get("constraints", {}).get("required")}
    needed |= {CONTRACT[table]["fields"][0]["name"], *(groupings if table == "roster" else ())}
    blank = {name for name in frame if frame[name].isna().all() or frame[name].eq("").all()}
    return frame[[name for name in frame if name in needed or name not in blank]]


def _definitions(built: Folder) -> dict[str, str]:
    """What variables mean, by their names, where the tool says so."""
    said = built.accounts["variables"].dropna(subset=["name", "definition"])
    return {name: naming.prose(text) for name, text in zip(said["name"], said["definition"], strict=True)}


def _resource(
    table: str, frame: pd.DataFrame, titles: dict[str, str], definitions: dict[str, str]
) -> dict[str, Any]:
    """What a table is, for datapackage.json."""
    known = {one["name"]: one.get("type", "string") for one in CONTRACT[table]["fields"]}
    columns_ = [
        {"name": name, "type": known.get(name, "string")}
        | ({"title": titles[name]} if name in titles else {})
        | ({"description": definitions[titles[name]]} if titles.get(name) in definitions else {})
        for name in frame
    ]
    return {
        "name": table,
        "path": f"{table}.csv",
        "profile": "tabular-data-resource",
        "schema": {"fields": columns_, "missingValues": [""]},
    }


# ---- the choices ------------------------------------------------------------------------------------------


def to_toml(choices: Choices) -> str:
    """The choices of an import as a file by which it runs again, unattended."""
    lines = ["# How this study was imported: `--with import.toml` does it again."]
    if choices.pseudonyms:
        lines.append(
            "# Names are replaced here, too: where one stood in a column or a path, write it again first."
        )
    lines += ["", "[import]"]
    for name, value in asdict(choices).items():
        if name != "mapping":
            lines += [f"# {SAID[name]}", f"{name} = {mappings.toml_value(value)}"]
    sheet = [] if choices.mapping is None else ["", mappings.to_toml(choices.mapping)]
    return "\n".join(sheet[1:] + lines) + "\n"


def from_toml(path: Path) -> Choices:
    """The choices in such a file. SourceError with what is wrong in it."""
    name = path.name
    if not path.is_file():
        raise SourceError(path, ["there is no such file"])
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(name, [f"it is not readable as TOML ({error})"]) from error
    given = found.pop("import", {})
    if not isinstance(given, dict):
        raise SourceError(name, ["[import] is no table"])
    if problems := [problem for key, value in given.items() for problem in _unfit(name, key, value)]:
        raise SourceError(name, problems)
    return Choices(**given, mapping=mappings.from_table(found, name) if found else None)


def _unfit(file: str, key: str, value: object) -> Iterator[Problem]:
    """What is wrong with one choice."""
    legal = {one.name: one.type for one in fields(Choices) if one.name != "mapping"}
    few = {"people": ("cases", "sources"), "unit": tuple(places.NAMES)}.get(key)
    where = f"{file}, import.{key}"
    if key not in legal:
        yield Problem(where, None, None, "there is no such choice", nearest(key, legal))
    elif type(value) is not legal[key]:
        form = "true or false" if legal[key] is bool else "a text in quotation marks"
        yield Problem(where, None, None, f"{json.dumps(value, default=str)} is not {form}")
    elif few and value and value not in few:
        says = f'"{value}" is not one of {listed(few, len(few))}'
        yield Problem(where, None, None, says, nearest(value, few))
