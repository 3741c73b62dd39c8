"""Tables in five formats, each read back by a reader that shares no code with its writer."""

import cProfile
import html
import io
import pstats
import re
import zipfile
from dataclasses import dataclass, replace

import docx
import lxml.html
import pandas as pd
import pytest
from docx.oxml.ns import qn
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from small import properties

from analysis.outputs import formats
from analysis.outputs.paper import PaperTable, appendix, excerpt_tables

NAMES = ["table-1", "table-2", "table-3", "table-a1"]

# Without the phase that explains a failure: it takes longer than all the tests.
many = settings(properties, max_examples=40, phases=[Phase.explicit, Phase.generate, Phase.shrink])


@dataclass(frozen=True)
class Printed:
    """What a reader of a file sees. A row is a list of cells; a heading over rows is a row of one cell."""

    caption: str
    headings: list[str]
    rows: list[list[str]]
    note: str


# Word


def read_word(data, _merged):
    """A merged cell is one cell in every row and column it covers, so nothing has to be filled in."""
    document = docx.Document(io.BytesIO(data))
    (grid,) = document.tables
    texts = [paragraph.text for paragraph in document.paragraphs]
    heads, *rows = [once_if_merged(row.cells) for row in grid.rows]
    return Printed(texts[0], heads, rows, "".join(texts[1:]))


def once_if_merged(cells):
    """The texts of a row, or a single one where one cell lies across the whole row."""
    texts = [cell.text for cell in cells]
    across = len(cells) > 1 and all(cell._tc is cells[0]._tc for cell in cells)  # noqa: SLF001
    return texts[:1] if across else texts


# HTML


def read_html(data, _merged):
    page = lxml.html.document_fromstring(data)
    (grid,) = page.iter("table")
    (heads,) = grid.findall("thead/tr")
    headings = [cell.text_content() for cell in heads]
    after = [paragraph.text_content() for paragraph in page.iter("p")]
    return Printed(
        grid.findtext("caption"), headings, spread(grid.findall("tbody/tr"), len(headings)), "".join(after)
    )


def spread(lines, width):
    """Rows of cells as a browser lays them out: a cell takes every place that its spans cover."""
    taken = {}
    for y, line in enumerate(lines):
        for cell in line:
            x = next(x for x in range(width + 1) if (y, x) not in taken)
            wide, tall = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
            taken |= {(y + down, x + right): cell for down in range(tall) for right in range(wide)}
    assert {*taken} == {(y, x) for y in range(len(lines)) for x in range(width)}, "the grid has holes"
    rows = [[taken[y, x] for x in range(width)] for y in range(len(lines))]
    across = [len({*map(id, row)}) == 1 < width for row in rows]
    return [
        [cell.text_content() for cell in (row[:1] if one else row)]
        for row, one in zip(rows, across, strict=True)
    ]


# LaTeX

GLYPHS = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textasciigrave": "`",
    "textquotesingle": "'",
}
LIGATURES = {"--": "–", "---": "—", "?`": "¿", "!`": "¡", "|": "—", "<": "¡", ">": "¿", "~": "\xa0"}
"""What the default fonts print for what stands bare in the source."""

LAYOUT = {"textbf", "noindent", "par", "small", "footnotesize", "raggedright", "arraybackslash", "relax"}


def said(source):
    """What LaTeX prints for a source. Straight quotation marks count as themselves, curled or not."""
    out = []
    for token in re.findall(r"\\[A-Za-z]+(?:\{\}|[ \n]*)|\\.|---?|[?!]`|.", source, re.DOTALL):
        name = token.strip("\\{} \n")
        assert token not in {*"&%$#_^"}, f"a bare {token} is a command"
        if token in LIGATURES:
            out.append(LIGATURES[token])
        elif re.match(r"\\[A-Za-z]", token):
            out.append("" if name in LAYOUT else GLYPHS[name])
        elif token not in {"{", "}"}:
            out.append(token.removeprefix("\\"))
    return "".join(out)


def group(source, start):
    """What stands in the braces that open at or after `start`, and where they end."""
    first = depth = None
    for found in re.finditer(r"\\.|[{}]", source[start:], re.DOTALL):
        if found.group() == "{":
            first, depth = (found.end(), 1) if first is None else (first, depth + 1)
        elif found.group() == "}":
            depth -= 1
        if depth == 0:
            return source[start + first : start + found.start()], start + found.end()
    raise AssertionError("braces do not match")


