"""Where results lie until all of them are good, and how they then take the place of earlier ones.

Everything is written to `.staging-<study>/` beside the target. Earlier results are replaced by renaming
whole folders, after a note of it in the staging folder; a process that dies between two renames leaves the
note, and the next run finishes what it says.
"""

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from analysis import exchange
from analysis.runs import files, record

NOTE = "promoting.json"
UNTOUCHED = "Earlier results are as they were."
CHANGED = "Earlier results were changed meanwhile, by a cell or by somebody else: {paths}"
HALFWAY = (
    "Results are half in place, as they could not be put back. The next start finishes putting them there."
)


def folders(study: str) -> list[Path]:
    """The folders of a study's results, laid out as in the checkout; last the one with the record."""
    return [Path("figures") / study, Path("data/derived") / study]


@dataclass(frozen=True)
class Stage:
    """A staging folder held: its `path`, and the descriptor of the `lock` that keeps others out of it.

    A process that inherits the descriptor keeps the lock too, so that what is left of a killed sequence
    has ended before the next one begins. `earlier` has the SHA-256 of each result that was in place.
    """

    study: str
    target: Path
    path: Path
    lock: int
    earlier: dict[str, str]

    def changed(self) -> list[str]:
        """The earlier results that are no longer what they were, and what is new among them."""
        now = _results(self.study, self.target)
        both = sorted(self.earlier.keys() | now.keys())
        return [path for path in both if self.earlier.get(path) != now.get(path)]

    def foreign(self) -> list[str]:
        """What lies among the earlier results, and is none of theirs: it would go with them."""
        derived = folders(self.study)[-1]
        written = {
            path for entry in record.entries(self.target / derived) for path in entry.get("outputs", {})
        }
        known = written | {f"{derived}/{name}" for name in (record.SHARED, record.LOCAL)}
        return [path for path in self.earlier if path not in known]


@contextmanager
def held(study: str, target: Path, failed: Path, tell: Callable[[dict[str, Any]], None]) -> Iterator[Stage]:
    """The empty staging folder of a study.

    Another process's is waited for, after telling who it is. What a process that died has left is put
    right first: results half in place are put in place, and an unfinished sequence is kept in `failed`,
    as this one is if it fails. What `failed` had before goes: it is for the latest failure. Raises OSError.
    """
    _writable(study, target)
    staging = target / f".staging-{study}"
    with (target / f".staging-{study}.lock").open("a+", encoding="utf-8") as lock:
        _take(lock, tell)
        before = _holder(lock)
        _sign(lock)
        with suppress(OSError):
            exchange.remove(failed)
        if staging.exists():
            what, kept = _put_right(staging, target, failed)
            tell({"event": what, "holder": before, "kept": str(kept or "")})
        if staging.exists():
            raise OSError(
                errno.ENOTEMPTY, "is left of an earlier sequence and cannot be removed", str(staging)
            )
        staging.mkdir()
        stage = Stage(study, target, staging, lock.fileno(), _results(study, target))
        try:
            yield stage
        except BaseException as error:
            for line in _ended(stage, failed):
                error.add_note(line)
            raise
        # All is in place; what cannot be cleared now the next start clears.
        with suppress(OSError, KeyboardInterrupt):
            _clear(staging)


def promote(stage: Stage) -> None:
    """Move each folder below the staging folder's `new` to its place; if one cannot be moved, all go back."""
    for folder in folders(stage.study):  # results without figures replace those that had some
        (stage.path / "new" / folder).mkdir(parents=True, exist_ok=True)
    note = stage.path / NOTE
    note.with_suffix(".part").write_text(json.dumps([str(folder) for folder in folders(stage.study)]))
    note.with_suffix(".part").rename(note)
    try:
        _forward(stage.path, stage.target)
    except BaseException:
        _back(stage.path, stage.target)  # where even this fails the note stays; the next start goes forward
        note.unlink()
        raise


def _results(study: str, target: Path) -> dict[str, str]:
    """The SHA-256 of every result in place, by its path below the target; hidden files are none."""
    found = (path for folder in folders(study) for path in (target / folder).rglob("*"))
    return files.hashes(
        (path for path in found if not any(part[0] == "." for part in path.relative_to(target).parts)), target
    )


