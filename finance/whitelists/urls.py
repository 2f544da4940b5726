"""Addresses of whitelists, at the department's desk and at banks."""

from django.urls import path

from finance.whitelists import bank, desk, entry

DESK, BANK = "desk/<int:department>/finance/whitelists/", "bank/<int:bank>/whitelists/"
ENTRY = f"{DESK}<int:pk>/entries/<int:entry>/"
urlpatterns = [
    path(DESK, desk.lists, name="desk_whitelists"),
    path(f"{DESK}<int:pk>/", desk.one, name="desk_whitelist"),
    path(f"{DESK}<int:pk>/export/", desk.export, name="desk_whitelist_export"),
    path(f"{DESK}<int:pk>/do/<slug:step>/", desk.take_step, name="desk_whitelist_step"),
    path(ENTRY, entry.page, name="desk_whitelist_entry"),
    path(f"{ENTRY}<slug:step>/", entry.take_step, name="desk_whitelist_entry_step"),
    path(BANK, bank.lists, name="bank_whitelists"),
    path(f"{BANK}<int:pk>/", bank.one, name="bank_whitelist"),
    path(f"{BANK}<int:pk>/entries/<int:entry>/", bank.answer, name="bank_whitelist_answer"),
]
