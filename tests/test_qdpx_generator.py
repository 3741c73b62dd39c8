"""The files that readers are tested on are what they say: by the schemas, and read by a second route."""

import hashlib
import re
import zipfile
from pathlib import PurePosixPath

import pytest
import qdpx
from lxml import etree
from qdpx.dialects import CODEBOOK_ONLY
from qdpx.hostile import MIB, sound
from qdpx.truth import held, paths, region

from analysis import ROOT
from analysis.sources import offsets
from analysis.sources.offsets import Unit

SCHEMAS = ROOT / "analysis" / "sources" / "schemas"
DRAFTS = "transana", "prefixed"
"""Of these the XML is invalid on purpose."""
PROJECTS = [name for name in qdpx.DIALECTS if name not in CODEBOOK_ONLY]
SAMPLE = qdpx.sample()


@pytest.fixture(scope="module")
def schemas():
    parsed = {one.stem: etree.XMLSchema(etree.parse(one)) for one in SCHEMAS.glob("*.xsd")}
    assert {*parsed} == {"Project", "Codebook"}
    return parsed


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    return qdpx.hostile(tmp_path_factory.mktemp("broken"))


class Opened:
    """A file of the sample, as plainly as it can be read."""

    def __init__(self, folder, name):
        self.kind = qdpx.DIALECTS[name]
        self.zip = zipfile.ZipFile(qdpx.write(folder / f"{name}.qdpx", SAMPLE, name))
        self.names = self.zip.namelist()
        self.xml = self.zip.read(self.kind.qde.format(SAMPLE.name))
        self.root = etree.fromstring(self.xml)
        self.by_guid = {one.get("guid"): one for one in self.root.iter() if one.get("guid")}

    def all(self, tag):
        return list(self.root.iter("{*}" + tag))

    def one(self, tag, name):
        return next(one for one in self.all(tag) if one.get("name") == name)

    def stored(self, path):
        """The bytes of a text, whatever the case of its name."""
        name = "/" + path.removeprefix("internal://").casefold()
        return self.zip.read(next(one for one in self.names if one.casefold().endswith(name)))

    def text_of(self, element):
        inside = element.findtext("{*}PlainTextContent")
        if inside is not None or not element.get("plainTextPath"):
            return inside or ""
        return self.stored(element.get("plainTextPath")).decode()

    def place(self, holder, start, end):
        """A piece of a text, cut out by the unit in bytes."""
        text = self.text_of(holder).removeprefix("\ufeff")
        text = text if self.kind.pair == 2 else text.replace("\r\n", "\n")
        code, wide = {
            "code points": ("utf-32-le", 4),
            "UTF-16 units": ("utf-16-le", 2),
            "UTF-8 bytes": ("utf-8", 1),
        }[self.kind.unit]
        return text.encode(code)[start * wide : end * wide].decode(code).replace("\r\n", "\n")

    def name_of(self, holder):
        source = holder
        while not source.tag.endswith("Source"):
            source = source.getparent()
        return source.get("name") or holder.get("name")

    def codings(self, selection):
        for coding in selection.iterfind("{*}Coding"):
            target = self.by_guid[coding.find("{*}CodeRef").get("targetGUID")]
            who = self.by_guid.get(coding.get("creatingUser"))
            if target.tag.endswith("}Code"):
                yield target.get("name"), "" if who is None else who.get("name")

    def said(self):
        """Every coding of a text: the name of the source, the words, the code's name, the coder."""
        for one in self.all("PlainTextSelection"):
            words = self.place(one.getparent(), int(one.get("startPosition")), int(one.get("endPosition")))
            for code, coder in self.codings(one):
                yield self.name_of(one.getparent()), words, code, coder
        for one in self.all("TranscriptSelection"):
            ends = [self.by_guid[one.get(side)].get("position") for side in ("fromSyncPoint", "toSyncPoint")]
            words = self.place(one.getparent(), *map(int, ends))
            for code, coder in self.codings(one):
                yield self.name_of(one.getparent()), words, code, coder


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    return {name: Opened(folder, name) for name in qdpx.DIALECTS}


def invalid(schemas, kind, root):
    schema = schemas[kind]
    return [] if schema.validate(root) else [error.message for error in schema.error_log]


def test_the_schemas_are_as_their_page_says():
    page = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    for path in SCHEMAS.glob("*.xsd"):
        assert f"| `{path.name}` |" in page
        assert hashlib.sha256(path.read_bytes()).hexdigest() in page


