"""Pictures from outside are never kept as they came: they are checked, decoded, shrunk and written anew as WebP.

What was hidden in the file (EXIF with places and names, colour profiles, trailing bytes) does not survive.
"""

from __future__ import annotations

import struct
import threading
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from core.errors import Invalid
from core.i18n import gettext as _

MOST_PIXELS = 25_000_000
"""Counted before anything is decoded: a file of 17 KB can unfold to 144 megapixels."""
LONGEST_SIDE = 1600
QUALITY = 82
MIME = "image/webp"

_MARKS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"))
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error, zlib.error)
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_decoding = threading.BoundedSemaphore(2)
"""A decoded picture takes 100 MB; two at a time is what a small machine can bear."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of our own making: WebP, upright, at most 1600 pixels wide and high."""

    content: bytes
    width: int
    height: int


def format_of(content: bytes) -> str | None:
    """The picture format the first bytes announce: JPEG, PNG, GIF or WEBP. SVG is not among them."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def redraw(content: bytes, field: str = "file") -> Picture:
    """A clean copy of a picture; of an animation the first frame. Raises ``Invalid`` for ``field``."""
    name = format_of(content)
    if name is None:
        raise _invalid(field, _("Upload a JPEG, PNG, WebP or GIF picture."))
    try:
        with _decoding:
            _verify(content, name)
            return _draw(content, name)
    except _TOO_LARGE as error:
        raise _invalid(field, _("This picture is larger than 25 megapixels. Make it smaller first.")) from error
    except _BROKEN as error:
        raise _invalid(field, _("This picture is damaged. Save it again and upload that.")) from error


def _verify(content: bytes, name: str) -> None:
    with Image.open(BytesIO(content), formats=[name]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        image.verify()


def _draw(content: bytes, name: str) -> Picture:
    with Image.open(BytesIO(content), formats=[name]) as image:
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    plain.info.clear()
    out = BytesIO()
    plain.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return Picture(out.getvalue(), plain.width, plain.height)


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})
