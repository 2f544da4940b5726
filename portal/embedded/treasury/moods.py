"""How a treasury may be: what it does with orders, and what it says of it, when and how truly."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from portal.embedded.treasury.papers import Answer, Order

MODES: Final = ("honest", "lose", "delay", "repeat", "lie", "bounce")
WHY: Final = ("收款账户已销户", "户名与账号不符", "账户状态异常")
SILENT: Final = 0.4
"""Part of the payments that a treasury which loses says nothing of, each time it is asked."""
LOST: Final = 0.2
"""Part of the files that it loses altogether, the first time."""
BACK: Final = 0.1
"""Part of the payments that bounce at once, and part of those that bounce later."""

Bytes = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Letter:
    """A return file to be: its lines, after how many pauses, and what is wrong with it.

    `same` is the place of an earlier letter that this one repeats to the byte, maybe under another name.
    """

    answers: Sequence[Answer] = ()
    pauses: int = 0
    total: int | None = None
    spoil: Bytes | None = None
    same: int | None = None
    renamed: bool = False


@dataclass(frozen=True)
class Mood:
    """One mode with its dice: first `fate` for each order, then `letters` of what was entered."""

    mode: str
    dice: random.Random
    asked: int

    def loses_file(self) -> bool:
        """Whether the file is lost unread."""
        return self.mode == "lose" and not self.asked and self.dice.random() < LOST

    def fate(self, order: Order) -> tuple[str, ...]:
        """What the bank does with a new order: kinds of entries in turn."""
        if self.mode != "bounce":
            return ("paid",)
        drawn = self.dice.random()
        if drawn < BACK:
            return ("returned",)
        return ("paid", "returned") if drawn < 2 * BACK else ("paid",)

    def why(self) -> str:
        """Why a payment bounces."""
        return self.dice.choice(WHY)

    def letters(self, answers: Sequence[Answer]) -> list[Letter]:
        """What is said of the entries. Asked again, every treasury but one that loses says all of it."""
        if self.mode == "lose":
            told = [answer for answer in answers if self.dice.random() > SILENT]
            return [Letter(told)] if told else []
        if self.asked:
            return [Letter(answers)]
        return list(_MOODS[self.mode](answers, self.dice))


def _honest(answers: Sequence[Answer], dice: random.Random) -> Iterator[Letter]:
    yield Letter(answers)


def _delay(answers: Sequence[Answer], dice: random.Random) -> Iterator[Letter]:
    """In up to three parts, which come late and in any order."""
    parts = [part for part in (answers[start::3] for start in range(3)) if part]
    pauses = dice.sample(range(1, 4), len(parts))
    yield from (Letter(part, pause) for part, pause in zip(parts, pauses, strict=True))


def _repeat(answers: Sequence[Answer], dice: random.Random) -> Iterator[Letter]:
    """The same file twice under one name, once under another; the same lines backwards in another file."""
    yield Letter(answers)
    yield Letter(same=0, renamed=True)
    yield Letter(answers[::-1], 1)
    yield Letter(same=0, pauses=2)


def _lie(answers: Sequence[Answer], dice: random.Random) -> Iterator[Letter]:
    """One letter for each lie, and the truth when they are told."""
    place = dice.randrange(len(answers))
    true = answers[place]

    def with_one(**changes: object) -> list[Answer]:
        return [*answers[:place], replace(true, **changes), *answers[place + 1 :]]  # type: ignore[arg-type]

    yield Letter(with_one(amount=true.amount + 1))
    yield Letter(with_one(payment=true.payment + 10**9))
    yield Letter(with_one(account=true.account[:-1] + str((int(true.account[-1]) + 1) % 10)))
    yield Letter([replace(answer, amount=10 * answer.amount) for answer in answers])
    yield Letter(answers, total=10 * sum(answer.amount for answer in answers))
    yield Letter(answers, spoil=_altered)
    yield Letter(answers, spoil=lambda content: content[: len(content) * 2 // 3])
    yield Letter(answers, 1)


def _altered(content: bytes) -> bytes:
    """One digit of the first serial is another one: the checksum no longer holds."""
    place = next(place for place in count(content.index(b"YK") + 2) if content[place : place + 1].isdigit())
    return content[:place] + bytes([48 + (content[place] - 47) % 10]) + content[place + 1 :]


def _bounce(answers: Sequence[Answer], dice: random.Random) -> Iterator[Letter]:
    """First what was paid or came back at once; what came back later, later."""
    paid = {answer.payment for answer in answers if answer.outcome == "paid"}
    later = [answer for answer in answers if answer.outcome == "returned" and answer.payment in paid]
    yield Letter([answer for answer in answers if answer not in later])
    if later:
        yield Letter(later, 1)


_MOODS: Final = {
    "honest": _honest,
    "delay": _delay,
    "repeat": _repeat,
    "lie": _lie,
    "bounce": _bounce,
}
