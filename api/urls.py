"""Addresses for programs."""

from django.urls import re_path

from api.pastes import public_paste

app_name = "api"
urlpatterns = [
    re_path(r"^paste/(?P<pid>[\w-]{6,32})$", public_paste, name="public_paste"),
]
