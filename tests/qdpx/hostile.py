"""Files that are broken or mean. Each is small on the disk; what it unpacks to may not be."""

import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SPACE = "urn:QDA-XML:project:1.0"
USER = "11111111-1111-4111-8111-111111111111"
CODE = "22222222-2222-4222-8222-222222222222"
SOURCE = "33333333-3333-4333-8333-333333333333"
SELECTION = "44444444-4444-4444-8444-444444444444"
CODING = "55555555-5555-4555-8555-555555555555"
NOBODY = "99999999-9999-4999-8999-999999999999"
MEMBER = f"sources/{SOURCE}.txt"
TEXT = "The ward was calm 😀.\r\nThen, at nine, the phone rang twice, and nobody came.\r\n"
SAYS = f'<PlainTextSelection guid="{SELECTION}" startPosition="4" endPosition="8">'
CODED = f'<Coding guid="{CODING}" creatingUser="{USER}"><CodeRef targetGUID="{CODE}"/></Coding>'
XML = f"""<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="{SPACE}" name="Small" origin="Tests">
<Users><User guid="{USER}" name="K"/></Users>
<CodeBook><Codes><Code guid="{CODE}" name="Calm" isCodable="true"/></Codes></CodeBook>
<Sources>
<TextSource guid="{SOURCE}" name="P1" plainTextPath="internal://{SOURCE}.txt">
{SAYS}{CODED}</PlainTextSelection>
</TextSource>
</Sources>
</Project>
"""
"""A file that is sound, and that the others are made from."""
MIB = 2**20


@dataclass(frozen=True)
class Raw:
    """A member as it stands in a zip file, whatever is true of it."""

    name: str
    packed: bytes
    size: int
    crc: int = 0
    method: int = 8
    flags: int = 0


def zeros(size: int, unit: bytes = b"\0") -> bytes:
    """What `size` bytes of the same unit deflate to, made at once by saying one block again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    times = MIB // len(unit)
    block = packer.compress(unit * times) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size // (times * len(unit))) + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def raw_zip(path: Path, members: list[Raw]) -> Path:
    """A zip file of members that need not be what they say."""
    body, directory = b"", b""
    for one in members:
        name = one.name.encode()
        large = max(one.size, len(one.packed)) >= 2**32
        extra = struct.pack("<HHQQ", 1, 16, one.size, len(one.packed)) if large else b""
        sizes = (2**32 - 1, 2**32 - 1) if large else (len(one.packed), one.size)
        shared = struct.pack(
            "<HHHHHIIIHH", 45, one.flags, one.method, 0, 0x21, one.crc, *sizes, len(name), len(extra)
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 45) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name + extra
        body += b"PK\x03\x04" + shared + name + extra + one.packed
    count = len(members)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(body + directory + b"PK\x05\x06" + end)
    return path


def deflated(name: str, data: bytes, **said: int) -> Raw:
    """A member that is what it says, but for what is `said`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    return Raw(**{"name": name, "packed": packed, "size": len(data), "crc": zlib.crc32(data)} | said)


