"""Addresses of whitelists, at the department's desk, at banks and at enterprises."""

from django.urls import path

from finance.whitelists import bank, desk, entry, own, returns

DESK, BANK = "desk/<int:department>/finance/whitelists/", "bank/<int:bank>/whitelists/"
OWN = "e/<int:enterprise>/finance/whitelists/"
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
    path(f"{BANK}<int:pk>/export/", returns.export, name="bank_whitelist_export"),
    path(f"{BANK}<int:pk>/returns/", bank.bring, name="bank_whitelist_bring"),
    path(f"{BANK}<int:pk>/returns/<int:file>/", returns.one, name="bank_whitelist_return"),
    path(f"{BANK}<int:pk>/returns/<int:file>/book/", returns.confirm, name="bank_whitelist_book"),
    path(f"{BANK}<int:pk>/entries/<int:entry>/", bank.entry, name="bank_whitelist_entry"),
    path(f"{BANK}<int:pk>/entries/<int:entry>/why/", bank.why, name="bank_whitelist_why"),
    path(OWN, own.lists, name="enterprise_whitelists"),
    path(f"{OWN}<int:pk>/", own.one, name="enterprise_whitelist"),
    path(f"{OWN}<int:pk>/banks/<int:bank>/", own.consent, name="enterprise_whitelist_consent"),
]