@pytest.mark.parametrize("name", [name for name in qdpx.DIALECTS if name not in DRAFTS])
def test_projects_are_valid(opened, schemas, name):
    assert invalid(schemas, "Project", opened[name].root) == []


@pytest.mark.parametrize("name", [name for name in PROJECTS if name not in DRAFTS])
def test_codebooks_are_valid_but_for_their_namespace(tmp_path, schemas, name):
    path = qdpx.write_codebook(tmp_path / "it.qdc", SAMPLE, name)
    xml = path.read_text(encoding="utf-8").replace(qdpx.DIALECTS[name].codebook, "urn:QDA-XML:codebook:1.0")
    assert invalid(schemas, "Codebook", etree.fromstring(xml.encode())) == []


def test_what_is_invalid_is_so_as_its_vendor_had_it(opened, schemas):
    draft = opened["transana"].xml.replace(b"project:0:10", b"project:1.0")
    says = invalid(schemas, "Project", etree.fromstring(draft))
    assert any("'guid' is not allowed" in one for one in says)
    assert any("MemberNote" in one and "character content" in one.lower() for one in says)
    assert all("color" in one for one in invalid(schemas, "Project", opened["prefixed"].root))


def test_codebooks_of_other_tools_have_their_oddities(tmp_path, schemas):
    books = {name: qdpx.write_codebook(tmp_path / f"{name}.qdc", SAMPLE, name) for name in qdpx.DIALECTS}
    xml = {name: path.read_text(encoding="utf-8") for name, path in books.items()}
    assert "<Sets/>" in xml["taguette"]
    assert 'name="Support.Family.Time"' in xml["taguette"]
    assert invalid(schemas, "Codebook", etree.fromstring(xml["taguette"].encode()))
    assert "<qda:CodeBook " in xml["prefixed"]
    assert 'color="#FF880088"' in xml["prefixed"]
    assert 'xmlns="urn:QDA-XML:codebook:1:0"' in xml["nvivo_mac"]
    assert 'xmlns="urn:QDA-XML:codebook:0:4"' in xml["atlas"]


@pytest.mark.parametrize("name", [*qdpx.DIALECTS])
def test_what_is_expected_is_what_stands_there(opened, name):
    kind = qdpx.DIALECTS[name]
    known = paths(SAMPLE.codes)
    expected = qdpx.expected(SAMPLE, name).texts
    spoken = {
        (source, words, path if kind.flat else known[path].name, coder)
        for source, _, _, words, path, coder in expected
    }
    found = [*opened[name].said()]
    if kind.dots:
        found = [(a, b, c.rpartition(".")[2], d) for a, b, c, d in found]
    assert {*found} == spoken
    assert len(found) == len(expected)


@pytest.mark.parametrize("name", [*qdpx.DIALECTS])
def test_regions_are_where_they_are_expected(opened, name):
    kind = qdpx.DIALECTS[name]
    boxes = [
        one
        for tag in ("Picture", "PDF", "Audio", "Video")
        for one in opened[name].all(f"{tag}Selection")
        if one.find("{*}Representation") is None
    ]
    coded = sum(len([*opened[name].codings(one)]) for one in boxes)
    whole = [one for tag in ("Text", "Audio") for one in opened[name].all(f"{tag}Source")]
    if kind.av_as_video:
        whole += opened[name].all("VideoSource")
    coded += sum(len([*opened[name].codings(one)]) for one in whole)
    assert coded == len(qdpx.expected(SAMPLE, name).regions)


def test_regions_are_said_in_few_words():
    pages, _, text = (next(one for one in SAMPLE.sources if one.name == "Leaflet.pdf")).passages
    assert region(pages, qdpx.DIALECTS["standard"]) == "page 2: 10,20,110,60"
    assert region(pages, qdpx.DIALECTS["atlas"]) == "page 1: 10,20,110,60"
    assert text.textual
    places = {one[1] for one in qdpx.expected(SAMPLE).regions}
    assert places == {"page 2: 10,20,110,60", "10,20,110,60", "0,0,400,300", "1000-2500 ms", "0-60000 ms", ""}


