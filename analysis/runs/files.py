"""Files and folders: what they hash to, and how they come and go."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis import exchange


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
    exchange.written({folder: made})
