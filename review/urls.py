"""Addresses of review, below a workspace's own."""

from django.urls import URLPattern

app_name = "review"
urlpatterns: list[URLPattern] = []
