"""Standing of a drawn company: statistics, credit, innovation, credentials and lists."""

import datetime as dt
import random
from fractions import Fraction

from enterprises.catalogue import NOT_APPLICABLE, Tier
from portal.shell.demo.chance import pick
from portal.shell.demo.firm import Firm, fen
from portal.shell.demo.scale import threshold_of
from portal.shell.demo.trades import Trade

GRADES = (("A", 14), ("B", 52), ("M", 16), ("C", 14), ("D", 4))

LISTS = (
    ("digital_promotion", 0.004),
    ("digital_pilot", 0.003),
    ("loan_whitelist", 0.015),
    ("sci_incubation", 0.02),
    ("county_benefit", 0.01),
)


def add_scale(random_: random.Random, firm: Firm, revenue: dict[int, float], today: dt.date) -> None:
    """Whether the statistics count it, since when, and how it came in."""
    checked = today - dt.timedelta(days=37)
    qualified = firm.industry[:2] in ("47", "48", "49", "50") and random_.random() < 0.35
    if qualified:
        firm.certify("construction_qualified", _day(random_, today.year - 4, today), 5)
    found = threshold_of(firm.industry)
    if found is None or not revenue:
        return
    category, least = found
    over = [year for year, amount in revenue.items() if amount * 0.95 >= least]
    listed = bool(over) and max(over) == max(revenue) and random_.random() < 0.92
    if category == "construction":
        listed = qualified
    if random_.random() < 0.06:
        return
    firm.give("above_scale", listed, checked)
    if not listed:
        firm.give_all(checked, above_scale_first_year=NOT_APPLICABLE, above_scale_years=0)
        return
    first = min(over, default=max(revenue))
    if first == min(revenue):
        first = max(firm.established_on.year, first - random_.randint(0, 6))
    first = min(max(first, firm.established_on.year), today.year - 1)
    firm.give_all(
        checked,
        above_scale_first_year=first,
        above_scale_years=today.year - first,
        above_scale_kind=category,
    )
    if random_.random() < 0.85:
        new = first - firm.established_on.year <= 1
        firm.give("above_scale_origin", "new_built" if new else "grown", checked)


def add_credit(random_: random.Random, firm: Firm, today: dt.date) -> None:
    """Credit grade and the three lists of exclusion; most have a clean record."""
    checked = today - dt.timedelta(days=22)
    company = firm.entity_type == "company"
    if company and firm.established_on.year < today.year and random_.random() < 0.9:
        young = today.year - firm.established_on.year <= 1
        grade = "M" if young else pick(random_, GRADES)
        firm.give("tax_credit_grade", grade, dt.date(today.year, 4, 20), period=today.year - 1)
    if random_.random() < 0.97:
        firm.give("abnormal_list", random_.random() < 0.025, checked)
        firm.give("serious_dishonest", random_.random() < 0.004, checked)
    if company and random_.random() < 0.8:
        recent = random_.random() < 0.004
        firm.give("major_incident_1y", recent, checked)
        firm.give("major_incident_3y", recent or random_.random() < 0.006, checked)


def add_innovation(
    random_: random.Random, firm: Firm, trade: Trade, revenue: dict[int, float], today: dt.date
) -> None:
    """Research, tags, credentials, named lists; correlated with the trade and the size."""
    checked = today - dt.timedelta(days=60)
    tags = frozenset(tag for tag in trade.tags if random_.random() < 0.75)
    if tags:
        firm.give("industry_tags", tags, checked)
        if tags & {"strategic_emerging", "digital_core"}:
            firm.give("tagged_first_year", random_.randint(today.year - 5, today.year - 1), checked)
    if not tags & {"strategic_emerging", "digital_core"}:
        firm.give("tagged_first_year", NOT_APPLICABLE, checked)
    last = revenue.get(today.year - 1, 0.0)
    if random_.random() < trade.innovative:
        intensity = random_.uniform(0.012, 0.085)
        for year, amount in revenue.items():
            if random_.random() < 0.85:
                spent = fen(amount * intensity * random_.uniform(0.8, 1.2))
                tier = Tier.OFFICIAL if random_.random() < 0.7 else Tier.DECLARED
                firm.give("rd_expense", spent, dt.date(year + 1, 5, 31), period=year, tier=tier)
        _credentials(random_, firm, last, intensity, today)
    if "software" in tags and random_.random() < 0.5:
        firm.certify("software_enterprise", _day(random_, today.year - 1, today), 1)
        for year, amount in revenue.items():
            firm.give("software_revenue", fen(amount * 0.7), dt.date(year + 1, 4, 1), period=year)
    lists = frozenset(name for name, share in LISTS if random_.random() < share)
    if lists:
        firm.give("lists", lists, checked)
    if "agro_food" in tags and random_.random() < 0.3:
        firm.certify(
            random_.choice(("green_food", "organic", "geo_indication")), _day(random_, today.year - 2, today)
        )


def _credentials(random_: random.Random, firm: Firm, last: float, intensity: float, today: dt.date) -> None:
    if last > 300 and intensity > 0.03 and random_.random() < 0.45:
        since = _day(random_, today.year - 2, today)
        earlier = random_.random() < 0.4
        firm.certify("high_tech", since, 3, since.replace(year=since.year - 3) if earlier else None)
    if last > 100 and random_.random() < 0.5:
        firm.certify("tech_sme", dt.date(today.year, random_.randint(4, 9), 15), 1)
    if last > 500 and random_.random() < 0.4:
        firm.certify("innovative_sme", _day(random_, today.year - 2, today))
        if random_.random() < 0.4:
            firm.certify("specialized_sme", _day(random_, today.year - 2, today))
            if last > 5000 and random_.random() < 0.25:
                firm.certify("little_giant", _day(random_, today.year - 1, today))
    if last > 2000 and random_.random() < 0.25:
        kind = random_.choice(
            ("digital_workshop", "smart_factory", "green_factory", "digital_workshop_county")
        )
        firm.certify(kind, _day(random_, today.year - 2, today), None)
    if random_.random() < 0.4:
        checked = today - dt.timedelta(days=90)
        firm.give("segment_years", random_.randint(1, 12), checked, tier=Tier.DECLARED)
        firm.give("valid_patents", random_.randint(0, 14), checked)
        share = Fraction(round(random_.betavariate(1.2, 8) * 1000), 10)
        firm.give("market_share", share, checked, tier=Tier.DECLARED)


def _day(random_: random.Random, first_year: int, today: dt.date) -> dt.date:
    """A working-looking day from the first of ``first_year`` to a month before today, never 29 February."""
    start = dt.date(first_year, 1, 5)
    day = start + dt.timedelta(days=random_.randint(0, (today - start).days - 30))
    return day.replace(day=min(day.day, 28))
