"""Addresses of loans, and what a browser would send to them."""

from django.urls import reverse

from tests.finance.lending import factories as make


def at_desk(client, bank, role="officer"):
    actor = make.officer(bank, role, second_factor=True)
    client.force_login(actor.user)
    return actor


def of_firm(name, loan, **kwargs):
    return reverse(name, args=[loan.enterprise_id, loan.number], **kwargs)


def of_bank(name, loan, *more):
    return reverse(name, args=[loan.bank_id, loan.number, *more])


def consent_fields(client, url):
    """What the form says of the consent, as a browser would send it."""
    part = client.get(url).context["consent"]
    return {
        "consent-items": [choice.key for choice in part.offered.needed],
        "consent-days": "180",
        "consent-seen": part.shown,
        "consent-agreed": "on",
    }
