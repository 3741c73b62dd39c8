"""What is remembered of a large study that was found sound: fourteen notebooks need not check it again each.

It lies below `scratch/`, for its owner only, as excerpts are in it. What does not fit to the study any more,
or cannot be read, is as good as not there. Of a cluster's own tables nobody can tell whether they have
changed, so of a study with one nothing is remembered.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis import ROOT, exchange
from analysis.elsewhere import Reference
from analysis.study import tables
from analysis.study.sampling import Sample

PLACE = ROOT / "scratch" / "checked"
FILE = "sound.json"
PRIVATE = 0o700
"""Interview material is for who has it already."""
Known = dict[str, Any]
"""What a study and the code that checks it were when it was found sound."""


def known(folder: Path, found: Mapping[str, Reference]) -> Known:
    """What has to be as it was: of files that are read here the SHA-256, of others the size and the time.

    Empty, if something can change without a trace.
    """
    if any(not reference.path for reference in found.values()):
        return {}
    code = [
        *Path(__file__).parent.glob("*.*"),
        *(ROOT / "analysis" / one for one in ("frames.py", "elsewhere.py")),
    ]
    read = [folder / "datapackage.json", *folder.glob("*.csv"), *code]
    far = [file for reference in found.values() for file in reference.files(folder)]
    far += [log for file in far if (log := file.with_name(f"{file.name}.wal")).exists()]
    stats = {str(file.resolve()): file.stat() for file in far}
    return {
        "read": {str(file.resolve()): digest(file) for file in sorted(read)},
        "far": {name: [stat.st_size, stat.st_mtime_ns] for name, stat in sorted(stats.items())},
    }


def digest(file: Path) -> str | None:
    """The SHA-256 of a file that fits into memory; none of what is no file."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def recalled(study: str, known: Known, contract: Mapping[str, Any]) -> Sample | None:
    """What came of the study when it was found sound, if it is still as it was then."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads((PLACE / study / FILE).read_text(encoding="utf-8"))
        if known and said["known"] == known:
            fields = {name: contract[name]["fields"] for name in said["tables"]}
            frames = {name: tables.of_texts(rows, fields[name]) for name, rows in said["tables"].items()}
            return Sample(frames, said["says"], said["counted"])
    return None


def keep(study: str, known: Known, sample: Sample) -> None:
    """Remember what came of a study; where that cannot be written, the next one checks again."""
    if not known:
        return
    rows = {name: tables.texts(frame) for name, frame in sample.frames.items()}
    said = {"known": known, "tables": rows, "says": sample.says, "counted": sample.counted}
    with suppress(OSError):
        exchange.written({PLACE / study: {FILE: json.dumps(said).encode("utf-8", "surrogatepass")}}, PRIVATE)
