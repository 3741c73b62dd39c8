"""What leaves of a restricted study: checked as somebody would who has nothing but the files."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from analysis import UnusableError
from analysis import study as studies
from analysis.audit import release
from analysis.measures import bounds, prevalence, sample, wording
from analysis.outputs.place import Results

pytestmark = pytest.mark.slow
CLEARED = ("X001", "X017", "X030")
NAME = "simulated-east-london"


def themes(record, by):
    people = (record.excerpts, record.roster, record.roles)
    placed = bounds.place(*people, by=by)
    return prevalence.count(placed, record.excerpts, record.codings, record.codebook, record.roster)


@pytest.fixture(scope="module")
def record():
    """The simulated study, as if its people were real."""
    return replace(studies.load(NAME), policy="restricted", cleared=CLEARED)


@pytest.fixture(scope="module")
def kept(record, tmp_path_factory):
    """Some of what its notebooks write."""
    out = Results(NAME, tmp_path_factory.mktemp("kept"))
    out.table("sample", sample.count(record.roster, by=list(record.groupings)))
    for by in record.compare:
        out.table(f"themes_by_{by}", themes(record, by))
    out.table("concordance", wording.concordance(record.excerpts, ["meeting"]))
    out.table("unseen", pd.DataFrame({"estimator": ["Chao2"], "seen": [11]}))
    agreed = {
        "distance": ["masi"],
        "coders": [2],
        "units": [3],
        "alpha": [0.123456],
        "low": [None],
        "holds": ["x"],
    }
    out.table("agreement_on_sets", pd.DataFrame(agreed))
    tests = pd.DataFrame(
        {"code": record.codebook["code"], "p": 0.5, "p_bh": 0.6, "family": 18, "why": "3 left out"}
    )
    out.table("contrasts_by_borough", tests)
    out.table("contrasts_by_role_group", pd.DataFrame({"code": record.codebook["code"], "p": 0.5}))
    out.table("diary", pd.DataFrame({"day": [1]}))
    return out


@pytest.fixture(scope="module")
def released(record, kept, tmp_path_factory):
    place = Results(NAME, tmp_path_factory.mktemp("released"))
    made = release.write(record, kept, place, 5)
    return place, made.told, made.withheld


def tables(place):
    return {path.stem: pd.read_csv(path) for path in place.derived.glob("*.csv")}


def test_no_number_is_of_a_few_people_or_of_all_but_a_few(released):
    counted = {name: rows for name, rows in tables(released[0]).items() if "people" in rows}
    assert {"themes_by_borough", "themes_by_role_group", "people_by_borough_and_service"} <= counted.keys()
    for rows in counted.values():
        shown = rows.dropna(subset="people")
        assert len(shown)
        assert not shown["people"].between(1, 4).any()
        if "of" in rows:
            assert not (shown["of"] - shown["people"]).between(1, 4).any()


def test_what_is_shown_is_what_was_counted(record, released):
    rows = tables(released[0])["themes_by_borough"].query("borough != 'all'").dropna(subset="people")
    counted = themes(record, "borough").query("unit == 'people'").set_index(["code", "borough"])
    asked = pd.MultiIndex.from_frame(rows[["code", "borough"]])
    assert rows["people"].tolist() == counted.loc[asked, "least"].tolist()
    assert rows["share"].tolist() == pytest.approx(counted.loc[asked, "share"].tolist(), rel=1e-5)


def test_every_hidden_number_is_blank_throughout_and_marked_alike(released):
    for rows in tables(released[0]).values():
        if "hidden" in rows:
            blank = rows[rows["people"].isna()]
            assert (
                blank[[name for name in ("share", "low", "high", "holds") if name in rows]]
                .isna()
                .all(axis=None)
            )
            assert blank["hidden"].nunique() < 2
            assert rows.loc[rows["people"].notna(), "hidden"].isna().all()


def test_the_groups_that_are_told_of_are_large_and_add_up(record, released):
    rows = tables(released[0])["people_by_borough_and_role_group"]
    sizes = rows[rows["role_group"].eq("all")]
    assert sizes["people"].sum() == record.roster["n"].sum()
    assert sizes["people"].min() > 5
    assert "others" in set(rows["role_group"])
    assert "social worker" not in set(rows["role_group"])


def test_what_is_computed_from_hidden_groups_does_not_leave(released):
    place, told, withheld = released
    rows = tables(place)["contrasts_by_borough"]
    assert set(rows["code"]) == told.codes("borough")
    assert not {"p_bh", "family", "why"} & {*rows}, "they would tell of the other codes"
    assert withheld.set_index("result")["why"]["unseen"] == release.HIDDEN
    themes = tables(place)["themes_by_borough"]
    assert not {*rows["code"]} & {*themes.loc[themes["people"].isna() & themes["borough"].ne("all"), "code"]}
    assert withheld.set_index("result")["why"]["contrasts_by_role_group"] == release.LARGER


def test_agreement_leaves_without_the_counts_that_it_is_made_of(released):
    rows = tables(released[0])["agreement_on_sets"]
    assert "units" not in rows
    assert rows["alpha"].tolist() == [0.12]


def test_a_group_with_a_name_that_a_release_uses_is_refused(record, tmp_path):
    kept = Results(NAME, tmp_path)
    roster = record.roster.assign(borough=record.roster["borough"].replace("A", "all"))
    kept.table("sample", sample.count(roster, by=list(record.groupings)))
    with pytest.raises(release.ReleaseError, match='a group of "borough" is called "all"'):
        release.protected(record, kept, 5)


def test_everything_that_stays_is_listed_with_its_reason(kept, released):
    place, _, withheld = released
    made = {path.stem for path in kept.derived.glob("*.csv")}
    assert made - {path.stem for path in place.derived.glob("*.csv")} <= {*withheld["result"]}
    assert withheld.set_index("result")["why"]["diary"] == release.NO_RULE
    assert withheld["why"].str.len().gt(0).all()


def test_quotations_beside_numbers_and_answers_of_workshops_stay(record, kept, tmp_path):
    shutil.copytree(kept.root, tmp_path / "kept")
    mine = Results(NAME, tmp_path / "kept")
    for name in ("joint_by_borough", "quotation_book", "sensecheck"):
        (mine.derived / f"{name}.csv").write_text("code\n", encoding="utf-8")
    why = release.write(record, mine, Results(NAME, tmp_path), 5).withheld.set_index("result")["why"]
    for name in ("joint_by_borough", "joint-by-borough", "joint-by-role_group", "quotation_book"):
        assert why[name] == release.WORDS
    assert why["quotation-book"] == release.WORDS
    assert why["sensecheck"] == why["sense-check"] == release.WHY["sensecheck"]


def test_only_cleared_quotations_are_printed(record, released):
    place, *_ = released
    printed = pd.concat([pd.read_csv(path) for path in (place.derived / "tables").glob("*.csv")])
    texts = record.excerpts.set_index("excerpt")["text"]
    assert set(printed["excerpt"]) == {texts[one] for one in CLEARED}
    assert not len(release.leaking(record, place.derived))


def test_a_label_that_fits_few_people_is_left_out(record, tmp_path):
    one = record.excerpts["excerpt"].eq(CLEARED[0])
    study = replace(
        record, excerpts=record.excerpts.assign(speaker=record.excerpts["speaker"].mask(one, "a smith"))
    )
    place = Results(NAME, tmp_path)
    assert [*release._quotations(study, place, 5)]  # noqa: SLF001
    text = "".join(path.read_text() for path in (place.derived / "tables").glob("*.md"))
    assert "a smith" not in text
    assert "the only director" not in text


def test_a_leak_releases_nothing(record, tmp_path):
    kept, place = Results(NAME, tmp_path / "kept"), Results(NAME, tmp_path / "place")
    kept.table("sample", sample.count(record.roster, by=list(record.groupings)))
    for by in record.compare:
        kept.table(f"themes_by_{by}", pd.DataFrame(columns=["code", by, "unit", "least"]))
    study = replace(record, captions={"Table 1": record.excerpts["text"].iloc[-1]})
    with pytest.raises(release.ReleaseError, match=r"tables/table-1\.\w+, .*: quotation X\d+ is not cleared"):
        release.write(study, kept, place, 5)


def test_an_id_that_may_be_any_number_is_shown_to_the_analyst_and_stops_nothing(record, tmp_path):
    kept, place = Results(NAME, tmp_path / "kept"), Results(NAME, tmp_path / "place")
    roster = record.roster.assign(participant=record.roster["participant"].str[1:].str.lstrip("0"))
    study = replace(record, roster=roster)
    kept.table("sample", sample.count(roster, by=list(record.groupings)))
    for by in record.compare:
        kept.table(f"themes_by_{by}", pd.DataFrame(columns=["code", by, "unit", "least"]))
    made = release.write(study, kept, place, 5)
    assert "perhaps a participant" in set(made.doubtful["kind"])
    assert any(one.startswith("To be looked at: tables/") for one in release.sentences(made, 5))


def test_without_speakers_no_number_of_excerpts_is_told(record, tmp_path):
    own = Results(NAME, tmp_path / "kept")
    own.table("sample", sample.count(record.roster, by=list(record.groupings)))
    for by in record.compare:
        own.table(f"themes_by_{by}", themes(record, by).query("unit == 'excerpts'"))
    made = release.write(record, own, Results(NAME, tmp_path / "place"), 5)
    assert made.told is None
    assert made.withheld.set_index("result")["why"]["themes_by_borough"] == release.UNKNOWN


def test_of_a_restricted_study_that_is_known_by_a_sample_nothing_leaves(record, tmp_path):
    """What leaves is searched for every text and every id: with a sample of them it cannot be."""
    sampled = replace(record, sampled="2 of the 3 excerpts")
    with pytest.raises(
        UnusableError, match=r"nothing that is made of a restricted study.*2 of the 3 excerpts"
    ):
        release.leaking(sampled, tmp_path)
    with pytest.raises(UnusableError):
        release.searched(sampled, {"page.txt": b"nobody"}, release.ReleaseError)
    assert release.leaking(record, tmp_path).empty
    assert release.leaking(replace(sampled, policy="public"), tmp_path).empty