def latex_rows(body):
    """Rows of cells. A star or a bracket after a row's end belongs to it, as LaTeX reads it."""
    rows, row, cell, rest = [], [], "", body.lstrip()
    while rest:
        sign = re.match(r"\\\\|\\.|.", rest, re.DOTALL).group()
        rest = rest.removeprefix(sign)
        if sign == "\\\\":
            rows.append([*row, cell.strip()])
            row, cell = [], ""
            rest = re.sub(r"^\s*\*?\s*(\[[^\]]*\])?\s*", "", rest)
        elif sign == "&":
            row, cell = [*row, cell.strip()], ""
        else:
            cell += sign
    assert [*row, cell] == [""], "the last row has no end"
    return rows


def read_latex(data, merged):
    source = data.decode("utf-8")
    assert source.startswith("%")  # what it needs stands in a comment
    _, start = group(source, source.index("\\begin{longtable}") + len("\\begin{longtable}"))
    inside, note = source[start:].split("\\end{longtable}")
    caption, _ = group(inside, inside.index("\\caption"))
    (heads,) = latex_rows(re.search(r"\\toprule(.*?)\\midrule", inside, re.DOTALL).group(1))
    body = inside.split("\\endlastfoot")[1]
    headings = [said(cell) for cell in heads]
    rows = [latex_heading(row, len(headings)) or [said(cell) for cell in row] for row in latex_rows(body)]
    return Printed(said(caption), headings, filled(rows, headings, merged), said(note).strip(" \n"))


def latex_heading(row, width):
    found = re.match(rf"\\multicolumn\{{{width}\}}", row[0])
    if not found:
        return None
    _, start = group(row[0], found.end())
    return [said(group(row[0], start)[0])]


def filled(rows, headings, merged):
    """Rows in which a blank cell of a merged column repeats the cell above it, down to the next heading."""
    places = [place for place, heading in enumerate(headings) if heading in merged]
    above, full = None, []
    for row in rows:
        if above is not None and len(row) > 1:
            row = [above[x] if x in places and not cell else cell for x, cell in enumerate(row)]  # noqa: PLW2901
        above = row if len(row) > 1 else None
        full.append(row)
    return full


# Markdown


def read_markdown(data, merged):
    """A pipe table of GitHub's Markdown, with the caption above it and the note below."""
    lines = data.decode("utf-8").split("\n")
    table = [line for line in lines if line.startswith("|")]
    start = lines.index(table[0])
    heads, rule, *rows = [pipe_cells(line) for line in table]
    assert rule == ["---"] * len(heads)
    assert {*map(len, rows)} <= {len(heads)}, "the pipes do not match"
    rows = [markdown_heading(row) or [*map(shown, row)] for row in rows]
    headings = [shown(cell) for cell in heads]
    note = "\n".join(lines[start + len(table) :]).strip("\n")
    return Printed(shown("".join(lines[:start])), headings, filled(rows, headings, merged), shown(note))


def pipe_cells(line):
    cells = re.findall(r"((?:\\.|[^|\\])*)\|", line)
    assert cells[0] == ""
    assert line.endswith("|")
    return [cell.strip(" ") for cell in cells[1:]]


def markdown_heading(row):
    bold = re.fullmatch(r"\*\*((?:\\.|[^\\])+)\*\*", row[0])
    return [shown(bold.group(1))] if bold and not any(row[1:]) else None


def shown(source):
    """What GitHub shows for a line of Markdown: escapes and entities undone, tildes strike out."""
    out = []
    for sign in re.findall(r"\\[!-/:-@\[-`{-~]|&(?:#\w+|\w+);|.", source):
        assert sign not in {*"*_`[]<>"}, f"a bare {sign} is markup"
        escaped = len(sign) == 2 and sign[0] == "\\"
        out.append((sign[1] if escaped else html.unescape(sign), sign == "~"))
    bare = "".join("\0" if tilde else text for text, tilde in out)
    return re.sub(r"(\0{1,2})(?! )([^\0]+)(?<! )\1", r"\2", bare).replace("\0", "~")


READERS = {"docx": read_word, "html": read_html, "tex": read_latex, "md": read_markdown}
every_format = pytest.mark.parametrize("suffix", READERS)


def written(table, suffix):
    """The table as somebody reads it in a file of this kind."""
    heads = dict(zip(table.columns, table.headings, strict=True))
    merged = [heads[column] for column in table.merged]
    return READERS[suffix](formats.WRITERS[suffix](table), merged)


def records(printed):
    """The rows with the heading that they stand under as their first cell: what the CSV says."""
    section, rows = "", []
    for row in printed.rows:
        if len(row) == 1:
            section = row[0].removeprefix("Theme: ")
        else:
            rows.append([section, *row])
    return rows


