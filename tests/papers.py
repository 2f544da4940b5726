"""Documents for tests that are what they say: a PDF of one page."""

from typing import Final

BODIES: Final = (
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
)


def pdf_of(words: str = "", bodies: tuple[str, ...] = BODIES) -> bytes:
    """A PDF of one empty page (ISO 32000-1, 7.5); `words`, in a comment, make it another one."""
    written, places = f"%PDF-1.4\n%{words.encode().hex()}\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(bodies) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n"
    return f"{written}{end}startxref\n{len(written)}\n%%EOF\n".encode("ascii")


PDF: Final = pdf_of()
