"""Two versions of a result: what is the same although bytes differ, and what differs although little does."""

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image, PngImagePlugin

from analysis import ROOT
from analysis.audit.comparison import Difference, differences
from analysis.outputs import formats
from analysis.outputs.chart import Chart, canvas, style

TABLE = "borough,role,people,share\nA,nurse,4,0.333333\nA,doctor,1,0.0833333\nB,nurse,7,0.583333\n"


def parted(name, kept, again):
    return [(one.where, one.kept, one.again) for one in differences(name, kept.encode(), again.encode())]


# tables


def test_a_number_in_its_last_digit_is_the_same():
    assert parted("a.csv", TABLE, TABLE.replace("0.333333", "0.333334")) == []


def test_a_number_in_its_fifth_digit_is_not():
    assert parted("a.csv", TABLE, TABLE.replace("0.333333", "0.333343")) == [
        ("borough A, role nurse; share", "0.333333", "0.333343")
    ]


def test_counts_are_exact_however_large():
    kept = "code,people\nx,1000000\n"
    assert parted("a.csv", kept, kept.replace("1000000", "1000001")) == [
        ("code x; people", '"1000000"', '"1000001"')
    ]


def test_the_order_of_rows_says_nothing():
    head, *rows = TABLE.splitlines(keepends=True)
    assert parted("a.csv", TABLE, head + "".join(reversed(rows))) == []


def test_a_row_that_is_gone_is_told_once_by_its_key():
    head, first, *rest = TABLE.splitlines(keepends=True)
    assert parted("a.csv", TABLE, head + "".join(rest)) == [("borough A, role nurse", '"a row"', "nothing")]
    assert parted("a.csv", head + "".join(rest), head + first + "".join(rest)) == [
        ("borough A, role nurse", "nothing", '"a row"')
    ]


def test_a_row_that_is_doubled_is_told_as_such():
    assert parted("a.csv", TABLE, TABLE + "B,nurse,7,0.583333\n") == [
        ("borough B, role nurse, people 7, share 0.583333 (time 2)", "nothing", '"a row"')
    ]


def test_two_groups_swapped_are_told_at_both():
    swapped = TABLE.replace("A,nurse", "C,nurse").replace("B,nurse", "A,nurse").replace("C,nurse", "B,nurse")
    assert [where for where, *_ in parted("a.csv", TABLE, swapped)] == [
        "borough A, role nurse; people",
        "borough A, role nurse; share",
        "borough B, role nurse; people",
        "borough B, role nurse; share",
    ]


def test_another_column_is_told_before_all_else():
    assert parted("a.csv", TABLE, TABLE.replace("share", "part")) == [
        ("columns", "borough, role, people, share", "borough, role, people, part")
    ]


@pytest.mark.parametrize(("kept", "again"), [("nan", "0.5"), ("", "0.5"), ("0.5", "half"), ("1e400", "0.5")])
def test_what_is_no_number_is_no_number(kept, again):
    assert len(parted("a.csv", f"code,share\nx,{kept}\ny,0.25\n", f"code,share\nx,{again}\ny,0.25\n")) == 1


def test_tables_that_say_nothing_are_the_same():
    assert parted("a.csv", "code,share\n", "code,share\r\n") == []
    assert parted("a.csv", "", "code\n") == [("columns", "nothing", "code")]


