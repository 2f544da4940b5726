"""Addresses of the payment desk."""

from django.urls import path

from policies.money.desk import (
    accounts,
    batch,
    books,
    budget,
    corrections,
    files,
    freezes,
    home,
    making,
    payments,
    reconciliation,
    speed,
)

AT = "desk/<int:department>/money/"
urlpatterns = [
    path(AT, home.page, name="desk_money"),
    path(f"{AT}new/", making.page, name="desk_money_new"),
    path(f"{AT}batches/<str:number>/", batch.page, name="desk_money_batch"),
    path(f"{AT}batches/<str:number>/drop/<int:payment>/", batch.drop, name="desk_money_drop"),
    path(f"{AT}batches/<str:number>/<slug:step>/", batch.take_step, name="desk_money_step"),
    path(f"{AT}accounts/", accounts.page, name="desk_money_accounts"),
    path(f"{AT}accounts/<int:pk>/", accounts.check, name="desk_money_check"),
    path(f"{AT}payments/", payments.page, name="desk_money_payments"),
    path(f"{AT}payments/<int:pk>/", payments.one, name="desk_money_payment"),
    path(f"{AT}files/", files.page, name="desk_money_files"),
    path(f"{AT}files/upload/", files.upload, name="desk_money_upload"),
    path(f"{AT}files/out/<int:pk>/", files.sent, name="desk_money_file_out"),
    path(f"{AT}files/in/<int:pk>/", files.returned, name="desk_money_file_in"),
    path(f"{AT}files/in/<int:pk>/confirm/", files.confirm, name="desk_money_confirm_file"),
    path(f"{AT}files/in/<int:pk>/dismiss/", files.dismiss, name="desk_money_dismiss"),
    path(f"{AT}files/in/<int:pk>/judge/", files.judge, name="desk_money_judge"),
    path(f"{AT}files/<slug:kind>/<int:pk>/content/", files.content, name="desk_money_content"),
    path(f"{AT}budget/", budget.page, name="desk_money_budget"),
    path(f"{AT}freezes/", freezes.page, name="desk_money_freezes"),
    path(f"{AT}freezes/<int:pk>/<slug:step>/", freezes.let_go, name="desk_money_thaw"),
    path(f"{AT}reconciliation/", reconciliation.page, name="desk_money_reconciliation"),
    path(f"{AT}books/", books.page, name="desk_money_books"),
    path(f"{AT}corrections/", corrections.page, name="desk_money_corrections"),
    path(f"{AT}corrections/<int:pk>/<slug:step>/", corrections.decide, name="desk_money_decide"),
    path(f"{AT}speed/", speed.page, name="desk_money_speed"),
]