@pytest.mark.parametrize("name", PROJECTS)
def test_the_unit_of_every_text_can_be_found_out(opened, name):
    file, kind = opened[name], qdpx.DIALECTS[name]
    for source in (one for one in SAMPLE.sources if one.medium == "text" and one.passages):
        element = file.one("TextSource", kind.called(source.name))
        places = [
            (int(one.get("startPosition")), int(one.get("endPosition")))
            for one in element.iterfind("{*}PlainTextSelection")
        ]
        tried = {"it": offsets.tried(file.text_of(element), places)}
        found = offsets.decide(tried, Unit(kind.unit, kind.pair))["it"]
        truth = {(one.start, one.end) for one in held(source, kind) if one.textual}
        assert {tuple(span) for span in found.spans.tolist()} - {(0, 0)} == truth


@pytest.mark.parametrize("name", [*qdpx.DIALECTS])
def test_the_same_project_is_the_same_bytes(tmp_path, name):
    one = qdpx.write(tmp_path / "one.qdpx", qdpx.sample(), name).read_bytes()
    other = qdpx.write(tmp_path / "other.qdpx", qdpx.sample(), name).read_bytes()
    assert one == other


def test_nvivo_for_windows(opened):
    file = opened["nvivo_windows"]
    assert all(one == "project.qde" or one.startswith("Sources/") for one in file.names)
    texts = [file.zip.read(one) for one in file.names if one.endswith(".txt")]
    assert all(one.startswith(b"\xef\xbb\xbf") for one in texts)
    assert all(one.count(b"\n") == one.count(b"\r\n") for one in texts)
    assert any(b"\r\n" in one for one in texts)
    selections = file.all("PlainTextSelection")
    assert {one.get("name") for one in selections} == {""}
    assert max(len(one.findall("{*}Coding")) for one in selections) == 1
    places = {(one.getparent(), one.get("startPosition"), one.get("endPosition")) for one in selections}
    assert len(places) < len(selections)
    for one in selections:
        assert all(
            one.get("creatingUser") != coding.get("creatingUser") for coding in one.iterfind("{*}Coding")
        )
    assert {one.get("guid") for one in file.all("Case")} < {one.get("guid") for one in file.all("Code")}
    assert any("\n" in (one.text or "") for one in file.all("Description"))
    assert {one.get("isCodable") for one in file.all("Code")} == {"true", "false"}
    link = file.one("Link", "On the board")
    assert file.by_guid[link.get("originGUID")].get("plainTextPath").endswith(".txt")
    assert file.by_guid[link.get("targetGUID")].tag.endswith("PlainTextSelection")


def test_nvivo_for_mac(opened):
    file = opened["nvivo_mac"]
    assert b">\n<" not in file.xml
    assert file.zip.read("sources/.root") == b""
    assert len(file.stored(file.one("TextSource", "Blank.txt").get("plainTextPath"))) == 1


def test_atlas(opened):
    file = opened["atlas"]
    assert "Ward study.qde" in file.names
    assert not file.all("Case")
    assert not file.all("Variable")
    assert "gender: female" in {one.get("name") for one in file.all("Set")}
    assert any(one.get("name").endswith("…") for one in file.all("PlainTextSelection"))
    assert any(one.get("startPosition") == one.get("endPosition") for one in file.all("PlainTextSelection"))
    assert file.root.get("basePath")
    assert not file.all("Note")
    assert any("It rings while we talk." in one.text for one in file.all("Description"))
    audio = file.all("AudioSource")[0]
    assert (audio.get("name"), audio.find("{*}Transcript").get("name")) == ("", "P1.m4a")
    assert b"\r\n" in file.stored(file.one("TextSource", "P1.txt").get("plainTextPath"))
    boxes = {one.get("guid") for one in file.all("PDFSelection")}
    assert boxes & {one.get("guid") for one in file.all("PlainTextSelection")}
    assert "Support::Family::Time" in {one.get("name") for one in opened["atlas_8"].all("Code")}


def test_maxqda(opened):
    file = opened["maxqda"]
    names = [one.get("name") for one in file.root.find("{*}Sources")]
    assert names.count("P1") == 2
    assert not file.all("AudioSource")
    assert {"(1000,0),(2500,0)"} <= {one.get("name") for one in file.all("VideoSelection")}
    assert all(one.get("name") is None and len(one.findall("{*}SourceRef")) == 1 for one in file.all("Case"))
    bare = [one for one in file.all("PlainTextSelection") if one.find("{*}Coding") is None]
    assert [one.findtext("{*}Description") for one in bare] == ["Nobody coded this.\nWhy?"]
    assert opened["maxqda_sources"].one("TextSource", "P2").findall("{*}VariableValue")


