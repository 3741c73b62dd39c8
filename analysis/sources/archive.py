"""A zip file of somebody else's, opened with care: what it unpacks to is looked at before it is unpacked."""

import io
import zipfile
import zlib
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Self

from analysis.sources.project import SourceError

MOST_TEXT = 64 * 2**20
"""Bytes of a text source. An hour of talk is less than a tenth of one MiB."""
MOST_XML = 2**30
"""Bytes of the file that describes a project."""
MOST_MEMBERS = 200_000
LOCKED = 1
"""Among the flags of a member: what it holds is encrypted."""


class Archive:
    """The members of a zip file, by their names in lower case. Nothing is ever written to a disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            names = self._zip.infolist()
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise SourceError(
                path.name, [f"the zip file cannot be read, it is damaged or cut short ({error})"]
            ) from error
        if len(names) > MOST_MEMBERS:
            raise SourceError(
                path.name, [f"the zip file has {len(names):,} members; at most {MOST_MEMBERS:,} are read"]
            )
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for info in names:
            self._take(info)

    def _take(self, info: zipfile.ZipInfo) -> None:
        name = info.filename.replace("\\", "/")
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
            says = f'the member "{info.filename}" leads out of the zip file; no tool writes such a file'
            raise SourceError(self.path.name, [says])
        if info.is_dir():
            return
        if name.lower() in self._members:
            raise SourceError(self.path.name, [f'two members are called "{info.filename}"'])
        self._members[name.lower()] = info
        self._by_name[PurePosixPath(name.lower()).name].append(name.lower())

    def names(self) -> list[str]:
        """The members that are no folders, in their order, in lower case."""
        return [*self._members]

    def called(self, name: str) -> list[str]:
        """The members that are called so, in whatever folder."""
        return self._by_name.get(name, [])

    def stored(self, name: str) -> str:
        """The name as the zip file spells it."""
        return self._members[name].filename

    def read(self, name: str, most: int = MOST_TEXT) -> bytes:
        """The bytes of a member. SourceError, if they are more than `most` or damaged."""
        info = self._members[name]
        with self.open(name, most) as member:
            try:
                data = member.read(most + 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
                says = f'the member "{info.filename}" is damaged or cut short ({error})'
                raise SourceError(self.path.name, [says]) from error
        if len(data) > most:  # what a zip file says of a member's size may be a lie, so it is counted
            raise self._too_long(info, most)
        return data

    def _too_long(self, info: zipfile.ZipInfo, most: int) -> SourceError:
        says = f'the member "{info.filename}" has more than {most / 2**20:,.0f} MiB; no study has'
        return SourceError(self.path.name, [says])

    def open(self, name: str, most: int) -> io.BufferedIOBase:
        """A member as a stream. SourceError, if it is locked by a password, packed in an unknown way, or says
        itself that it has more bytes than `most`.
        """
        info = self._members[name]
        if info.file_size > most:
            raise self._too_long(info, most)
        if info.flag_bits & LOCKED:
            says = f'the member "{info.filename}" is protected by a password; export it without one'
            raise SourceError(self.path.name, [says])
        try:
            return self._zip.open(info)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            raise SourceError(
                self.path.name, [f'the member "{info.filename}" cannot be read ({error})']
            ) from error

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
