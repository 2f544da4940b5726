"""The fake treasury: pays once whoever kills it and however often it is asked; lies as its mode says."""

import datetime as dt
import random
import time
from collections import Counter

import pytest

from policies.money.exchange.formats import Format, Instruction, Line, Outcome
from policies.money.exchange.reading import Unreadable, read
from policies.money.exchange.writing import write
from portal.embedded.treasury.__main__ import modes
from portal.embedded.treasury.moods import MODES
from tests.treasuries import TreasuryProcess

pytestmark = pytest.mark.processes
COUNT = 40


def instruction(number=1, first=1, count=COUNT, form="csv"):
    """Name and bytes of a file."""
    lines = [
        Line(
            payment,
            payment,
            "91500231MA69999156",
            f"企业{payment}",
            "农商行",
            f"6217{payment:08d}",
            payment,
            "奖励",
        )
        for payment in range(first, first + count)
    ]
    name = f"ZF-2026-11-{number:04d}"
    content = write(Instruction(name, "PC-2026-11-0001", dt.date(2026, 11, 22), lines), form)
    return f"{name}.{form}", content


def asked(treasury, mode, **of_file):
    """What lies in the folder after one instruction in a mode: what can be read, and how many cannot."""
    treasury.start(mode)
    treasury.ask(*instruction(**of_file))
    treasury.wait()
    good, bad = [], 0
    for path in treasury.told():
        try:
            good.append(read(path.read_bytes()))
        except Unreadable:
            bad += 1
    return good, bad


def paid_once(treasury, count=COUNT):
    """Every payment stands in the bank's books once as paid, with its own amount."""
    paid = [(payment, amount) for payment, kind, amount in treasury.entries() if kind == "paid"]
    assert sorted(paid) == [(payment, payment) for payment in range(1, count + 1)]


@pytest.mark.parametrize("form", [form.value for form in Format])
def test_an_honest_one_pays_and_says_so(treasury, form):
    (answer,), bad = asked(treasury, "honest", form=form)
    assert not bad
    assert answer.instruction == "ZF-2026-11-0001"
    assert [(line.payment, line.amount_fen, line.outcome) for line in answer.lines] == [
        (payment, payment, Outcome.PAID) for payment in range(1, COUNT + 1)
    ]
    assert {line.account for line in answer.lines} == {
        f"6217{payment:08d}" for payment in range(1, COUNT + 1)
    }
    paid_once(treasury)


def test_asked_again_it_pays_nothing_and_says_the_same(treasury):
    asked(treasury, "honest")
    treasury.ask(*instruction())
    treasury.wait(lambda: len(treasury.told()) == 2)
    first, second = (read(path.read_bytes()) for path in treasury.told())
    assert first.number != second.number
    assert first.lines == second.lines
    paid_once(treasury)


def test_another_file_cannot_have_the_same_payment_paid_again(treasury):
    asked(treasury, "honest")
    treasury.ask(*instruction(2, first=COUNT, count=2))
    treasury.wait(lambda: len(treasury.told()) == 2)
    assert [line.payment for line in read(treasury.told()[1].read_bytes()).lines] == [COUNT + 1]
    paid_once(treasury, COUNT + 1)


@pytest.mark.parametrize("spoil", [lambda content: content[:-9] + b"0" * 9, lambda content: content[:200]])
def test_a_file_that_does_not_hold_is_not_followed(treasury, spoil):
    treasury.start()
    name, content = instruction()
    treasury.ask(name, spoil(content))
    treasury.wait()
    assert not treasury.told()
    assert not treasury.entries()
    assert (treasury.instructions / "refused" / name).exists()


def test_a_number_with_other_content_is_not_followed(treasury):
    asked(treasury, "honest")
    name, _content = instruction()
    treasury.ask(name, instruction(first=500)[1])
    treasury.wait(lambda: (treasury.instructions / "refused" / name).exists())
    paid_once(treasury)


