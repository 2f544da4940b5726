"""Amounts in the characters that cannot be altered (大写金额), as on cheques and decisions.

As the People's Bank of China writes them: 正确填写票据和结算凭证的基本规定 (支付结算办法, annex 1).
"""

from typing import Final

from portal.kernel.money import FEN_PER_YUAN, MAX_FEN

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
UNITS: Final = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def capital_money(fen: int) -> str:
    """`人民币贰拾万元整`; 整 follows where no 分 do. Raises ValueError below 0 and beyond `MAX_FEN`."""
    if not 0 <= fen <= MAX_FEN:
        raise ValueError(f"{fen} fen are written out nowhere")
    yuan, rest = divmod(fen, FEN_PER_YUAN)
    jiao, last = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan or not rest else ""
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif last and yuan:
        words += DIGITS[0]
    words += f"{DIGITS[last]}分" if last else "整"
    return f"人民币{words}"


def _whole(number: int) -> str:
    """A whole number: one 零 stands wherever places are left out between two others."""
    for size, name in UNITS:
        if number >= size:
            head, rest = divmod(number, size)
            gap = DIGITS[0] if 0 < rest < size // 10 else ""
            return _whole(head) + name + gap + (_whole(rest) if rest else "")
    return DIGITS[number]
