"""README.md of a crate, in the parts that data editors of social science journals ask for.

Its outline is that of the template README of the Social Science Data Editors. What it says is read from the
record, the plan, the notebooks and the study's declaration; what none of them knows is said to be unknown.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from analysis.audit.crate import keyed, randomness
from analysis.audit.crate.evidence import RELEASED, Evidence, Origin, titles
from analysis.audit.crate.metadata import LOCK, PLAN, RELEASER, TOLD, full_name, kind
from analysis.runs.specification import limits
from analysis.study import CONTRACT

FILE = "README.md"
NAMED = (
    "papermill",
    "ipykernel",
    "pandas",
    "numpy",
    "scipy",
    "matplotlib",
    "seaborn",
    "nltk",
    "python-docx",
)
"""Packages that make the numbers, tables and figures; the rest is in the lock."""
MEGABYTE = 1e6
ROOMS = {
    "study": "reads and checks the raw tables",
    "measures": "computes: tables in, tables out",
    "outputs": "makes tables, figures and sentences, and writes them",
    "runs": "executes the plan and keeps the record",
    "audit": "holds claims and results against the evidence, and makes this package",
    "sources": "imports what other tools export, and has no part in the runs",
}


def page(evidence: Evidence, descriptions: dict[str, str]) -> bytes:
    """The page as Markdown."""
    parts = [
        _overview(evidence),
        _availability(evidence),
        _datasets(evidence, descriptions),
        _requirements(evidence),
        _programs(evidence),
        _instructions(evidence),
        _results(evidence, descriptions),
        _references(evidence),
    ]
    return ("\n".join(line for part in parts for line in part).rstrip() + "\n").encode()


def _overview(evidence: Evidence) -> Iterator[str]:
    study, runs = evidence.study, evidence.runs
    states = [run.state for run in runs]
    counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    yield from (f"# Evidence package: {study.title}", "", "## Overview", "")
    yield (
        f"The code in this package makes the tables and figures of the study `{study.name}` from its raw "
        f"tables, by {len(titles(evidence))} notebooks in {len(runs)} runs. `ro-crate-metadata.json` says of "
        "each file its size and hash, and of each run what it read, what it wrote and how it ended."
    )
    yield from ("", f"The sequence of runs is {evidence.state}. Its runs: {counts}.")
    if odd := [run for run in runs if run.state != "completed"]:
        yield ""
        yield from (f"- {run.name}: {run.state}. {run.error or TOLD[run.state]}" for run in odd)
    yield ""


def _availability(evidence: Evidence) -> Iterator[str]:
    given = evidence.package.get("licenses", ())
    licences = [f"{one.get('title') or one.get('name')} ({one.get('path', 'no address')})" for one in given]
    yield from ("## Data Availability and Provenance Statements", "")
    yield from ("### Statement about Rights", "", "Open, for the authors to certify:", "")
    yield "- [ ] The authors have legitimate access to, and permission to use, the data of this study."
    yield "- [ ] The authors have permission to redistribute the data in this package."
    yield from ("", "### License for Data", "")
    yield ", ".join(licences) + "." if licences else "`datapackage.json` states none."
    yield from ("", "### Summary of Availability", "", _available(evidence), "")
    yield from ("### Details on each Data Source", "", *_sources(evidence), "")


def _available(evidence: Evidence) -> str:
    if evidence.public:
        return "All data are in this package, and the study declares them public."
    return (
        "The study is restricted. Its raw tables, executed notebooks and full results stay with its "
        f"analysts; what may leave is below `{RELEASED}/`, where `withheld.csv` says what stays and why. "
        f"Numbers of fewer than {evidence.release['threshold']} people are hidden. For each file that stays "
        f"`ro-crate-metadata.json` has an {keyed.METHOD}, which tells nothing without its key. Who holds the "
        "key can show that this package comes from those files."
    )


def _sources(evidence: Evidence) -> Iterator[str]:
    package, folder = evidence.package, f"data/raw/{evidence.study.name}/"
    simulation = package.get("study", {}).get("simulation")
    yield f"{evidence.study.title}. {package.get('description') or 'No description is stated.'}"
    yield ""
    yield f"- Location: `{folder}`" + ("" if evidence.public else ", with the study's analysts")
    if "version" in package:
        yield f"- Version: {package['version']}"
    for one in package.get("sources", ()):
        address = f" ({one['path']})" if one.get("path") else ""
        yield f"- Source: {one.get('title', 'without a title')}{address}"
    if simulation:
        yield (
            f"- Source: the people are invented. `make simulate` draws them, with the seed "
            f"{simulation['seed']}, from what `datapackage.json` declares, after `{simulation['of']}`."
        )
    if evidence.study.imported:
        yield "- Source: the export of another tool, imported; the report of that is among the raw files."
    if not package.get("sources") and not simulation and not evidence.study.imported:
        yield "- Source: `datapackage.json` names none."


def _datasets(evidence: Evidence, descriptions: dict[str, str]) -> Iterator[str]:
    yield from ("## Dataset list", "")
    yield from ("| file | what it is | rows | provided |", "| --- | --- | ---: | --- |")
    for path in evidence.raw if evidence.public else ():
        yield f"| `{path}` | {_cell(descriptions[path])} | {_rows(evidence, path)} | yes |"
    stays = [one.name for path, one in evidence.private.items() if path in evidence.raw]
    for name in sorted(stays):
        about = CONTRACT.get(PurePosixPath(name).stem, {}).get("about") or "A file beside the raw tables."
        yield f"| `{name}` | {_cell(about)} | not told | no |"
    yield from ("", "Columns are explained in `data/raw/README.md` and `data/derived/README.md`.", "")


def _rows(evidence: Evidence, path: str) -> int | str:
    """How many rows a table of the study has; nothing for another file."""
    place = PurePosixPath(path)
    known = place.suffix == ".csv" and place.stem in CONTRACT
    return len(getattr(evidence.study, place.stem)) if known else ""


def _requirements(evidence: Evidence) -> Iterator[str]:
    software = evidence.record["software"]
    yield from ("## Computational requirements", "", "### Software Requirements", "")
    yield f"- Python {software['python']} on {software['platform']}, as the record of the runs has it"
    yield from (f"- {name} {software[name]}" for name in NAMED if name in software)
    others = len(software) - 2 - sum(name in software for name in NAMED)
    yield (
        f"- {others} more packages of the lock, `{LOCK}`, which has the version and the hash of each; "
        "`ro-crate-metadata.json` lists the versions that were found"
    )
    yield (
        "- make, on Linux or macOS. It builds the environment from the lock, once; only for that it needs "
        "the network."
    )
    yield from ("", "### Controlled Randomness", "", *_chance(evidence))
    yield from ("", "### Memory, Runtime, and Storage Requirements", "", *_resources(evidence), "")


def _chance(evidence: Evidence) -> Iterator[str]:
    files = evidence.files
    functions = randomness.seeded(files)
    used = randomness.used(files, functions)
    yield "These functions draw by chance, each with its own generator, from this seed unless given another:"
    yield from ("", "| function | where | seed | called by notebooks |", "| --- | --- | ---: | --- |")
    for one in functions:
        calls = ", ".join(f"`{PurePosixPath(path).stem}`" for path in used.get(one.called, ()))
        where = f"`{one.module}`, line {one.line}"
        yield f"| `{one.called}` | {where} | {one.seed} | {calls or 'not directly'} |"
    yield ""
    yield f"- Calls that give another seed as a number: {_places(randomness.overridden(files))}"
    yield f"- Generators without a seed, and draws from a shared one: {_places(randomness.unseeded(files))}"
    if simulation := evidence.package.get("study", {}).get("simulation"):
        yield f"- The raw tables were drawn with the seed {simulation['seed']} of `datapackage.json`."
    yield "- Kernels run with `PYTHONHASHSEED=0`."


def _places(found: list[tuple[str, int]]) -> str:
    return ", ".join(f"`{path}`, line {line}" for path, line in found) or "none"


def _resources(evidence: Evidence) -> Iterator[str]:
    local, runs = evidence.local, evidence.runs
    size = sum(map(len, evidence.files.values())) / MEGABYTE
    yield f"- Storage: this package takes about {size:.1f} MB; the environment comes on top of it."
    if not local:
        yield "- Run time and memory: not known. `make reproduce` measures them, into `run.local.json`."
        return
    taken = [run.seconds for run in runs if run.seconds is not None]
    yield (
        f"- Run time: {sum(taken):.0f} seconds, the runs added up; measured on {evidence.date}, on Python "
        f"{local['python']} and {evidence.record['software']['platform']}, with {local['jobs']} at a time."
    )
    if memory := local.get("memory"):
        yield f"- Memory: {memory / MEGABYTE:.0f} MB in the largest process; how much in all is not known."
    else:
        yield "- Memory: not measured."
    yield from ("", "| run | seconds |", "| --- | ---: |")
    times = {run.name: "not executed" if run.seconds is None else f"{run.seconds:.2f}" for run in runs}
    yield from (f"| {name} | {seconds} |" for name, seconds in times.items())


def _programs(evidence: Evidence) -> Iterator[str]:
    yield from ("## Description of programs/code", "")
    yield f"`{PLAN}` says what runs. papermill executes a notebook once for each of its runs."
    yield from ("", "| run | notebook | question | parameters | state |", "| --- | --- | --- | --- | --- |")
    named = titles(evidence)
    for run in evidence.runs:
        given = ", ".join(f"{name}={value}" for name, value in run.parameters.items() if name != "study")
        yield f"| {run.name} | `{run.notebook}` | {_cell(named[run.notebook])} | {given} | {run.state} |"
    yield from ("", "Notebooks call functions and have none of their own:", "")
    for room, about in ROOMS.items():
        if any(path.startswith(f"analysis/{room}/") for path in evidence.files):
            yield f"- `analysis/{room}/` {about}"
    licence = evidence.citation.get("license")
    yield from ("", "### License for Code", "")
    yield f"{licence}, see `LICENSE`." if licence else "`CITATION.cff` states none."
    yield ""


def _instructions(evidence: Evidence) -> Iterator[str]:
    name, most = evidence.study.name, limits()
    yield from ("## Instructions to Replicators", "", "In the folder of this package:", "")
    if evidence.public:
        yield (
            f"1. `make verify STUDY={name}` runs every notebook again, in an environment and a place of its "
            "own, and says how the results differ from those in this package."
        )
        yield f"2. `make reproduce STUDY={name}` runs them and replaces the results in this package."
    else:
        yield f"1. Put the raw tables into `data/raw/{name}/`. Only the study's analysts have them."
        yield f"2. `make reproduce STUDY={name}` runs every notebook, in an environment of its own."
        yield (
            f"3. `make release STUDY={name}` writes what may leave into `scratch/release/{name}/`, to be "
            f"compared with `{RELEASED}/`."
        )
        yield (
            "4. In the analysts' own folder, who holds the key can show that their files are those behind "
            f"this package, in FOLDER: `.venv/bin/python -m analysis crate {name} --prove FOLDER`"
        )
    yield ""
    yield (
        f"A cell that works longer than {most.cell_seconds:g} seconds, or a run longer than "
        f"{most.run_seconds:g}, has failed. Identical bytes are promised on the Python, the platform and the "
        "lock above, equal values elsewhere."
    )
    yield ""


def _results(evidence: Evidence, descriptions: dict[str, str]) -> Iterator[str]:
    yield from ("## List of tables, figures and programs", "")
    if evidence.public:
        yield "The run and the cell that wrote each file. Cells have these ids in the executed notebooks."
    else:
        yield "The run and the cell that wrote what each file is made from, by `make release`."
    yield from ("", "| file | what it is | run | notebook | cell |", "| --- | --- | --- | --- | --- |")
    notebooks = {run.name: run.notebook for run in evidence.runs}
    for (_, origin), paths in _listed(evidence).items():
        files = ", ".join(
            f"`{one}`" for one in (paths[0], *(PurePosixPath(path).suffix for path in paths[1:]))
        )
        about = _cell(descriptions[paths[0]])
        if origin:
            cell = f"`{origin.cell}`" if origin.cell else "not recorded"
            yield f"| {files} | {about} | {origin.run} | `{notebooks[origin.run]}` | {cell} |"
        else:
            yield f"| {files} | {about} | make release | `{RELEASER}` | |"
    yield ""


def _listed(evidence: Evidence) -> dict[tuple[str, Origin | None], list[str]]:
    """The tables and figures of the package and who wrote them, one of several formats once."""
    found: dict[tuple[str, Origin | None], list[str]] = {}
    for path in evidence.files:
        origin, released = evidence.origins.get(path), path.startswith(f"{RELEASED}/")
        if released:
            kept = f"data/derived/{evidence.study.name}/{path.removeprefix(f'{RELEASED}/')}"
            origin = evidence.origins.get(kept)
        if released or (origin and kind(path) != "executed"):
            found.setdefault((str(PurePosixPath(path).with_suffix("")), origin), []).append(path)
    return found


def _references(evidence: Evidence) -> Iterator[str]:
    package, code = evidence.package, evidence.citation
    told = [str(package["citation"])] if package.get("citation") else []
    named = [one["title"] for one in package.get("sources", ()) if one.get("title")]
    told += [title for title in named if not any(_plain(title) in _plain(one) for one in told)]
    if code:
        who = ", ".join(full_name(one) for one in code.get("authors", ()))
        told.append(f"{who}: {code.get('title')}, version {code.get('version')} (software).")
    yield from ("## References", "")
    yield from (f"- {one}" for one in told or ["`datapackage.json` and `CITATION.cff` name none."])


def _plain(text: str) -> str:
    """The letters and digits of a text: quotation marks make no other reference of it."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _cell(text: str) -> str:
    """A text as it may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")
