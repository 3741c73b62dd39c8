"""What of the confidential material stands in the results, in every format that results have."""

import base64
import html
import json
import time
import zipfile
import zlib

import docx
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import ROOT
from analysis.audit import leaks
from analysis.measures import uniqueness
from analysis.outputs import formats, latex

SAID = "Well, I don't think that anybody – least of all the naïve managers – ever asked us & our patients."
PEOPLE = ["P1", "P1-2", "P12", "n_07"]
EXCERPTS = small.texts(SAID, "We meet on Tuesdays and on Thursdays, and nothing ever comes of it at all.")
KEPT = ROOT / "data/derived/bussu-marshall-2020"


def found(folder, text, name="page.txt", excerpts=EXCERPTS, participants=PEOPLE, **choices):
    """Kind, what and where of what a file with this text gives away."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    rows = leaks.scan(folder, excerpts, participants, **choices)
    (folder / name).unlink()
    return [*rows[["kind", "what", "where"]].itertuples(index=False, name=None)]


def quotation(where, what="T1"):
    return [("quotation", what, where)]


def notebook(*cells):
    return json.dumps({"cells": [*cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def output(data, cell="found"):
    return {"id": cell, "cell_type": "code", "source": ["x\n"], "metadata": {}, "outputs": [{"data": data}]}


def png(*chunks):
    parts = [
        len(held).to_bytes(4, "big") + kind + held + bytes(4) for kind, held in (*chunks, (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_quotation_is_told_by_its_id_and_its_line_and_never_by_its_words(tmp_path):
    assert found(tmp_path, f"One\ntwo\n{SAID}\n") == quotation("line 3")


def test_eight_words_of_it_are_enough_and_seven_are_not(tmp_path):
    words = SAID.split()
    assert found(tmp_path, " ".join(words[2:11])) == quotation("line 1")  # a dash is no word
    assert found(tmp_path, " ".join(words[2:10])) == []
    assert found(tmp_path, " ".join(words[2:10]), words=7) == quotation("line 1")


@pytest.mark.parametrize(
    "disguised",
    [
        SAID.upper(),
        SAID.replace(" ", "\n"),
        SAID.replace(" ", "\u00a0\u200b "),
        SAID.replace("anybody", "any\u00adbo-\n   dy"),
        SAID.replace("'", "\u2019").replace("ï", "i\u0308"),
        SAID.replace("ï", "i").replace(",", " ;;"),
        html.escape(SAID).replace("'", "&rsquo;").replace("ï", "&iuml;"),
        html.escape(html.escape(SAID)),
        SAID.replace("least", "<b class='x y'>least</b>").replace("ever", "<br/>\n<em>ever</em>"),
        "".join(f"<td>{word}</td>\n" for word in SAID.split()),
        f'<img alt="{html.escape(SAID)}">',
        latex.tex(SAID),
        SAID.replace("ï", r"\"{\i}").replace("anybody", r"any\-body").replace("least", r"\emph{least}"),
        SAID.replace("ï", r"{\"i}").replace("'", r"\textquoteright{}").replace(" of ", r"~of\\[2pt] "),
        formats.plain(SAID).replace("least", "**least**").replace("ever", "_ever_"),
        json.dumps({"text": SAID}),
        json.dumps(json.dumps({"text": SAID.replace("anybody", "\nanybody")})),
        repr(SAID.replace(" ", "\n\t")),
        SAID.encode("utf-16"),
        SAID.encode("cp1252"),
        b"\xef\xbb\xbf" + SAID.replace(" ", "\r\n").encode(),
        "<!-- " + " -->\n<g><use href='#a'/></g>\n<!-- ".join(SAID.split()) + " -->",
    ],
)
def test_no_disguise_helps(tmp_path, disguised):
    assert {row[:2] for row in found(tmp_path, disguised)} == {("quotation", "T1")}


@pytest.mark.parametrize("name", ["a.csv", "a.html", "a.md", "a.tex", "a.json", "a.svg", "deep.er", "plain"])
def test_every_kind_of_text_is_read(tmp_path, name):
    assert found(tmp_path, f"{SAID}\n\n{SAID}", name) == quotation("line 1") + quotation("line 3")


def test_files_in_folders_are_named_by_their_path_and_sorted(tmp_path):
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/c/page-10.txt", "a.txt"):
        (tmp_path / name).write_text("\n" * 9 + SAID + "\n" + SAID[:-3])
    (tmp_path / "a.txt").write_text(SAID + "\n" * 9 + SAID)
    rows = leaks.scan(tmp_path, EXCERPTS, [])
    assert rows["file"].tolist() == ["a.txt", "a.txt", "b/c/page-10.txt", "b/c/page-10.txt"]
    assert rows["where"].tolist() == ["line 1", "line 10", "line 10", "line 11"]


def test_a_short_excerpt_counts_as_a_whole_and_a_very_short_one_is_listed_as_not_looked_for(tmp_path):
    short = small.texts("Nobody ever listens here.", "Not really, no.", None)
    assert found(tmp_path, "nobody EVER\nlistens here", excerpts=short) == quotation("line 1")
    assert found(tmp_path, "Not really, no. Nobody ever listens.", excerpts=short) == []
    assert leaks.too_short(short).to_numpy().tolist() == [["T2", 3], ["T3", 0]]


def test_what_is_cleared_may_be_printed_and_with_it_the_words_that_others_share(tmp_path):
    both = small.texts(SAID, f"{SAID} And I have said so at every meeting since then.")
    assert found(tmp_path, SAID, excerpts=both) == quotation("line 1") + quotation("line 1", "T2")
    assert found(tmp_path, SAID, excerpts=both, cleared_excerpts={"T1"}) == []
    longer = both.loc[1, "text"]
    assert found(tmp_path, longer, excerpts=both, cleared_excerpts={"T1"}) == quotation("line 1", "T2")
    assert found(tmp_path, SAID, policy="public") == []


def test_a_notebook_is_read_cell_by_cell_with_every_output(tmp_path):
    picture = base64.b64encode(png((b"tEXt", b"Description\0" + SAID.encode("latin-1", "ignore")))).decode()
    cells = {
        "html": output({"text/html": ["<table>\n", f"<td>{html.escape(SAID)}</td>"]}, "html"),
        "facts": output({"application/vnd.x+json": {"said": [{"by": SAID}]}}, "facts"),
        "key": output({"application/vnd.x+json": {SAID: 1}}, "key"),
        "picture": output({"image/png": picture}, "picture"),
        "within": output({"text/html": f'<img src="data:image/png;base64,{picture}">'}, "within"),
        "drawing": output({"image/svg+xml": f"<svg><text>{SAID}</text></svg>"}, "drawing"),
        "stream": {"id": "stream", "outputs": [{"name": "stdout", "text": [f"{SAID[:40]}\n", SAID[40:]]}]},
        "error": {"id": "error", "outputs": [{"traceback": [SAID.replace(" ", "\x1b[31m \x1b[0m")]}]},
        "source": {"id": "source", "source": [f"> {SAID[:30]}\n", f"> {SAID[30:]}"]},
        "tag": {"id": "tag", "source": "", "metadata": {"note": SAID}},
    }
    rows = found(tmp_path, notebook(*cells.values(), {"source": SAID}), "n.ipynb", participants=[])
    assert {row[2] for row in rows} == {f"cell {cell}" for cell in cells} | {"cell 11"}
    assert {row[1] for row in rows} == {"T1"}


def test_a_notebooks_own_metadata_and_a_broken_notebook_are_read_too(tmp_path):
    whole = json.dumps({"cells": [], "metadata": {"papermill": {"parameters": {"who": "P1"}}}})
    assert found(tmp_path, whole, "n.ipynb") == [("participant", "P1", "metadata")]
    assert found(tmp_path, notebook({"source": SAID})[:-5], "n.ipynb") == quotation("line 1")
    assert found(tmp_path, "[1, 2]\nP1", "n.ipynb") == [("participant", "P1", "line 2")]


def test_base64_is_not_searched_for_ids(tmp_path):
    picture = base64.b64encode(png((b"IDAT", bytes(2) + base64.b64decode("/P1+/P12")))).decode()
    assert "/P1+/P12" in picture
    page = f'<img src="data:image/png;base64,{picture}"> P12'
    assert found(tmp_path, page, "a.html") == [("participant", "P12", "line 1")]


def test_a_word_file_is_read_with_its_runs_tables_notes_and_properties(tmp_path):
    written = docx.Document()
    paragraph = written.add_paragraph("Before")
    for place in range(0, len(SAID), 5):
        paragraph.add_run(SAID[place : place + 5]).bold = bool(place % 2)
    row = written.add_table(rows=1, cols=2).rows[0].cells
    row[0].text, row[1].text = SAID[:40], SAID[40:]
    written.core_properties.comments = SAID
    written.sections[0].header.paragraphs[0].text = "P12"
    written.save(tmp_path / "a.docx")
    rows = leaks.scan(tmp_path, EXCERPTS, PEOPLE)
    assert rows["kind"].tolist() == ["participant"] + ["quotation"] * 3
    assert rows["where"].str.split(",").str[0].tolist() == [
        "word/header1.xml",
        "docProps/core.xml",
        "word/document.xml",
        "word/document.xml",
    ]


def test_a_picture_in_a_word_file_and_what_it_carries_are_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as parts:
        parts.writestr(
            "word/media/image1.png", png((b"zTXt", b"Comment\0\0" + zlib.compress(b"said by P12")))
        )
        parts.writestr("word/media/film.bin", b"\0\1\2")
    rows = leaks.scan(tmp_path, EXCERPTS, PEOPLE)
    assert rows.to_numpy().tolist() == [
        ["a.docx", "not read", "a file of the kind .docx", "word/media/film.bin"],
        ["a.docx", "participant", "P12", "word/media/image1.png, metadata"],
    ]


@pytest.mark.parametrize(
    "chunk",
    [
        (b"tEXt", b"Title\0" + SAID.encode("latin-1", "ignore")),
        (b"zTXt", b"Title\0\0" + zlib.compress(SAID.encode("latin-1", "ignore"))),
        (b"iTXt", b"Title\0\0\0en\0Titel\0" + SAID.encode()),
        (b"iTXt", b"Title\0\1\0en\0Titel\0" + zlib.compress(SAID.encode())),
        (b"eXIf", b"MM\0*" + SAID.encode("latin-1", "ignore")),
    ],
)
def test_what_a_picture_carries_beside_its_pixels_is_read(tmp_path, chunk):
    assert found(tmp_path, png((b"IDAT", b"\0" * 9), chunk), "a.png") == quotation("metadata")


def test_what_is_legible_in_a_photograph_is_read(tmp_path):
    photograph = b"\xff\xd8\xff\xfe\0\x40" + b"Interview with P12, by hand" + bytes(range(128, 256))
    assert found(tmp_path, photograph, "a.jpg") == [("participant", "P12", "metadata")]


def test_a_file_that_cannot_be_read_is_told_and_not_passed_over(tmp_path):
    assert found(tmp_path, b"%PDF\0\1\2", "a.pdf") == [("not read", "a file of the kind .pdf", "")]
    assert found(tmp_path, b"\x89PNG\r\n\x1a\n\0\0\0\5zTXtab\0\0c\0\0\0\0", "a.png")[0][0] == "not read"
    assert found(tmp_path, b"PK\0\0", "a.docx")[0][0] == "not read"
    assert found(tmp_path, b"\0", "binary") == [("not read", "a file of the kind without suffix", "")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("said P1.", ["P1"]),
        ("p1 P11 XP1 P1x", []),
        ("P1-2 and P12", ["P1-2", "P12"]),
        ("speaker_P1_audio", ["P1"]),
        (r"n\_07", ["n_07"]),
        ("n&#95;07", ["n_07"]),
        ('{"P12": 1}', ["P12"]),
        ("n-07, n_071", []),
    ],
)
def test_an_id_counts_as_a_whole_word_with_its_case(tmp_path, text, ids):
    assert [row[:2] for row in found(tmp_path, text)] == [("participant", one) for one in ids]


def test_an_id_in_the_name_of_a_file_counts(tmp_path):
    assert found(tmp_path, "", "voice-P12.csv") == [("participant", "P12", "file name")]


def test_cleared_participants_may_be_named_and_do_not_clear_those_with_a_longer_id(tmp_path):
    told = found(tmp_path, "P1, P1-2, P12", cleared_participants=["P1", "P12"])
    assert told == [("participant", "P1-2", "line 1")]
    assert found(tmp_path, "P1-2", cleared_participants=["P1-2"]) == []


def test_participants_are_not_cleared_by_a_public_record(tmp_path):
    assert found(tmp_path, "P1", policy="public") == [("participant", "P1", "line 1")]


def test_ids_that_are_plain_words_or_numbers_are_told_once_a_file_and_as_a_doubt(tmp_path):
    rows = found(tmp_path, "7 of 9\nAnna\n7\n17", participants=["7", "Anna"])
    assert rows == [
        ("perhaps a participant", "7", "line 1 and 1 more"),
        ("perhaps a participant", "Anna", "line 2"),
    ]


def test_a_line_with_every_value_of_a_rare_combination_is_told_as_a_doubt(tmp_path):
    roster = small.people(("A", "nurse", 9), ("B", "district nurse", 1))
    rare = uniqueness.combinations(roster, ["borough", "role"])
    text = "borough,role,n\nA,nurse,9\nB,District nurse,1\nb,district nurse\nB,nurse of a district"
    expected = [("perhaps a combination", "borough B, role district nurse", "line 3")]
    assert found(tmp_path, text, combinations=rare) == expected
    assert found(tmp_path, text, combinations=rare[["borough", "role"]].tail(1)) == expected
    assert found(tmp_path, text, combinations=rare, policy="public") == []


@small.few
@given(st.lists(st.integers(0, 40), min_size=8, max_size=40), st.data())
def test_every_long_enough_piece_of_an_excerpt_is_found_and_no_shuffled_one(tmp_path_factory, numbers, data):
    folder = tmp_path_factory.mktemp("leaks")
    spoken = [f"w{number}" for number in numbers]
    start = data.draw(st.integers(0, len(spoken) - 8))
    end = data.draw(st.integers(start + 8, len(spoken)))
    excerpt = small.texts(" ".join(spoken))
    assert found(folder, f"x {' '.join(spoken[start:end])} y", excerpts=excerpt)[0][:2] == ("quotation", "T1")
    torn = " x ".join(" ".join(spoken[place : place + 7]) for place in range(0, len(spoken), 7))
    assert found(folder, torn, excerpts=excerpt) == []


def test_nothing_to_look_for_and_nowhere_to_look_give_no_rows(tmp_path):
    assert leaks.scan(tmp_path, EXCERPTS, PEOPLE).empty
    rows = leaks.scan(KEPT, EXCERPTS.iloc[:0], [])
    assert rows.empty
    assert list(rows) == ["file", "kind", "what", "where"]
    assert leaks.too_short(EXCERPTS.iloc[:0]).empty


def test_blank_participants_and_texts_are_passed_over(tmp_path):
    roster = small.people(("A", "nurse"))
    assert (
        found(tmp_path, "nan None P1", excerpts=small.texts(None), participants=roster["participant"]) == []
    )


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"policy": "secret"}, 'policy="secret" is not one of public, restricted'),
        ({"words": 3}, 'words="3" is too few'),
        ({"cleared_excerpts": ["T9"]}, 'the cleared excerpt "T9" is not in the study'),
        ({"cleared_participants": ["P9"]}, 'the cleared participant "P9" is not in the study'),
        ({"participants": ["**"]}, r'the participant "\*\*" has neither letter nor digit'),
        ({"folder": ROOT / "nowhere"}, '"nowhere" is no folder'),
    ],
)
def test_what_cannot_be_meant_is_an_error(tmp_path, choices, says):
    given_ = {"folder": tmp_path, "excerpts": EXCERPTS, "participants": PEOPLE} | choices
    with pytest.raises(ValueError, match=says):
        leaks.scan(**given_)


@pytest.mark.parametrize("suffix", ["csv", "html", "md", "tex", "docx"])
def test_each_kept_table_of_the_paper_holds_the_excerpts_that_it_prints_and_no_others(paper, suffix):
    rows = leaks.scan(KEPT / "tables", paper.excerpts, [])
    for number in (1, 2, 3):
        printed = paper.excerpts.loc[paper.excerpts["printed_in"] == f"Table {number}", "excerpt"]
        assert {*rows.loc[rows["file"] == f"table-{number}.{suffix}", "what"]} == {*printed}
    assert rows[rows["file"] == f"table-a1.{suffix}"].empty


def test_the_kept_results_are_read_to_the_last_file_and_the_public_record_leaks_nothing(paper):
    shown = leaks.scan(KEPT, paper.excerpts, [])
    assert {*shown["kind"]} == {"quotation"}
    assert {*shown["what"]} == {*paper.excerpts["excerpt"]}
    for folder in (KEPT, ROOT / "figures/bussu-marshall-2020"):
        assert leaks.scan(folder, paper.excerpts, paper.roster["participant"], policy=paper.policy).empty


def test_a_hundred_files_are_held_against_ten_thousand_excerpts_in_seconds(tmp_path):
    rng = np.random.default_rng(3)
    spoken = [" ".join(f"w{number}" for number in row) for row in rng.integers(0, 3000, (10_000, 40))]
    many = pd.DataFrame({"excerpt": [f"E{number}" for number in range(10_000)], "text": spoken})
    for number in range(100):
        noise = " ".join(f"w{one}" for one in rng.integers(0, 3000, 2000))
        (tmp_path / f"{number}.csv").write_text(f"{noise}\n{spoken[number][9:90]}\nP{number}x\n")
    start = time.monotonic()
    rows = leaks.scan(tmp_path, many, [f"P{number}x" for number in range(1000)])
    assert time.monotonic() - start < 30  # about three seconds on an idle machine
    assert rows["kind"].value_counts().to_dict() == {"quotation": 100, "participant": 100}
