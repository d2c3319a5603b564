"""WIPO's master files, written small in their real format, and what must not be read."""

import zipfile

import pytest

from examkit.errors import ArtifactError
from models.classify import masterfiles
from models.classify.masterfiles import read_master_files, titled_entries, without_references

SCHEME = """<?xml version="1.0" encoding="UTF-8"?>
<IPCScheme xmlns="http://www.wipo.int/classifications/ipc/masterfiles" edition="20260101" lang="EN">
<ipcEntry kind="s" symbol="A" ipcLevel="A" entryType="K" lang="EN">
 <textBody><title><titlePart><text>HUMAN NECESSITIES</text></titlePart></title></textBody>
 <ipcEntry kind="t" symbol="A01" endSymbol="A01" entryType="K" lang="EN">
  <textBody><title><titlePart><text>AGRICULTURE (subsection)</text></titlePart></title></textBody></ipcEntry>
 <ipcEntry kind="c" symbol="A01" ipcLevel="A" entryType="K" lang="EN">
  <textBody><title><titlePart><text>AGRICULTURE</text></titlePart>
   <titlePart><text>FORESTRY</text></titlePart></title></textBody>
  <ipcEntry kind="u" symbol="A01B" ipcLevel="A" entryType="K" lang="EN">
   <textBody><title><titlePart><text>SOIL WORKING</text>
    <entryReference>for engineering purposes <sref ref="E02"/></entryReference></titlePart></title></textBody>
   <ipcEntry kind="n" symbol="A01B" entryType="K" lang="EN">
    <textBody><note><noteParagraph>A note that is no title.</noteParagraph></note></textBody></ipcEntry>
   <ipcEntry kind="i" symbol="A01B" entryType="K" lang="EN"><textBody><index>
    <indexEntry><text>PLOUGHS</text><references><sref ref="A01B0003000000"/></references></indexEntry>
   </index></textBody></ipcEntry>
   <ipcEntry kind="g" symbol="A01B0001000000" endSymbol="A01B0001020000" entryType="K" lang="EN">
    <textBody><title><titlePart><text>A heading</text></titlePart></title></textBody></ipcEntry>
   <ipcEntry kind="m" symbol="A01B0001000000" ipcLevel="C" entryType="K" lang="EN">
    <textBody><title><titlePart><text>Hand tools</text>
     <entryReference>edge trimmers <sref ref="A01G0003060000"/></entryReference></titlePart></title></textBody>
    <ipcEntry kind="1" symbol="A01B0001020000" ipcLevel="A" entryType="K" lang="EN">
     <textBody><title><titlePart><text>Spades</text></titlePart>
      <titlePart><text>Shovels</text></titlePart></title></textBody>
     <ipcEntry kind="2" symbol="A01B0001040000" ipcLevel="A" entryType="K" lang="EN">
      <textBody><title><titlePart>
       <text>with teeth, other than of group <sref ref="A01B0001020000"/></text></titlePart></title></textBody>
     </ipcEntry></ipcEntry>
    <ipcEntry kind="1" symbol="A01B0001060000" ipcLevel="A" entryType="K" lang="EN">
     <textBody><title><titlePart>
      <text>Hoes of groups <mref ref="A01B0003000000" endRef="A01B0005000000"/></text></titlePart></title></textBody>
    </ipcEntry></ipcEntry></ipcEntry></ipcEntry></ipcEntry></IPCScheme>
"""
LIST = (
    "\ufeffA\tHUMAN NECESSITIES\r\nA01\tAGRICULTURE; FORESTRY\r\nA01B\tSOIL WORKING (for engineering purposes E02)\r\n"
    "A01B0001000000\tA heading\r\nA01B0001000000\tHand tools (edge trimmers A01G 3/06)\r\n"
    "A01B0001020000\tSpades; Shovels\r\n"
)


def written(folder, name, text):
    file = folder / name
    file.write_bytes(text.encode())
    return file


def rows(file):
    return [(str(entry.symbol), entry.dots, entry.title) for entry in file.entries]


