"""Special capacities, honours and the many plain "no": what departments know beside the figures."""

import datetime as dt
import random
from fractions import Fraction

from enterprises.catalogue import NOT_APPLICABLE, Value
from portal.shell.demo.chance import pick
from portal.shell.demo.firm import Firm

ROLES: dict[str, str] = {"6110": "hotel", "9011": "travel_agency", "7861": "scenic_spot", "6621": "bank"}
"""Trade → the capacity that goes with it."""

LISTED = ("share_reform", "regional_market", "neeq_base")
AWARDS = (
    ("county_quality_award", 0.5),
    ("municipal_quality_nomination", 0.3),
    ("municipal_quality_award", 0.2),
)
GRADES: tuple[tuple[Value, float], ...] = (
    ("qualified", 10),
    ("benchmark", 4),
    ("model", 3),
    ("outstanding", 1),
    (NOT_APPLICABLE, 120),
)


def add_company_standing(random_: random.Random, firm: Firm, last: float, today: dt.date) -> None:
    """Capacities, evaluations and honours of a company; ``last``: last year's revenue in 万元."""
    checked = today - dt.timedelta(days=30)
    year = today.year - 1
    _roles(random_, firm, checked)
    _honours(random_, firm, last, today)
    if firm.ownership == "private" and random_.random() < 0.9:
        for judged in range(max(year - 1, firm.established_on.year), year + 1):
            firm.give("modern_system_grade", pick(random_, GRADES), checked, period=judged)
    if last and random_.random() < 0.7:
        ratio = Fraction(random_.choice((0, 0, 0, 0, 5, 10, 16, 20)), 10)
        firm.give("disabled_ratio", ratio, checked, period=year)
    if last and random_.random() < 0.85:
        firm.give("tech_transfer_income", 0, checked, period=year)


def add_small_standing(random_: random.Random, firm: Firm, today: dt.date) -> None:
    """What is plain of individual businesses, cooperatives and farms."""
    checked = today - dt.timedelta(days=53)
    if random_.random() < 0.9:
        firm.give("has_export", False, checked)
    if random_.random() < 0.9:
        firm.give("ui_paid_months", 0, checked)
    if firm.entity_type == "cooperative" and random_.random() < 0.12:
        since = dt.date(today.year - random_.randint(1, 2), random_.randint(3, 11), 16)
        firm.certify(random_.choice(("green_food", "geo_indication", "organic", "farm_brand")), since)


def _roles(random_: random.Random, firm: Firm, checked: dt.date) -> None:
    roles = {ROLES[firm.industry]} if firm.industry in ROLES else set()
    if random_.random() < 0.006:
        roles.add("intern_base")
        firm.certify("intern_base_municipal", checked.replace(year=checked.year - 1, day=1), 3)
    if firm.industry == "7259" and random_.random() < 0.06:
        roles.add("park_operator")
        firm.give("park_star", random_.choice(("three", "four", "five")), checked)
    if roles:
        firm.give("roles", frozenset(roles), checked)
    if "bank" in roles:
        firm.give("mfi_rank", random_.randint(1, 5), checked)
    if "hotel" in roles and random_.random() < 0.2:
        firm.certify(random_.choice(("hotel_three", "hotel_four")), dt.date(checked.year - 1, 6, 1), 5)
    if "scenic_spot" in roles and random_.random() < 0.5:
        firm.certify("scenic_4a", dt.date(checked.year - 1, 9, 1), None)


def _honours(random_: random.Random, firm: Firm, last: float, today: dt.date) -> None:
    checked = today - dt.timedelta(days=60)
    if firm.industry[:2] > "44" or firm.industry[:2] < "13" or last < 3000:
        return
    lists = {name for name, share in LARGE_LISTS if random_.random() < share}
    if lists and not any(given.fact == "lists" for given in firm.values):
        firm.give("lists", frozenset(lists), checked)
    if "listing_reserve" in lists or random_.random() < 0.03:
        stages = frozenset(random_.sample(LISTED, random_.randint(1, 2)))
        firm.give("listing_stages", stages, checked)
    if random_.random() < 0.03:
        firm.certify(pick(random_, AWARDS), dt.date(today.year - 1, 9, 20), None)


LARGE_LISTS = (
    ("top10_overall", 0.03),
    ("top10_innovation", 0.03),
    ("top10_growth", 0.03),
    ("first_set", 0.02),
    ("listing_reserve", 0.04),
    ("advanced_manufacturing", 0.06),
    ("recognised_park", 0.01),
)
"""Lists on which only the larger manufacturers stand, with the share of them that does."""