def zipped(path: Path, xml: str | bytes = XML, text: bytes | None = TEXT.encode(), **more: bytes) -> Path:
    """A project of this XML and text, and more members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        members = {"project.qde": xml, **({MEMBER: text} if text is not None else {}), **more}
        for name, data in members.items():
            made.writestr(zipfile.ZipInfo(name, (2024, 3, 5, 9, 30, 0)), data)
    return path


def changed(*changes: tuple[str, str]) -> str:
    """The sound XML with these words changed."""
    xml = XML
    for old, new in changes:
        if old not in xml:
            raise ValueError(f"{old!r} is not in the XML")
        xml = xml.replace(old, new)
    return xml


def _at(start: object, end: object) -> str:
    return changed((SAYS, SAYS.replace('"4" endPosition="8"', f'"{start}" endPosition="{end}"')))


def _twice(what: str) -> str:
    """One GUID for two different things of a kind."""
    return {
        "codes": changed(("</Codes>", f'<Code guid="{CODE}" name="Noise" isCodable="true"/></Codes>')),
        "sources": changed(
            (
                "</Sources>",
                f'<TextSource guid="{SOURCE}" name="P2" plainTextPath="internal://{SOURCE}.txt"/></Sources>',
            )
        ),
        "selections": changed(
            (
                "</TextSource>",
                f'<PlainTextSelection guid="{SELECTION}" startPosition="9" endPosition="12"/></TextSource>',
            )
        ),
        "codings": changed((CODED, CODED + CODED)),
        "users": changed(("</Users>", f'<User guid="{USER}" name="L"/></Users>')),
    }[what]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DEEP = 5_000
XMLS: dict[str, Callable[[], str | bytes]] = {
    "a document type": lambda: changed(("<Project", "<!DOCTYPE Project>\n<Project")),
    "an entity bomb": lambda: changed(
        ("<Project", f'<!DOCTYPE Project [<!ENTITY l0 "lol">{LAUGHS}]>\n<Project'), ('"Calm"', '"&l9;"')
    ),
    "an external entity": lambda: changed(
        ("<Project", '<!DOCTYPE Project [<!ENTITY it SYSTEM "file:///etc/passwd">]>\n<Project'),
        (SAYS, f"<Description>&it;</Description>{SAYS}"),
    ),
    "an external document type": lambda: changed(
        ("<Project", '<!DOCTYPE Project SYSTEM "http://127.0.0.1:9/project.dtd">\n<Project')
    ),
    "a coding on a missing code": lambda: changed((f'targetGUID="{CODE}"', f'targetGUID="{NOBODY}"')),
    "a coding by a missing user": lambda: changed((f'creatingUser="{USER}"', f'creatingUser="{NOBODY}"')),
    "a coding by nobody": lambda: changed((f' creatingUser="{USER}"', "")),
    "codes of one GUID": lambda: _twice("codes"),
    "sources of one GUID": lambda: _twice("sources"),
    "selections of one GUID": lambda: _twice("selections"),
    "codings of one GUID": lambda: _twice("codings"),
    "users of one GUID": lambda: _twice("users"),
    "invalid XML": lambda: changed(("</Sources>", "")),
    "invalid UTF-8 in the XML": lambda: XML.encode().replace(b"Calm", b"Ca\xfcm"),
    "a control character in the XML": lambda: XML.encode().replace(b"Calm", b"Ca\x01m"),
    "another kind of XML": lambda: '<?xml version="1.0"?><html><body>Hello</body></html>',
    "an empty XML": lambda: b"",
    "past the end": lambda: _at(4, 10_000),
    "a negative place": lambda: _at(-1, 8),
    "a place that is no number": lambda: _at("four", 8),
    "a place that is a fraction": lambda: _at("4.5", 8),
    "a place that is enormous": lambda: _at(4, "9" * 40),
    "a missing place": lambda: changed((' endPosition="8"', "")),
    "the end before the start": lambda: _at(8, 4),
    "a source without GUID": lambda: changed((f'<TextSource guid="{SOURCE}"', "<TextSource")),
    "a code without GUID": lambda: changed((f'<Code guid="{CODE}"', "<Code")),
    "a code reference without target": lambda: changed((f'<CodeRef targetGUID="{CODE}"/>', "<CodeRef/>")),
    "a coding without a code": lambda: changed((f'<CodeRef targetGUID="{CODE}"/>', "")),
    "a GUID that is none": lambda: changed((SOURCE, "the-first-source")),
    "a path to the system": lambda: changed((f"internal://{SOURCE}.txt", "absolute:///etc/passwd")),
    "a path out of the folder": lambda: changed(
        (f"internal://{SOURCE}.txt", "internal://../../../etc/passwd")
    ),
    "a relative path to the system": lambda: changed(
        (f"internal://{SOURCE}.txt", "relative:///etc/passwd"), ('name="Small"', 'name="Small" basePath="/"')
    ),
    "an address": lambda: changed((f"internal://{SOURCE}.txt", "http://127.0.0.1:9/text.txt")),
    "codes in codes in codes": lambda: changed(
        (
            "</Codes>",
            "".join(
                f'<Code guid="66666666-6666-4666-8666-{n:012d}" name="c" isCodable="true">'
                for n in range(DEEP)
            )
            + "</Code>" * DEEP
            + "</Codes>",
        )
    ),
    "a source without text": lambda: changed((f' plainTextPath="internal://{SOURCE}.txt"', "")),
}
"""Of these only the XML is odd."""


def hostile(folder: Path) -> dict[str, Path]:
    """A file for each thing that can be wrong, by what that is."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {name: zipped(folder / f"{name}.qdpx", xml()) for name, xml in XMLS.items()}
    made |= {name: make(folder / f"{name}.qdpx") for name, make in ZIPS.items()}
    made["a codebook with a document type"] = folder / "a codebook with a document type.qdc"
    made["a codebook with a document type"].write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE CodeBook [<!ENTITY it SYSTEM "file:///etc/passwd">]>\n'
        f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="{CODE}" name="&it;" '
        'isCodable="true"/></Codes></CodeBook>',
        encoding="utf-8",
    )
    return made


