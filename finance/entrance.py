"""`/bank/`: a bank's people come to their own bank's desk; the address in between is guarded as all of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from finance.acting import DESK
from finance.models import BankOfficer
from portal.accounts.desks import signed_in_person


@require_safe
def entrance(request: HttpRequest) -> HttpResponse:
    """On to the desk of the bank that the user serves today; whoever serves none reads how banks join."""
    user = signed_in_person(request)
    post = BankOfficer.objects.serving(timezone.localdate()).filter(user=user).first()
    return redirect("finance_banks") if post is None else redirect(f"{DESK}{post.bank_id}/")
