"""Keyed hashes: what ties a package to private files, and tells nothing of them to who has no key.

A plain hash of a small table can be found by trying tables. HMAC-SHA256 (RFC 2104, FIPS 198-1) takes a secret
besides, so that only its holder can show that a file is the one, or find out by trying.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

METHOD = "HMAC-SHA256"
SOURCE = "https://www.rfc-editor.org/rfc/rfc2104"


@dataclass(frozen=True)
class Private:
    """A file that stays: what it is called in public, and its keyed hash in hexadecimal digits."""

    name: str
    keyed: str


def digest(path: str, data: bytes, key: bytes) -> str:
    r"""The HMAC-SHA256 of a file with its path, so that nobody can see that two files hold the same.

    In a shell, where KEY is what the key's file says: `{ printf '%s\0' "$path"; cat "$path"; } |
    openssl dgst -sha256 -mac HMAC -macopt hexkey:KEY`.
    """
    return hmac.new(key, path.encode() + b"\0" + data, hashlib.sha256).hexdigest()


def files(root: Path, told: Mapping[str, str], key: bytes) -> dict[str, Private]:
    """Files by path with what may be told of them. One without a name gets a number, in an order that says
    nothing."""
    hashed = {path: digest(path, (root / path).read_bytes(), key) for path in told}
    nameless = sorted((path for path, name in told.items() if not name), key=hashed.get)
    names = {path: f"raw file {number}" for number, path in enumerate(nameless, start=1)}
    return {path: Private(told[path] or names[path], keyed) for path, keyed in sorted(hashed.items())}


def promised(metadata: Mapping[str, Any]) -> dict[str, str]:
    """The names and keyed hashes that the metadata of a crate has."""
    entities = {entity["@id"]: entity for entity in metadata["@graph"]}
    return {
        entity["name"]: entities[entity["identifier"]["@id"]]["value"]
        for entity in entities.values()
        if entity["@id"].startswith("#private/")
    }


def unlike(metadata: Mapping[str, Any], found: Mapping[str, Private]) -> list[str]:
    """What keeps the private files from being those of a crate; nothing, if they are the ones."""
    said = promised(metadata)
    here = {one.keyed for one in found.values()}
    gone = [f"{name}: no file here has its keyed hash" for name, value in said.items() if value not in here]
    new = [f"{path}: not in the crate" for path, one in found.items() if one.keyed not in {*said.values()}]
    return gone + new
