"""The report, read as files: where links lead, what stands behind numbers, what a restricted study keeps."""

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from posixpath import join, normpath
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest

from analysis import ROOT
from analysis import study as studies
from analysis.__main__ import main
from analysis.audit import report
from analysis.audit.release import UnreleasedError
from analysis.audit.report import checks, evidence, excerpts, front, ledger, markup, pages, released, tables
from analysis.commands import publishing
from analysis.outputs.paper import excerpt_tables
from analysis.outputs.place import Results
from analysis.runs.files import hashes, sha256

PAPER = "bussu-marshall-2020"
TEMPLATES = sorted((ROOT / "analysis" / "audit" / "report" / "templates").glob("*.md"))
LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


class Read(HTMLParser):
    """What stands in a page: elements, ids, where links lead, what is loaded, and links with their texts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.ids, self.links, self.loads, self.inside = [], [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        self.elements.append((tag, about))
        self.ids += [about["id"]] if "id" in about else []
        if tag == "a" and "href" in about:
            self.links.append(about["href"])
        if tag in LOADED and about.get(LOADED[tag]) and about.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(about[LOADED[tag]])

    def of(self, tag):
        return [about for name, about in self.elements if name == tag]


@pytest.fixture(scope="module")
def found(paper):
    return evidence.gathered(paper)


@pytest.fixture(scope="module")
def built(paper):
    return report.files(paper, ROOT)


@pytest.fixture(scope="module")
def site(built):
    """The pages of the site, read."""
    names = [name for name in built if name.endswith(".html") and not name.startswith("_static")]
    return {name: Read(built[name].decode()) for name in names}


def target(page, link):
    """The file and the place in it that a link of a page leads to."""
    parts = urlsplit(link)
    return normpath(join(page, "..", parts.path)) if parts.path else page, unquote(parts.fragment)


def outside(link):
    return urlsplit(link).scheme in ("http", "https") or link.startswith("//")


def test_every_link_leads_to_a_page_and_a_place_that_are_there(site, built):
    lost = []
    for page, read in site.items():
        for link in read.links + read.loads:
            if not outside(link) and not link.startswith(("mailto:", "data:")):
                file, place = target(page, link)
                there = file in built and (not place or file not in site or place in site[file].ids)
                lost += [] if there else [(page, link)]
    assert lost == []


def test_nothing_is_loaded_from_elsewhere(site, built):
    assert [(page, one) for page, read in site.items() for one in read.loads if outside(one)] == []
    styles = [data.decode() for name, data in built.items() if name.endswith(".css")]
    assert not any(re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", text) for text in styles)


def test_no_id_stands_twice_on_a_page(site):
    twice = {page: [one for one, n in Counter(read.ids).items() if n > 1] for page, read in site.items()}
    assert {page: ids for page, ids in twice.items() if ids} == {}


def test_every_page_has_a_language_one_first_heading_a_title_of_its_own_and_headings_in_order(site):
    for page, read in site.items():
        assert read.of("html")[0]["lang"] == "en"
        levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1 or page == "search.html", page
        assert all(after - before < 2 for before, after in pairwise(levels)), page


def test_titles_are_all_different(built, site):
    titles = [re.search(r"<title>(.*?)</title>", built[page].decode(), re.DOTALL)[1] for page in site]
    assert len({*titles}) == len(titles)


def test_every_picture_keeps_the_text_of_its_notebook(site, found):
    texts = {
        output["metadata"]["image/png"]["alt"]
        for book in found.notebooks.values()
        for cell in book["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    }
    shown = {about["alt"] for read in site.values() for about in read.of("img")}
    assert shown == texts
    assert not any(
        text == "" or text.startswith("No description") or re.search(r"\.\w{3}$", text) for text in shown
    )


def test_every_cell_of_a_notebook_has_its_address(site, found):
    for run, book in found.notebooks.items():
        assert {cell["id"] for cell in book["cells"]} <= {*site[f"notebooks/{run}.html"].ids}


def test_every_number_of_a_result_table_leads_to_the_cell_that_wrote_it(built, found):
    every = 0
    for name, rows in found.tables.items():
        text = built[f"tables/{name}.html"].decode()
        cell = found.cell(found.path(f"{name}.csv"), "../")
        if rows.empty:
            assert "The table has no rows." in text
            continue
        body = re.search(r"<tbody>(.*)</tbody>", text, re.DOTALL)[1]
        leading = Counter(re.findall(rf'<a href="{re.escape(cell)}">([^<]*)</a>', body))
        numbers = Counter(
            one for column in rows for one in rows[column] if re.fullmatch(r"-?\d[\d.e+-]*", one)
        )
        assert not numbers - leading, name
        every += numbers.total()
    assert every > 1000


def behind(built, origin):
    """What stands on a page from a cell of a notebook to the next."""
    page = built[f"notebooks/{origin.run}.html"].decode()
    return page.split(f'id="{origin.cell}"')[1].split('class="anchor"')[0]


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("sample", ["people"]),
        ("reconciliation", ["people", "raw/interviews"]),
        ("themes_by_role_group", ["excerpts", "people", "raw/roles"]),
        ("voices", ["excerpts", "people", "raw/roles"]),
        ("words", ["excerpts"]),
        ("activities_by_borough", ["raw/activities"]),
        ("tables/table-1", ["excerpts"]),
        ("tables/table-a1", ["people", "raw/interviews"]),
    ],
)
def test_a_cell_leads_on_to_the_raw_rows_that_its_result_was_counted_from(built, found, name, places):
    shown = behind(built, found.origins[found.path(f"{name}.csv")])
    assert [*re.findall(r'href="\.\./((?:raw/)?\w+)\.html"', shown)] == places


def test_every_cell_that_wrote_a_table_leads_to_it(built, found):
    for name in found.tables:
        assert f'"../tables/{name}.html"' in behind(built, found.origins[found.path(f"{name}.csv")])


def test_a_table_of_the_study_has_all_its_rows(built, paper):
    for name in ("interviews", "activities", "roles"):
        body = built[f"raw/{name}.html"].decode().split("<tbody>")[1].split("</tbody>")[0]
        assert body.count("<tr") == len(getattr(paper, name))


def test_a_claim_that_was_never_computed_is_not_said_to_agree(built):
    text = built["items.html"].decode()
    said = {
        one: text.split(f'<section id="{one}"')[1].split("</section>")[0] for one in ("box-1", "figure-1")
    }
    assert "No claim about it differs" in said["box-1"]
    assert "No claim about it differs" not in said["figure-1"]


def test_the_excerpts_of_every_code_are_there_and_nothing_is_said_of_who_speaks(found, paper):
    page = excerpts.sources(found)["excerpts.md"].decode()
    parts = dict(re.findall(r"^\(code-([\w-]+)\)=\n(.*?)(?=^\(code-|\Z)", page, re.DOTALL | re.MULTILINE))
    assert parts.keys() == {*paper.codebook["code"]}
    for code, text in parts.items():
        here = re.findall(r"\((E\d+)\)", text)
        assert sorted(here) == sorted(paper.codings.loc[paper.codings["code"] == code, "excerpt"])
    said = " ".join(re.findall(r"<figcaption>(.*?)</figcaption>", page))
    assert not any(word in said for word in [*paper.roster["service"].unique(), "Borough", "borough"])


def test_an_excerpt_without_a_code_or_without_words_has_its_place_too(found, paper):
    texts = paper.excerpts["text"].mask(paper.excerpts["excerpt"].eq("E02"), None)
    study = replace(
        paper, codings=paper.codings.query("excerpt != 'E01'"), excerpts=paper.excerpts.assign(text=texts)
    )
    page = excerpts.sources(replace(found, study=study))["excerpts.md"].decode()
    assert "E01" in page.split("## Without a code")[1]
    assert ">nan<" not in page
    assert page.count('id="excerpt-e01"') == page.count('id="excerpt-e02"') == 1


def test_a_row_on_people_leads_to_the_rows_of_the_roster_behind_it(built):
    behind = built["people.html"].decode()
    rows = re.findall(r'<tr id="row-\d+">(.*?)</tr>', built["tables/sample.html"].decode())
    head = re.findall(r'<th scope="col">(.*?)</th>', behind.split("</thead>")[0])
    people = pd.read_csv(ROOT / "data" / "derived" / PAPER / "sample.csv")
    assert len(rows) == len(people)
    for row, (_, counted) in zip(rows, people.iterrows(), strict=True):
        place = re.search(r"people\.html#([\w-]+)", row)[1]
        group = behind.split(f'id="{place}"')[1]
        listed = 0
        for line in re.findall(r"<tr>(.*?)</tr>", "<tr><td></td><td>" + group, re.DOTALL):
            cells = dict(zip(head, re.findall(r"([^<>]*)</td>", line), strict=False))
            if any(cells.get(key) != counted[key] for key in ("service", "role_group")):
                break
            listed += int(cells["n"])
        assert listed == counted["people"], place


def test_the_ledger_has_every_claim_and_whatever_columns_say_where_a_value_stands(found):
    rows = found.tables["claims"]
    page = ledger.sources(found)["claims.md"].decode()
    assert re.findall(r'id="claim-([\w-]+)"', page) == [*rows["claim"]]
    bare = rows.drop(columns=[*ledger.ADDRESS], errors="ignore")
    addressed = bare.assign(file="sample.csv", row="borough=A", column="people", rule="sum")
    for ledger_rows, there in ((bare, False), (addressed, True)):
        one = replace(found, tables=found.tables | {"claims": ledger_rows})
        page = ledger.sources(one)["claims.md"].decode()
        assert ('<th scope="col">rule</th>' in page) == there
        assert ('href="tables/sample.html"' in page) == there


def own(found):
    """The record of these results, by its SHA-256."""
    return sha256(found.results.derived / "run.json")


def test_a_result_that_was_altered_and_what_verify_found_stand_on_the_front_page(found, monkeypatch):
    page = front.sources(found)["index.md"].decode()
    monkeypatch.setattr(front.record, "altered", lambda *_: ["data/derived/x/sample.csv"])
    graded = [{"path": "data/derived/x/voices.csv", "grade": "different"}]
    kept = {"counts": {"identical": 80, "different": 1}, "graded": graded, "when": "2026-11-23"}
    kept["record"] = own(found)
    monkeypatch.setattr(type(found), "kept", lambda _, command: kept if command == "verify" else {})
    told = front.sources(found)["index.md"].decode()
    assert "make verify" in page
    assert "`data/derived/x/sample.csv`" in told
    assert "different: `data/derived/x/voices.csv`" in told
    assert "[80](check.md) identical, [1](check.md) different" in told
    monkeypatch.setattr(type(found), "kept", lambda *_: kept | {"record": "of others"})
    assert "was not tried before this report was made" in front.sources(found)["index.md"].decode()


def test_where_a_second_run_parts_is_said_with_its_causes(found, monkeypatch):
    parts = [{"where": "borough A; people", "kept": "36", "again": "35"}]
    one = {
        "path": "sample.csv",
        "grade": "different",
        "found": parts,
        "causes": ["numpy: kept with 2, again with 3"],
    }
    kept = {"counts": {"different": 1}, "graded": [one, {"path": "voices.csv", "grade": "identical"}]}
    kept["record"] = own(found)
    monkeypatch.setattr(type(found), "kept", lambda _, command: kept if command == "verify" else {})
    page = checks.sources(found)["check.md"].decode()
    assert "borough A; people: kept 36, again 35" in page
    assert "numpy: kept with 2, again with 3" in page
    assert page.count("voices.csv") == page.count("/voices.csv")


def test_the_planted_faults_are_listed_and_one_that_nothing_noticed_is_named(found, monkeypatch):
    faults = [
        {
            "fault": "a row dropped",
            "guise": "plainly",
            "caught_by": ["verify", "the record"],
            "said": "sample.csv differs",
        }
    ]
    missed = [*faults, {"fault": "a seed", "caught_by": [], "said": ""}]
    for listed, says in (
        (faults, "Each was noticed"),
        (missed, "In 1 of them nothing has noticed"),
        ([], "- a stripped notebook"),
    ):
        said = {"faults": listed, "record": own(found)}
        monkeypatch.setattr(type(found), "kept", lambda _, name, said=said: said if name == "audit" else {})
        assert says in checks.sources(found)["faults.md"].decode()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_templates_hold_no_number_of_a_study(template):
    prose = re.sub(
        r"\{[%{].*?[%}]\}|SHA-256|sha256sum|<[^>]*>|```\{toctree\}",
        "",
        template.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    assert not re.search(r"\d", prose)
    assert not re.search(
        r"\b(?:one|two|three|four|five) (?:people|boroughs|claims|excerpts|interviews)\b", prose
    )


@pytest.mark.slow
def test_the_same_results_make_the_same_bytes(paper, built):
    assert report.files(paper, ROOT) == built


def test_a_study_without_results_gets_no_report(paper, tmp_path):
    with pytest.raises(report.ReportError, match="run make reproduce first"):
        report.write(paper, tmp_path)


def test_a_report_that_cannot_be_made_leaves_the_earlier_one(paper, tmp_path, monkeypatch):
    earlier = tmp_path / report.REPORTS / PAPER / "index.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("earlier")
    broken = {"index.md": b"# Here\n\n[nowhere](nowhere.md)\n"}
    monkeypatch.setattr(report.pages, "sources", lambda *_: (broken, {}))
    with pytest.raises(report.ReportError, match="nowhere"):
        report.write(paper, tmp_path)
    assert earlier.read_text() == "earlier"


def test_numbers_in_names_are_no_numbers():
    assert markup.linked("E01, marshall-2020 and x_2", "#x") == "E01, marshall-2020 and x_2"
    assert markup.linked("<0–8>", "#x") == '&lt;<a href="#x">0–8</a>&gt;'


# A restricted study


@pytest.fixture(scope="module")
def restricted(tmp_path_factory):
    """The simulated study as if its people were real, with results and a release below a folder."""
    name = "simulated-east-london"
    record = replace(studies.load(name), policy="restricted", cleared=("X001", "X017"))
    root = tmp_path_factory.mktemp("restricted")
    place = Results(name, root / "released")
    place.table("withheld", pd.DataFrame({"result": ["voices"], "why": ["it is an example"]}))
    shown = record.excerpts[record.excerpts["excerpt"].isin(record.cleared)]
    codings = record.codings[record.codings["excerpt"].isin(record.cleared)]
    place.documents(excerpt_tables(record.codebook, codings, shown, record.captions))
    target = root / released.RELEASES / name
    target.parent.mkdir(parents=True)
    place.derived.rename(target)
    own = Results(name, root)
    own.table("voices", record.excerpts[["excerpt", "participant", "text"]])
    (own.derived / "notebooks").mkdir()
    cell = {"cell_type": "markdown", "id": "x", "metadata": {}, "source": record.excerpts["text"].iloc[1]}
    (own.derived / "notebooks" / "01.ipynb").write_text(json.dumps({"cells": [cell]}))
    runs = [{"run": "01-who-was-interviewed", "state": "completed", "outputs": {}}]
    (own.derived / "run.json").write_text(json.dumps({"state": "completed", "runs": runs}))
    note = {"record": sha256(own.derived / "run.json"), "files": hashes(target.rglob("*"), target)}
    target.with_name(f"{name}.json").write_text(json.dumps(note))
    return record, root


def test_the_site_of_a_restricted_study_gives_nothing_away(restricted):
    record, root = restricted
    made = report.files(record, root)
    text = " ".join(
        data.decode(errors="replace") for name, data in made.items() if not name.startswith("_static")
    )
    texts = record.excerpts.set_index("excerpt")["text"]
    assert not any(words in text for one, words in texts.items() if one not in record.cleared)
    assert not any(re.search(rf"\b{one}\b", text) for one in record.roster["participant"])
    assert "completed" in made["index.html"].decode()
    assert "it is an example" in made["tables/withheld.html"].decode()
    assert texts["X001"].split("] ")[1] in made["quotations.html"].decode()
    assert not any(
        name.startswith(("notebooks", "pictures", "excerpts", "people", "claims")) for name in made
    )


def test_a_restricted_study_that_has_released_nothing_gets_no_report(restricted, tmp_path):
    with pytest.raises(UnreleasedError, match="first run make release"):
        report.write(restricted[0], tmp_path)


def test_a_release_of_other_results_gets_no_report(restricted, tmp_path):
    root = shutil.copytree(restricted[1], tmp_path / "copy")
    record = root / "data" / "derived" / restricted[0].name / "run.json"
    record.write_text(record.read_text() + " ")
    with pytest.raises(UnreleasedError, match="not made from the results in place"):
        report.write(restricted[0], root)


def test_a_leak_puts_no_report_in_place(restricted, monkeypatch, capsys):
    record, root = restricted
    leaking = replace(record, title=record.excerpts["text"].iloc[1])
    monkeypatch.setattr(report.site, "built", lambda sources, *_: sources)  # what it is made of gives it away
    monkeypatch.setattr(publishing.study, "load", lambda _: leaking)
    monkeypatch.setattr(publishing, "ROOT", root)
    assert main(["report", record.name]) == 1
    assert re.search(r"index\.md, line \d+: quotation X002 is not cleared", capsys.readouterr().err)
    assert not (root / report.REPORTS / record.name).exists()


def test_a_report_says_where_it_is(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(publishing.reports, "write", lambda *_: (tmp_path / "index.html", 3))
    assert main(["report", PAPER]) == 0
    assert f"3 pages. Open {tmp_path / 'index.html'}" in capsys.readouterr().out


def test_the_pages_are_those_of_the_front_page(paper):
    sources, _ = pages.sources(paper, ROOT)
    index = sources["index.md"].decode()
    top = {name.rsplit(".", 1)[0] for name in sources if "/" not in name or name.endswith("/index.md")}
    assert {*re.findall(r"^[^<\n]+ <([\w/]+)>$", index, re.MULTILINE)} == top - {"index"}
    assert tables.abouts()["sample"]
