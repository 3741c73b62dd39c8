"""Files and folders: what they hash to, and how they come and go."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(paths: Iterable[Path], base: Path) -> dict[str, str]:
    """The SHA-256 of each of the paths that is a file, by its path below `base`."""
    return {path.relative_to(base).as_posix(): sha256(path) for path in sorted(paths) if path.is_file()}


def placed(path: Path) -> Path:
    """The path, when the folder that it lies in has been made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def replaced(folder: Path, made: Mapping[str, bytes]) -> None:
    """Write files as a folder, which takes the place of an earlier one only once all of it is there."""
    part = folder.with_name(f".{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    for name, data in made.items():
        placed(part / name).write_bytes(data)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it, folders that a cell made read-only too. Raises OSError."""
    with suppress(OSError):
        folder.chmod(0o700)
        for inside, names, _ in os.walk(folder):
            for path in (Path(inside, name) for name in names):
                if not path.is_symlink():
                    path.chmod(0o700)
    shutil.rmtree(folder)
