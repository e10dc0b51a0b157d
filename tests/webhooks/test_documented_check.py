"""The code in the documentation by which a receiver checks a message."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from webhooks.signing import headers_for, new_secret

DOCS = Path(__file__).parent.parent.parent / "docs/webhooks.md"


def _is_genuine() -> Callable[[str, dict[str, str], bytes], bool]:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    check: Callable[[str, dict[str, str], bytes], bool] = names["is_genuine"]
    return check


def test_it_takes_what_is_genuine_and_nothing_else() -> None:
    check, body, now = _is_genuine(), b'{"type":"paste.ready"}', int(time.time())
    former, newest = new_secret(), new_secret()
    headers = headers_for([newest, former], "msg_1", now, body)
    assert check(newest, headers, body)
    assert check(former, headers, body)
    assert not check(new_secret(), headers, body)
    assert not check(newest, headers, body + b" ")
    assert not check(newest, headers | {"webhook-id": "msg_2"}, body)
    assert not check(newest, headers | {"webhook-timestamp": str(now + 1)}, body)
    assert not check(newest, headers_for([newest], "msg_1", now - 3600, body), body)
