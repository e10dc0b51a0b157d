"""The editor as a browser sends it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client


def fields_of(page: str) -> dict[str, str]:
    """Return the fields of the editor with what stands in them, as a browser would send them."""
    form = page[page.index('id="policy-form"') :]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = attributes.get("type", "text")
        if kind in {"checkbox", "radio"} and " checked" not in tag:
            continue
        found[attributes["name"]] = attributes.get("value", "on" if kind == "checkbox" else "")
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        first = re.search(r'<option value="([^"]*)"', inner)
        found[name] = (chosen or first)[1]  # type: ignore[index]
    for name, inner in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S
    ):
        found[name] = inner
    found.pop("csrfmiddlewaretoken", None)
    return {name: unescape(value) for name, value in found.items()}


def send(browser: Client, path: str, do: str = "save", **changed: Any) -> Any:
    """Open the editor, change fields and press a button."""
    fields = fields_of(browser.get(path).content.decode())
    return browser.post(path, fields | changed | {"do": do})