def _put_right(staging: Path, target: Path, failed: Path) -> tuple[str, Path | None]:
    """What a process that died has left: "repaired" results, or an "unfinished" sequence, and where it is."""
    if (staging / NOTE).exists():
        _forward(staging, target)
        _clear(staging)
        return "repaired", None
    record.settle(staging / record.SHARED, "the process was killed")
    return "unfinished", _keep(staging, failed)


def _ended(stage: Stage, failed: Path) -> list[str]:
    """Keep what a sequence that failed has left, and say to its user where it is and what has become of
    earlier results."""
    if (stage.path / NOTE).exists():  # they are here, and so nothing may be cleared
        return [HALFWAY]
    kept = _keep(stage.path, failed)
    there = sorted(kept.iterdir()) if kept else []
    partial = [f"The notebook as far as it got: {_near(path)}" for path in there if path.suffix == ".ipynb"]
    said = [f"What its libraries said: {_near(path)}" for path in there if path.suffix == ".log"]
    state = [
        f"The state of every run and cell: {_near(path)}" for path in there if path.name == record.SHARED
    ]
    changed = stage.changed()
    return [*(partial or said), *state, CHANGED.format(paths=", ".join(changed)) if changed else UNTOUCHED]


def _near(path: Path) -> str:
    """The path from here, where that is shorter."""
    return min(str(path), os.path.relpath(path), key=len)


def _keep(staging: Path, failed: Path) -> Path | None:
    """Keep the record, partial notebooks and logs of an unfinished sequence; where, if there are any."""
    left = [*staging.glob(record.SHARED), *staging.rglob("*" + record.PARTIAL), *staging.glob("*.log")]
    left = [path for path in left if path.stat().st_size]
    if left and failed.exists():  # of another sequence, that has ended meanwhile elsewhere
        failed = failed.with_name(f"{failed.name}-{os.getpid()}")
    with suppress(OSError):  # a full disk, say: the failure itself is what must be told
        for path in left:
            shutil.move(path, files.placed(failed / path.name))
    with suppress(OSError):  # the next start tries again
        _clear(staging)
    return failed if left and failed.exists() else None


def _clear(staging: Path) -> None:
    """Remove the staging folder, the note last: half a folder without it would look unfinished."""
    for path in staging.iterdir():
        if path.is_dir():
            exchange.remove(path)
        elif path.name != NOTE:
            path.unlink()
    exchange.remove(staging)


def _forward(staging: Path, target: Path) -> None:
    for folder in json.loads((staging / NOTE).read_text()):
        new, old = staging / "new" / folder, staging / "old" / folder
        if new.exists():  # else it is in its place already
            if (target / folder).exists():
                with suppress(OSError):
                    exchange.remove(old)
                (target / folder).rename(files.placed(old))
            new.rename(files.placed(target / folder))


def _back(staging: Path, target: Path) -> None:
    for folder in json.loads((staging / NOTE).read_text()):
        new, old = staging / "new" / folder, staging / "old" / folder
        if not new.exists():
            (target / folder).rename(files.placed(new))
        if old.exists():
            old.rename(target / folder)


def _writable(study: str, target: Path) -> None:
    """Say at once, and not after the last run, where nothing can be written."""
    target.mkdir(parents=True, exist_ok=True)
    places = [target, *(target / folder for folder in folders(study))]
    for place in [*places, *(path.parent for path in places)]:
        nearest = next(path for path in (place, *place.parents) if path.exists())
        if nearest.is_relative_to(target) and not os.access(nearest, os.W_OK):
            raise PermissionError(errno.EACCES, "cannot be written", str(nearest))
        if nearest.is_relative_to(target) and nearest.stat().st_dev != target.stat().st_dev:
            says = "is on another disk than the folder above it; results are put in place by renaming"
            raise OSError(errno.EXDEV, says, str(nearest))


def _take(lock: IO[str], tell: Callable[[dict[str, Any]], None]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell({"event": "waiting", "holder": _holder(lock)})
        fcntl.flock(lock, fcntl.LOCK_EX)


def _holder(lock: IO[str]) -> str:
    lock.seek(0)
    return lock.read().strip() or "a process that has not said its number"


def _sign(lock: IO[str]) -> None:
    lock.truncate(0)
    lock.write(f"process {os.getpid()}, begun at {time.strftime('%H:%M:%S on %d %B %Y')}\n")
    lock.flush()
