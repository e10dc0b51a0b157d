"""Addresses of reports and of the administrator's pages."""

from django.urls import URLPattern

app_name = "moderation"
urlpatterns: list[URLPattern] = []