def from_csv(table):
    """The CSV's rows, with a blank where the table has no headings over its rows."""
    file = io.BytesIO(formats.WRITERS["csv"](table))
    frame = pd.read_csv(file, dtype="str", keep_default_na=False)
    return [row if table.section else ["", *row] for row in frame.to_numpy().tolist()]


@pytest.fixture(scope="session")
def tables(paper):
    return {table.name: table for table in published(paper)}


def published(record):
    coded = (record.codebook, record.codings, record.excerpts, record.captions)
    people = (record.roster, record.interviews, record.site, record.captions, record.appendix)
    return [*excerpt_tables(*coded), appendix(*people)]


def quotes(rows, **choices):
    """A table of excerpts, from rows of theme, subtheme, excerpt and speaker."""
    frame = pd.DataFrame(rows, columns=["theme", "subtheme", "excerpt", "speaker"], dtype="str")
    shape = {"section": "theme", "merged": ("subtheme",), "headings": ("Subtheme", "Excerpt", "Speaker")}
    return PaperTable("table-1", "Table 1. Of few words", frame, **(shape | choices))


SIGNS = [*"&%$#_{}~^\\<>|[]*`'\"“”’–-=+@!?/.:;", "--", "&amp;", "&#42;", "\\\\", "**", "~~", "=1+1", "Ω", "é"]
pieces = st.sampled_from(SIGNS) | st.characters(categories=["L", "Nd"]) | st.just(" ")
texts = st.lists(pieces, max_size=12).map("".join).map(str.strip)
words = texts.filter(bool)


@st.composite
def any_tables(draw):
    """Tables whose themes and subthemes recur; a subtheme is never blank, as no code's name is."""
    few = st.lists(words, min_size=1, max_size=2)
    row = st.tuples(st.sampled_from(draw(few)), st.sampled_from(draw(few)), texts, texts)
    return quotes(draw(st.lists(row, min_size=1, max_size=5)))


# the published tables


@every_format
@pytest.mark.parametrize("name", NAMES)
def test_every_cell_of_a_printed_table_is_the_cell_of_its_csv(tables, name, suffix):
    assert records(written(tables[name], suffix)) == from_csv(tables[name])


@every_format
@pytest.mark.parametrize("name", NAMES)
def test_caption_headings_and_note_are_printed_around_the_rows(tables, name, suffix):
    table, printed = tables[name], written(tables[name], suffix)
    assert (printed.caption, printed.headings) == (table.caption, [*table.headings])
    assert printed.note == table.note


@every_format
def test_a_theme_is_a_heading_over_its_rows(tables, suffix):
    rows = written(tables["table-1"], suffix).rows
    headings = [row[0] for row in rows if len(row) == 1]
    assert headings == ["Theme: Top down approach", "Theme: Service change"]


@every_format
def test_a_table_without_themes_has_no_headings_over_its_rows(tables, suffix):
    assert {len(row) for row in written(tables["table-3"], suffix).rows} == {3}
    assert {len(row) for row in written(tables["table-a1"], suffix).rows} == {5}


def test_the_csv_carries_theme_subtheme_excerpt_and_speaker(tables):
    for name in NAMES[:3]:
        assert formats.csv(tables[name].frame).startswith(b"theme,subtheme,excerpt,speaker\n")


@pytest.mark.parametrize("suffix", formats.WRITERS)
@pytest.mark.parametrize("name", NAMES)
def test_a_table_written_twice_has_the_same_bytes(paper, tables, name, suffix):
    again = next(table for table in published(paper) if table.name == name)
    assert formats.WRITERS[suffix](again) == formats.WRITERS[suffix](tables[name])


# any table


@every_format
@many
@given(table=any_tables())
def test_any_text_is_read_back_as_it_was_written(table, suffix):
    assert records(written(table, suffix)) == from_csv(table)


@every_format
@many
@given(caption=words, heading=words, note=words)
def test_any_caption_heading_and_note_is_read_back_as_it_was_written(caption, heading, note, suffix):
    table = quotes([("Change", "Pace", "Too fast.", "Nurse")], headings=(heading, "Excerpt", "Speaker"))
    printed = written(replace(table, caption=f"Table 1. {caption}", note=note), suffix)
    assert (printed.caption, printed.headings[0], printed.note) == (f"Table 1. {caption}", heading, note)


@many
@given(table=any_tables())
def test_any_text_is_read_back_from_the_csv(table):
    assert from_csv(table) == table.frame.to_numpy().tolist()


