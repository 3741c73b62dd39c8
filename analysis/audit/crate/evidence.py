"""What an evidence package is made of: the record, the files that it speaks of, and who wrote which of them.

Nothing is computed anew. Whatever is not as the record has it is refused, as a package of it would tell of a
run that has never been.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from analysis import FailedError
from analysis.audit import release
from analysis.audit.crate import keyed
from analysis.audit.origins import Origin, origins
from analysis.runs import record, staging
from analysis.runs.files import sha256
from analysis.study import CONTRACT, Study

ALSO = (
    "LICENSE",
    "CITATION.cff",
    "Makefile",
    "pyproject.toml",
    "environment.yml",
    "data/raw/README.md",
    "data/derived/README.md",
)
"""What it takes besides to run everything again, and to understand it."""
BESIDE = (".md", ".html", ".css", ".js", ".svg", ".xsd")
"""What lies beside the code for the report and for other tools: no result is made from it, so the record does
not name it."""
RELEASED = "release"
"""Where in a crate the release of a restricted study lies."""


class CrateError(FailedError):
    """Why there can be no evidence package."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.add_note("Nothing was written, and an earlier package is as it was.")


@dataclass(frozen=True)
class Entry:
    """What the record says of a run, and the machine's own record of its time, in UTC."""

    name: str
    notebook: str
    parameters: dict[str, Any]
    cells: dict[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    state: str
    error: str
    began: str
    seconds: float | None

    @property
    def ended(self) -> str:
        """When the run ended, if it is known when it began and how long it took."""
        if not self.began or self.seconds is None:
            return ""
        end = datetime.fromisoformat(self.began) + timedelta(seconds=self.seconds)
        return end.isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Evidence:
    """The material of a crate.

    `files` are what it holds, by their place in it. `private` are files that it does not hold, by their path,
    each with what it is called and its keyed hash. `local` is the machine's record of the same sequence, and
    empty without one; `release` is the note of a restricted study's release.
    """

    study: Study
    root: Path
    package: dict[str, Any]
    citation: dict[str, Any]
    record: dict[str, Any]
    local: dict[str, Any]
    files: dict[str, bytes]
    private: dict[str, keyed.Private]
    release: dict[str, Any]

    @property
    def public(self) -> bool:
        """Whether all of the study may be given to everybody."""
        return self.study.policy == "public"

    @property
    def raw(self) -> tuple[str, ...]:
        """The paths of the study's raw files."""
        return tuple(self.record["inputs"])

    @cached_property
    def runs(self) -> list[Entry]:
        """What is known of each run, in the plan's order."""
        return [self._entry(one) for one in self.record["runs"]]

    @cached_property
    def origins(self) -> dict[str, Origin]:
        """The run and the cell that wrote each file, as executed notebooks carry it in their metadata."""
        found = {path: Origin(run.name, "") for run in self.runs for path in run.outputs}
        executed = [(run.name, path) for run in self.runs for path in run.outputs if path.endswith(".ipynb")]
        return found | origins((run, record.read(self.root / path)) for run, path in executed)

    @cached_property
    def date(self) -> str:
        """The day of the last run; of the record's commit, or of its file, where no time was kept."""
        if ended := [run.ended for run in self.runs if run.ended]:
            return max(ended)[:10]
        path = f"data/derived/{self.study.name}/{record.SHARED}"
        told = datetime.fromtimestamp((self.root / path).stat().st_mtime, UTC).date().isoformat()
        return record.committed(self.root, path) or told

    @property
    def state(self) -> str:
        """The state of the whole sequence: completed only if its record and each of its runs say so."""
        states = {run.state for run in self.runs}
        if self.record["state"] == "completed":
            return "completed" if states <= {"completed", "reused"} else "failed"
        return "running" if self.record["state"] == "running" else "failed"

    def _entry(self, said: dict[str, Any]) -> Entry:
        state, error = said["state"], said.get("reason", "")
        cells = said.get("cells", {})
        if state in ("completed", "reused") and {*cells.values()} != {"completed"}:
            state, error = "failed", "the record says that it is completed, and does not say so of its cells"
        if said.get("cell"):
            error = f"{said['cell']}: {error}"
        if error and not self.public:
            error = "what failed may be confidential, and is in the private record"
        return Entry(
            name=said["run"],
            notebook=f"notebooks/{said['notebook']}.ipynb",
            parameters=said["parameters"],
            cells=cells,
            inputs=tuple(path for path in said.get("inputs", ()) if path in {*_outputs(self.record)}),
            outputs=tuple(said.get("outputs", {})),
            state=state,
            error=error or ("no reason is recorded" if state == "failed" else ""),
            began=self.local.get("began", {}).get(said["run"], ""),
            seconds=self.local.get("seconds", {}).get(said["run"]),
        )


def gather(study: Study, root: Path, releases: Path, key: bytes | None) -> Evidence:
    """The evidence of a study's results below `root`. CrateError, where they are not as the record says,
    UnreleasedError, where a restricted study has no release of them.

    `releases` has what `make release` writes, which is all that leaves of a restricted study; `key` is that
    of its keyed hashes.
    """
    derived = root / "data" / "derived" / study.name
    said = record.read(derived / record.SHARED)
    _refuse(study, root, said)
    public = study.policy == "public"
    local = record.read(derived / record.LOCAL)
    code = root.glob("analysis/**/*")
    beside = [path.relative_to(root).as_posix() for path in code if path.suffix in BESIDE]
    shared = [*said["sources"], *said["lock"], *beside, *(path for path in ALSO if (root / path).is_file())]
    own = [*said["inputs"], *_outputs(said), f"data/derived/{study.name}/{record.SHARED}"]
    files = {path: (root / path).read_bytes() for path in sorted({*shared, *(own if public else ())})}
    note = {} if public else release.noted(study.name, root, releases)
    for path in note.get("files", ()):
        files[f"{RELEASED}/{path}"] = (releases / study.name / path).read_bytes()
    return Evidence(
        study=study,
        root=root,
        package=record.read(root / "data" / "raw" / study.name / "datapackage.json"),
        citation=_citation(root / "CITATION.cff"),
        record=said,
        local=local if local.get("record") == sha256(derived / record.SHARED) else {},
        files=files,
        private={} if public else private(study.name, root, said, key),
        release=note,
    )


def private(study: str, root: Path, said: dict[str, Any], key: bytes) -> dict[str, keyed.Private]:
    """The files of a restricted study that stay, each with its keyed hash; only known names are told."""
    raw = [path for path in said["inputs"] if (root / path).is_file()]
    results = [*_outputs(said), f"data/derived/{study}/{record.SHARED}"]
    named = ("datapackage.json", *(f"{table}.csv" for table in CONTRACT))
    known = {f"data/raw/{study}/{name}" for name in named}
    told = {path: path if path in known else "" for path in raw} | {path: path for path in results}
    return keyed.files(root, told, key)


def _refuse(study: Study, root: Path, said: dict[str, Any]) -> None:
    """CrateError, if results, data, code or lock are not those that the record speaks of."""
    again = f"run make reproduce STUDY={study.name} first"
    folder = staging.folders(study.name)[-1].as_posix()
    if not said:
        raise CrateError(f"{folder}/{record.SHARED} is not there, so nobody knows what ran; {again}")
    if not _outputs(said):
        raise CrateError(f"{folder}/{record.SHARED} speaks of no results; {again}")
    if altered := record.altered(study.name, root):
        raise CrateError(f"{altered[0]} is not as its run has written it; {again}")
    now = record.material(study.name, root)
    for part in record.MADE_FROM:
        for path in record.changed(said.get(part, {}), now.get(part, {})):
            raise CrateError(f"{path} is not what the results were made from; {again}")


def _outputs(said: dict[str, Any]) -> list[str]:
    return [path for run in said["runs"] for path in run.get("outputs", {})]


def _citation(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CrateError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from error
    return found if isinstance(found, dict) else {}


def titles(evidence: Evidence) -> dict[str, str]:
    """The title of each notebook that ran, by its path."""
    found = {}
    for path in dict.fromkeys(run.notebook for run in evidence.runs):
        cells = json.loads(evidence.files[path])["cells"]
        text = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
        found[path] = next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), path)
    return found
