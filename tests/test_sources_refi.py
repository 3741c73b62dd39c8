"""REFI-QDA as every vendor writes it: what is in the file is in the study, and nothing else."""

import zipfile

import pandas as pd
import pytest
import qdpx
from qdpx.dialects import CODEBOOK_ONLY

from analysis.sources import folder, importing, places, refi, report
from analysis.sources.project import SourceError
from analysis.sources.sound import sound

PROJECTS = [name for name in qdpx.DIALECTS if name not in CODEBOOK_ONLY]
SAMPLE = qdpx.sample()


def studied(path):
    """The folder of a file, and what its rows have become."""
    project = sound(path.name, refi.read_project(path))
    placed = places.place(path.name, project)
    made = folder.build(placed)
    return placed, made


@pytest.fixture(scope="module", params=PROJECTS)
def each(request, tmp_path_factory):
    name = request.param
    path = qdpx.write(tmp_path_factory.mktemp(name) / f"{name}.qdpx", SAMPLE, name)
    return name, *studied(path)


def code_paths(codebook):
    rows = codebook.set_index("code")

    def path(code):
        parent = rows.loc[code, "parent"]
        above = f"{path(parent)} > " if isinstance(parent, str) else ""
        return above + rows.loc[code, "name"]

    return {code: path(code) for code in rows.index}


def found_in(made):
    """What `qdpx.expected` gives, from the tables of a study."""
    paths = code_paths(made.tables["codebook"])
    rows = made.tables["codings"].merge(made.tables["excerpts"], on="excerpt")
    texts, regions = set(), set()
    for row in rows.itertuples():
        code, coder = paths[row.code], row.coder if isinstance(row.coder, str) else ""
        document = row.document.removesuffix(" (2)")  # MAXQDA may call two alike
        if pd.notna(row.start):
            text = made.texts[row.document][int(row.start) : int(row.end)]
            texts.add((document, int(row.start), int(row.end), text, code, coder))
        else:
            regions.add((document, row.region if isinstance(row.region, str) else "", code, coder))
    return texts, regions


def test_every_coding_is_where_it_was_made(each):
    name, _, made = each
    truth = qdpx.expected(SAMPLE, name)
    texts, regions = found_in(made)
    assert texts == truth.texts
    assert regions == truth.regions


def test_every_row_is_accounted_for(each):
    _, placed, made = each
    table = report.reconciliation(report.rows(made.accounts), placed.project.totals)
    assert table[table["unexplained"] != 0].to_dict("records") == []


def test_nothing_is_said_of_people_that_the_file_does_not_say(each):
    name, placed, _made = each
    values = placed.project["values"]
    values = values[values["why"].isna()]
    called = {
        of: placed.project[of].set_index("id")["name"].to_dict() for of in ("cases", "sources", "codes")
    }
    sources = {one.name for one in SAMPLE.sources} | {
        one.rpartition(".")[0] for one in called["sources"].values()
    }
    assert sources
    named = {
        (row.of, called[row.of][row.owner], row.variable, row.value)
        for row in values.itertuples()
        if row.of != "codes" and isinstance(called[row.of][row.owner], str)
    }
    missing = {one for one in qdpx.values(SAMPLE, name) if one not in named}
    nameless = {row.owner for row in values.itertuples() if not isinstance(called[row.of][row.owner], str)}
    assert not missing or nameless, missing


def test_whose_words_they_are_is_what_the_cases_say(each):
    name, placed, _ = each
    members = placed.project["members"]
    members = members[members["why"].isna()]
    cases = placed.project["cases"].set_index("id")["name"].to_dict()
    sources = placed.project["sources"].set_index("id")["name"].to_dict()
    found = {
        (
            cases[row.case],
            sources[row.source],
            *(None if pd.isna(one) else one for one in (row.start, row.end)),
        )
        for row in members.itertuples()
        if isinstance(cases[row.case], str)
    }
    assert found == qdpx.members(SAMPLE, name)


def test_a_unit_that_is_told_is_taken(tmp_path):
    path = qdpx.write(tmp_path / "a.qdpx", SAMPLE, "bytes")
    found = importing.study(path, importing.Choices())
    told = importing.study(path, importing.Choices(unit="bytes-crlf-1"))
    assert told.files["excerpts.csv"] == found.files["excerpts.csv"]
    with pytest.raises(SourceError, match="begins or ends where the text has no place"):
        importing.study(path, importing.Choices(unit="utf-16-crlf-1"))


HEAD = """<Project xmlns="urn:QDA-XML:project:1.0" name="It" origin="Tests">
<Users><User guid="{u}" name="K"/></Users>
<CodeBook><Codes><Code guid="{c}" name="Calm" isCodable="1"/></Codes></CodeBook>"""
GUIDS = {one: f"{at:08d}-0000-4000-8000-000000000000" for at, one in enumerate("ucsvtpqrabdefghi")}


