"""Addresses of an enterprise's loans."""

from django.urls import path

from finance.portal import apply, loans, need

AT = "e/<int:enterprise>/finance/"
ONE = f"{AT}loans/<str:number>/"
urlpatterns = [
    path(f"{AT}need/", need.need, name="loan_need"),
    path(f"{AT}apply/", apply.apply, name="loan_apply"),
    path(f"{AT}loans/", loans.listing, name="enterprise_loans"),
    path(ONE, loans.page, name="enterprise_loan"),
    path(f"{ONE}plan/", loans.plan, name="enterprise_loan_plan"),
    path(f"{ONE}withdraw/", loans.withdraw, name="enterprise_loan_withdraw"),
    path(f"{ONE}open/", loans.open_up, name="enterprise_loan_open"),
    path(f"{ONE}revoke/", loans.revoke, name="enterprise_loan_revoke"),
    path(f"{ONE}consent/", loans.consent_anew, name="enterprise_loan_consent"),
]
