"""Each setting of the code stands in the documentation, and the other way round."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
READERS = ("settings.py", "gunicorn.py")
_READ = re.compile(
    r'\b(?:required|number|switch|choice|env\.\w+)\(\s*"([A-Z_]+)"|os\.environ(?:\.get\(|\[)["\']([A-Z_]+)'
)


def test_every_setting_read_by_the_code_is_documented() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)`", _docs(), re.MULTILINE))
    assert _read_by_code() == documented


def test_documented_defaults_are_the_code_s() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", _docs(), re.MULTILINE)
    source = "".join((ROOT / "config" / name).read_text() for name in READERS)
    assert len(rows) > 10
    for name, default in rows:
        found = re.search(rf"""["\']{name}["\'],\s*(?:default=)?["\']?([\w.]+)""", source)
        assert found, name
        value = {"True": "1", "False": "0"}.get(found[1], found[1].replace("_", ""))
        assert value == default, name


def _read_by_code() -> set[str]:
    source = "".join((ROOT / "config" / name).read_text() for name in READERS)
    return {first or second for first, second in _READ.findall(source)}


def _docs() -> str:
    return (ROOT / "docs/settings.md").read_text()
