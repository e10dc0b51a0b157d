"""Addresses of the pastebin."""

from django.urls import path, re_path

from pastebin.views import compose, links, mine, proof, public, reveal

app_name = "pastebin"
_PID = r"^view/(?P<pid>[\w-]{6,32})"
urlpatterns = [
    path("", compose.compose, name="compose"),
    path("proof-of-work", proof.challenge, name="challenge"),
    path("how-it-works", public.how_it_works, name="how_it_works"),
    re_path(rf"{_PID}$", public.paste_public, name="paste_public"),
    re_path(rf"{_PID}/raw$", public.paste_raw, name="paste_raw"),
    re_path(rf"{_PID}/links$", links.paste_links, name="paste_links"),
    re_path(rf"{_PID}/retry$", links.paste_retry, name="paste_retry"),
    re_path(rf"{_PID}/open$", reveal.paste_open, name="paste_open"),
    re_path(rf"{_PID}/original$", reveal.paste_original, name="paste_original"),
    re_path(rf"{_PID}/original/spans$", reveal.paste_spans, name="paste_spans"),
    re_path(rf"{_PID}/delete$", reveal.paste_delete, name="paste_delete"),
    path("pastes/", mine.paste_list, name="paste_list"),
    re_path(r"^pastes/(?P<pid>[\w-]{6,32})/expiry$", mine.paste_expiry, name="paste_expiry"),
    re_path(r"^pastes/(?P<pid>[\w-]{6,32})/link$", mine.paste_link, name="paste_link"),
]
