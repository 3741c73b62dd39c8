"""Quotations chosen by hand: a study with a choice that no display may show does not load, and says why."""

import json
import shutil

import pandas as pd
import pytest
from hypothesis import given
from small import few, studies

from analysis import study
from analysis.measures.labels import known_group
from analysis.study import StudyError, levels, selecting

PAPER, SIMULATED = "bussu-marshall-2020", "simulated-east-london"
HEAD = "by,code,group,excerpt,note\n"


def problems(raw, *rows, name=PAPER):
    (raw / name / "selections.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    try:
        study.load(name, raw)
    except StudyError as error:
        return [str(one) for one in error.problems]
    return []


WRONG = [
    (
        "borrough,top-down,A,E01,",
        (
            'line 2, column "by": "borrough" is no grouping that themes are compared by: borough, '
            'role_group. Did you mean "borough"?'
        ),
    ),
    (
        "role_group,top-down,nurses,E01,",
        'line 2, column "group": "nurses" is no group of "role_group": ',
    ),
    (
        "role_group,meeting-fatigue,nurse,E04,",
        (
            'line 2, column "code": "meeting-fatigue" has no row in a joint display, which has the themes '
            'top-down, service-change, barriers, expectations, bottom-up. Did you mean "top-down"?'
        ),
    ),
    (
        "role_group,service-change,nurse,E01,",
        'line 2, column "excerpt": "E01" stands neither under "service-change" nor under a subcode.',
    ),
    (
        "borough,top-down,A,E01,",
        (
            'line 2, column "excerpt": of which borough "E01" is, the record does not say, and no output '
            "ties a quotation to a group that it does not print."
        ),
    ),
    (
        "role_group,top-down,nurse,E03,",
        'line 2, column "excerpt": "E03" is of role_group "physiotherapist", not "nurse".',
    ),
    (
        "role_group,bottom-up,nurse,E18,",
        'line 2, column "excerpt": "E18" is no quotation; expected an excerpt of an interview with its text.',
    ),
    (
        "role_group,top-down,nurse,E99,",
        'line 2, column "excerpt": "E99" is in no row of excerpts.csv; correct it here or add a row there.',
    ),
]


@pytest.mark.parametrize(("row", "says"), WRONG)
def test_a_choice_that_no_display_may_show_is_named_by_line_column_and_value(raw, row, says):
    found = problems(raw, row)
    assert any(one.startswith(f"selections.csv, {says}") for one in found), found


def test_a_sound_choice_is_taken(raw):
    assert problems(raw, "role_group,top-down,nurse,E04,It says what a meeting costs.") == []
    assert study.load(PAPER, raw).selections["excerpt"].tolist() == ["E04"]


def test_a_quotation_is_chosen_once_in_a_display(raw):
    shutil.copytree(study.RAW / SIMULATED, raw / SIMULATED)
    found = problems(
        raw, "borough,top-down,A,X003,", "borough,service-change,A,X003,", "role_group,top-down,nurse,X003,",
        name=SIMULATED,
    )  # fmt: skip
    says = 'selections.csv, line 3, column "excerpt": "X003" is chosen on line 2 already; a display shows a '
    assert [one.startswith(says) for one in found] == [True]


def test_a_restricted_study_chooses_among_what_it_has_cleared(raw):
    path = raw / PAPER / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["study"] |= {"policy": "restricted", "cleared": ["E01"]}
    path.write_text(json.dumps(package), encoding="utf-8")
    (one,) = problems(raw, "role_group,top-down,nurse,E04,")
    assert one == (
        'selections.csv, line 2, column "excerpt": "E04" is not cleared for publication, and the study is '
        "restricted (cleared in datapackage.json)."
    )
    assert problems(raw, "role_group,top-down,nurse,E01,") == []


def test_a_workshop_may_not_be_called_as_all_of_them_together(raw):
    text = "code,workshop,answer,people\ntop-down,all,not so,2\n"
    (raw / PAPER / "responses.csv").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match='"all" stands in the results for all workshops together'):
        study.load(PAPER, raw)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("top-downs,North,not so,2", '"top-downs" is in no row of codebook.csv'),
        ("top-down,North,no,2", '"no" is not one of that is so, not so, it depends'),
        ("top-down,North,not so,", "the cell is blank; expected a value"),
        ("top-down,North,not so,-1", '"-1"'),
    ],
)
def test_a_wrong_answer_is_named(raw, row, says):
    (raw / PAPER / "responses.csv").write_text(f"code,workshop,answer,people\n{row}\n", encoding="utf-8")
    with pytest.raises(StudyError) as error:
        study.load(PAPER, raw)
    assert "responses.csv, line 2" in str(error.value)
    assert says in str(error.value)


@few
@given(studies())
def test_the_group_that_is_asked_for_here_is_the_one_that_displays_go_by(small):
    """Two rooms read the record, which may not import each other: they have to read the same."""
    tables = {"roster": small.roster, "excerpts": small.excerpts, "roles": small.roles}
    for by in ("borough", "role_group"):
        known = known_group(small.excerpts, small.roster, small.roles, by)
        expected = {
            excerpt: group
            for excerpt, group in zip(small.excerpts["excerpt"], known, strict=True)
            if isinstance(group, str)
        }
        assert selecting._printed_group(tables)(by) == expected  # noqa: SLF001 - what the rules go by


def test_the_record_says_the_same_groups_in_either_room(paper, simulated):
    for record in (paper, simulated):
        tables = {"roster": record.roster, "excerpts": record.excerpts, "roles": record.roles}
        for by in record.compare:
            known = known_group(record.excerpts, record.roster, record.roles, by)
            said = dict(zip(record.excerpts["excerpt"], known, strict=True))
            found = selecting._printed_group(tables)(by)  # noqa: SLF001 - likewise
            assert found == {one: group for one, group in said.items() if isinstance(group, str)}


def codebook(*rows):
    return pd.DataFrame(rows, columns=["code", "parent", "level"])


def test_themes_are_those_of_the_level_and_the_highest_codes_elsewhere():
    rows = [
        ("d", None, "dimension"), ("t", "d", "theme"), ("s", "t", "subtheme"), ("beside", "d", "subtheme"),
        ("below", "beside", "subtheme"), ("bare", None, "dimension"), ("under", "bare", "subtheme"),
    ]  # fmt: skip
    assert levels.themes(codebook(*rows)) == ["t", "beside", "bare"]


def test_without_levels_the_themes_are_the_codes_at_the_top():
    assert levels.themes(codebook(("a", None, None), ("b", "a", None), ("c", None, None))) == ["a", "c"]


def test_a_theme_below_a_theme_is_one_too():
    assert levels.themes(codebook(("a", None, "theme"), ("b", "a", "theme"), ("c", "a", None))) == ["a", "b"]


def test_a_codebook_that_comes_back_to_itself_ends():
    assert levels.above("a", codebook(("a", "b", None), ("b", "a", None))) == ["b", "a"]
    assert levels.themes(codebook()) == []
