"""Chinese words in the order of a Chinese index."""

from bisect import bisect_right
from typing import Final

from django.db.models import BinaryField, Func

_FIRST: Final = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"),
    (0xB8C1, "g"), (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"),
    (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"),
    (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"), (0xD7FA, ""),
)  # fmt: skip
"""Where each letter begins among the 3,755 common characters, which GB 2312 has in order of pinyin."""
_CODES: Final = [code for code, _letter in _FIRST]


class Pinyin(Func):
    """Sorts by pinyin: GB 18030 keeps common characters in that order, rare ones after them.

    PostgreSQL converts by itself; collations of ICU, which not every server has, are not needed.
    """

    function = "convert_to"
    template = "%(function)s(%(expressions)s, 'GB18030')"
    arity = 1
    output_field = BinaryField()


def initials(text: str) -> str:
    """The first letters of a text's pinyin, as people type names: 建设银行 → `jsyh`, 纳税e贷 → `nsed`.

    Letters and digits stand as they are; rare characters, which have no order, and signs are left out. Of
    characters with several readings the one that GB 2312 goes by.
    """
    return "".join(map(_initial, text))


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    code = int.from_bytes(character.encode("gb2312", "ignore"), "big")
    place = bisect_right(_CODES, code) - 1
    return _FIRST[place][1] if place >= 0 else ""
