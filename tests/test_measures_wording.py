"""How interviewees put it."""

import sys
import unicodedata
from itertools import pairwise
from math import log, log2

import duckdb
import narwhals as nw
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from analysis import study
from analysis.measures import codes, wording
from analysis.measures.stop_words import STOP_WORDS

WORDS = ["care", "Care", "team", "meetings,", "the", "don’t", "broad-base", "many", "24", "… oh"]
EDITED = [*WORDS, "[name]", "[. . .]", "[C]are", "[Laughs],"]
SAID = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=9, unique_by=str.casefold).map(" ".join), min_size=1, max_size=5
)
"""Texts in which no word is said twice: a word beside itself has a test of its own."""
PRINTED = st.lists(st.lists(st.sampled_from(EDITED), max_size=9).map(" ".join), min_size=1, max_size=5)
SEEDS = st.integers(0, 99)


@pytest.fixture(scope="module")
def record():
    return study.load("bussu-marshall-2020")


@pytest.fixture(scope="module")
def tokens(record):
    return wording.tokens(record.excerpts)


@pytest.fixture(scope="module")
def keys(record):
    return keyness(record.excerpts, codes.top_of(record.codebook, record.codings))


def words(*said):
    return wording.tokens(small.texts(*said))["word"].tolist()


def tops(*rows):
    return small.text(rows, ["excerpt", "code"])


def keyness(excerpts, tops, min_count=2):
    return wording.keyness(wording.counts(excerpts, tops, min_count))


def collocations(excerpts, min_count=2):
    return wording.collocations(wording.counts(excerpts, tops(), min_count))


def halves(excerpts):
    """The excerpts one by one under the codes x and y."""
    return tops(*[(excerpt, "xy"[place % 2]) for place, excerpt in enumerate(excerpts["excerpt"])])


def likelihood(here, size, elsewhere, rest):
    """G² of a word that stands `here` times in `size` words and `elsewhere` times in `rest`."""
    both, everything = here + elsewhere, size + rest
    cells = [
        (here, size * both),
        (elsewhere, rest * both),
        (size - here, size * (everything - both)),
        (rest - elsewhere, rest * (everything - both)),
    ]
    return 2 * sum(seen * log(seen * everything / product) for seen, product in cells if seen)


def test_what_editors_put_in_brackets_is_taken_out():
    assert words("We met [between acute and community care] often [. . .] you see [Laughs]") == [
        "we", "met", "often", "you", "see",
    ]  # fmt: skip


def test_a_single_letter_in_brackets_is_a_changed_capital_and_stays():
    assert wording.spoken("[O]ften [T]he team") == "Often The team"
    assert words("[O]ften") == ["often"]


@small.properties
@given(st.text(st.characters(exclude_characters="[]")))
def test_a_text_without_brackets_is_left_as_it_is(text):
    assert wording.spoken(text) == text


@small.properties
@given(PRINTED)
def test_no_bracket_and_no_word_of_an_editor_is_left(said):
    spoken = wording.spoken(" ".join(said))
    assert not {"[", "]"} & {*spoken}
    assert not {"name", "laughs"} & {*words(*said)}


def test_words_keep_inner_hyphens_and_apostrophes_and_lose_everything_else():
    assert words("'Oh, the multi-faceted team's 24 h' – don’t!") == [
        "oh", "the", "multi-faceted", "team's", "h", "don't",
    ]  # fmt: skip


def test_words_have_accents_and_no_underscores():
    assert words("Zoë’s café_bar") == ["zoë's", "café", "bar"]


def test_field_notes_and_blank_texts_have_no_words():
    excerpts = small.quoted("Nurse", small.FIELD_NOTES, "Nurse").assign(text=["Spoken", "Noted", None])
    rows = wording.tokens(excerpts)
    assert rows[["excerpt", "word"]].to_numpy().tolist() == [["E1", "spoken"]]


def test_nothing_said_has_no_words_pairs_or_lines():
    said = small.texts()
    assert wording.tokens(said).empty
    assert keyness(said, tops(("T1", "x"))).empty
    assert collocations(said).empty
    assert wording.concordance(small.texts(), ["care"]).empty