def test_the_scheme_xml_gives_places_indentation_and_titles(tmp_path):
    (found,) = read_master_files(written(tmp_path, "EN_ipc_scheme_20260101.xml", SCHEME))
    assert (found.edition, found.language) == ("2026.01", "en")
    assert rows(found) == [
        ("A", 0, "HUMAN NECESSITIES"),
        ("A01", 0, "AGRICULTURE; FORESTRY"),
        ("A01B", 0, "SOIL WORKING"),
        ("A01B 1/00", 0, "Hand tools"),
        ("A01B 1/02", 1, "Spades; Shovels"),
        ("A01B 1/04", 2, "with teeth, other than of group A01B 1/02"),
        ("A01B 1/06", 1, "Hoes of groups A01B 3/00 to A01B 5/00"),
    ]


def test_a_title_list_gives_titles_without_indentation_the_later_line_winning(tmp_path):
    (found,) = read_master_files(written(tmp_path, "FR_ipc_section_A_title_list_20260101.txt", LIST))
    assert (found.edition, found.language) == ("2026.01", "fr")
    assert rows(found) == [
        ("A", 0, "HUMAN NECESSITIES"),
        ("A01", 0, "AGRICULTURE; FORESTRY"),
        ("A01B", 0, "SOIL WORKING"),
        ("A01B 1/00", 0, "Hand tools"),
        ("A01B 1/02", None, "Spades; Shovels"),
    ]


def test_a_zip_gives_every_master_file_in_it(tmp_path):
    file = tmp_path / "ipc_scheme_20260101.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("EN_ipc_scheme_20260101.xml", SCHEME)
        archive.writestr("sub/FR_ipc_section_A_title_list_20260101.txt", LIST)
        archive.writestr("readme.txt", "nothing")
    assert sorted(found.language for found in read_master_files(file)) == ["en", "fr"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Hand tools (edge trimmers A01G0003060000)", "Hand tools"),
        ("Hand tools (a (b) c A01G 3/06; d E02F)", "Hand tools"),
        ("Steel (alloys)", "Steel (alloys)"),
        ("Parts of group H01L0021700000", "Parts of group H01L 21/70"),
        ("Cutting (in general B26); Sawing", "Cutting; Sawing"),
    ],
)
def test_references_are_dropped_and_other_brackets_kept(title, expected):
    assert without_references(title) == expected


def test_a_line_without_a_tab_continues_the_title():
    entries = list(titled_entries(["A01\tAGRICULTURE;", "FORESTRY", "A01B\tSOIL"]))
    assert [entry.title for entry in entries] == ["AGRICULTURE; FORESTRY", "SOIL"]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><IPCScheme lang="EN">&b;</IPCScheme>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><IPCScheme lang="EN">&a;</IPCScheme>'


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("EN_ipc_scheme_20260101.xml", "<IPCScheme>", "not well-formed"),
        ("EN_ipc_scheme_20260101.xml", '<IPCScheme lang="EN"/>', "no IPC scheme entries"),
        ("EN_ipc_scheme_20260101.xml", BOMB, "declares entities"),
        ("EN_ipc_scheme_20260101.xml", FILE, "declares entities"),
        ("EN_ipc_section_A_title_list_20260101.txt", "brush\ttitle", "no IPC symbol"),
        ("letter.txt", "Dear office", "no IPC scheme XML"),
    ],
)
def test_what_is_no_master_file_is_refused_in_one_sentence(tmp_path, name, content, reason):
    with pytest.raises(ArtifactError, match=reason) as caught:
        list(read_master_files(written(tmp_path, name, content)))
    assert "\n" not in str(caught.value)


def test_text_of_another_encoding_is_refused(tmp_path):
    file = tmp_path / "EN_ipc_section_A_title_list_20260101.txt"
    file.write_bytes(b"A\t\xff\xfe")
    with pytest.raises(ArtifactError, match="not UTF-8"):
        list(read_master_files(file))


def test_a_file_that_unpacks_too_far_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(masterfiles, "_MOST_BYTES", 1000)
    file = tmp_path / "EN_ipc_title_list_20260101.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EN_ipc_section_A_title_list_20260101.txt", "A\t" + "x" * 5000)
    with pytest.raises(ArtifactError, match="unpacks to more"):
        list(read_master_files(file))


def test_a_damaged_zip_is_refused(tmp_path):
    file = tmp_path / "EN_ipc_title_list_20260101.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("EN_ipc_section_A_title_list_20260101.txt", LIST)
    content = bytearray(file.read_bytes())
    content[content.index(b"HUMAN")] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match="damaged"):
        list(read_master_files(file))