@every_format
def test_a_row_without_a_theme_does_not_fall_under_the_theme_above_it(suffix):
    """It would say that a coder put the excerpt where nobody did."""
    table = quotes([("Change", "Pace", "Too fast.", "Nurse"), ("", "Support", "Too little.", "Nurse")])
    assert [row[0] == "Change" for row in records(written(table, suffix))] == [True, False]


@every_format
def test_a_table_without_rows_is_written_with_its_headings(suffix):
    printed = written(quotes([]), suffix)
    assert (printed.headings, printed.rows) == (["Subtheme", "Excerpt", "Speaker"], [])


@every_format
def test_a_subtheme_that_two_themes_share_is_printed_under_each(suffix):
    table = quotes([("Change", "Pace", "Too fast.", "Nurse"), ("Meetings", "Pace", "Too slow.", "GP")])
    assert [row[1] for row in records(written(table, suffix))] == ["Pace", "Pace"]


@pytest.mark.parametrize("suffix", formats.WRITERS)
def test_writing_leaves_the_table_as_it_was(tables, suffix):
    table = tables["table-2"]
    before = table.frame.copy(deep=True)
    formats.WRITERS[suffix](table)
    pd.testing.assert_frame_equal(table.frame, before)


# CSV


def test_a_csv_ends_its_lines_with_lf_and_is_utf8_without_a_mark():
    data = formats.csv(pd.DataFrame({"word": ["Zoë", "naïve"], "n": [1, 2]}))
    assert data == "word,n\nZoë,1\nnaïve,2\n".encode()


def test_a_csv_gives_numbers_to_six_significant_digits():
    frame = pd.DataFrame({"share": [1 / 3, 123456.789, 2e-7 / 3, 0.5, 3.0]})
    assert formats.csv(frame).split() == [b"share", b"0.333333", b"123457", b"6.66667e-08", b"0.5", b"3"]


def test_whole_numbers_keep_every_digit_in_a_csv():
    frame = pd.DataFrame({"n": pd.array([12345678, None], dtype="Int64"), "m": [98765432, 1]})
    assert formats.csv(frame) == b"n,m\n12345678,98765432\n,1\n"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_a_missing_value_is_blank_in_a_csv(missing):
    frame = pd.DataFrame({"a": pd.Series(["x", missing], dtype="object"), "b": [1, 2]})
    assert formats.csv(frame) == b"a,b\nx,1\n,2\n"


def test_a_csv_keeps_the_order_of_columns_and_rows():
    frame = pd.DataFrame({"z": [2, 1], "a": [1, 2], "m": [0, 0]}, index=[9, 3])
    assert formats.csv(frame) == b"z,a,m\n2,1,0\n1,2,0\n"


@pytest.mark.parametrize("text", ["=1+1", "+44", "-3", "@home", "=HYPERLINK('x')"])
def test_a_csv_says_what_was_said_even_where_it_looks_like_a_formula(text):
    assert formats.csv(pd.DataFrame({"excerpt": [text]})) == f"excerpt\n{text}\n".encode()


def test_a_csv_of_no_rows_is_its_header():
    assert formats.csv(pd.DataFrame(columns=["a", "b"])) == b"a,b\n"


# Word


def word_of(table):
    return docx.Document(io.BytesIO(formats.word(table)))


def test_only_the_head_row_of_a_word_table_is_repeated_on_each_page(tables):
    rows = word_of(tables["table-1"]).tables[0].rows
    repeated = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]  # noqa: SLF001
    assert repeated == [True, *[False] * (len(rows) - 1)]


@pytest.mark.parametrize("name", NAMES)
def test_a_word_table_has_its_caption_above_and_its_note_below(tables, name):
    body = [*word_of(tables[name]).iter_inner_content()]
    caption, _, *after = body
    assert (caption.style.name, caption.text) == ("Caption", tables[name].caption)
    assert [paragraph.text for paragraph in after] == [tables[name].note] * bool(tables[name].note)


def test_a_word_file_does_not_say_when_it_was_written(tables):
    data = formats.word(tables["table-1"])
    known = docx.Document(io.BytesIO(data)).core_properties
    parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert {part.date_time for part in parts} == {(1980, 1, 1, 0, 0, 0)}
    assert {known.created.year, known.modified.year} == {2020}
    assert known.last_printed is None


def test_a_word_file_names_nobody_and_carries_the_caption_as_its_title(tables):
    known = word_of(tables["table-1"]).core_properties
    assert (known.author, known.last_modified_by) == ("", "")
    assert known.title == tables["table-1"].caption