@small.properties
@given(PRINTED)
def test_positions_run_through_the_text_and_words_are_lower_case(said):
    rows = wording.tokens(small.texts(*said))
    assert rows["position"].tolist() == [*range(len(rows))]
    assert all(word == word.casefold() for word in rows["word"])


@small.properties
@given(PRINTED)
def test_the_words_of_a_text_do_not_depend_on_its_neighbours(said):
    together = wording.tokens(small.texts(*said)).groupby("excerpt")["word"].agg(list)
    assert together.to_dict() == {
        f"T{number}": words(text) for number, text in enumerate(said, 1) if words(text)
    }


def test_stop_words_are_lower_case_and_what_interviews_are_full_of_is_none_of_them():
    assert all(word == word.casefold() for word in STOP_WORDS)
    assert STOP_WORDS.isdisjoint(["know", "just", "like", "really", "care", "team", "patients", "health"])


def test_keyness_of_two_short_texts_is_g_squared_by_hand():
    said = small.texts("care care team", "care meetings meetings")
    found = keyness(said, tops(("T1", "x"), ("T2", "y"))).set_index(["code", "word"])
    # care: 2 of 3 words here, 1 of 3 there; 1.5 expected in each: 2 (2 ln 4/3 + 1 ln 2/3) × 2 by symmetry.
    assert found.loc[("x", "care"), "log_likelihood"] == pytest.approx(4 * (2 * log(4 / 3) + log(2 / 3)))
    assert found.loc[("x", "care")].tolist()[:5] == pytest.approx([2, 1, 2000 / 3, 1, 1000 / 3])
    # meetings: 0 of 3 here, 2 of 3 there; 1 expected in each.
    meetings = found.loc[("x", "meetings"), "log_likelihood"]
    assert meetings == pytest.approx(2 * (2 * log(2) + 3 * log(3 / 2) + log(1 / 2)))


@pytest.mark.parametrize("seen", [(3, 10, 1, 40), (0, 10, 5, 40), (5, 10, 0, 40), (2, 10, 8, 40)])
def test_keyness_is_g_squared_of_the_four_counts(seen):
    here, size, elsewhere, rest = seen
    said = ["care " * here + "so " * (size - here), "care " * elsewhere + "so " * (rest - elsewhere)]
    excerpts = small.texts(*said)
    found = keyness(excerpts, tops(("T1", "x"), ("T2", "y"))).set_index(["code", "word"])["log_likelihood"]
    assert found["x", "care"] == pytest.approx(likelihood(*seen), abs=1e-9)
    assert found["y", "care"] == pytest.approx(found["x", "care"], abs=1e-9)


def test_a_word_that_is_as_frequent_everywhere_scores_0():
    said = small.texts("care so", "care so", "care so")
    found = keyness(said, tops(("T1", "x"), ("T2", "y"), ("T3", "y")))
    assert found["log_likelihood"].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_stop_words_and_rare_words_have_no_keyness():
    said = small.texts("the the care care team")
    assert keyness(said, tops(("T1", "x")))["word"].tolist() == ["care"]
    assert keyness(said, tops(("T1", "x")), min_count=1)["word"].tolist() == ["care", "team"]


