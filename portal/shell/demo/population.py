"""The county drawn at random from a seed: same seed and day, same county, to the last figure."""

import datetime as dt
import random
from collections.abc import Iterator
from fractions import Fraction

from enterprises.catalogue import NOT_APPLICABLE, Tier
from portal.shell.demo import names
from portal.shell.demo.chance import pick
from portal.shell.demo.firm import Firm, credit_code, fen
from portal.shell.demo.qualities import add_credit, add_innovation, add_scale
from portal.shell.demo.standing import add_company_standing, add_small_standing
from portal.shell.demo.trades import COMPANIES, COOPERATIVES, FAMILY_FARMS, INDIVIDUALS, Trade

FIRST_NUMBER = 10_000
"""Credit codes below belong to the showcase."""

MIX = (("individual", 61), ("company", 31), ("cooperative", 5), ("family_farm", 3))
OWNERS = (("private", 94), ("state", 3), ("foreign", 1), ("collective", 2))
TRADES = {
    "company": COMPANIES,
    "individual": INDIVIDUALS,
    "cooperative": COOPERATIVES,
    "family_farm": FAMILY_FARMS,
}
CODE_KIND = {"company": "1", "individual": "2", "cooperative": "3", "family_farm": "2"}


def draw(count: int, seed: int, today: dt.date) -> Iterator[Firm]:
    """``count`` firms with their figures of the four years before ``today``."""
    random_ = random.Random(seed)  # noqa: S311 - a reproducible county, not a secret
    taken: set[str] = set()
    for number in range(count):
        entity_type = pick(random_, MIX)
        trade = pick(random_, [(trade, trade.weight) for trade in TRADES[entity_type]])
        firm = _registered(random_, FIRST_NUMBER + number, entity_type, trade, today, taken)
        _figures(random_, firm, trade, today)
        yield firm


def _registered(
    random_: random.Random, number: int, entity_type: str, trade: Trade, today: dt.date, taken: set[str]
) -> Firm:
    region = names.town(random_)
    place = names.TOWNS[region][0]
    owner = names.person(random_)
    word = random_.choice(trade.words)
    short = place.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    written = {
        "company": f"重庆{names.brand(random_)}{word}有限公司",
        "individual": f"垫江县{short}{names.brand(random_)}{word}",
        "cooperative": f"垫江县{short}{names.brand(random_)}{word}专业合作社",
        "family_farm": f"垫江县{short}{owner[0]}氏{word}家庭农场",
    }[entity_type]
    days = int(random_.betavariate(1.4, 2.2) * 8200) + 120
    established = today - dt.timedelta(days=days)
    firm = Firm(
        uscc=credit_code(CODE_KIND[entity_type], number),
        name=names.unique(written, taken, random_),
        region=region,
        industry=trade.industry,
        established_on=established,
        entity_type=entity_type,
        ownership=pick(random_, OWNERS) if entity_type == "company" else "private",
        address=f"重庆市垫江县{place}{random_.choice(('工业大道', '人民路', '迎宾路', '牡丹路', '明月路'))}"
        f"{random_.randint(1, 400)}号",
        legal_person=owner,
    )
    registered = dt.date(today.year, 6, 30)
    firm.give_all(
        max(registered, established),
        region=region,
        industry=trade.industry,
        established_on=established,
        entity_type=entity_type,
        ownership=firm.ownership,
    )
    return firm


def _figures(random_: random.Random, firm: Firm, trade: Trade, today: dt.date) -> None:
    years = [year for year in range(today.year - 4, today.year) if year >= firm.established_on.year]
    revenue = _revenues(random_, trade, years, firm.established_on)
    company = firm.entity_type == "company"
    told = 0.96 if company else 0.72
    for year, amount in revenue.items():
        closed = dt.date(year + 1, 5, 31)
        if random_.random() < told:
            firm.give("revenue", fen(amount), closed, period=year, tier=_tier(random_, 0.86))
        if company and random_.random() < 0.9:
            share = random_.uniform(0.86, 1.0)
            firm.give("main_revenue", fen(amount * share), closed, period=year)
        people = max(1, round(amount / trade.per_head * random_.uniform(0.75, 1.3)))
        if random_.random() < (0.93 if company else 0.7):
            firm.give("employees", people, closed, period=year, tier=_tier(random_, 0.78))
        if company:
            _books(random_, firm, amount, people, closed, year)
    _current(random_, firm, trade, revenue, today)
    add_credit(random_, firm, today)
    if company:
        add_scale(random_, firm, revenue, today)
        add_innovation(random_, firm, trade, revenue, today)
        add_company_standing(random_, firm, revenue.get(today.year - 1, 0.0), today)
    else:
        add_small_standing(random_, firm, today)


