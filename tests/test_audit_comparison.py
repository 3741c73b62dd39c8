"""Two versions of a result: what is the same although bytes differ, and what differs although little does."""

import base64
import io
import json
import warnings
import zipfile
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image, PngImagePlugin

from analysis import ROOT
from analysis.audit.comparison import Difference, differences
from analysis.outputs import excel
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


@pytest.mark.parametrize("again", ["code,share\nx,1,see appendix\n", "code,code\nx,1\n", "code,share\nx\n"])
def test_a_table_that_does_not_fit_its_header_differs(again):
    assert parted("a.csv", "code,share\nx,1\n", again)
    assert parted("a.csv", "code,code\nx,1\n", "code,code\ny,1\n")


def test_a_number_written_as_no_table_writes_it_is_a_text():
    assert len(parted("a.csv", "code,share\nx,33.3333\n", "code,share\nx,33_.3333\n")) > 0
    assert len(parted("a.csv", "code,share\nx,0.5\n", "code,share\nx, 0.5\n")) > 0


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
    noise = np.random.default_rng(1).integers(-2, 3, shades.shape)
    near = np.clip(shades.astype(int) + noise, 0, 255).astype(np.uint8)
    assert differences("a.png", png(shades), png(near)) == []


@pytest.mark.parametrize(("row", "column"), [(0, 0), (30, 60), (56, 120), (3, 5)])
def test_a_block_of_eight_pixels_that_has_come_is_found_where_it_is(row, column):
    again = WHITE.copy()
    again[row : row + 8, column : column + 8] = (200, 30, 30)
    (one,) = differences("a.png", png(WHITE), png(again))
    across, down = (int(word) for word in one.where.split() if word.isdecimal())
    assert 0 <= across - column <= 8
    assert 0 <= down - row <= 8
    assert one.kept.startswith("red 255")


@pytest.mark.parametrize("shade", [31, 255])
def test_a_line_of_one_pixel_is_found(shade):
    again = WHITE.copy()
    again[:, 17] -= shade
    assert differences("a.png", png(WHITE), png(again))


def test_another_shade_of_everything_is_found():
    assert differences("a.png", png(WHITE), png(WHITE - 10))


def test_a_shape_that_sits_half_a_pixel_elsewhere_is_the_same_and_two_pixels_are_not():
    def bar(start):
        """A dark bar with soft edges, as programs draw it."""
        shades = np.full((64, 128), 255.0)
        pixels = np.arange(128)
        covered = np.clip(np.minimum(pixels + 1, start + 20) - np.maximum(pixels, start), 0, 1)
        shades[20:40] -= 200 * covered
        return png(np.repeat(shades.astype(np.uint8)[..., None], 3, axis=2))

    assert differences("a.png", bar(30.0), bar(30.5)) == []
    assert differences("a.png", bar(30.0), bar(32.0))


def test_a_picture_that_moves_or_glows_differs():
    frames = [Image.fromarray(shade) for shade in (WHITE, np.zeros_like(WHITE))]
    out = io.BytesIO()
    frames[0].save(out, "png", save_all=True, append_images=frames[1:], default_image=True)
    assert differences("a.png", png(WHITE), out.getvalue())
    chunk = b"gAMA" + (450000).to_bytes(4)
    glowing = png(WHITE)
    glowing = glowing[:33] + (4).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) + glowing[33:]
    assert differences("a.png", png(WHITE), glowing)


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
    kept = '<svg>\n<clipPath id="p0123456789"/>\n<g clip-path="url(#p0123456789)">{}</g></svg>'
    other = kept.format("calm").replace("p0123456789", "q9876543210")
    assert parted("a.svg", kept.format("calm"), other) == []
    assert parted("a.svg", kept.format("calm"), kept.format("loud"))[0][0] == "line 3"
    lost = kept.format("calm").replace("(#p0123456789", "(#q9876543210")
    assert parted("a.svg", kept.format("calm"), lost)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"</defs>", b""),
        (b"<path", b'<x:path xmlns:x="nowhere"'),
        (b"style=", b"x:style="),
        (b"<svg", b'<?xml-stylesheet href="data:text/css,path{fill:red}"?><svg'),
        (b"<!DOCTYPE svg", b"<!DOCTYPE other"),
        (b"#333333", b"#333334"),
        (b"scale(0.08 -0.08)", b"scale(0.0801 -0.08)"),
        (b"</g>", b"<!-- --></g>"),
        (b"xlink:href=", b"href="),
    ],
)
def test_whatever_a_browser_may_heed_in_a_drawing_counts(before, after):
    kept = chart([3, 4]).svg
    assert before in kept
    assert differences("a.svg", kept, kept.replace(before, after, 1))


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


def test_what_a_notebook_has_besides_counts_too():
    kept = json.loads(notebook())
    for more in ({"worksheets": []}, {"nbformat_minor": 1}, {"metadata": {"title": "x"}}):
        assert parted("a.ipynb", notebook(), json.dumps(kept | more))
    assert parted("a.ipynb", notebook(), notebook(attachments={"a.png": {}}))
    picture = json.loads(notebook())
    data = picture["cells"][0]["outputs"][0]["data"]
    data["image/png"] = "!" + data["image/png"]
    assert parted("a.ipynb", notebook(), json.dumps(picture))


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


def test_a_run_that_is_in_a_record_twice_is_seen():
    kept = {"runs": [{"run": "one", "state": "completed"}]}
    again = {"runs": [{"run": "one", "state": "failed"}, *kept["runs"]]}
    assert parted("run.json", json.dumps(kept), json.dumps(again))
    assert parted("run.json", json.dumps(kept), json.dumps(kept | {"more": {}}))


def test_a_part_that_is_in_a_word_file_twice_is_seen():
    path = ROOT / "data/derived/bussu-marshall-2020/tables/table-1.docx"
    kept, out = path.read_bytes(), io.BytesIO(path.read_bytes())
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(out, "a") as parts:
        parts.writestr("word/document.xml", parts.read("word/document.xml"))
    assert differences("a.docx", kept, out.getvalue())
    assert differences("a.docx", kept, b"before" + kept)


def test_a_word_file_parts_at_its_paragraph():
    path = ROOT / "data/derived/bussu-marshall-2020/tables/table-1.docx"
    kept = path.read_bytes()
    assert differences("a.docx", kept, kept) == []
    books = [excel.xlsx({"a": pd.DataFrame({"n": [n]})}) for n in (1, 2)]
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