def test_where_there_is_nothing_else_to_compare_with_a_word_scores_0():
    found = keyness(small.texts("care care"), tops(("T1", "x"), ("T9", "y")))
    assert found["log_likelihood"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert found["count"].tolist() == [2, 0]


@small.properties
@given(SAID)
def test_every_keyness_is_g_squared_of_its_own_row_and_counts_add_up(said):
    excerpts = small.texts(*said)
    rows = wording.tokens(excerpts)
    coded = halves(excerpts)
    sizes = rows["excerpt"].map(coded.set_index("excerpt")["code"]).value_counts()
    for row in keyness(excerpts, coded, min_count=1).itertuples():
        size = sizes.get(row.code, 0)
        seen = (row.count, size, row.elsewhere, len(rows) - size)
        assert row.log_likelihood == pytest.approx(likelihood(*seen), abs=1e-9)
        assert row.count + row.elsewhere == (rows["word"] == row.word).sum()


@small.properties
@given(SAID, SEEDS)
def test_the_order_of_the_excerpts_does_not_change_words_pairs_or_lines(said, seed):
    excerpts = small.texts(*said)
    other, coded = small.shuffled(excerpts, seed), halves(excerpts)
    keys = [keyness(one, coded).sort_values(["code", "word"], ignore_index=True) for one in (excerpts, other)]
    pd.testing.assert_frame_equal(*keys)
    pd.testing.assert_frame_equal(collocations(excerpts), collocations(other))
    lines = [wording.concordance(one, ["team", "care"]) for one in (excerpts, other)]
    pd.testing.assert_frame_equal(*lines)


def keyed(*rows):
    """Keyness by hand: rows of code, word, excerpts, rate here, rate elsewhere, G²."""
    columns = ["code", "word", "excerpts", "per_thousand", "per_thousand_elsewhere", "log_likelihood"]
    return pd.DataFrame(rows, columns=columns)


def test_distinctive_words_are_more_frequent_here_and_in_more_than_one_excerpt():
    keys = keyed(("x", "care", 2, 9, 1, 5), ("x", "team", 1, 9, 1, 7), ("x", "oh", 2, 1, 9, 8))
    assert wording.distinctive(keys) == ["care"]


def test_so_many_words_of_each_code_are_taken_and_none_twice():
    keys = keyed(
        ("y", "care", 2, 9, 1, 5),
        ("y", "team", 2, 9, 1, 7),
        ("y", "oh", 2, 9, 1, 3),
        ("x", "team", 2, 9, 1, 6),
    )
    assert wording.distinctive(keys, each=2) == ["team", "care"]
    assert wording.distinctive(keys, each=1) == ["team"]


def test_distinctive_words_stand_by_code_and_then_from_the_most_distinctive_down():
    # More rows than a sort that is not stable leaves in place.
    keys = keyed(*[(code, f"{code}{rank:02d}", 2, 9, 1, 50 - rank) for code in "zyx" for rank in range(12)])
    assert wording.distinctive(keys, each=10) == [f"{code}{rank:02d}" for code in "zyx" for rank in range(10)]


def test_nothing_is_distinctive_where_there_are_no_words():
    assert wording.distinctive(keyness(small.texts(), tops(("T1", "x")))) == []


def test_collocations_never_cross_from_one_excerpt_to_the_next():
    said = small.texts("we have social", "care is social", "care is here")
    assert collocations(said).empty


def test_a_pair_with_a_stop_word_or_seen_too_rarely_is_left_out():
    said = small.texts("the team met", "the team slept")
    assert collocations(said).empty
    pairs = collocations(said, min_count=1)[["first", "second"]].to_numpy().tolist()
    assert sorted(pairs) == [["team", "met"], ["team", "slept"]]


def test_a_pair_is_scored_by_g_squared_and_by_bits_of_mutual_information():
    rows = collocations(small.texts("social care", "social care", "social team, oh"))
    # Of 7 words social is 3 and care 2; they stand side by side twice.
    assert rows.loc[0, ["first", "second", "count"]].tolist() == ["social", "care", 2]
    assert rows.loc[0, "pmi"] == pytest.approx(log2(2 * 7 / (3 * 2)))
    assert rows.loc[0, "log_likelihood"] == pytest.approx(likelihood(2, 3, 0, 4))


def test_a_word_said_over_and_over_keeps_no_company():
    assert collocations(small.texts("Meetings, meetings, meetings")).empty


@small.properties
@given(SAID)
def test_a_pair_is_counted_where_its_words_stand_side_by_side_in_one_excerpt(said):
    rows = wording.tokens(small.texts(*said))
    texts = rows.groupby("excerpt")["word"].agg(list)
    beside = [pair for text in texts for pair in pairwise(text)]
    found = collocations(small.texts(*said), min_count=1)
    wanted = {pair: beside.count(pair) for pair in beside if STOP_WORDS.isdisjoint(pair)}
    assert {(row.first, row.second): row[3] for row in found.itertuples()} == wanted


def engine(frame):
    """The frame in an engine."""
    return nw.from_native(duckdb.from_df(frame))


def same(excerpts, coded, min_count=1):
    """The counts in memory, held against those of an engine."""
    here = wording.counts(excerpts, coded, min_count)
    for other in (coded, engine(coded)):
        there = wording.counts(engine(excerpts), other, min_count)
        pd.testing.assert_frame_equal(here.words, there.words)
        pd.testing.assert_frame_equal(here.pairs, there.pairs)
        assert [*here.said.items()] == [*there.said.items()]
        assert (here.different, here.excerpts) == (there.different, there.excerpts)
    return here


SIGNS = [
    "İ",
    "ß",
    "ẞ",
    "ΣΑΣ",
    "ς",
    "Ж",
    "é",
    "e\u0301",
    "क्षि",
    "²",
    "Ⅷ",
    "٣",
    "😀",
    "ǅ",
    "ﬁ",
    "一",
    "\u00ad",
    "\u200d",
]
SIGNS += [
    "'",
    "’",
    "-",
    "–",
    "_",
    "[",
    "]",
    "[x]",
    "[1]",
    "[x y]",
    "\n",
    "\t",
    "\u00a0",
    " ",
    "  ",
    "a",
    "B",
    "0",
    "\\",
    "$1",
]
ANY = st.lists(st.sampled_from(SIGNS), max_size=12).map("".join) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=12
)


