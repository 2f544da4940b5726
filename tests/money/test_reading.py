"""Return files that are wrong in one thing: refused, with the line and what is wrong there."""

import datetime as dt
import time

import pytest

from policies.money.exchange.formats import MOST_REASONS, Format, Instruction, Line
from policies.money.exchange.reading import MOST_BYTES, Unreadable, read, require_size
from policies.money.exchange.writing import write
from portal.embedded.treasury import papers
from tests.money.papers import ANSWERS, answer, envelope, sealed, sealed_xml

FORMS = [form.value for form in Format]


def codes(content):
    with pytest.raises(Unreadable) as refusal:
        read(content)
    return {reason.code for reason in refusal.value.reasons}


def reasons(content):
    with pytest.raises(Unreadable) as refusal:
        read(content)
    return [(reason.line, reason.code) for reason in refusal.value.reasons]


NO_AMOUNTS = [
    "NaN",
    "1e400",
    "0.5",
    "100.00",
    "-100",
    "0",
    "+1",
    "１００",
    "1,000",
    "0100",
    " 100",
    "1_0",
    "٣",
    "",
]


def with_text(form, old, new):
    """The good file with one text exchanged, and sealed anew."""
    text = answer(form).decode()
    assert old in text
    return sealed(text.replace(old, new, 1)) if form == "csv" else sealed_xml(text.replace(old, new, 1))


def with_amount(form, amount):
    if form == "csv":
        return with_text(form, ",8650000,", f',"{amount}",')
    return with_text(form, 'amount="8650000"', f'amount="{amount}"')


