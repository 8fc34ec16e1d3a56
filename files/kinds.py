"""What an attached file really is, told by its bytes and not by its name. Only what is listed here is taken."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from io import BytesIO

from files.images import format_of

_PICTURES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "GIF": ("image/gif", ".gif")}
_OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
}
_MOST_MEMBERS = 5000
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
LONGEST_NAME = 120


def recognise(content: bytes, name: str) -> tuple[str, str] | None:
    """Media type and extension of an allowed file: PDF, picture, docx, xlsx, CSV or plain text; else ``None``."""
    if content.startswith(b"%PDF-"):
        return "application/pdf", ".pdf"
    picture = format_of(content)
    if picture is not None:
        return _PICTURES.get(picture, ("image/webp", ".webp"))
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if _is_text(content):
        return ("text/csv", ".csv") if name.lower().endswith(".csv") else ("text/plain", ".txt")
    return None


def plain_name(name: str, extension: str) -> str:
    """A file name fit to show and to save under: no folders, no invisible characters, the extension that is true."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode()))[-1]
    visible = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    stem = visible.rpartition(".")[0] or visible
    return (stem[: LONGEST_NAME - len(extension)].strip(" .") or "file") + extension


def _office(content: bytes) -> tuple[str, str] | None:
    """Office documents without macros; the directory is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return None
    if len(members) > _MOST_MEMBERS or "[Content_Types].xml" not in members:
        return None
    if any(member.lower().endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) for member in members):
        return None
    return next((found for part, found in _OFFICE.items() if part in members), None)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and _CONTROL.search(text) is None and not _looks_like_markup(text)


def _looks_like_markup(text: str) -> bool:
    return re.match(r"\s*<(?:[!?a-z])", text, re.IGNORECASE) is not None
