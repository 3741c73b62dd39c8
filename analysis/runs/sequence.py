"""The whole plan in order: executed in a staging folder, promoted only when all of it is good."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from analysis.runs import record
from analysis.runs.execution import execute
from analysis.runs.plan import Run

Progress = Callable[[int, Run, int, float], None]
"""Called after each run: its number, the run, its code cells, its seconds."""


def reproduce(study: str, runs: list[Run], code: Path, target: Path, progress: Progress) -> list[str]:
    """Execute the runs and put their results below `target`; the paths written.

    Earlier results are replaced at the very end, folder by folder; whatever fails before that leaves
    them as they were.
    """
    staging = target / f".staging-{study}"
    shutil.rmtree(staging, ignore_errors=True)
    cells: dict[str, int] = {}
    seconds: dict[str, float] = {}
    try:
        for number, run in enumerate(runs, start=1):
            start = time.monotonic()
            evidence = execute(run, code / "notebooks", staging, code / "scratch" / "failed")
            cells[run.name], seconds[run.name] = evidence.cells, time.monotonic() - start
            progress(number, run, evidence.cells, seconds[run.name])
        derived = staging / "data" / "derived" / study
        record.write(derived / "run.json", record.of_plan(study, code, staging, runs, cells))
        record.write(derived / "run.local.json", record.of_machine(code, seconds))
        promote(staging, target, [Path("data/derived") / study, Path("figures") / study])
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return [path for run in runs for path in run.outputs]


def promote(staging: Path, target: Path, folders: list[Path]) -> None:
    """Move each staged folder to its place; if one cannot be moved, all are put back as they were."""
    moved: list[tuple[Path, Path]] = []
    try:
        for folder in folders:
            new, old = target / folder, staging / "replaced" / folder
            new.parent.mkdir(parents=True, exist_ok=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            if new.exists():
                new.rename(old)
                moved.append((old, new))
            (staging / folder).rename(new)
    except BaseException:
        for old, new in moved:
            shutil.rmtree(new, ignore_errors=True)
            old.rename(new)
        raise