def _revenues(
    random_: random.Random, trade: Trade, years: list[int], established: dt.date
) -> dict[int, float]:
    """Revenue in 万元 by year: log-normal size, growth of the firm's own, the first year cut short."""
    size = trade.revenue * random_.lognormvariate(-0.35, trade.spread)
    trend = random_.gauss(0.05, 0.11)
    figures: dict[int, float] = {}
    for position, year in enumerate(years):
        size *= 1 if position == 0 else max(0.35, 1 + trend + random_.gauss(0, 0.09))
        begun = (13 - established.month) / 12 if year == established.year else 1
        figures[year] = max(1.0, size * begun)
    return figures


def _books(
    random_: random.Random, firm: Firm, amount: float, people: int, closed: dt.date, year: int
) -> None:
    """Balance sheet, profit, tax and insurance of a year, each with its own gaps."""
    assets = amount * random_.uniform(0.5, 1.5)
    profit = amount * random_.gauss(0.055, 0.05)
    given = {
        "total_assets": (0.85, assets),
        "total_liabilities": (0.8, assets * random_.betavariate(4, 3.2)),
        "net_profit": (0.8, profit),
        "tax_paid": (0.92, amount * random_.uniform(0.012, 0.06)),
    }
    for fact, (told, value) in given.items():
        if random_.random() < told:
            firm.give(fact, fen(value), closed, period=year, tier=_tier(random_, 0.8))
    if random_.random() < 0.75:
        firm.give("taxable_income", fen(max(0.0, profit * 1.12)), closed, period=year)
    insured = random_.random() < 0.85
    if insured:
        firm.give("ui_paid", fen(people * 0.06), closed, period=year)
        firm.give(
            "layoff_rate", Fraction(round(random_.betavariate(1.2, 14) * 1000), 10), closed, period=year
        )


def _current(
    random_: random.Random, firm: Firm, trade: Trade, revenue: dict[int, float], today: dt.date
) -> None:
    """What is known of now: tax status, insurance, exports, land."""
    checked = today - dt.timedelta(days=53)
    last = today.year - 1
    amount = revenue.get(last)
    if amount is not None and random_.random() < 0.9:
        small = amount < 480
        payer = "small_scale" if small else "general"
        firm.give("vat_payer_type", payer, checked)
        if small:
            firm.give("vat_sales_month", fen(amount / 12), dt.date(today.year, 2, 1), period=last)
        elif firm.entity_type == "company" and random_.random() < 0.7:
            firm.give("input_vat", fen(amount * random_.uniform(0.03, 0.08)), checked, period=last)
    if firm.entity_type != "company":
        if amount is not None and firm.entity_type == "individual" and random_.random() < 0.5:
            firm.give("taxable_income", fen(amount * 0.1), dt.date(today.year, 4, 30), period=last)
        return
    if random_.random() < 0.85:
        months = min(12, (today.year - firm.established_on.year) * 12)
        firm.give("ui_paid_months", months if random_.random() < 0.9 else random_.randint(0, 11), checked)
    exporting = random_.random() < trade.exports
    if exporting or random_.random() < 0.7:
        firm.give("has_export", exporting, checked, tier=_tier(random_, 0.8))
    if exporting and amount is not None:
        for year, figure in revenue.items():
            value = fen(figure * random_.uniform(0.1, 0.6))
            firm.give("export_value", value, dt.date(year + 1, 2, 15), period=year)
    if trade.industry[:2] < "44" and random_.random() < 0.6 and amount:
        firm.give("land_mu", Fraction(max(20, round(amount * random_.uniform(0.3, 1.4))), 100), checked)
    converted = random_.random() < 0.04 and firm.established_on.year >= 2021
    firm.give("converted_on", firm.established_on if converted else NOT_APPLICABLE, checked)


def _tier(random_: random.Random, official: float) -> Tier:
    """Mostly the department's own figure; else an audit report's, else the firm's word."""
    draw_ = random_.random()
    if draw_ < official:
        return Tier.OFFICIAL
    return Tier.ATTESTED if draw_ < official + (1 - official) * 0.4 else Tier.DECLARED
