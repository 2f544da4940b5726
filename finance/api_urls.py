"""Addresses of the API for banks, below `/api/`."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from finance.api.loans import NUMBER, BankLoanViewSet, HallViewSet
from finance.api.records import (
    ConsentLetterView,
    DrawdownReversalView,
    DrawdownsView,
    FactsView,
    RepaymentReversalView,
    RepaymentsView,
    ScoreView,
)
from finance.api.tokens import TokenView

router = SimpleRouter()
router.register("v1/bank/loans", BankLoanViewSet, basename="api_bank_loan")
router.register("v1/bank/hall", HallViewSet, basename="api_bank_hall")
ONE = rf"^v1/bank/loans/(?P<number>{NUMBER})"
urlpatterns = [
    path("v1/oauth/token/", TokenView.as_view(), name="api_bank_token"),
    path("v1/bank/drawdowns/", DrawdownsView.as_view(), name="api_bank_drawdowns"),
    path("v1/bank/repayments/", RepaymentsView.as_view(), name="api_bank_repayments"),
    path("v1/bank/drawdowns/reverse/", DrawdownReversalView.as_view(), name="api_bank_drawdown_reversal"),
    path("v1/bank/repayments/reverse/", RepaymentReversalView.as_view(), name="api_bank_repayment_reversal"),
    re_path(rf"{ONE}/facts/$", FactsView.as_view(), name="api_bank_facts"),
    re_path(rf"{ONE}/score/$", ScoreView.as_view(), name="api_bank_score"),
    re_path(rf"{ONE}/consent/$", ConsentLetterView.as_view(), name="api_bank_consent"),
    *router.urls,
]