def sound(path: Path) -> Path:
    """The file that all of these would be, if nothing were wrong."""
    return zipped(path)


def _slip(path: Path) -> Path:
    return zipped(path, **{"../../slipped.txt": b"I am out."})


def _gigabytes(path: Path) -> Path:
    """Says truly that it is 10 GB; only the first GB is there, since nobody should come so far."""
    big = Raw(MEMBER, zeros(1024 * MIB), 10 * 1024 * MIB)
    return raw_zip(path, [deflated("project.qde", XML.encode()), big])


def _lying(path: Path) -> Path:
    """Says that it is 100 bytes, and unpacks to a GB."""
    return raw_zip(path, [deflated("project.qde", XML.encode()), Raw(MEMBER, zeros(1024 * MIB), 100)])


def _long_xml(path: Path) -> Path:
    return raw_zip(path, [Raw("project.qde", zeros(2048 * MIB, b" "), 2048 * MIB)])


def _long_text(path: Path) -> Path:
    line = "The ward was calm 😀, and the days went by, ".encode().ljust(63, b".") + b"\n"
    size, crc = 300 * MIB, 0
    for _ in range(300):
        crc = zlib.crc32(line * (MIB // len(line)), crc)
    member = Raw(MEMBER, zeros(size, line), size, crc)
    return raw_zip(path, [deflated("project.qde", XML.encode()), member])


def _locked(path: Path) -> Path:
    return raw_zip(path, [deflated("project.qde", XML.encode()), deflated(MEMBER, TEXT.encode(), flags=1)])


def _locked_xml(path: Path) -> Path:
    return raw_zip(path, [deflated("project.qde", XML.encode(), flags=1)])


def _unknown_method(path: Path) -> Path:
    return raw_zip(path, [deflated("project.qde", XML.encode()), deflated(MEMBER, TEXT.encode(), method=97)])


def _wrong_sum(path: Path) -> Path:
    return raw_zip(path, [deflated("project.qde", XML.encode()), deflated(MEMBER, TEXT.encode(), crc=1)])


def _same_names(path: Path) -> Path:
    other = deflated(MEMBER.upper(), b"Another text altogether, of the same name but for its case.")
    return raw_zip(path, [deflated("project.qde", XML.encode()), deflated(MEMBER, TEXT.encode()), other])


def _cut(path: Path) -> Path:
    data = zipped(path).read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    return path


def _nested(path: Path) -> Path:
    inner = zipped(path.with_suffix(".inner")).read_bytes()
    path.with_suffix(".inner").unlink()
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("project.qdpx", inner)
    return path


def _database(path: Path) -> Path:
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE stock (item TEXT, pieces INTEGER); INSERT INTO stock VALUES ('screw', 5);"
    )
    base.close()
    return path


def _plain(path: Path) -> Path:
    path.write_text("This is a text, and its name says otherwise.\n", encoding="utf-8")
    return path


def _nothing(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def _no_members(path: Path) -> Path:
    return raw_zip(path, [])


def _no_xml(path: Path) -> Path:
    return raw_zip(path, [deflated(MEMBER, TEXT.encode())])


ZIPS: dict[str, Callable[[Path], Path]] = {
    "a member that leads out": _slip,
    "a member of 10 GB": _gigabytes,
    "a member that is longer than it says": _lying,
    "an XML of 2 GB": _long_xml,
    "a text of 300 MB": _long_text,
    "two XMLs": lambda path: zipped(path, **{"other.qde": XML.encode()}),
    "no XML": _no_xml,
    "no members": _no_members,
    "a missing text": lambda path: zipped(path, text=None),
    "invalid UTF-8 in a text": lambda path: zipped(path, text=b"The ward was calm \xfc.\n"),
    "another encoding": lambda path: zipped(path, text=TEXT.encode("utf-16")),
    "a NUL in a text": lambda path: zipped(path, text=b"The ward \0was calm.\n"),
    "a zip cut short": _cut,
    "an empty file": _nothing,
    "a zip in a zip": _nested,
    "a database": _database,
    "a plain text": _plain,
    "a locked member": _locked,
    "a locked XML": _locked_xml,
    "an unknown packing": _unknown_method,
    "a wrong checksum": _wrong_sum,
    "two members of one name": _same_names,
}
"""Of these the zip file is odd, or is none."""
