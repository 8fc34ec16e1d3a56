"""Pictures are checked before they are decoded, and written anew."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from PIL import Image

from core.errors import Invalid
from files.images import format_of, redraw
from tests.files.pictures import animation, bomb, photo_with_a_place, picture, webp_of_a_giant_canvas

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_four_formats_become_webp(kind):
    made = redraw(picture(kind))
    image = opened(made.content)
    assert (image.format, image.size) == ("WEBP", (40, 30))
    assert (made.width, made.height) == (40, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_taken(mode):
    image = opened(redraw(picture("PNG", mode=mode)).content)
    assert image.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")


def test_print_colours_become_screen_colours():
    assert opened(redraw(picture("JPEG", mode="CMYK")).content).mode == "RGB"


def test_a_large_picture_shrinks_to_1600():
    made = redraw(picture("JPEG", (4000, 1000)))
    assert (made.width, made.height) == (1600, 400)


def test_of_an_animation_the_first_frame_is_kept():
    made = opened(redraw(animation()).content)
    assert getattr(made, "n_frames", 1) == 1
    assert made.size == (20, 20)


def test_the_photo_stands_upright_and_has_forgotten_where_it_was_taken():
    source = photo_with_a_place()
    assert Image.open(BytesIO(source)).getexif().get_ifd(0x8825)
    made = redraw(source)
    image = opened(made.content)
    assert (made.width, made.height) == (40, 80)
    assert not image.getexif()
    assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(image.info)
    assert b"Secret" not in made.content


def test_a_colour_profile_is_dropped():
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert "icc_profile" not in opened(redraw(picture("JPEG", icc_profile=profile)).content).info


def test_a_small_file_of_144_megapixels_is_refused_before_it_is_decoded(monkeypatch):
    content = bomb()
    assert len(content) < 30_000
    monkeypatch.setattr(Image.Image, "load", lambda _image: pytest.fail("decoded"))
    with pytest.raises(Invalid) as refused:
        redraw(content, "photo")
    assert "25 megapixels" in refused.value.fields["photo"]


@pytest.mark.parametrize(("width", "height"), [(5008, 5000), (25_000_008, 1), (8000, 8000)])
def test_one_pixel_too_many_is_refused(width, height):
    with pytest.raises(Invalid, match="25 megapixels"):
        redraw(bomb(width, height))


def test_a_canvas_of_billions_is_refused():
    with pytest.raises(Invalid):
        redraw(webp_of_a_giant_canvas())


def test_what_hides_behind_a_picture_does_not_survive():
    payload = b"<script>alert(1)</script>PK\x03\x04%PDF-1.7"
    for kind in ("JPEG", "PNG", "GIF", "WEBP"):
        assert b"script" not in redraw(picture(kind) + payload).content


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"%PDF-1.7",
        b"MZ\x90",
        b"BM" + b"\0" * 60,
        b"",
        b"GIF8",
        b"<html>",
        b"RIFF\0\0\0\0AVI LIST",
        picture("TIFF"),
    ],
)
def test_other_formats_are_refused(content):
    assert format_of(content) is None
    with pytest.raises(Invalid, match="JPEG, PNG, WebP or GIF"):
        redraw(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.9])
def test_half_a_picture_is_refused(kind, part):
    whole = picture(kind, (300, 200))
    with pytest.raises(Invalid, match="damaged"):
        redraw(whole[: max(13, int(len(whole) * part))])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_noise_behind_a_picture_s_first_bytes_is_refused(kind):
    noise = random.Random(7)
    for _ in range(40):
        with pytest.raises(Invalid):
            redraw(picture(kind)[:16] + noise.randbytes(400))
