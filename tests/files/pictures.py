"""Pictures, sound and hostile, made on the spot."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    """A small picture with a gradient, so that it is not one colour."""
    image = Image.linear_gradient("L").resize(size).convert(mode)
    if mode in {"LA", "RGBA"}:
        image.putalpha(128)
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def bomb(width: int = 12_000, height: int = 12_000) -> bytes:
    """A PNG of a few kilobytes that unfolds to 144 megapixels of one bit each."""
    row = b"\0" + b"\0" * (width // 8)
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(row) for _ in range(height)) + packed.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def webp_of_a_giant_canvas() -> bytes:
    """A WebP whose header promises 16,777,216 × 200 pixels."""
    header = b"\0\0\0\0" + (2**24 - 1).to_bytes(3, "little") + (199).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + header + picture("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def photo_with_a_place() -> bytes:
    """A JPEG lying on its side that tells where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (56.0, 57.0, 0.0), 3: "E", 4: (24.0, 6.0, 0.0)})
    return picture("JPEG", (80, 40), exif=exif.tobytes(), comment=b"SecretComment")


def animation() -> bytes:
    """A GIF of three frames."""
    frames = [Image.new("P", (20, 20), number) for number in range(3)]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
