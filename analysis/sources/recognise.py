"""Which tool a file is from, told by what is in it rather than by its name."""

from collections.abc import Callable
from pathlib import Path

from analysis.sources import columns, grid, maxqda, nvivo, qualcoder, refi, rqda, taguette
from analysis.sources.archive import Archive
from analysis.sources.database import MAGIC, Database
from analysis.sources.mapping import Mapping
from analysis.sources.project import Project, SourceError

DATABASES = (taguette, qualcoder, rqda, maxqda)
ZIP = b"PK"
KINDS = (
    "a REFI-QDA project (.qdpx) or codebook (.qdc), a database of Taguette, QualCoder, RQDA or MAXQDA "
    "(.mex), or a table (.csv, .tsv, .xlsx, .xls, .ods)"
)


def read(path: Path, project: str = "", mapping: Mapping | None = None) -> tuple[Project, Mapping | None]:
    """The project in a file of whatever tool, and, of a sheet, the mapping by which it was read.

    `project` names one of several. SourceError, if the file is of no tool that is known.
    """
    reader = _folder if path.is_dir() else _file(path, project)
    made = reader(path) if reader else None
    if project and (made is None or made.form != taguette.FORM):
        raise SourceError(
            path.name, ["--project names one of several in a database of Taguette; this is none"]
        )
    if made:
        return made, None
    sheets = grid.filled(path)
    if mapping is None and any(map(nvivo.is_mine, sheets)):
        return nvivo.of_sheets(path, sheets), None
    return columns.of_sheets(path, sheets, mapping)


def _folder(path: Path) -> Project:
    """A folder is a project of QualCoder's, or holds NVivo's texts of one code each."""
    return qualcoder.read(path) if (path / "data.qda").exists() else nvivo.read(path)


def _file(path: Path, project: str) -> Callable[[Path], Project] | None:
    """The reader of a file; None, if it can only be a table."""
    with path.open("rb") as stream:
        begin = stream.read(512)
    if not begin:
        raise SourceError(path.name, [f"the file is empty; expected {KINDS}"])
    if begin.startswith(MAGIC):
        return lambda base: _database(base, project)
    if path.suffix.lower() == ".qdpx" or (begin.startswith(ZIP) and _holds(path, ".qde")):
        return refi.read_project
    return {".qdc": refi.read_codebook, ".txt": nvivo.read, ".docx": nvivo.read}.get(path.suffix.lower())


def _holds(path: Path, ending: str) -> bool:
    with Archive(path) as archive:
        return any(name.endswith(ending) for name in archive.names())


def _database(path: Path, project: str) -> Project:
    with Database(path) as base:
        tables = base.tables
    mine = next((tool for tool in DATABASES if tool.is_mine(tables)), None)
    if mine is None:
        has = ", ".join(sorted(tables)[:8]) or "none"
        says = f"it is a database of no tool that is known here (its tables: {has}); expected {KINDS}"
        raise SourceError(path.name, [says])
    return mine.read(path, project or None) if mine is taguette else mine.read(path)
