"""Addresses of a person's webhooks, below the account's."""

from django.urls import path, re_path

from webhooks import views

_ONE = r"^(?P<webhook_id>wh_[0-9a-f]{20})/"
urlpatterns = [
    path("", views.webhook_list, name="account_webhooks"),
    re_path(rf"{_ONE}$", views.webhook_log, name="account_webhook"),
    re_path(rf"{_ONE}change/$", views.change, name="account_webhook_change"),
    re_path(rf"{_ONE}secret/$", views.renew, name="account_webhook_secret"),
]
