"""Files of every kind that can be imported, each changed a little by chance. See `fuzz`."""

import io
import re
import sqlite3
import tempfile
import zipfile
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import databases
import docx
import qdpx
import sheets
import test_sources_maxqda as maxqda
import test_sources_nvivo as nvivo
import test_sources_qualcoder as qualcoder
import test_sources_rqda as rqda
import test_sources_taguette as taguette
from lxml import etree
from qdpx.dialects import CODEBOOK_ONLY

from analysis.sources import columns, importing

ODD = [
    *("", " ", "\n", "0", "-1", "1", "2", "4.5", "1e5", "9" * 40, str(2**31), str(2**62), "NaN", "inf"),
    *(
        "null",
        "true",
        "x",
        "ä",
        "😀",
        "\u202e",
        "\u0085",
        "\u2028",
        "a\nb",
        "a\tb",
        '"',
        "'",
        ";",
        ",",
        "=1+1",
    ),
    *(
        "../../x",
        "<b>",
        "&amp;",
        "{0}",
        "%s",
        "cat:1",
        "Files\\P1",
        "2024-02-30",
        "31.02.2024",
        "٣",
        "x" * 200_000,
    ),
]
"""What stands where something else should."""
CELLS = [None, -1, 0, 1, 2, 7.5, 1e300, float("inf"), 2**62, b"\xff\xfe", b"plain", *ODD]
SIGNS = [
    "\0",
    "\x0b",
    "\r",
    "\r\n",
    "\n",
    "\t",
    " ",
    "😀",
    "\ufeff",
    "\ud800",
    "é",
    "<",
    "&",
    '"',
    "0",
    ",",
    ";",
]
"""What stands somewhere within a text."""
SEVERAL = (1, 1, 1, 2, 4)


# ---- bytes and texts --------------------------------------------------------------------------------------


def torn(data, dice):
    """Bytes changed, left out, said twice, or all after some place lost."""
    found = bytearray(data)
    for _ in range(dice.choice(SEVERAL)):
        at = dice.randrange(len(found) + 1)
        long = dice.choice((1, 4, 64, 1000))
        way = dice.randrange(5)
        if way < 2 and at < len(found):
            found[at] = dice.randrange(256)
        elif way == 2:
            del found[at : at + long]
        elif way == 3:
            found[at:at] = found[at : at + long]
        elif dice.random() < 0.3:
            del found[at:]
    return bytes(found)


def reworded(text, dice):
    """A text in which numbers, words, lines or single characters are others."""
    for _ in range(dice.choice(SEVERAL)):
        spots = [*re.finditer(dice.choice((r"\d+", r"\w+", r"[^\n]*\n", r'"[^"]*"', r"(?s).")), text)]
        if not spots:
            continue
        one, other = dice.choice(spots), dice.choice(spots)[0]
        said = dice.choice((dice.choice(ODD), dice.choice(SIGNS), other, one[0] * 2, ""))
        text = text[: one.start()] + said + text[one.end() :]
    return text


def retold(data, dice):
    """The bytes of a text, reworded, and now and then in another encoding."""
    with suppress(UnicodeDecodeError):
        text = reworded(data.decode("utf-8"), dice)
        code = dice.choice(("utf-8",) * 8 + ("utf-16", "utf-8-sig", "latin-1"))
        return text.encode(code, "surrogatepass" if code.startswith("utf") else "replace")
    return torn(data, dice)


