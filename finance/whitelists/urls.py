"""Addresses of whitelists, at the department's desk and at banks."""

from django.urls import path

from finance.whitelists import bank, desk

DESK, BANK = "desk/<int:department>/finance/whitelists/", "bank/<int:bank>/whitelists/"
urlpatterns = [
    path(DESK, desk.lists, name="desk_whitelists"),
    path(f"{DESK}<int:pk>/", desk.one, name="desk_whitelist"),
    path(f"{DESK}<int:pk>/<slug:step>/", desk.take_step, name="desk_whitelist_step"),
    path(BANK, bank.lists, name="bank_whitelists"),
    path(f"{BANK}<int:pk>/", bank.one, name="bank_whitelist"),
    path(f"{BANK}<int:pk>/entries/<int:entry>/", bank.answer, name="bank_whitelist_answer"),
]