def made_by_hand(path, body):
    """A study of a project whose XML is written here."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("project.qde", (HEAD + body + "</Project>").format_map(GUIDS))
    return studied(path)


def test_the_people_of_a_recording_speak_in_its_second_transcript_too(tmp_path):
    points = '<SyncPoint guid="{%s}" timeStamp="0" position="0"/>'
    points += '<SyncPoint guid="{%s}" timeStamp="9" position="4"/>'
    part = '<Transcript guid="{%s}" name="%s"><PlainTextContent>Calm it was.</PlainTextContent>' + points
    part += '<TranscriptSelection guid="{%s}" fromSyncPoint="{%s}" toSyncPoint="{%s}"><Coding guid="{%s}" '
    part += 'creatingUser="{{u}}"><CodeRef targetGUID="{{c}}"/></Coding></TranscriptSelection></Transcript>'
    letters = [("t", "one", "p", "q", "a", "p", "q", "b"), ("r", "two", "d", "e", "f", "d", "e", "g")]
    parts = "".join(part % one for one in letters).replace("{{", "{").replace("}}", "}")
    body = '<Cases><Case guid="{h}" name="P1"><SourceRef targetGUID="{s}"/></Case></Cases><Sources>'
    _, made = made_by_hand(
        tmp_path / "a.qdpx", body + '<VideoSource guid="{s}" name="V">' + parts + "</VideoSource></Sources>"
    )
    rows = made.tables["excerpts"]
    assert rows["participant"].tolist() == ["P1", "P1"]
    assert rows["region"].tolist() == ["0-9 ms", "0-9 ms"]


def test_a_selection_of_a_transcript_needs_both_its_sync_points(tmp_path):
    body = '<Sources><AudioSource guid="{s}" name="A"><Transcript guid="{t}"><PlainTextContent>Calm it was.'
    body += '</PlainTextContent><SyncPoint guid="{p}" timeStamp="0" position="0"/>'
    body += '<TranscriptSelection guid="{a}" '
    body += (
        'fromSyncPoint="{p}"><Coding guid="{b}"><CodeRef targetGUID="{c}"/></Coding></TranscriptSelection>'
    )
    with pytest.raises(SourceError, match="does not name two sync points"):
        made_by_hand(tmp_path / "a.qdpx", body + "</Transcript></AudioSource></Sources>")


def test_a_piece_of_a_document_is_its_speakers_and_no_excerpt_by_itself(tmp_path):
    body = (
        '<Cases><Case guid="{h}" name="Site"><SourceRef targetGUID="{s}"/></Case><Case guid="{i}" name="P1">'
    )
    body += '<SelectionRef targetGUID="{a}"/></Case></Cases><Sources><TextSource guid="{s}" name="Group">'
    body += "<PlainTextContent>It was calm there. And then it was not.</PlainTextContent>"
    body += '<PlainTextSelection guid="{a}" startPosition="0" endPosition="18"/>'
    body += '<PlainTextSelection guid="{b}" startPosition="7" endPosition="11"><Coding guid="{d}"><CodeRef '
    body += 'targetGUID="{c}"/></Coding></PlainTextSelection></TextSource></Sources>'
    _, made = made_by_hand(tmp_path / "a.qdpx", body)
    assert made.tables["excerpts"][["text", "participant"]].to_numpy().tolist() == [["calm", "P1"]]


def test_a_code_below_one_that_is_a_case_is_kept(tmp_path):
    inner = '<Code guid="{a}" name="Her way" isCodable="true"/>'
    body = '<Cases><Case guid="{h}" name="P1"/></Cases><Sources/>'
    path = tmp_path / "a.qdpx"
    xml = (HEAD + body + "</Project>").replace(
        "</Codes>", '<Code guid="{h}" name="P1" isCodable="true">' + inner
    )
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            "project.qde", xml.replace("</CodeBook>", "</Code></Codes></CodeBook>").format_map(GUIDS)
        )
    _, found = studied(path)
    assert found.tables["codebook"]["name"].tolist() == ["Calm", "Her way"]


def test_places_in_a_text_that_a_recording_has_lost_are_a_fault(tmp_path):
    body = '<Sources><AudioSource guid="{s}" name="A"><Transcript guid="{t}"><PlainTextContent/>'
    body += (
        '<SyncPoint guid="{p}" timeStamp="0" position="0"/><SyncPoint guid="{q}" timeStamp="9" position="4"/>'
    )
    body += (
        '<TranscriptSelection guid="{a}" fromSyncPoint="{p}" toSyncPoint="{q}"><Coding guid="{b}"><CodeRef '
    )
    body += 'targetGUID="{c}"/></Coding></TranscriptSelection></Transcript></AudioSource></Sources>'
    with pytest.raises(SourceError, match='the text of its source "A" is not in the file'):
        made_by_hand(tmp_path / "a.qdpx", body)
    made = importing.study(tmp_path / "a.qdpx", importing.Choices(skip_broken=True))
    assert made.told["counts"]["codings"] == 0


def test_a_source_that_stands_twice_is_told_by_its_name_all_the_same(tmp_path):
    twice = '<PictureSource guid="{a}" name="Board"/><PictureSource guid="{a}" name="Board"/>'
    text = (
        '<TextSource guid="{s}" name="One"><PlainTextContent>It was calm there all night.</PlainTextContent>'
    )
    text += '<PlainTextSelection guid="{b}" startPosition="1" endPosition="11"><Coding guid="{d}"><CodeRef '
    text += 'targetGUID="{c}"/></Coding></PlainTextSelection></TextSource>'
    path = tmp_path / "a.qdpx"
    with zipfile.ZipFile(path, "w") as made:
        xml = HEAD + "<Sources>" + twice + text + "</Sources></Project>"
        made.writestr("project.qde", xml.format_map(GUIDS))
    choices = importing.Choices(skip_broken=True, unit="code-points-crlf-1")
    said = importing.study(path, choices).told["findings"]
    assert "Texts with passages that do not end where words end or quotations say: One." in said