def rebuilt(data, dice):
    """XML whose elements and attributes are changed, moved, left out or said twice."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError:
        return torn(data, dice)
    for _ in range(dice.choice(SEVERAL)):
        with suppress(ValueError, TypeError):  # what XML itself does not allow
            _rebuild([*root.iter(etree.Element)], dice)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _rebuild(elements, dice):
    one, other = dice.choice(elements), dice.choice(elements)
    above, way = one.getparent(), dice.randrange(10)
    values = [value for each in elements for value in each.attrib.values()]
    if way < 4 and one.attrib:
        name = dice.choice([*one.attrib])
        one.set(name, dice.choice((dice.choice(values), dice.choice(ODD), reworded(one.get(name), dice))))
    elif way == 4 and one.attrib:
        del one.attrib[dice.choice([*one.attrib])]
    elif way == 5 and above is not None:
        above.remove(one)
    elif way == 6 and above is not None:
        above.append(etree.fromstring(etree.tostring(one)))
    elif way == 7:
        other.append(etree.fromstring(etree.tostring(one)))
    elif way == 8:
        one.tag = dice.choice((other.tag, "{urn:another}" + etree.QName(one).localname, "Unknown"))
    else:
        one.text = dice.choice((dice.choice(ODD), reworded(one.text or "", dice)))


# ---- zip files and databases ------------------------------------------------------------------------------


def rezipped(data, dice):
    """A zip file whose members are changed and packed again; sometimes its own bytes."""
    if dice.random() < 0.1:
        return torn(data, dice)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(dice.choice(SEVERAL)):
        name, way = dice.choice([*members]), dice.random()
        main = [one for one in members if one.endswith((".qde", "content.xml", "sheet1.xml", "document.xml"))]
        if way < 0.6 and main:
            members[main[0]] = _member(main[0], members[main[0]], dice)
        elif way < 0.85:
            members[name] = _member(name, members[name], dice)
        elif way < 0.9:
            members[dice.choice((name.upper(), name + ".txt", "other.qde", "sources/x"))] = members[name]
        elif way < 0.95 and len(members) > 1:
            del members[name]
        else:
            members[name] = members[dice.choice([*members])]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _member(name, data, dice):
    if name.endswith((".qde", ".xml", ".rels")):
        return (rebuilt if dice.random() < 0.8 else dice.choice((torn, retold)))(data, dice)
    return (retold if dice.random() < 0.7 else torn)(data, dice)


def requeried(data, dice):
    """A database in which cells, rows, columns or tables are others; sometimes its own bytes."""
    if dice.random() < 0.2:
        return torn(data, dice)
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        Path(file.name).write_bytes(data)
        with closing(sqlite3.connect(file.name)) as base:
            for _ in range(dice.choice(SEVERAL)):
                with suppress(sqlite3.Error):  # what the schema does not allow
                    _query(base, dice)
            base.commit()
        return Path(file.name).read_bytes()


def _query(base, dice):
    """One change of a table, most often of a cell in it."""
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    table = dice.choice([name for (name,) in base.execute(listed)])
    fields = [*base.execute(f'PRAGMA table_info("{table}")')]
    column = dice.choice(fields)[1]
    cells = dict(base.execute(f'SELECT rowid, "{column}" FROM "{table}"')) or {1: None}  # noqa: S608 - tests
    row, way = dice.choice([*cells]), dice.random()
    if way < 0.6:
        cell = cells[row]
        near = cell + dice.choice((-1, 1, 1000)) if isinstance(cell, int | float) else cell
        near = reworded(cell, dice) if isinstance(cell, str) else near
        new = dice.choice((near, near, dice.choice([*cells.values()]), dice.choice(CELLS)))
        base.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', [new, row])  # noqa: S608 - tests
    elif way < 0.75:
        base.execute(f'DELETE FROM "{table}" WHERE rowid = ?', [row])  # noqa: S608 - tests
    elif way < 0.9:
        names = ", ".join(f'"{name}"' for _, name, _, _, _, key in fields if not key)
        again = f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "{table}" WHERE rowid = ?'  # noqa: S608 - tests
        base.execute(again, [row])
    else:
        words = dice.choice(('DROP COLUMN "{}"', 'RENAME COLUMN "{}" TO another', "RENAME TO another"))
        base.execute(f'ALTER TABLE "{table}" ' + words.format(column))


# ---- tables -----------------------------------------------------------------------------------------------


def resaid(rows, dice):
    """The rows of a table with other cells, or with rows and columns moved, left out or said twice."""
    rows = [[*row] for row in rows]
    for _ in range(dice.choice(SEVERAL)):
        row, way = dice.choice(rows), dice.randrange(8)
        place = dice.randrange(max(len(row), 1))
        if way < 4 and row:
            cell = row[place]
            row[place] = dice.choice(
                (dice.choice(ODD), reworded(str(cell), dice), dice.choice(dice.choice(rows) or [""]))
            )
        elif way == 4:
            rows.append([*row])
        elif way == 5 and len(rows) > 1:
            rows.remove(row)
        elif way == 6 and row:
            del row[place]
        else:
            dice.shuffle(rows)
    return rows


def workbook(make, ending, tables, dice):
    """A workbook of changed rows, or of sound ones whose members are changed."""
    rows = dice.choice(tables)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"it.{ending}"
        if dice.random() < 0.5:
            make(path, [[_storable(cell) for cell in row] for row in resaid(rows, dice)])
            return {path.name: path.read_bytes()}
        make(path, rows)
        return {path.name: (torn if ending == "xls" else rezipped)(path.read_bytes(), dice)}


def _storable(cell):
    """What the makers of workbooks for tests can write."""
    return cell if not isinstance(cell, str) else re.sub("[\x00-\x08\x0b-\x1f\ud800-\udfff]", "", cell)[:200]


def plain(tables, dice):
    out = Path(tempfile.mkstemp(suffix=".csv")[1])
    rows = dice.choice(tables)
    sheets.plain(
        out,
        [[str(cell).replace("\ud800", "") for cell in row] for row in resaid(rows, dice)],
        dice.choice(",;\t"),
    )
    data = out.read_bytes()
    out.unlink()
    return {"it.csv": retold(data, dice) if dice.random() < 0.5 else data}


# ---- all of them ------------------------------------------------------------------------------------------


def _bytes(ending, make):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"it{ending}"
        make(path)
        return path.read_bytes()


def alone(name, data, change, dice):
    """A single file, and beside it a sheet of attributes."""
    said = sheets.texts([["document", "ward", "age"], ["P1.txt", "A", 40], ["P2.txt", "B", 50]])
    beside = plain([said], dice)["it.csv"]
    return {name: change(data, dice), "said.csv": beside}


def told(dice):
    """A sound table, and choices of its import that are changed."""
    base = _bytes(".csv", lambda path: sheets.plain(path, sheets.PLAIN))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.csv"
        path.write_bytes(base)
        choices = importing.Choices(mapping=columns.read(path)[1])
    text = importing.to_toml(choices)
    return {"it.csv": base, importing.CHOICES: retold(text.encode(), dice)}


def folder_of_texts(dice):
    files = {f"codes/{name}.txt": nvivo.REFERENCES.replace("Waiting", name).encode() for name in ("A", "B")}
    name = dice.choice([*files])
    return files | {name: retold(files[name], dice)}


def _word(path):
    made = docx.Document()
    for line in nvivo.REFERENCES.splitlines():
        made.add_paragraph(line)
    made.save(path)


def _forms():
    """Each kind of file, by a name, as what makes a changed one by chance."""
    sample, found = qdpx.sample(), {}
    for name in qdpx.DIALECTS:
        if name not in CODEBOOK_ONLY:
            data = _bytes(".qdpx", lambda path, name=name: qdpx.write(path, sample, name))
            found[f"qdpx {name}"] = partial(alone, "it.qdpx", data, rezipped)
    for name in ("standard", "maxqda", *CODEBOOK_ONLY):
        data = _bytes(".qdc", lambda path, name=name: qdpx.write_codebook(path, sample, name))
        found[f"qdc {name}"] = partial(
            alone, "it.qdc", data, lambda data, dice: _member("it.xml", data, dice)
        )
    ours = [row for row in taguette.ROWS["projects"] if row["id"] == 1]
    of_tools = {
        "taguette": ("it.sqlite3", taguette.SCHEMA, taguette.ROWS | {"projects": ours}),
        "qualcoder": ("data.qda", qualcoder.SCHEMA, qualcoder.ROWS),
        "rqda": ("it.rqda", rqda.SCHEMA, rqda.ROWS),
        "maxqda": ("it.mex", maxqda.SCHEMA, maxqda.ROWS),
    }
    for name, (file, schema, rows) in of_tools.items():
        data = _bytes(".db", lambda path, schema=schema, rows=rows: databases.make(path, schema, rows))
        found[f"database {name}"] = partial(alone, file, data, requeried)
    maxqda_rows = [sheets.MAXQDA["English"].split(","), *sheets.SEGMENTS]
    tables = [maxqda_rows, sheets.TAGUETTE, sheets.DEDOOSE, sheets.ATLASTI, sheets.PLAIN, sheets.MATRIX]
    found["table csv"] = partial(plain, tables)
    for ending in ("xlsx", "ods", "xls"):
        found[f"table {ending}"] = partial(workbook, getattr(sheets, ending), ending, tables)
    found["nvivo txt"] = partial(alone, "it.txt", nvivo.REFERENCES.encode(), retold)
    found["nvivo docx"] = partial(alone, "it.docx", _bytes(".docx", _word), rezipped)
    return found | {"nvivo folder": folder_of_texts, "import.toml": told}


FORMS = _forms()
