"""The office's list of what was lent: its sums are the cockpit's, and it names nobody who got nothing."""

import pytest
from django.utils import timezone

from finance.cockpit.periods import is_over, key_of, span_of
from finance.measures import first_of_month
from portal.accounts.models import Department
from portal.accounts.roles import Role
from tests.clients import cheap
from tests.finance.cockpit.test_page import at_desk, figures
from tests.finance.factories import office
from tests.finance.lending.factories import put
from tests.finance.pools import factories as pools

pytestmark = pytest.mark.django_db


def address(query=""):
    return f"/desk/{office().pk}/finance/loans/{query}"


def listed(browser, query=""):
    answer = browser.get(address(query))
    return answer.context["sums"], [one.number for one in answer.context["page"]]


def test_its_sums_are_the_figures_of_the_cockpit():
    lent = [put(state) for state in ("drawn", "repaying", "overdue")]
    asked = [put(state) for state in ("refused", "approved")]
    browser, whole = at_desk(Role.LEADER), figures()
    sums, numbers = listed(browser)
    assert sums == {
        "count": whole["lent"],
        "begun": whole["lent"],
        "lent": whole["lent_fen"],
        "owed": whole["owed_fen"],
    }
    assert sorted(numbers) == sorted(one.number for one in lent)
    bad, numbers = listed(browser, "?state=bad")
    assert (bad["count"], bad["owed"], numbers) == (1, whole["bad_fen"], [lent[2].number])
    page = cheap(browser, address()).content.decode()
    assert not any(one.number in page or one.enterprise.name in page for one in asked)
    assert not any(one.enterprise.uscc in page for one in lent)
    cards = browser.get(f"/desk/{office().pk}/finance/?period=year").context["cards"]
    assert [card.only for card in cards if card.fen == whole["lent_fen"]] == ["period=year"]


def test_it_is_narrowed_by_period_bank_state_pool_and_words():
    bank = pools.bank()
    pooled = pools.admitted(pools.pool(bank), state="drawn").loan
    other = put("overdue")
    browser, today = at_desk(Role.EDITOR), timezone.localdate()
    this, last = key_of(today), key_of(first_of_month(today, 1))
    everything = sorted([pooled.number, other.number])
    assert sorted(listed(browser, f"?period={this}")[1]) == everything
    for query, numbers in {
        f"?period={last}": [],
        f"?bank={other.bank_id}": [other.number],
        "?state=overdue": [other.number],
        f"?pool={pooled.admission.pool_id}": [pooled.number],
        f"?q={other.number.lower()}": [other.number],
        f"?q={pooled.enterprise.uscc}": [pooled.number],
        "?q=DK-1999": [],
    }.items():
        assert listed(browser, query)[1] == numbers, query


def test_a_period_that_is_over_knows_nothing_of_today():
    today = timezone.localdate()
    last = first_of_month(today, 1)
    span = span_of(key_of(last))
    assert (span.since, span.before, is_over(key_of(last))) == (last, today.replace(day=1), True)
    assert not any(is_over(key) for key in ("", "recent", "year", key_of(today), "1999-01"))
    assert span_of("1999-01").since is None


def test_it_goes_out_as_a_file_and_is_the_offices():
    loan = put("drawn")
    lines = at_desk(Role.LEADER).get(address("csv/?state=drawn")).content.decode("utf-8-sig").split("\r\n")
    assert loan.number in lines[1]
    assert loan.enterprise.uscc not in "".join(lines)
    assert lines[1].endswith(",500000.00,500000.00")
    assert at_desk(Role.LEADER).get(address("pdf/")).status_code == 404
    assert at_desk(Role.HANDLER).get(address()).status_code == 404
    tax = Department.objects.get(code="tax")
    assert at_desk(Role.LEADER, tax).get(f"/desk/{tax.pk}/finance/loans/").status_code == 404


def test_the_search_of_the_desks_pages_of_finance_is_for_loans():
    """So a number is found from each of them; at the orders a leader searches orders."""
    browser = at_desk(Role.LEADER)
    for page in ("", "pools/", "ranking/"):
        shell = browser.get(f"/desk/{office().pk}/finance/{page}").context["shell"]
        assert shell.search.url == address(), page
