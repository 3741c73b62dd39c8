"""The record of a sequence: what ran on what, and what came of it."""

import hashlib
import importlib.metadata
import json
import platform
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.runs.plan import Run


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def of_plan(study: str, code: Path, root: Path, runs: list[Run], cells: dict[str, int]) -> dict[str, Any]:
    """What `run.json` says: the same for the same code, data and lock, on every machine."""
    patterns = ("analysis/**/*.py", "analysis/**/*.toml", "analysis/**/*.json", "notebooks/*.ipynb")
    return {
        "study": study,
        "plan": [
            {
                "run": run.name,
                "notebook": run.notebook,
                "parameters": run.parameters,
                "state": "completed",
                "code_cells": cells[run.name],
            }
            for run in runs
        ],
        "inputs": _hashes(code, (code / "data" / "raw" / study).iterdir()),
        "sources": _hashes(code, (path for pattern in patterns for path in code.glob(pattern))),
        "lock": _hashes(code, [code / "requirements.lock"]),
        "outputs": _hashes(root, (root / path for run in runs for path in run.outputs)),
    }


def of_machine(code: Path, seconds: dict[str, float]) -> dict[str, Any]:
    """What `run.local.json` says: versions found, platform, git revision, durations."""
    found = sorted(importlib.metadata.distributions(), key=lambda package: package.name.casefold())
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "git": git_state(code),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "packages": {package.name: package.version for package in found},
    }


def write(path: Path, record: dict[str, Any]) -> None:
    """Write a record as JSON that reads well in a diff."""
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _hashes(base: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(base).as_posix(): sha256(path) for path in sorted(paths) if path.is_file()}


def git_state(code: Path) -> dict[str, Any] | None:
    """The revision checked out, and whether tracked files differ from it; None outside git."""
    revision, status = (
        _git(code, *words) for words in (["rev-parse", "HEAD"], ["status", "--porcelain", "-uno"])
    )
    return None if revision is None else {"revision": revision, "dirty": bool(status)}


def _git(code: Path, *words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run([git, "-C", code, *words], capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return None if done.returncode else done.stdout.strip()
