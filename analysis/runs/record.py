"""The record of a sequence: what ran on what, and what came of it."""

import hashlib
import importlib.metadata
import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analysis.runs.plan import Run


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(folder: Path, study: str, code: Path, root: Path, runs: list[Run], cells: dict[str, int], seconds: dict[str, float]) -> None:
    """Write `run.json`, the same for the same inputs, and `run.local.json`, which is of this machine."""
    sources = [*code.glob("analysis/**/*.py"), *code.glob("analysis/**/*.toml"), *code.glob("analysis/**/*.json")]
    record = {
        "study": study,
        "plan": [
            {"run": run.name, "notebook": run.notebook, "parameters": run.parameters, "state": "completed", "code_cells": cells[run.name]}
            for run in runs
        ],
        "inputs": _hashes(code, (code / "data" / "raw" / study).iterdir()),
        "sources": _hashes(code, [*sources, *code.glob("notebooks/*.ipynb")]),
        "lock": _hashes(code, [code / "requirements.lock"]),
        "outputs": _hashes(root, (root / path for run in runs for path in run.outputs)),
    }
    _dump(folder / "run.json", record)
    local = {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "git": git_state(code),
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "packages": {d.name: d.version for d in sorted(importlib.metadata.distributions(), key=lambda d: d.name.casefold())},
    }
    _dump(folder / "run.local.json", local)


def _hashes(base: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(base).as_posix(): sha256(path) for path in sorted(paths) if path.is_file()}


def git_state(code: Path) -> dict[str, Any] | None:
    """The revision checked out, and whether tracked files differ from it; None outside git."""
    command = ["git", "-C", str(code)]
    revision = subprocess.run([*command, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    if revision.returncode:
        return None
    status = subprocess.run([*command, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=False)
    return {"revision": revision.stdout.strip(), "dirty": bool(status.stdout.strip())}


def _dump(path: Path, record: dict[str, Any]) -> None:
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
