"""The pieces of a Word document: captions that can be counted, sections, figures with words for them."""

import io
import time

import docx
import pandas as pd
import pytest

from analysis.outputs import word
from analysis.outputs.chart import nothing
from analysis.outputs.paper import PaperTable


def opened(document):
    return docx.Document(io.BytesIO(word.saved(document)))


def small(rows=2):
    cells = pd.DataFrame({"a": [f"a{n}" for n in range(rows)], "b": "b"}, dtype="str")
    return PaperTable("small", "Table 1. Small", cells, ("A", "B"))


@pytest.mark.parametrize(
    ("text", "field", "number"),
    [
        ("Table 1. Of things", "SEQ Table \\* ARABIC", "1"),
        ("Simulated. Table A12. Of people", "SEQ Table_A \\* ARABIC", "12"),
        ("Figure 3. Drawn", "SEQ Figure \\* ARABIC", "3"),
    ],
)
def test_the_number_of_a_caption_is_a_field_with_the_number_in_it(text, field, number):
    document = word.begun("Things")
    word.add_caption(document, text)
    (caption,) = opened(document).paragraphs
    assert (caption.style.name, caption.text) == ("Caption", text)
    assert caption._p.xpath("string(.//w:instrText)").strip() == field  # noqa: SLF001
    marks = caption._p.xpath(".//w:fldChar/@w:fldCharType")  # noqa: SLF001
    assert marks == ["begin", "separate", "end"]
    assert [run.text for run in caption.runs if run.text == number]


def test_a_caption_without_a_number_is_a_caption_without_a_field():
    document = word.begun("Things")
    word.add_caption(document, "The codebook")
    (caption,) = opened(document).paragraphs
    assert (caption.style.name, caption.text) == ("Caption", "The codebook")
    assert not caption._p.xpath(".//w:fldChar")  # noqa: SLF001


def test_sections_lie_upright_or_across_and_begin_only_where_that_changes():
    document = word.begun("Things")
    for landscape in (False, True, True, False):
        word.add_section(document, landscape)
        word.add_table(document, small())
    pages = opened(document).sections
    assert [page.page_width > page.page_height for page in pages] == [False, True, False]
    assert {round(page.page_width.mm + page.page_height.mm) for page in pages} == {507}


def test_a_figure_has_the_words_for_whoever_does_not_see_it():
    document = word.begun("Things")
    word.add_figure(document, nothing("Nothing is drawn.").png, "Nothing to be seen")
    (picture,) = opened(document).inline_shapes
    assert picture._inline.docPr.get("descr") == "Nothing to be seen"  # noqa: SLF001
    assert picture.width == word.text_width(document)


def test_signs_that_no_file_of_word_can_hold_are_seen_to_be_lost():
    table = PaperTable("t", "T", pd.DataFrame({"a": ["x\x0by\ttab\nend"]}), ("A",))
    assert docx.Document(io.BytesIO(word.word(table))).tables[0].cell(1, 0).text == "x\ufffdy\ttab\nend"


def test_the_cells_of_a_table_have_the_style_that_is_asked_for():
    document = word.begun("Things")
    word.add_table(document, small(), style=word.add_style(document, "Small cells", 7))
    cells = [cell for row in opened(document).tables[0].rows for cell in row.cells]
    assert {cell.paragraphs[0].style.name for cell in cells} == {"Small cells"}


def test_rows_that_are_kept_together_stay_with_what_comes_next():
    document = word.begun("Things")
    word.keep_together(word.add_table(document, small(4)), slice(-2, None))
    rows = opened(document).tables[0].rows
    assert [bool(row._tr.xpath(".//w:keepNext")) for row in rows] == [False, False, False, True, True]  # noqa: SLF001


def test_a_table_of_a_thousand_rows_is_a_matter_of_a_moment():
    before = time.process_time()
    word.word(small(1000))
    assert time.process_time() - before < 5


def test_a_caption_may_be_longer_than_a_property_of_a_document():
    table = PaperTable("t", "A long name of a code. " * 20, pd.DataFrame({"a": ["x"]}), ("A",))
    made = docx.Document(io.BytesIO(word.word(table)))
    assert made.paragraphs[0].text == table.caption
    assert len(made.core_properties.title) == word.LONGEST


def test_a_heading_over_rows_has_the_style_of_texts_even_where_numbers_come_first():
    table = PaperTable("t", "T", pd.DataFrame({"theme": ["x"], "n": ["1"]}), ("N",), section="theme")
    document = word.begun("Things")
    left, right = (word.add_style(document, name, 7) for name in ("Left", "Right"))
    word.add_table(document, table, style=left, aside={"n": right})
    cells = [row.cells[0] for row in opened(document).tables[0].rows]
    assert [cell.paragraphs[0].style.name for cell in cells] == [right, left, right]


def test_a_row_is_split_only_if_it_may_be_taller_than_a_page():
    words = [word.TALL * "x", (word.TALL + 1) * "x"]
    table = PaperTable("t", "T", pd.DataFrame({"a": words, "b": "b"}), ("A", "B"))
    rows = docx.Document(io.BytesIO(word.word(table))).tables[0].rows
    assert [bool(row._tr.xpath(".//w:cantSplit")) for row in rows] == [True, True, False]  # noqa: SLF001
