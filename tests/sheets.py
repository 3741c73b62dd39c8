"""Sheets as tools export them, generated: nothing in them is from a study."""

import csv
import io
import struct
import zipfile
from xml.sax.saxutils import escape

import numpy as np
import xlsxwriter

MAXQDA = {
    "English": "Color,Comment,Document group,Document name,Code,Beginning,End,Weight score,Segment,Area,"
    "Coverage %,Author,Creation date",
    "German": "Farbe,Kommentar,Dokumentgruppe,Dokumentname,Code,Anfang,Ende,Gewicht,Segment,Fläche,"
    "Abdeckungsgrad %,Autor,Erstellt am",
    "Polish": "Kolor,Komentarz,Grupa dokumentów,Nazwa dokumentu,Kod,Początek,Koniec,Waga,Fragment,Objętość,"
    "Obszar %,Autor,Data utworzenia",
    "Spanish": "Color,Comentario,Grupo de documentos,Nombre del documento,Código,Comienzo,Fin,Peso,Segmento,"
    "Área,% Cobertura,Autor,Fecha de creación",
    "French": "Couleur,Commentaire,Groupe de documents,Nom du document,Code,Début,Fin,Poids,Segment,Surface,"
    "% de couverture,Auteur,Date de création",
    "unknown": "Xa,Xb,Xc,Xd,Xe,Xf,Xg,Xh,Xi,Xj,Xk,Xl,Xm",
}
SEGMENTS = [
    ["●", "look again", "Wave 1", "P1", "Time > Waiting", 3, 4, 50, "We wait.", 8, 1.25, "K", "01.03.2024"],
    ["●", "", "Wave 1", "P1", "Trust", 3, 4, 0, "We wait.", 8, 1.25, "L", "13.03.2024 14:05"],
    ["●", "", "role: nurse", "P2", "Time", 7, 7, 0, "Nobody\ncame.", 13, 0.5, "K", "02.03.2024"],
]
TAGUETTE = [
    ["id", "document", "tag", "content"],
    ["1", "P1.docx", "time.waiting", "We wait."],
    ["1", "P1.docx", "trust", "We wait."],
    ["2", "P2.docx", "trust", "We wait."],
]
DEDOOSE = [
    [
        *("Media Title", "Excerpt Range", "Excerpt Creator", "Excerpt Date", "Excerpt Copy", "Resource Date"),
        *("Codes Applied Combined", "Code: Time Applied", "Code: Time\\Waiting, long Applied"),
        *("Code: Time\\Waiting, long Range", "Code: Time\\Waiting, long Weight", "Ward", "Shift"),
    ],
    [
        "P1",
        "0-8",
        "K",
        "3/4/2024",
        "We wait.",
        "",
        "Time, Waiting, long",
        "True",
        "True",
        "0-10",
        "7",
        "A",
        "day",
    ],
    ["P1", "0-8", "L", "3/14/2024", "We wait.", "", "Time", "True", "False", "", "", "A", "night"],
    ["P2", "4-9", "K", "3/4/2024", "came", "", "", "False", "False", "", "", "B", "day"],
]
ATLASTI = [
    ["ID", "Document", "Quotation Content", "Comment", "Codes", "Reference", "Document Groups", "Created by"],
    ["1:1", "P1", "We wait.", "look again", "Time\nTrust\nTime", "3 - 4", "gender: female\nWave 1", "K"],
    ["1:2", "P1", "Nobody came.", "", "", "5 - 5", "gender: female\nWave 1", "K"],
    ["2:1", "P2", "We wait.", "", "Trust", "1 - 1", "gender: female\ngender: male", "L"],
]
PLAIN = [
    ["Participant", "Quote", "Theme"],
    ["P1", "We wait; we do.", "Time; Trust"],
    ["P2", "Nobody\ncame.", "Time"],
]
MATRIX = [
    ["", "A : P1", "B : P2"],
    ["1 : Time", 2, 0],
    ["2 : Trust", 1, 3],
]


