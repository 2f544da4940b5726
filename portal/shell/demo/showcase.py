"""Two invented firms whose pages are worth showing: fitting, open, needing a fact, and near misses."""

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from enterprises.catalogue import NOT_APPLICABLE, Tier, Value
from portal.shell.demo.firm import Firm, credit_code, fen

HUBS: Final = credit_code("1", 1)
LESSONS: Final = credit_code("1", 2)

Series = Mapping[str, tuple[float, ...]]
"""Fact → figures of the last years in 万元, the newest last."""


def wheel_hubs(today: dt.date) -> Firm:
    """重庆渝东轮毂: an exporter of aluminium wheel hubs, medium-sized, one step from “little giant”.

    Left open on purpose: share of disabled employees, share of encouraged revenue, standards. Its market
    share is a little under what the little giants need.
    """
    firm = _firm(HUBS, "重庆渝东轮毂制造有限公司（演示）", "3670", dt.date(2012, 3, 15), today)
    checked = today - dt.timedelta(days=22)
    figures = {
        "revenue": (21000, 23500, 26000, 29800),
        "main_revenue": (19800, 22000, 24500, 28100),
        "total_assets": (19500, 21200, 22800, 24300),
        "total_liabilities": (11200, 11800, 12300, 12600),
        "net_profit": (980, 1120, 1260, 1450),
        "taxable_income": (1010, 1150, 1290, 1480),
        "tax_paid": (720, 810, 930, 1080),
        "rd_expense": (640, 730, 815, 921),
        "export_value": (8200, 9800, 11400, 15600),
        "ui_paid": (29, 32, 35, 38),
    }
    _series(firm, figures, today)
    _people(firm, (268, 284, 301, 318), Fraction(21, 10), today)
    last = today.year - 1
    yearly: dict[str, Value] = {
        "input_vat": fen(1150),
        "main_revenue_ratio": Fraction(943, 10),
        "main_revenue_growth_2y": Fraction(130, 10),
        "tax_credit_grade": "A",
        "specialized_sme_score": 76,
    }
    for fact, value in yearly.items():
        firm.give(fact, value, dt.date(today.year, 5, 31), period=last)
    for year, grade in ((last - 1, "qualified"), (last, "model")):
        firm.give("modern_system_grade", grade, dt.date(year + 1, 3, 1), period=year)
    firm.give_all(
        checked,
        above_scale=True,
        above_scale_first_year=2014,
        above_scale_years=today.year - 2014,
        above_scale_kind="industry",
        above_scale_origin="grown",
        vat_payer_type="general",
        has_export=True,
        ui_paid_months=12,
        converted_on=NOT_APPLICABLE,
        land_mu=86,
        segment_years=11,
        valid_patents=9,
        class_one_ip=3,
        industry_tags=frozenset({"western_encouraged"}),
        tagged_first_year=NOT_APPLICABLE,
        lists=frozenset({"advanced_manufacturing"}),
    )
    firm.give("market_share", Fraction(92, 10), checked, tier=Tier.ATTESTED)
    firm.give("equity_financing_2y", 0, checked, tier=Tier.ATTESTED)
    firm.certify("high_tech", dt.date(last, 10, 12), 3, dt.date(last - 6, 10, 12))
    firm.certify("specialized_sme", dt.date(last - 1, 11, 20))
    firm.certify("digital_workshop", dt.date(last, 8, 6), None)
    firm.certify("green_factory", dt.date(last - 1, 9, 9), None)
    return firm


def online_lessons(today: dt.date) -> Firm:
    """重庆启明星教育科技: young software firm for schools, small, growing fast.

    Left open on purpose: the certificate of a software enterprise and the innovation score. Its research
    expense is a little under what a specialised firm needs.
    """
    founded = dt.date(today.year - 2, 3, 18)
    firm = _firm(LESSONS, "重庆启明星教育科技有限公司（演示）", "6513", founded, today)
    checked = today - dt.timedelta(days=22)
    figures = {
        "revenue": (640, 1060),
        "main_revenue": (620, 1020),
        "software_revenue": (610, 1010),
        "total_assets": (310, 520),
        "total_liabilities": (120, 180),
        "net_profit": (38, 61),
        "taxable_income": (40, 66),
        "tax_paid": (18, 31),
        "rd_expense": (52, 88),
        "ui_paid": (1.7, 2.9),
    }
    _series(firm, figures, today)
    _people(firm, (17, 26), Fraction(0), today)
    last = today.year - 1
    firm.give("tax_credit_grade", "M", dt.date(today.year, 4, 20), period=last)
    firm.give("disabled_ratio", Fraction(0), checked, period=last, tier=Tier.DECLARED)
    firm.give_all(
        checked,
        above_scale=False,
        above_scale_first_year=NOT_APPLICABLE,
        above_scale_years=0,
        vat_payer_type="general",
        has_export=False,
        ui_paid_months=12,
        converted_on=NOT_APPLICABLE,
        tagged_first_year=NOT_APPLICABLE,
        industry_tags=frozenset({"software", "digital_core"}),
        lists=frozenset({"high_tech_incubation", "sci_incubation"}),
    )
    firm.give("segment_years", 2, checked, tier=Tier.DECLARED)
    firm.give("specialized_sme_score", 64, checked, period=last, tier=Tier.DECLARED)
    firm.give("equity_financing_2y", 0, checked, tier=Tier.ATTESTED)
    firm.certify("tech_sme", dt.date(today.year, 6, 15), 1)
    return firm


def _firm(uscc: str, name: str, industry: str, established: dt.date, today: dt.date) -> Firm:
    firm = Firm(
        uscc=uscc,
        name=name,
        region="500231002",
        industry=industry,
        established_on=established,
        entity_type="company",
        ownership="private",
        address="重庆市垫江县桂阳街道工业大道 1 号（虚构）",
        legal_person={HUBS: "陈明远", LESSONS: "林晓慧"}[uscc],
    )
    firm.give_all(
        dt.date(today.year, 6, 30),
        region=firm.region,
        industry=industry,
        established_on=established,
        entity_type="company",
        ownership="private",
        abnormal_list=False,
        serious_dishonest=False,
    )
    checked = today - dt.timedelta(days=22)
    firm.give_all(checked, major_incident_1y=False, major_incident_3y=False)
    return firm


def _series(firm: Firm, figures: Series, today: dt.date) -> None:
    for fact, row in figures.items():
        for year, amount in zip(range(today.year - len(row), today.year), row, strict=True):
            firm.give(fact, fen(amount), dt.date(year + 1, 5, 31), period=year)


def _people(firm: Firm, employees: tuple[int, ...], layoffs: Fraction, today: dt.date) -> None:
    for year, people in zip(range(today.year - len(employees), today.year), employees, strict=True):
        firm.give("employees", people, dt.date(year + 1, 1, 31), period=year)
    firm.give("layoff_rate", layoffs, dt.date(today.year, 1, 31), period=today.year - 1)
