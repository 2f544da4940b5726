"""Small documents to bring: a page of PDF with a few lines, now and then a photograph."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import cache
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

_FONT: Final = (
    "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts["
    "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>]>>"
)
"""A Chinese font that every reader has one for (Adobe-GB1), so that none is embedded."""


def document(name: str, lines: Sequence[str]) -> SimpleUploadedFile:
    """A page of A4 with the lines below its name."""
    shown = [f"/F 20 Tf 60 760 Td {_hexadecimal(name)} Tj"]
    shown += [f"/F 12 Tf 0 -32 Td {_hexadecimal(line)} Tj" for line in lines]
    content = f"BT {' '.join(shown)} ET"
    bodies = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        f"<</Length {len(content)}>>\nstream\n{content}\nendstream",
        _FONT,
    ]
    return SimpleUploadedFile(f"{name}.pdf", _assembled(bodies), "application/pdf")


def photograph(name: str, dice: random.Random) -> SimpleUploadedFile:
    """A sheet of paper on a desk, photographed."""
    return SimpleUploadedFile(f"{name}.jpg", _photographs()[dice.randrange(6)], "image/jpeg")


def _hexadecimal(text: str) -> str:
    return f"<{text.encode('utf-16-be').hex()}>"


def _assembled(bodies: Sequence[str]) -> bytes:
    """Objects with their cross-reference table: ISO 32000-1, 7.5."""
    written, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(bodies) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<</Size {count}/Root 1 0 R>>\n"
    return f"{written}{end}startxref\n{len(written)}\n%%EOF\n".encode("ascii")


@cache
def _photographs() -> tuple[bytes, ...]:
    return tuple(_drawn(random.Random(number)) for number in range(6))  # noqa: S311 - reproducible


def _drawn(dice: random.Random) -> bytes:
    desk = tuple(dice.randint(90, 150) for _ in range(3))
    image = Image.new("RGB", (600, 800), desk)
    pen = ImageDraw.Draw(image)
    pen.rectangle((50, 60, 550, 750), fill=(250, 249, 244))
    pen.rectangle((200, 100, 400, 112), fill=(60, 60, 60))
    for row in range(18):
        pen.rectangle((95, 160 + row * 28, dice.randint(300, 500), 165 + row * 28), fill=(120, 120, 120))
    pen.ellipse((380, 620, 480, 720), outline=(200, 40, 40), width=6)
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=60)
    return kept.getvalue()


__all__ = ["document", "photograph"]