def test_a_changed_cell_is_found_in_every_kept_table():
    for path in sorted((ROOT / "data/derived/bussu-marshall-2020").glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for row, column in [(0, 0), (len(frame) // 2, len(frame.columns) // 2), (len(frame) - 1, -1)]:
            if len(frame):
                changed = frame.copy()
                changed.iloc[row, column] = "1" + changed.iloc[row, column]
                kept, again = (one.to_csv(index=False, lineterminator="\n") for one in (frame, changed))
                assert parted(path.name, kept, again), (path.name, row, column)


# figures


def chart(values, title="People"):
    data = pd.DataFrame({"group": ["A", "B"], "people": values})
    with style():
        figure, axes = canvas(1.6)
        axes.bar(data["group"], data["people"])
        axes.set_title(title)
    return Chart(figure, title, f"Bars: {values}", data)


def png(pixels, **texts):
    about = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        about.add_text(name.replace("_", " "), text)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "png", pnginfo=about)
    return out.getvalue()


WHITE = np.full((64, 128, 3), 255, dtype=np.uint8)


def test_a_picture_that_is_packed_in_another_way_is_the_same():
    kept = chart([3, 4]).png
    out = io.BytesIO()
    with Image.open(io.BytesIO(kept)) as picture:
        about = PngImagePlugin.PngInfo()
        for name, text in picture.text.items():
            about.add_text(name, text)
        picture.save(out, "png", pnginfo=about, compress_level=1)
    assert kept != out.getvalue()
    assert differences("a.png", kept, out.getvalue()) == []


def test_shades_that_hardly_differ_are_the_same():
    with Image.open(io.BytesIO(chart([3, 4]).png)) as picture:
        shades = np.asarray(picture.convert("RGB"))
    noise = np.random.default_rng(1).integers(-20, 21, shades.shape)
    near = np.clip(shades.astype(int) + noise, 0, 255).astype(np.uint8)
    assert differences("a.png", png(shades), png(near)) == []


@pytest.mark.parametrize(("row", "column"), [(0, 0), (30, 60), (56, 120), (3, 5)])
def test_a_block_of_eight_pixels_that_has_come_is_found_where_it_is(row, column):
    again = WHITE.copy()
    again[row : row + 8, column : column + 8] = (200, 30, 30)
    (one,) = differences("a.png", png(WHITE), png(again))
    across, down = (int(word) for word in one.where.split() if word.isdecimal())
    assert abs(across - column) <= 8
    assert abs(down - row) <= 8
    assert one.kept.startswith("red 255")


def test_the_data_behind_a_picture_come_before_its_pixels():
    found = differences("a.png", chart([3, 4]).png, chart([3, 5]).png)
    assert found[0] == Difference("the data behind it, row 2, column 2", '"4"', '"5"')
    assert found[-1].where.startswith("its pixels")


def test_a_picture_with_the_right_name_and_no_data_differs():
    found = differences("a.png", chart([3, 4]).png, png(WHITE))
    assert found[0].where.startswith("the data behind it")


def test_what_is_no_picture_differs_and_nothing_breaks():
    (one,) = differences("a.png", chart([3, 4]).png, b"GIF89a and no more")
    assert "not to be read as .png" in one.where


def test_a_drawing_may_move_by_less_than_can_be_seen():
    kept = chart([3, 4]).svg
    moved = kept.replace(b'width="388.8pt"', b'width="388.804pt"')
    assert moved != kept
    assert differences("a.svg", kept, moved) == []
    assert differences("a.svg", kept, kept.replace(b'width="388.8pt"', b'width="389.8pt"'))


def test_the_ids_of_a_drawing_say_nothing_and_its_words_do():
    kept = '<svg xmlns="http://www.w3.org/2000/svg"><clipPath id="p1a"/><g clip-path="url(#p1a)">{}</g></svg>'
    assert parted("a.svg", kept.format("calm"), kept.format("calm").replace("p1a", "q9z")) == []
    assert parted("a.svg", kept.format("calm"), kept.format("loud")) == [("g 2, text", '"calm"', '"loud"')]


def test_a_drawing_of_other_data_differs():
    assert differences("a.svg", chart([3, 4]).svg, chart([3, 5]).svg)


# notebooks, records, documents, words


def notebook(**changed):
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
    output |= {"data": {"text/plain": ["4 people"], "image/png": base64.b64encode(png(WHITE)).decode()}}
    cell = {"cell_type": "code", "id": "c1", "source": ["count()"], "execution_count": 1, "metadata": {}}
    cell |= {"outputs": [output]}
    return json.dumps({"cells": [cell | changed], "metadata": {}})


def test_a_notebook_parts_at_its_cell():
    kept = notebook()
    assert parted("a.ipynb", kept, json.dumps(json.loads(kept), indent=3)) == []
    assert parted("a.ipynb", kept, kept.replace("4 people", "5 people")) == [
        ("cell c1, output 1, text/plain", '"4 people"', '"5 people"')
    ]
    assert parted("a.ipynb", kept, notebook(source=["count(2)"]))[0][0] == "cell c1, source"
    assert parted("a.ipynb", kept, notebook(execution_count=None)) == [("cell c1, count", '"1"', '"None"')]
    assert ("cell c1, output 1, text/plain", '"4 people"', "nothing") in parted(
        "a.ipynb", kept, notebook(outputs=[])
    )


def test_a_picture_in_a_notebook_is_compared_as_a_picture():
    black = base64.b64encode(png(np.zeros_like(WHITE))).decode()
    white = base64.b64encode(png(WHITE)).decode()
    (one,) = parted("a.ipynb", notebook(), notebook().replace(white, black))
    assert one[0].startswith("cell c1, output 1, picture, its pixels")


def test_a_record_parts_by_names_and_not_by_places():
    kept = {"runs": [{"run": "one", "state": "completed"}, {"run": "two", "state": "completed"}]}
    again = {"runs": [kept["runs"][1] | {"state": "reused"}, kept["runs"][0]]}
    assert parted("run.json", json.dumps(kept), json.dumps(again)) == [
        ("runs › two › state", '"completed"', '"reused"')
    ]


def test_a_word_file_parts_at_its_paragraph():
    path = ROOT / "data/derived/bussu-marshall-2020/tables/table-1.docx"
    kept = path.read_bytes()
    assert differences("a.docx", kept, kept) == []
    books = [formats.xlsx({"a": pd.DataFrame({"n": [n]})}) for n in (1, 2)]
    (one,) = differences("a.xlsx", *books)
    assert one.where.startswith("xl/worksheets/sheet1.xml, paragraph")


def test_words_are_exact():
    assert parted("a.md", "calm\nloud\n", "calm\nLoud\n") == [("line 2", '"loud"', '"Loud"')]
    long = "x" * 100
    assert parted("a.md", long + "a" + long, long + "b" + long) == [
        ("line 1", f'…"{"x" * 40}a{"x" * 39}"…', f'…"{"x" * 40}b{"x" * 39}"…')
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.png", "a.svg", "a.ipynb", "a.json", "a.docx", "a.md"])
def test_a_file_of_junk_differs_and_nothing_breaks(name):
    assert differences(name, b"\xff\xfe junk", b"\xff\xfd more junk") != []
