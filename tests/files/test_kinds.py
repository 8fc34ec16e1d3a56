"""A file is what its bytes say, under a name that cannot lie or climb."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from files.kinds import plain_name, recognise
from tests.files.pictures import picture


def office(*members: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member in members:
            archive.writestr(member, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "extension"),
    [
        (b"%PDF-1.7\n...", "a.pdf", ".pdf"),
        (b"%PDF-1.7\n...", "a.exe", ".pdf"),
        (picture("PNG"), "a.pdf", ".png"),
        (picture("JPEG"), "a", ".jpg"),
        (picture("WEBP"), "a", ".webp"),
        (b"date,posts\n2026-06-01,3\n", "use.CSV", ".csv"),
        ("Отчёт за июнь\nBài đăng".encode(), "report.md", ".txt"),
        (office("[Content_Types].xml", "word/document.xml"), "a.docx", ".docx"),
        (office("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", ".xlsx"),
    ],
)
def test_what_is_allowed_is_told_by_its_bytes(content, name, extension):
    found = recognise(content, name)
    assert found is not None
    assert found[1] == extension


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02",
        b"PK\x03\x04broken",
        office("a.txt"),
        office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        office("[Content_Types].xml", "ppt/presentation.xml"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"  <!doctype html><script>1</script>",
        b"\xff\xfe\x00\x01",
        b"text with a \x00 in it",
        b"   ",
    ],
)
def test_everything_else_is_refused(content):
    assert recognise(content, "report.pdf") is None


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("report.pdf.exe", "report.pdf.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\system.ini", "system.pdf"),
        ("/etc/shadow", "shadow.pdf"),
        ("a\x00b\r\nSet-Cookie: x\u202efdp.exe", "abSet-Cookie: xfdp.pdf"),
        ("Отчёт июнь.PDF", "Отчёт июнь.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("x/", "file.pdf"),
        ("\ud800a.pdf", "a.pdf"),
        ("n" * 500 + ".pdf", "n" * 116 + ".pdf"),
    ],
)
def test_names_are_plain(sent, shown):
    assert plain_name(sent, ".pdf") == shown