def texts(rows):
    return [[str(cell) for cell in row] for row in rows]


def plain(path, rows, delimiter=",", encoding="utf-8", mark=""):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes((mark + out.getvalue()).encode(encoding))
    return path


def xlsx(path, *sheets):
    """A workbook of sheets, each a list of rows, called Sheet1, Sheet2, …"""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False})
    for rows in sheets:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()
    return path


def changed(data, seed, signs=bytes(range(256))):
    """The bytes with one, three or twenty of them changed, and every other time cut short."""
    dice = np.random.default_rng(seed)
    found = np.frombuffer(data, dtype=np.uint8).copy()
    places = dice.integers(len(found), size=(1, 3, 20)[seed % 3])
    found[places] = dice.choice(np.frombuffer(signs, dtype=np.uint8), size=len(places))
    return found.tobytes()[: dice.integers(1, len(found)) if seed % 2 else None]


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def ods(path, rows, manifest="", name="Sheet1"):
    """A minimal OpenDocument table; a cell that begins with < is written as it is."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content xmlns:office="{ODF}office:1.0" xmlns:table="{ODF}table:1.0" '
        f'xmlns:text="{ODF}text:1.0"><office:body><office:spreadsheet><table:table table:name="{name}">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    files = f'<manifest:manifest xmlns:manifest="{ODF}manifest:1.0">{manifest}</manifest:manifest>'
    return zipped(path, {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": files})


def _ods_cell(cell):
    if str(cell).startswith("<"):
        return cell
    if isinstance(cell, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    shown = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.split("\n"))
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'


SECTOR, FREE, END, FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(path, rows, stream="Workbook"):
    """A minimal workbook of Excel 97: a compound file with one stream of records."""

    def record(kind, data=b""):
        return struct.pack("<HH", kind, len(data)) + data

    cells = b""
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            head = struct.pack("<HHH", place, column, 0)
            if isinstance(cell, bool):
                cells += record(0x0205, head + bytes([cell, 0]))
            elif isinstance(cell, int | float):
                cells += record(0x0203, head + struct.pack("<d", cell))
            elif cell:
                cells += record(0x0204, head + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6)
    name = b"Sheet1"
    bound = struct.pack("<IHBB", 20 + 4 + 8 + len(name) + 4, 0, len(name), 0) + name
    book = record(0x0809, begin) + record(0x0085, bound) + record(0x000A)
    sheet = record(0x0809, begin[:2] + struct.pack("<H", 0x0010) + begin[4:]) + cells + record(0x000A)
    path.write_bytes(compound({stream: book + sheet}))
    return path


def compound(streams):
    """Streams in Microsoft's compound file, each padded so that it needs no small sectors."""
    blocks = [data.ljust(max(4096, -(-len(data) // SECTOR) * SECTOR), b"\0") for data in streams.values()]
    table, starts, sectors = [FAT, END], [], b""
    for block in blocks:
        starts.append(len(table))
        count = len(block) // SECTOR
        table += [*range(len(table) + 1, len(table) + count), END]
        sectors += block
    entries = [_entry("Root Entry", 5, child=1, start=END)]
    for number, (name, block) in enumerate(zip(streams, blocks, strict=True)):
        right = number + 2 if number + 1 < len(blocks) else FREE
        entries.append(_entry(name, 2, right=right, start=starts[number], size=len(block)))
    folder = b"".join(entries).ljust(SECTOR, b"\0")
    fat = struct.pack(f"<{len(table)}I", *table).ljust(SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += b"\0" * 10 + struct.pack("<IIIIIIII", 1, 1, 0, 4096, END, 0, END, 0)
    head += struct.pack("<I", 0) + b"\xff" * 432
    return head + fat + folder + sectors


def _entry(name, kind, child=FREE, right=FREE, start=0, size=0):
    word = (name + "\0").encode("utf-16-le")
    head = word.ljust(64, b"\0") + struct.pack("<HBBIII", len(word), kind, 1, FREE, right, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)
