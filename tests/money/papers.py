"""Return files for tests: whole ones, and ones with a single thing wrong."""

import datetime as dt
from dataclasses import replace
from hashlib import sha256

from portal.embedded.treasury.papers import Answer, Envelope, write

DAY = dt.date(2026, 11, 23)
ANSWERS = [
    Answer("YK0000000001", 1001, "31510101040012345", 8_650_000, "paid", "2026-11-23"),
    Answer("YK0000000002", 1002, "6217003810020998877", 300_000, "returned", "2026-11-23", "户名与账号不符"),
    Answer("YK0000000003", 1003, "6217003810020990001", 1, "paid", "2026-11-22", "款项已入账,谢谢"),
]


def envelope(form="csv", number="HD20261123-000001", instruction="ZF-2026-11-0001"):
    return Envelope(number, instruction, DAY, form)


def answer(form="csv", answers=ANSWERS, **changes):
    """A return file. `changes` are of the first line."""
    first, *rest = answers
    return write(envelope(form), [replace(first, **changes), *rest])


def sealed(text):
    """The CSV text with whatever it says, sealed anew: what is wrong in it is not the checksum."""
    before = text[: text.rindex("T,")].encode()
    tail = text[text.rindex("T,") :].rstrip("\r\n").rsplit(",", 1)[0]
    return before + f"{tail},{sha256(before).hexdigest()}\r\n".encode()


def sealed_xml(text):
    """The same of an XML text."""
    before = text[: text.rindex("<seal")].encode()
    after = text[text.rindex("<seal") :]
    start = after.index('sha256="') + 8
    return before + (after[:start] + sha256(before).hexdigest() + after[start + 64 :]).encode()