def test_the_work_for_a_word_table_grows_with_its_rows_and_not_with_their_square():
    """A study has hundreds of excerpts: calls are counted, because a clock depends on the machine."""
    assert calls_for_rows(80) < 6 * calls_for_rows(20)


def calls_for_rows(size):
    profile = cProfile.Profile()
    rows = [("Theme", f"Subtheme {n // 2}", "Words.", "Nurse") for n in range(size)]
    profile.runcall(formats.word, quotes(rows))
    return pstats.Stats(profile, stream=io.StringIO()).total_calls


# HTML


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_a_language_a_title_a_caption_and_scopes(tables, name):
    page = lxml.html.document_fromstring(formats.html_page(tables[name]))
    assert page.get("lang") == "en"
    assert page.findtext("head/title") == page.findtext("body/table/caption") == tables[name].caption
    assert {cell.get("scope") for cell in page.iter("th")} <= {"col", "colgroup", "row", "rowgroup"}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_outside_itself(tables, name):
    data = formats.html_page(tables[name])
    page = lxml.html.document_fromstring(data)
    assert not [*page.iter("script", "link", "img", "iframe", "base")]
    assert not page.xpath("//@src | //@href")
    assert not re.search(rb"url\(|@import|https?:", data)


def test_markup_in_an_excerpt_is_text_on_the_page():
    data = formats.html_page(quotes([("T", "S", "<script>alert(1)</script>", '"><b>')]))
    assert not [*lxml.html.document_fromstring(data).iter("script", "b")]


# a frame in a notebook


def frame_cells(frame, most=20):
    fragments = lxml.html.fragments_fromstring(formats.html_frame(frame, most))
    return [[cell.text_content() for cell in line] for line in fragments[0].iter("tr")], fragments[1:]


def test_a_frame_is_shown_with_whole_texts_and_blanks_for_missing_values():
    long = "word " * 60
    cells, _ = frame_cells(pd.DataFrame({"text": [long, None], "n": pd.array([12345, None], dtype="Int64")}))
    assert cells == [["text", "n"], [long, "12345"], ["", ""]]


@pytest.mark.parametrize(("rows", "says"), [(5, []), (6, ["And 1 more row."]), (9, ["And 4 more rows."])])
def test_a_long_frame_is_cut_and_the_rest_counted(rows, says):
    cells, after = frame_cells(pd.DataFrame({"n": range(rows)}), most=5)
    assert (len(cells) - 1, [paragraph.text_content() for paragraph in after]) == (5, says)


def test_a_frame_without_rows_says_so():
    assert formats.html_frame(pd.DataFrame({"a": []})) == "<p>No rows.</p>"


# LaTeX


def test_a_latex_table_says_first_which_packages_it_needs(tables):
    first = formats.latex(tables["table-1"]).decode().split("\n")[0]
    assert "\\usepackage{booktabs}" in first
    assert "\\usepackage{longtable}" in first


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_of_a_latex_table_fit_into_the_line(tables, name):
    """A column is its width and a gap on either side: widths that sum to the line are too much for it."""
    source, line, gap = formats.latex(tables[name]).decode(), 345, 6  # points, in LaTeX's plain article
    shares = [float(share) for share in re.findall(r"([0-9.]+)\\(?:linewidth|textwidth)", source)]
    gaps = 0 if "tabcolsep" in source else 2 * gap * (len(shares) - ("@{}" in source))
    assert sum(shares) * line + gaps <= line


def test_a_heading_of_a_latex_table_is_broken_into_lines_where_it_is_long():
    cells = pd.DataFrame({"theme": ["short", "a long name " * 9 + "\n\nin two paragraphs"], "b": "b"})
    text = formats.latex(PaperTable("t", "T", cells, ("B",), section="theme")).decode()
    first, second = text.split("\\multicolumn{1}")[1:]
    assert first.startswith("{l}{")
    assert "p{\\dimexpr\\linewidth" in second
    assert "a long name \nin two paragraphs}} \\\\" in second


def test_a_frame_as_plain_text_has_the_rows_of_the_page():
    from analysis.outputs.reading import rows

    frame = pd.DataFrame({"theme": ["pace", None, "team"], "share": [0.333333, 12345.6, None]})
    shown = rows(frame, most=2)
    assert repr(shown).splitlines() == ["theme  share", " pace 0.3333", "      12,346", "And 1 more row."]
    assert repr(rows(frame[:0])) == "No rows."
    assert all(text in shown.data for text in ("pace", "0.3333", "12,346", "And 1 more row."))
