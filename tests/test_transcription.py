"""The raw tables, held against the article's own words and against what the words say."""

import re

import pytest

NUMBERS = {"one": 1, "two": 2, "three": 3}
PHRASE = re.compile(
    r"(?P<n>\d+) (?P<label>[A-Za-z -]+?)"
    r"(?P<team> (?:in the hospital|reablement team|enablement team|hospital discharge team))?"
    r"(?: \((?P<aside>social services|discharge team|who also worked on Discharge to Assess)\))?"
    r"(?: \(including (?P<leads>one|\d+) service leads?\))?\)?"
)
MEMBERS = re.compile(r"5 members of the reablement team – social services \((?P<leads>\d+) service leads")


def parsed(phrase):
    """The number, the role and the service leads that a printed phrase says."""
    if members := MEMBERS.fullmatch(phrase):
        return int(members["leads"]), "service lead", int(members["leads"])
    found = PHRASE.fullmatch(phrase)
    assert found, f"not a phrase of Table A1: {phrase}"
    label = found["label"] if found["label"] == "GP" else found["label"].lower()
    role = re.sub(r"s$", "", label)
    role = f"hospital {role}" if found["team"] == " in the hospital" else role
    n = int(found["n"])
    leads = NUMBERS.get(found["leads"]) or int(found["leads"] or 0)
    return n, role, n if role == "service lead" else leads


def plain(text):
    """Words only: markup, links and the layout's line breaks taken out."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("*", "")
    return " ".join(text.split())


def test_every_printed_phrase_says_what_its_row_says(paper):
    rows = paper.roster
    assert [parsed(phrase) for phrase in rows["as_printed"]] == list(
        zip(rows["n"], rows["role"], rows["service_leads"], strict=True)
    )


@pytest.mark.parametrize(("borough", "people", "leads"), [("A", 36, 7), ("B", 22, 5), ("C", 32, 7)])
def test_the_roster_reaches_the_printed_sums(paper, borough, people, leads):
    rows = paper.roster[paper.roster["borough"] == borough]
    assert (rows["n"].sum(), rows["service_leads"].sum()) == (people, leads)


def test_ten_service_leads_have_no_stated_profession(paper):
    assert paper.roster.loc[paper.roster["role_group"] == "service lead", "n"].sum() == 10


def test_the_phrases_of_a_cell_give_the_printed_cell_back(paper, article):
    """Cells of the article's text are torn over lines, so each column's words are joined again."""
    appendix = article[article.index("Borough A\t3 nurses") : article.index("Table A1.\nServices")]
    lines = [line.split("\t") for line in appendix.strip().splitlines()]
    starts = [i for i, cells in enumerate(lines) if cells[0].startswith("Borough")] + [len(lines)]
    for start, end, borough in zip(starts, starts[1:], "ABC", strict=False):
        columns = zip(*[cells + [""] * (5 - len(cells)) for cells in lines[start:end]], strict=True)
        printed = [" ".join(" ".join(cells).replace(";", "").split()) for cells in columns]
        ours = paper.roster[paper.roster["borough"] == borough].groupby("service", sort=False)["as_printed"]
        assert printed[1:] == [" ".join(phrases).replace(";", "") for _, phrases in ours]


VERBATIM = [
    ("roster", "as_printed"),
    ("roster", "service"),
    ("interviews", "as_printed"),
    ("codebook", "name"),
    ("excerpts", "text"),
    ("excerpts", "speaker"),
    ("activities", "as_printed"),
    ("claims", "printed"),
]


@pytest.mark.parametrize(("table", "column"), VERBATIM)
def test_verbatim_strings_stand_in_the_article(paper, article, table, column):
    text = plain(article).casefold()
    absent = [value for value in getattr(paper, table)[column] if plain(value).casefold() not in text]
    assert absent == []


def test_each_excerpt_stands_before_its_speaker(paper, article):
    text = plain(article)
    for row in paper.excerpts.itertuples():
        assert f"{plain(row.text)} [{row.speaker}]" in text


def test_seventeen_quotations_and_two_field_notes_are_coded_once_each(paper):
    assert paper.excerpts["source"].value_counts().to_dict() == {"interview": 17, "field notes": 2}
    assert paper.codings["excerpt"].tolist() == paper.excerpts["excerpt"].tolist()


def test_only_the_three_excerpts_of_a_lost_layout_are_inferred(paper):
    inferred = paper.codings[paper.codings["basis"] == "inferred"].merge(paper.codebook, on="code")
    assert inferred["parent"].tolist() == ["expectations"] * 3
    assert inferred["note"].notna().all()


def test_the_codebook_has_three_dimensions_four_themes_and_eleven_subthemes(paper):
    counts = paper.codebook["level"].value_counts().to_dict()
    assert counts == {"subtheme": 11, "theme": 4, "dimension": 3}


def test_table_3_hangs_its_subthemes_on_the_dimension(paper):
    third = paper.codebook[paper.codebook["printed_in"] == "Table 3"]
    assert third["level"].tolist() == ["dimension"] + ["subtheme"] * 3
    assert set(third["parent"].dropna()) == {"bottom-up"}


def test_every_judgement_on_a_label_that_needs_one_has_a_note(paper):
    judged = ~paper.roles["stated"] | paper.roles["lead"]
    assert paper.roles.loc[judged, "note"].notna().all()


def test_claims_that_are_not_computed_say_why_or_are_attested(paper):
    lost = paper.claims[paper.claims["kind"] == "not reproducible"]
    assert lost["note"].notna().all()
    assert len(paper.claims) >= 30
    due = paper.claims["kind"] == "computed"
    assert paper.claims.loc[due, ["computed_by", "fact", "value"]].notna().all(axis=None)
    assert paper.claims.loc[~due, ["computed_by", "fact"]].isna().all(axis=None)


def test_no_letter_is_tied_to_a_place(paper):
    """The boroughs are letters; the three municipalities are named in a reference of the article only."""
    for table in ("roster", "interviews", "excerpts", "activities", "claims", "roles", "codings"):
        text = getattr(paper, table).to_csv().casefold()
        assert not re.search(r"waltham|newham|hamlets", text)