@pytest.mark.parametrize("amount", [*NO_AMOUNTS, "9" * 19, "1" * 5_000])
@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_whole_number_of_fen_is_no_amount(form, amount):
    assert reasons(with_amount(form, amount)) == [(2 if form == "csv" else 3, "amount")]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("serial", "", "serial"),
        ("serial", "YK 1", "serial"),
        ("serial", "９", "serial"),
        ("serial", "Y" * 41, "serial"),
        ("payment", "0", "payment"),
        ("payment", "-5", "payment"),
        ("payment", str(2**63), "payment"),
        ("payment", "1e3", "payment"),
        ("account", "12345", "account"),
        ("account", "3.151E+16", "account"),
        ("account", "３１５１０１０１", "account"),
        ("day", "2026-02-30", "date"),
        ("day", "20261123", "date"),
        ("day", "2026-W47-1", "date"),
        ("day", "1999-12-31", "date"),
        ("day", "2026-11-24", "future"),
        ("outcome", "PAID", "outcome"),
        ("outcome", "unknown", "outcome"),
        ("message", "=1+1", "formula"),
        ("message", "＝SUM(A1)", "formula"),
        ("message", "  @x", "formula"),
        ("message", "字" * 201, "message"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_each_column_holds_what_it_may(form, column, value, code):
    assert reasons(answer(form, **{column: value})) == [(2 if form == "csv" else 3, code)]


@pytest.mark.parametrize("count", ["x", "03", "-3", "３"])
@pytest.mark.parametrize("form", FORMS)
def test_a_count_is_a_whole_number(form, count):
    old, new = (",3,", f",{count},") if form == "csv" else ('count="3"', f'count="{count}"')
    assert reasons(with_text(form, old, new)) == [(1 if form == "csv" else 2, "count")]


@pytest.mark.parametrize("form", FORMS)
def test_who_sends_back_says_why(form):
    assert codes(answer(form, outcome="returned")) == {"message"}


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x85", "\u200b", "\u202e", "\ufeff", "\ufffd", "\x7f"])
def test_what_cannot_be_seen_is_refused(sign):
    assert (4, "invisible") in reasons(with_text("csv", "款项", f"款{sign}项"))
    with pytest.raises(Unreadable):
        read(with_text("xml", "款项", f"款{sign}项"))


def test_a_line_break_hidden_in_xml_is_seen():
    assert codes(with_text("xml", "款项", "款&#10;项")) == {"invisible"}


def test_a_mark_of_byte_order_is_named():
    assert (1, "invisible") in reasons("\ufeff".encode() + answer())


@pytest.mark.parametrize("form", FORMS)
def test_gbk_is_named_with_its_line(form):
    assert reasons(answer(form).decode().encode("gbk")) == [(3 if form == "csv" else 4, "encoding")]


@pytest.mark.parametrize("form", FORMS)
def test_altered(form):
    content = answer(form)
    assert codes(content.replace(b"YK0000000001", b"YK0000000009")) == {"altered"}
    assert codes(content.replace("款项".encode(), "款顶".encode())) == {"altered"}


@pytest.mark.parametrize("form", FORMS)
def test_ten_times_too_large(form):
    content = papers.write(envelope(form), ANSWERS, 10 * sum(one.amount for one in ANSWERS))
    assert reasons(content) == [(0, "total"), (0, "total")]


def test_one_amount_more_than_the_sum_says():
    assert reasons(with_amount("csv", "8650001")) == [(0, "total"), (0, "total")]


def test_one_line_taken_out():
    lines = answer().decode().splitlines(keepends=True)
    assert codes(sealed("".join([*lines[:2], *lines[3:]]))) == {"count", "total"}


def test_lines_in_another_order_are_as_good():
    lines = answer().decode().splitlines(keepends=True)
    found = read(sealed("".join([lines[0], *lines[3:0:-1], lines[4]])))
    assert {line.serial for line in found.lines} == {one.serial for one in ANSWERS}


def test_heads_and_seals_elsewhere_or_twice():
    head, *details, tail = answer().decode().splitlines(keepends=True)
    assert "head" in codes(sealed("".join([*details, head, tail])))
    assert "head" in codes(sealed("".join([head, head, *details, tail])))
    assert "truncated" in codes("".join([head, *details]).encode())
    assert "truncated" in codes(sealed("".join([head, *details, tail, tail])))
    assert "truncated" in codes(answer() + details[0].encode())
    assert codes(sealed(head.replace(",3,8950001", ",1,1") + "T,1,1,x\r\n")) >= {"nothing", "count"}


def test_the_same_line_twice():
    twice = [*ANSWERS, ANSWERS[0]]
    assert reasons(answer(answers=twice)) == [(5, "repeated"), (5, "repeated")]
    assert reasons(answer("xml", twice)) == [(6, "repeated"), (6, "repeated")]


def test_paid_and_then_sent_back_is_no_repetition():
    back = papers.Answer(
        "YK0000000004", 1001, "31510101040012345", 8_650_000, "returned", "2026-11-23", "销户"
    )
    assert len(read(answer(answers=[*ANSWERS, back])).lines) == 4


@pytest.mark.parametrize("line", ["X,1", "", "D", "D,1,2,3", 'D,"1,2', 'D,"a"b,1,1,1,paid,2026-11-23,'])
def test_lines_of_another_form(line):
    lines = answer().decode().splitlines(keepends=True)
    found = reasons(sealed("".join([*lines[:4], f"{line}\r\n", lines[4]])))
    assert found[-1][0] == 5
    assert found[-1][1] in {"kind", "columns", "quotes"}


def test_line_feeds_alone_are_read():
    assert read(sealed(answer().decode().replace("\r\n", "\n"))).lines


BOMB = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE return [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<return>&b;</return>
"""


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>',
        '<?xml version="1.0" encoding="GBK"?>\n<return/>',
        "<return/>",
        '<?xml version="1.0" encoding="UTF-8"?>\n<return>',
        '<?xml version="1.0" encoding="UTF-8"?>\n<instruction/>',
        '<?xml version="1.0" encoding="UTF-8"?>\n<return number="1" number="1"/>',
    ],
)
def test_other_xml_is_refused(text):
    with pytest.raises(Unreadable):
        read(text.encode())


def test_a_last_line_that_does_not_end_may_be_cut():
    assert codes(answer().rstrip()) == {"truncated"}


@pytest.mark.parametrize("encoding", ["GBK", "UTF-16"])
def test_another_encoding_is_not_declared(encoding):
    assert codes(with_text("xml", "UTF-8", encoding)) == {"declaration"}


def test_elements_where_none_belong():
    assert codes(with_text("xml", "  <result", "  <other/><result")) == {"kind"}
    assert codes(with_text("xml", "  <result", " text <result")) == {"text"}
    assert codes(with_text("xml", "  <result", "  <?php ?><result")) == {"kind"}
    assert codes(with_text("xml", 'outcome="paid"', 'outcome="paid" fee="1"')) >= {"columns"}


def test_an_instruction_is_no_return():
    line = Line(1, 1, "91500231MA69999156", "甲", "乙", "123456", 5, "丙")
    instruction = Instruction("ZF-1", "PC-1", dt.date(2026, 1, 1), [line])
    for form in FORMS:
        with pytest.raises(Unreadable):
            read(write(instruction, form))


def test_too_large_is_said_before_anything_is_read():
    with pytest.raises(Unreadable) as refusal:
        require_size(100 * 2**20)
    assert [reason.code for reason in refusal.value.reasons] == ["size"]
    with pytest.raises(Unreadable):
        read(b" " * (MOST_BYTES + 1))
    require_size(MOST_BYTES)
    assert codes(b"") == {"empty"}


def test_a_flood_of_faults_is_counted_not_kept():
    content = b"X\r\n" * 300_000
    begun = time.monotonic()
    with pytest.raises(Unreadable) as refusal:
        read(content)
    assert len(refusal.value.reasons) == MOST_REASONS + 1
    assert time.monotonic() - begun < 10


def test_twenty_thousand_lines_are_read_at_once():
    many = [
        papers.Answer(f"YK{number:010d}", number, "31510101040012345", number, "paid", "2026-11-23")
        for number in range(1, 20_001)
    ]
    for form in FORMS:
        content = papers.write(envelope(form), many)
        begun = time.monotonic()
        assert len(read(content).lines) == 20_000
        assert time.monotonic() - begun < 10


def test_reasons_say_where():
    with pytest.raises(Unreadable, match="第 2 行：金额“１００”无效"):
        read(with_amount("csv", "１００"))
