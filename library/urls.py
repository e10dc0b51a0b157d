"""Addresses of library, below a workspace's own."""

from django.urls import URLPattern

app_name = "library"
urlpatterns: list[URLPattern] = []
