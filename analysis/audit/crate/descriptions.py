"""What each file of a crate is: from the study's declaration, the dictionaries and the notebooks."""

import re
from pathlib import PurePosixPath

from analysis.audit.crate.evidence import RELEASED, Evidence, Origin, titles
from analysis.audit.crate.metadata import LOCK, PLAN, kind
from analysis.study import CONTRACT

KNOWN = {
    PLAN: "The plan: which notebook runs with which parameters, what it reads and what it must write.",
    LOCK: "The lock: the version and the SHA-256 of every package.",
    "LICENSE": "The licence of the code.",
    "CITATION.cff": "How to cite the code.",
    "Makefile": "The commands; make alone explains them.",
    "pyproject.toml": "The code as a Python package, and what it needs.",
    "environment.yml": "The same environment for conda.",
    "data/raw/README.md": "Every raw table and column explained.",
    "data/derived/README.md": "Every table of results and its columns explained.",
    "README.md": "This package explained: data, software, run times, programs, and which of them makes what.",
    "codecheck.template.yml": "The author's half of a codecheck.yml; the codechecker's half is open.",
}


def of_files(evidence: Evidence) -> dict[str, str]:
    """A sentence on every file, by its path."""
    tables = _dictionary(evidence)
    return KNOWN | {path: _of(path, evidence, tables) for path in evidence.files if path not in KNOWN}


def _of(path: str, evidence: Evidence, tables: dict[str, str]) -> str:
    name = evidence.study.name
    if path.startswith(f"data/raw/{name}/"):
        return _raw(path, evidence)
    if path.startswith(f"{RELEASED}/"):
        return _released(path, evidence, tables)
    if path in evidence.origins:
        return _result(path, evidence, evidence.origins[path], tables)
    if path.startswith("notebooks/"):
        return f"Notebook: {titles(evidence).get(path, 'not part of this study')}"
    if path == f"data/derived/{name}/run.json":
        return "The record: what ran on what, the state of every run and cell, and the SHA-256 of every file."
    return "Source code." if path.startswith("analysis/") else ""


def _raw(path: str, evidence: Evidence) -> str:
    """The title that the study gives a table, or what such a table is in every study."""
    place = PurePosixPath(path)
    given = {one.get("path"): one.get("title") for one in evidence.package.get("resources", ())}
    if place.name == "datapackage.json":
        return "The study's declaration, with the type of every column."
    about = given.get(place.name) or CONTRACT.get(place.stem, {}).get("about")
    return f"{about.rstrip('.')}." if about else "A file beside the raw tables."


def _released(path: str, evidence: Evidence, tables: dict[str, str]) -> str:
    """What of a result has left; the dictionary speaks of the whole result."""
    name = PurePosixPath(path).name
    if name == "withheld.csv":
        return "Which results stay, and why."
    if name.startswith("people_by_"):
        return "How many people belong to each two groups, and to each one."
    about = _printed(path, evidence) or tables.get(name)
    return f"As far as it may leave: {about}" if about else "What may leave of a result."


def _result(path: str, evidence: Evidence, origin: Origin, tables: dict[str, str]) -> str:
    run = next(run for run in evidence.runs if run.name == origin.run)
    if kind(path) == "executed":
        return f"Executed notebook: {titles(evidence)[run.notebook]}"
    told = origin.alt or _printed(path, evidence) or tables.get(PurePosixPath(path).name)
    return told or f"Results of: {titles(evidence)[run.notebook]}"


def _printed(path: str, evidence: Evidence) -> str:
    """What a table is called that is printed as in the paper."""
    stem = PurePosixPath(path).stem
    if PurePosixPath(path).parent.name != "tables":
        return ""
    for title, caption in evidence.study.captions.items():
        if title.lower().replace(" ", "-") == stem:
            return f"{title}: {caption}."
    return f"{stem.replace('-', ' ').capitalize()}."


def _dictionary(evidence: Evidence) -> dict[str, str]:
    """The first sentence on each table in the dictionary of results, also under other groupings' names."""
    text = evidence.files.get("data/derived/README.md", b"").decode()
    parts = re.findall(r"^### (\S+\.csv)\n\n([^|#\n].*)$", text, re.MULTILINE)
    first = {name: re.split(r"(?<=[.;]) ", about)[0].replace(";", ".") for name, about in parts}
    found = {n: about.replace("`", "") for n, about in first.items() if not about.startswith("Columns as")}
    for name, about in [*found.items()]:
        for by in evidence.study.groupings:
            found.setdefault(name.replace("_by_borough", f"_by_{by}"), about.replace("borough", by))
    return found