def test_one_that_loses_is_silent_about_some_and_pays_all_when_asked_on(treasury):
    good, _bad = asked(treasury, "lose")
    assert len({line.payment for answer in good for line in answer.lines}) < COUNT
    for _time in range(12):
        treasury.ask(*instruction())
        treasury.wait()
    told = {line.payment for path in treasury.told() for line in read(path.read_bytes()).lines}
    assert told == set(range(1, COUNT + 1))
    paid_once(treasury)


def test_one_that_delays_answers_in_parts(treasury):
    good, bad = asked(treasury, "delay")
    assert (len(good), bad) == (3, 0)
    assert sorted(line.payment for answer in good for line in answer.lines) == list(range(1, COUNT + 1))


def test_one_that_repeats_says_the_same_under_other_names_and_backwards(treasury):
    good, bad = asked(treasury, "repeat")
    assert (len(good), bad) == (3, 0)  # a fourth under the name of the first
    contents = Counter(path.read_bytes() for path in treasury.told())
    assert sorted(contents.values()) == [1, 2]
    assert len({tuple(sorted((line.serial, line.payment) for line in one.lines)) for one in good}) == 1
    paid_once(treasury)


def test_one_that_lies_tells_the_truth_in_the_end(treasury):
    good, bad = asked(treasury, "lie")
    assert (len(good), bad) == (5, 3)  # altered, cut short, a sum ten times too large
    true = [
        answer
        for answer in good
        if {(line.payment, line.amount_fen) for line in answer.lines}
        == {(payment, payment) for payment in range(1, COUNT + 1)}
        and all(line.account == f"6217{line.payment:08d}" for line in answer.lines)
    ]
    assert true == [good[-1]]
    paid_once(treasury)


def test_one_that_bounces_pays_first_and_takes_back_later(treasury):
    good, bad = asked(treasury, "bounce", count=200)
    assert (len(good), bad) == (2, 0)
    at_once = {line.payment for line in good[0].lines if line.outcome == Outcome.RETURNED}
    later = {line.payment for line in good[1].lines}
    paid = {line.payment for line in good[0].lines if line.outcome == Outcome.PAID}
    assert at_once
    assert later <= paid
    assert not at_once & paid
    assert all(line.message for answer in good for line in answer.lines if line.outcome == Outcome.RETURNED)
    assert len({line.serial for answer in good for line in answer.lines}) == 200 + len(later)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_seed_tells_the_same(tmp_path, mode):
    def run(folder):
        one = TreasuryProcess(tmp_path / folder, seed=7)
        try:
            answers, bad = asked(one, mode)
        finally:
            one.stop()
        return [
            [(line.serial, line.outcome, line.amount_fen) for line in each.lines] for each in answers
        ], bad

    assert run("one") == run("two")


@pytest.mark.slow
def test_killed_at_any_moment_it_pays_each_once_and_forgets_no_answer(treasury):
    dice = random.Random(20261122)
    files = [instruction(number, first=1 + number * 50, count=50) for number in range(30)]
    deadline = time.monotonic() + 20
    for name, content in files * 2:
        treasury.ask(name, content)
        treasury.start("honest,repeat,delay")
        time.sleep(dice.uniform(0.05, 0.3))
        treasury.kill()
        if time.monotonic() > deadline:
            break
    for name, content in files:
        treasury.ask(name, content)
    treasury.start("honest")
    treasury.wait()
    paid = Counter(payment for payment, kind, _amount in treasury.entries() if kind == "paid")
    assert paid == Counter(range(1, 1 + 30 * 50))
    told = {line.payment for path in treasury.told() for line in read(path.read_bytes()).lines}
    assert told == set(range(1, 1 + 30 * 50))


def test_modes_by_lot():
    assert modes("lose,lie") == ["lose", "lie"]
    with pytest.raises(Exception, match="no such mode: steal"):
        modes("honest,steal")