@small.properties
@given(st.lists(ANY | st.none(), min_size=1, max_size=5), st.integers(1, 2))
def test_an_engine_counts_what_is_counted_in_memory_whatever_is_written(said, min_count):
    excerpts = small.texts(*said)
    coded = pd.concat([halves(excerpts), tops(("T1", "z"), ("T9", "y"))], ignore_index=True)
    here = same(excerpts, coded, min_count)
    rows = wording.tokens(excerpts)
    assert (here.length, here.different, here.excerpts) == (len(rows), *rows[["word", "excerpt"]].nunique())
    often = rows["word"].value_counts()
    assert here.totals.to_dict() == often[often >= min_count].to_dict()


def test_every_sign_is_a_letter_or_none_for_every_engine():
    # Those that every engine's Unicode has.
    signs = [chr(place) for place in range(1, sys.maxunicode + 1)]
    signs = [sign for sign in signs if unicodedata.ucd_3_2_0.category(sign) not in ("Cn", "Co", "Cs")]
    here = same(small.texts(*[f"x{sign}y" for sign in signs]), tops())
    letters = [sign for sign in signs if sign.isalnum() and not sign.isdecimal()]
    assert len(here.words) == here.different > len(letters) / 2
    assert len(letters) > 90_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("İstanbul’s ISTANBUL'S", ["istanbul's", "istanbul's"]),
        ("ΟΔΟΣ οδος", ["οδοσ", "οδοσ"]),
        ("Straße STRASSE", ["straße", "strasse"]),
        ("Привет, мир!", ["привет", "мир"]),
        ("cafe\u0301 café", ["cafe", "café"]),
        ("a--b -a- 'b' a-'b well-being", ["a", "b", "a", "b", "a", "b", "well-being"]),
        ("so 😀 good😀bye", ["so", "good", "bye"]),
        ("[T]he [name] [a[b] c] d]e", ["the", "c", "d", "e"]),
    ],
)
def test_words_are_the_same_words_for_every_engine(text, wanted):
    assert words(text) == wanted
    assert same(small.texts(text), tops()).totals.to_dict() == {one: wanted.count(one) for one in wanted}


def test_the_published_counts_are_those_of_an_engine(record):
    lazy = codes.top_of(record.codebook, engine(record.codings))
    there = wording.counts(engine(record.excerpts), lazy)
    here = same(record.excerpts, codes.top_of(record.codebook, record.codings), min_count=2)
    pd.testing.assert_frame_equal(wording.keyness(there), wording.keyness(here))
    pd.testing.assert_frame_equal(wording.collocations(there), wording.collocations(here))


def test_excerpts_in_memory_may_have_their_codes_in_an_engine(record):
    coded = codes.top_of(record.codebook, engine(record.codings))
    here = wording.counts(record.excerpts, codes.top_of(record.codebook, record.codings))
    pd.testing.assert_frame_equal(wording.counts(record.excerpts, coded).words, here.words)


def test_an_excerpt_under_two_codes_counts_under_both_and_once_in_all():
    found = same(small.texts("care care", "care", "oh"), tops(("T1", "x"), ("T1", "y"), ("T2", "y")))
    assert found.words.to_numpy().tolist() == [
        ["", "care", 3, 2], ["", "oh", 1, 1], ["x", "care", 2, 1], ["y", "care", 3, 2],
    ]  # fmt: skip
    assert found.said == {"": 4, "x": 2, "y": 3}


