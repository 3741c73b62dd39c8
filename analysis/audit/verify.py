"""The committed results, held against a second run of everything."""

from pathlib import Path

LOCAL = "run.local.json"
"""Of this machine, ignored by git, and so no part of the reference."""


def differences(reference: Path, again: Path, folders: list[Path]) -> list[tuple[str, str]]:
    """Every file that is different, missing or unexpected in the second run, by path, and which it is."""
    found = []
    for folder in folders:
        before, after = _files(reference / folder), _files(again / folder)
        for name in sorted(before | after):
            path = (folder / name).as_posix()
            if name not in after:
                found.append((path, "missing"))
            elif name not in before:
                found.append((path, "unexpected"))
            elif (reference / folder / name).read_bytes() != (again / folder / name).read_bytes():
                found.append((path, "different"))
    return found


def files(root: Path, folders: list[Path]) -> list[Path]:
    """Every file of the results below `root`."""
    return [folder / name for folder in folders for name in sorted(_files(root / folder))]


def _files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != LOCAL}
