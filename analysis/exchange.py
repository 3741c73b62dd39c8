"""How what is finished takes the place of what was there: all of it, or nothing, whenever it is cut short.

It is written beside its place under a hidden name; the earlier one is renamed aside, the new one renamed in,
and only then is the earlier one removed. Ctrl-C and whatever else goes wrong before all took their places
puts the earlier ones back at once; Ctrl-C after that removes them all the same. A process that is killed in
between leaves one under its hidden name, and the next exchange puts it back before anything else.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path


def part(target: Path) -> Path:
    """Where what is to take a place is made ready: beside it, as renaming reaches no other disk."""
    return target.with_name(f".{target.name}.new")


def aside(target: Path) -> Path:
    """Where the earlier one is while its place is taken."""
    return target.with_name(f".{target.name}.old")


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, folders that a cell made read-only too. Raises
    OSError."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    with suppress(OSError):
        path.chmod(0o700)
        for inside, names, _ in os.walk(path):
            for folder in (Path(inside, name) for name in names):
                if not folder.is_symlink():
                    folder.chmod(0o700)
    shutil.rmtree(path)


def settle(target: Path, discard: Callable[[Path], object] = remove) -> None:
    """Put right what a process that was killed has left: the earlier one goes back where none took its place,
    and is discarded where one did. What was not finished goes. Raises OSError."""
    old = aside(target)
    if old.exists():
        if target.exists():
            discard(old)
        else:
            old.rename(target)
    remove(part(target))


def taken(ready: Mapping[Path, Path], discard: Callable[[Path], object] = remove) -> None:
    """Let files and folders that are ready, by the place that each is for, take their places: all or none.

    Everything lies on one disk. Raises OSError if one cannot be moved; the earlier ones are back then.
    """
    try:
        for target, new in ready.items():
            if target.exists():
                target.rename(aside(target))
            new.rename(target)
        _discarded(ready, discard)
    except BaseException:
        if all(target.exists() and not new.exists() for target, new in ready.items()):
            _discarded(ready, discard)  # all took their places: Ctrl-C leaves no earlier ones behind
        else:
            for target, new in ready.items():
                _back(target, new)
        raise


def _discarded(targets: Iterable[Path], discard: Callable[[Path], object]) -> None:
    for target in targets:
        if aside(target).exists():
            with suppress(OSError):  # a file on a share that somebody has open, say: the next one tries again
                discard(aside(target))


def _back(target: Path, new: Path) -> None:
    """As it was before: the new one ready, the earlier one in its place."""
    if target.exists() and not new.exists():
        target.rename(new)
    if aside(target).exists():
        aside(target).rename(target)


def written(made: Mapping[Path, bytes | Mapping[str, bytes]], mode: int | None = None) -> None:
    """Write files, and folders of files with a `mode`, where earlier ones may be: all of them, or none.

    Raises OSError, on a full disk say; what was there is there then.
    """
    for target in made:
        target.parent.mkdir(parents=True, exist_ok=True)
        settle(target)
    ready = {target: part(target) for target in made}
    try:
        for target, data in made.items():
            _write(ready[target], data, mode)
        taken(ready)
    except BaseException:
        for new in ready.values():
            with suppress(OSError):
                remove(new)
        raise


def _write(path: Path, data: bytes | Mapping[str, bytes], mode: int | None) -> None:
    if isinstance(data, bytes):
        path.write_bytes(data)
        return
    path.mkdir()
    if mode is not None:
        path.chmod(mode)
    for name, content in data.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