def test_what_is_said_rarely_is_left_out_and_still_counts_towards_the_length():
    found = same(small.texts("care team care team", "care", "[only]"), tops(("T2", "x")), min_count=3)
    assert found.words["word"].tolist() == ["care", "care"]
    assert (found.said, found.different, found.excerpts) == ({"": 5, "x": 1}, 2, 2)
    assert found.pairs.empty


def test_of_many_places_so_many_are_drawn_and_others_with_another_seed():
    excerpts = small.texts(*["care team"] * 30, "oh")
    lines = wording.concordance(excerpts, ["care", "oh", "team"], most=5)
    assert lines["word"].value_counts().to_dict() == {"care": 5, "team": 5, "oh": 1}
    assert lines.equals(wording.concordance(small.shuffled(excerpts, 3), ["care", "oh", "team"], most=5))
    assert not lines.equals(wording.concordance(excerpts, ["care", "oh", "team"], most=5, seed=2))
    everything = wording.concordance(excerpts, ["care", "oh", "team"])
    assert lines.merge(everything).equals(lines)


def test_a_line_shows_the_word_as_it_was_said_between_its_neighbours():
    lines = wording.concordance(small.texts("We Care; they care.", "No."), ["care"], width=6)
    assert lines.to_numpy().tolist() == [
        ["care", "T1", "We", "Care", "; they"],
        ["care", "T1", "they", "care", "."],
    ]


def test_a_changed_capital_is_shown_whole_as_it_is_printed():
    lines = wording.concordance(small.texts("Yes. [O]ften we"), ["often"])
    assert lines[["left", "match", "right"]].to_numpy().tolist() == [["Yes.", "[O]ften", "we"]]


def test_a_line_is_as_wide_as_asked_to_the_letter():
    lines = wording.concordance(small.texts("bigger,care,smaller"), ["care"], width=3)
    assert lines[["left", "right"]].to_numpy().tolist() == [["er,", ",sm"]]


def test_a_part_of_a_word_is_not_the_word():
    assert wording.concordance(small.texts("careful team-care"), ["care"]).empty


@small.properties
@given(SAID, st.integers(0, 20))
def test_every_line_is_a_verbatim_piece_of_its_text_no_wider_than_asked(said, width):
    excerpts = small.texts(*said)
    texts = excerpts.set_index("excerpt")["text"]
    for line in wording.concordance(excerpts, ["care", "don't", "oh"], width).itertuples():
        pieces = [
            line.left + before + line.match + after + line.right
            for before in ("", " ")
            for after in ("", " ")
        ]
        assert any(piece in texts[line.excerpt] for piece in pieces)
        assert max(len(line.left), len(line.right)) <= width


@small.properties
@given(PRINTED)
def test_there_is_one_line_and_one_place_for_each_time_a_word_is_said(said):
    excerpts, chosen = small.texts(*said), ["care", "don't", "many"]
    rows = wording.tokens(excerpts)
    lines = wording.concordance(excerpts, chosen)
    places = wording.places(rows, chosen)
    assert lines["word"].value_counts().to_dict() == places["word"].value_counts().to_dict()
    assert lines["word"].is_monotonic_increasing
    assert rows.set_index("position").loc[places["position"], "word"].tolist() == places["word"].tolist()


def test_the_published_words_are_those_of_seventeen_quotations_and_no_field_note(tokens):
    assert tokens["excerpt"].nunique() == 17
    assert not {"E18", "E19"} & {*tokens["excerpt"]}


def test_the_published_often_is_a_word_and_the_editors_name_is_not(tokens):
    said = tokens.loc[tokens["excerpt"] == "E08", "word"].tolist()
    assert said[0] == "often"
    assert "name" not in said


def test_every_published_keyness_is_g_squared_of_its_row(record, tokens, keys):
    top = codes.top_of(record.codebook, record.codings).set_index("excerpt")["code"]
    sizes = tokens["excerpt"].map(top).value_counts()
    size = keys["code"].map(sizes)
    wanted = [
        likelihood(row.count, here, row.elsewhere, len(tokens) - here)
        for row, here in zip(keys.itertuples(), size, strict=True)
    ]
    assert keys["log_likelihood"].tolist() == pytest.approx(wanted, abs=1e-9)