def test_the_other_tools(opened):
    assert all("name" not in one.attrib for one in opened["quirkos"].all("Case"))
    assert [one.get("name") for one in opened["quirkos"].all("Note")] == ["On the phone"]
    transana = opened["transana"]
    assert transana.root.tag == "{urn:QDA-XML:project:0:10}Project"
    assert transana.all("MemberSource")[0].get("guid")
    assert transana.all("MemberNote")[0].text
    assert not any(one.get("creatingUser") for one in transana.all("Coding"))
    coder = opened["qualcoder"]
    assert coder.xml.startswith(b"\xef\xbb\xbf<?xml")
    assert coder.names[1].startswith("Sources/")
    assert coder.zip.read(coder.names[1]).startswith(b"\xef\xbb\xbf")


def test_qc_codes_lines(opened):
    file = opened["qc"]
    names = [one.get("name") for one in file.all("Code")]
    assert len(names) - len({*names}) == 2  # two codes are called Time, and one stands there twice
    assert not any("internal:" in one.get("plainTextPath") for one in file.all("TextSource"))
    for one in file.all("PlainTextSelection"):
        source = one.getparent()
        text = file.stored(source.get("plainTextPath")).decode()
        start, end = int(one.get("startPosition")), int(one.get("endPosition"))
        if source.tag.endswith("TextSource"):
            assert text[start:end] == text.splitlines()[int(one.get("name").removeprefix("line:"))]
    assert all("\n" not in one[3] for one in qdpx.expected(SAMPLE, "qc").texts if one[0].endswith(".txt"))


def test_guids_in_braces_are_not_the_names_of_files(opened):
    file = opened["braces"]
    path = file.one("TextSource", "P1.txt").get("plainTextPath")
    assert re.fullmatch(r"internal://[0-9A-F-]{36}\.txt", path)
    assert all(one == one.lower() for one in file.names)
    assert all(one.get("guid").startswith("{") for one in file.all("Code"))


def test_the_sample_has_something_of_everything():
    first = SAMPLE.sources[0]
    spans = [(one.start, one.end) for one in first.passages if one.textual]
    assert any(a < c < b for a, b in spans for c, _ in spans)
    texts = qdpx.expected(SAMPLE).texts
    same = {one[:5] for one in texts}
    assert len(same) < len(texts)
    assert {one.medium for one in SAMPLE.sources} == {"text", "picture", "PDF", "audio", "video"}
    assert all(
        source.text[one.start : one.end].strip()
        for source in SAMPLE.sources
        for one in source.passages
        if one.textual
    )


def test_values_are_on_whoever_the_vendor_puts_them():
    assert ("cases", "P1", "gender", "female") in qdpx.values(SAMPLE)
    assert ("cases", "P1", "Person:gender", "female") in qdpx.values(SAMPLE, "nvivo_windows")
    assert ("sources", "P1.txt", "gender", "female") in qdpx.values(SAMPLE, "atlas")
    assert ("P3", "Group.txt") in {one[:2] for one in qdpx.members(SAMPLE)}


def test_broken_files_are_small_and_each_is_another(broken):
    assert len(broken) > 50
    assert all(path.stat().st_size < 3 * MIB for path in broken.values())
    assert len({hashlib.sha256(path.read_bytes()).digest() for path in broken.values()}) == len(broken)


def test_what_they_are_made_from_is_sound(tmp_path, schemas):
    with zipfile.ZipFile(sound(tmp_path / "sound.qdpx")) as opened:
        assert invalid(schemas, "Project", etree.fromstring(opened.read("project.qde"))) == []
        assert opened.testzip() is None


def test_broken_files_are_broken_as_they_say(broken):
    with zipfile.ZipFile(broken["a member of 10 GB"]) as opened:
        assert opened.infolist()[1].file_size == 10 * 1024 * MIB
    with zipfile.ZipFile(broken["a text of 300 MB"]) as opened:
        assert opened.infolist()[1].file_size == 300 * MIB
        with opened.open(opened.infolist()[1]) as text:
            assert text.read(18).decode() == "The ward was calm "
    with zipfile.ZipFile(broken["a locked member"]) as opened, pytest.raises(RuntimeError, match="encrypted"):
        opened.read(opened.infolist()[1])
    with zipfile.ZipFile(broken["a member that leads out"]) as opened:
        assert any(".." in PurePosixPath(one).parts for one in opened.namelist())
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(broken["a zip cut short"])
    assert broken["a database"].read_bytes().startswith(b"SQLite format 3\0")
