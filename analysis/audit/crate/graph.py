"""Entities of an RO-Crate and what ties them together, as JSON-LD.

Written by hand and not with the `rocrate` package, which puts files and a date of its own on the disk: this
gives the same bytes for the same record. The tests read it with that package.
"""

import hashlib
import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

CRATE = "https://w3id.org/ro/crate/1.1"
CONTEXT = [f"{CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context"]
ENCODINGS = {
    ".cff": "text/yaml",
    ".css": "text/css",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".toml": "application/toml",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".xsd": "application/xml",
    ".yml": "text/yaml",
    "": "text/plain",
}

Ref = dict[str, str]


class Graph:
    """The entities by their id, in the order in which they came."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Any]] = {}

    def add(self, at: str, kind: str | list[str], **said: Any) -> Ref:  # noqa: ANN401 - whatever JSON can say
        """An entity with what is said of it, and not with what is empty; gives back a reference to it."""
        entity = self.entities.setdefault(at, {"@id": at, "@type": kind})
        entity |= {name: value for name, value in said.items() if value not in (None, "", [], {})}
        return {"@id": at}

    def file(self, path: str, data: bytes, kinds: tuple[str, ...] = (), **said: Any) -> Ref:  # noqa: ANN401 - likewise
        """A file with its size, SHA-256 and encoding."""
        about = {
            "name": said.pop("name", path),
            "encodingFormat": ENCODINGS.get(PurePosixPath(path).suffix.lower(), "application/octet-stream"),
            "contentSize": str(len(data)),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        return self.add(quote(path), ["File", *kinds] if kinds else "File", **about, **said)

    def value(self, at: str, name: str, value: object, **said: Any) -> Ref:  # noqa: ANN401 - likewise
        """A value under a name."""
        return self.add(at, "PropertyValue", name=name, value=value, **said)

    def example(self, entity: Ref, parameter: Ref, *, content: bool = True) -> None:
        """Say that an entity is what a formal parameter was, and the other way round if it is `content`."""
        self._append(entity["@id"], "exampleOfWork", parameter)
        if content:
            self._append(parameter["@id"], "workExample", entity)

    def _append(self, at: str, name: str, ref: Ref) -> None:
        known = self.entities[at].setdefault(name, [])
        if ref not in known:
            known.append(ref)

    def written(self) -> bytes:
        """The graph as a file; one reference in a list stands by itself."""
        graph = [{name: _single(value) for name, value in one.items()} for one in self.entities.values()]
        text = json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, ensure_ascii=False)
        return f"{text}\n".encode()


def _single(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
