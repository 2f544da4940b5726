"""Instruction and return files: each side reads what the other writes, and nothing that is wrong."""

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.money.exchange.formats import INVISIBLE, Format, Instruction, Line, Outcome, plain
from policies.money.exchange.reading import MOST_BYTES, Unreadable, read
from policies.money.exchange.writing import write
from portal.embedded.treasury import papers
from tests.money.papers import ANSWERS, envelope

FORMS = [form.value for form in Format]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "treasury.md"
numbers = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z-]{0,39}", fullmatch=True)
accounts = st.from_regex(r"[0-9]{6,32}", fullmatch=True)
amounts = st.integers(1, 10**12)
ids = st.integers(1, 2**63 - 1)
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
lines = st.builds(
    Line,
    payment=ids,
    award=ids,
    uscc=numbers,
    holder=texts,
    bank=texts,
    account=accounts,
    amount_fen=amounts,
    purpose=texts,
)
instructions = st.builds(
    Instruction,
    number=numbers,
    batch=numbers,
    date=days,
    lines=st.lists(lines, min_size=1, max_size=6, unique_by=lambda line: line.payment),
)


@given(instructions, st.sampled_from(FORMS))
def test_the_treasury_reads_what_the_portal_writes(instruction, form):
    content = write(instruction, form)
    assert content == write(instruction, form)
    found = papers.read(content)
    assert (found.number, found.form) == (instruction.number, form)
    assert [(order.payment, order.account, order.amount) for order in found.orders] == [
        (line.payment, line.account, line.amount_fen) for line in instruction.lines
    ]


@given(instructions)
def test_texts_arrive_as_they_are_but_for_what_cannot_be_seen(instruction):
    _head, rows, _tail = papers._read_csv(write(instruction))
    wanted = [[plain(line.holder), plain(line.bank), plain(line.purpose)] for line in instruction.lines]
    assert [[row[3], row[4], row[7]] for row in rows] == wanted
    _head, rows, _tail = papers._read_xml(write(instruction, "xml"))
    assert [[row[3], row[4], row[7]] for row in rows] == wanted


messages = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=60).filter(
    lambda text: not INVISIBLE.search(text) and text[:1] not in "=+-@＝＋－＠"
)
answers = st.builds(
    papers.Answer,
    serial=numbers,
    payment=ids,
    account=accounts,
    amount=amounts,
    outcome=st.sampled_from(["paid", "returned"]),
    day=st.dates(dt.date(2000, 1, 1), dt.date(2026, 11, 23)).map(dt.date.isoformat),
    message=messages.map(lambda text: text or "无"),
)
answer_lists = st.lists(answers, min_size=1, max_size=6, unique_by=(lambda a: a.serial, lambda a: a.payment))


@given(answer_lists, st.sampled_from(FORMS))
def test_the_portal_reads_what_the_treasury_writes(said, form):
    found = read(papers.write(envelope(form), said))
    assert (found.number, found.instruction, found.date) == (
        "HD20261123-000001",
        "ZF-2026-11-0001",
        dt.date(2026, 11, 23),
    )
    assert said == [
        papers.Answer(
            line.serial,
            line.payment,
            line.account,
            line.amount_fen,
            line.outcome.value,
            line.value_date.isoformat(),
            line.message,
        )
        for line in found.lines
    ]


@given(answer_lists, st.sampled_from(FORMS), st.data())
def test_no_byte_can_change_unseen(said, form, data):
    content = papers.write(envelope(form), said)
    true = read(content)
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
    changed = content[:place] + bytes([other]) + content[place + 1 :]
    try:
        found = read(changed)
    except Unreadable:
        return
    assert found == true  # letter case of the declaration, blanks after the seal


@given(answer_lists, st.sampled_from(FORMS), st.data())
def test_a_file_cut_short_is_never_taken(said, form, data):
    content = papers.write(envelope(form), said)
    length = data.draw(st.integers(0, len(content.rstrip()) - 1))
    with pytest.raises(Unreadable):
        read(content[:length])


@given(st.binary(max_size=300))
def test_noise_is_refused_with_reasons(noise):
    with pytest.raises(Unreadable) as refusal:
        read(noise)
    assert refusal.value.reasons


def test_the_document_shows_what_is_written_and_read():
    shown = re.findall(r"```(csv|xml)\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert [form for form, _text in shown] == ["csv", "xml", "csv", "xml"]
    ends = {"csv": "\r\n", "xml": "\n"}
    files = [text.replace("\n", ends[form]).encode() for form, text in shown]
    instruction = Instruction(
        "ZF-2026-11-0001",
        "PC-2026-11-0001",
        dt.date(2026, 11, 22),
        [
            Line(
                1001,
                501,
                "91500231MA69999156",
                "垫江示例机械有限公司",
                "中国农业银行垫江县支行",
                "31510101040012345",
                8_650_000,
                "ZJTX-PEITAO 2026",
            ),
            Line(
                1002,
                502,
                "92500231MA6999923X",
                "桂溪小面馆",
                "重庆农村商业银行,垫江支行",
                "6217003810020998877",
                300_000,
                "WENGANG 2026",
            ),
        ],
    )
    assert files[:2] == [write(instruction, "csv"), write(instruction, "xml")]
    said = [papers.write(envelope(form), ANSWERS[:2]) for form in FORMS]
    assert files[2:] == said
    assert [line.outcome for line in read(files[2]).lines] == [Outcome.PAID, Outcome.RETURNED]
    assert f"{MOST_BYTES // 2**20} MB" in DOCUMENT.read_text()


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_leaves_that_pays_nothing(amount):
    line = Line(1, 1, "91500231MA69999156", "甲", "乙", "123456", amount, "丙")
    with pytest.raises(ValueError, match="pay"):
        write(Instruction("ZF-1", "PC-1", dt.date(2026, 1, 1), [line]))
    with pytest.raises(ValueError, match="pays nobody"):
        write(Instruction("ZF-1", "PC-1", dt.date(2026, 1, 1), []))