def test_broad_base_is_the_pair_that_is_published_most_often(record, tokens):
    pairs = collocations(record.excerpts).set_index(["first", "second"])
    count, score, pmi = pairs.loc[("broad", "base")]
    assert pairs["count"].to_dict() == {
        ("broad", "base"): 4, ("many", "meetings"): 2, ("social", "worker"): 2, ("social", "care"): 2,
    }  # fmt: skip
    assert (count, score) == (4, pytest.approx(likelihood(4, 4, 0, len(tokens) - 4)))
    assert pmi == pytest.approx(log2(len(tokens) / 4))


def test_every_published_line_is_verbatim_what_is_printed(record, keys):
    # What the editors left out has to be seen: "to cover. So it is" is not printed, nor was it said.
    texts = record.excerpts.set_index("excerpt")["text"]
    lines = wording.concordance(record.excerpts, wording.distinctive(keys, each=4))
    changed = [
        piece
        for line in lines.itertuples()
        for piece in (line.left, line.match, line.right)
        if piece not in texts[line.excerpt]
    ]
    assert changed == []


def found(texts, phrase, **more):
    excerpts = pd.DataFrame(
        {"excerpt": [f"E{n}" for n in range(len(texts))], "source": "interview", "text": texts}
    )
    return wording.found(excerpts, phrase, **more)


def test_a_phrase_is_found_where_its_words_begin_whatever_case_apostrophes_and_spaces():
    rows = found(["Too many Meetings. I’m in a\nmeeting; premeeting.", "nothing"], "meet")
    assert rows[["excerpt", "match"]].to_numpy().tolist() == [["E0", "Meetings"], ["E0", "meeting"]]
    assert [*found(["So I’m  in", "I'm in"], "i'm in")["match"]] == ["I’m  in", "I'm in"]


def test_the_place_of_a_phrase_is_verbatim_with_what_stands_around_it():
    (row,) = found(["We [the staff] wait for [name] all day"], "we wait", width=5).itertuples()
    assert (row.left, row.match, row.right) == ("", "We [the staff] wait", " for ")
    assert found(["We [wait] here"], "wait").empty
    assert [*found(["[O]ften so"], "often")["match"]] == ["[O]ften"]


def test_nothing_is_found_for_no_phrase_and_signs_are_no_pattern():
    assert found(["a (b) c"], "  ").empty
    assert [*found(["a (b) c", "a b c"], "(b")["excerpt"]] == ["E0"]


@given(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=4))
def test_every_place_of_a_phrase_reads_as_it_stands_in_its_text(phrase, texts):
    texts = [text.replace("[", "(") for text in texts]
    for row in found(texts, phrase).itertuples():
        assert row.left + row.match + row.right in texts[int(row.excerpt[1:])]


@pytest.mark.parametrize("many", [0, 51, 52, 53, 110])
def test_an_engine_counts_under_any_number_of_codes(many):
    excerpts = small.texts(*["care team", "care", "oh", "[none]"] * 30)
    coded = [(f"T{place % 120 + 1}", f"c{place}") for place in range(many)]
    found = same(excerpts, tops(*coded, *[("T1", code) for _, code in coded[1:]]))
    assert len(found.said) == many + 1
    assert found.said["c5" if many else ""] == (2 + 1 if many else 120)


@pytest.mark.parametrize(("million", "pairs"), [(4, []), (5, ["care team"]), (7, ["care team", "oh hm"])])
def test_of_millions_of_words_pairs_below_one_in_each_are_left_out(monkeypatch, million, pairs):
    # 12 words; excerpts in which nobody says anything are no words.
    monkeypatch.setattr(wording, "MILLION", million)
    said = ["care team", "care team", "oh hm", "of", "we", "care", "oh", "hm", "yes"]
    found = same(small.texts(*said, *["[none]"] * 20), tops(("T1", "x")))
    assert found.length == 12
    assert [f"{row.first} {row.second}" for row in found.pairs.itertuples()] == pairs
