"""Folders of studies, written whole or not at all; whatever stood there before is put aside."""

import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

from analysis import PAPER, ROOT, SIMULATED, exchange
from analysis.sources import KEYS, REPLACED
from analysis.sources.project import SourceError
from analysis.sources.pseudonyms import Key
from analysis.study import RAW, StudyError, load

SECRET = 32
"""Bytes of the key of keyed hashes."""
PRIVATE = 0o700
"""Interview material is for who has imported it."""


def allowed(study: str, *, replace: bool, raw: Path = RAW) -> None:
    """SourceError, if a study of this name cannot be written."""
    target = raw / study
    if not re.fullmatch(r"\w[\w.-]*", study):
        says = f'"{study}" cannot be the name of a study; expected letters, digits, dots, - and _'
    elif study in (PAPER, SIMULATED) or study.startswith("simulated-"):
        says = f'"{study}" comes with the suite; name a study of your own: STUDY=my-study'
    elif target.exists() and not replace:
        says = (
            f'there is a study "{study}" already; name another, or import with --replace, which puts it aside'
        )
        says += f" into {REPLACED}/"
    else:
        return
    raise SourceError(target.name, [says])


def write(files: dict[str, bytes], study: str, raw: Path = RAW) -> Path | None:
    """Write a study's folder: complete, and checked like any study before it is there.

    An earlier one is put aside; where to is given back. StudyError, if the tables are none that the suite
    can read; nothing is then changed.
    """
    raw.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".importing-", dir=raw) as place:
        part = Path(place) / study
        for name, data in files.items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        part.chmod(PRIVATE)
        try:
            load(study, Path(place))
        except StudyError as error:  # of a place that is gone when it is read
            raise StudyError(f"the study {study}", error.problems) from error
        places: list[Path] = []
        exchange.settle(raw / study, lambda earlier: _put_aside(earlier, study))
        exchange.taken({raw / study: part}, lambda earlier: places.append(_put_aside(earlier, study)))
    return places[0] if places else None


def _put_aside(folder: Path, study: str) -> Path:
    """Move the folder of an earlier study to where replaced ones are, under the first free number."""
    place = ROOT / REPLACED
    place.mkdir(parents=True, exist_ok=True)
    number = 1
    while (aside := place / f"{study}-{number}").exists():
        number += 1
    shutil.move(folder, aside)
    return aside


def key_of(study: str, given: str | None) -> Path:
    """Where the key of a study's pseudonyms is. SourceError, if it would be inside of the suite."""
    path = (Path(given).expanduser() if given else KEYS / f"{study}.key.csv").resolve()
    if path.is_relative_to(ROOT.resolve()):
        says = "the key would be inside of the suite; keep it where it is neither committed nor passed on"
        raise SourceError(path, [says])
    if path.is_dir():
        raise SourceError(path, [f"this is a folder; name a file in it: --key {path / study}.key.csv"])
    return path


def read_key(path: Path) -> Key | None:
    """The key that is there already; None, if there is none."""
    return Key.read(path) if path.exists() else None


def write_key(key: Key, path: Path) -> None:
    """Write a key of pseudonyms."""
    _write_private(key.written(), path)


def secret(path: Path, *, new: bool = True) -> bytes:
    """The key of keyed hashes that is there already, or a `new` one; SourceError without one."""
    if new and not path.exists():
        _write_private(secrets.token_hex(SECRET) + "\n", path)
    try:
        found = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise SourceError(path, ["there is no key; only who has it can tell"]) from None
    except ValueError:
        found = b""
    if len(found) != SECRET:
        raise SourceError(path, [f"this is no key of keyed hashes; expected {2 * SECRET} hexadecimal digits"])
    return found


def _write_private(text: str, path: Path) -> None:
    """Write what only its owner may read, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
