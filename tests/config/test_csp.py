"""Reports of browsers: both formats are read, and nothing private of them is written."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client

from config import csp

TOKEN = "dG9rZW4tb2YtYS1wcml2YXRlLWxpbms"
OLD = {
    "csp-report": {
        "document-uri": f"https://paste.example/view/AAAAAAAAAAAAAAAA?token={TOKEN}",
        "violated-directive": "script-src-elem",
        "blocked-uri": f"https://evil.example/x.js?stolen={TOKEN}",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {
            "documentURL": f"https://paste.example/view/AAAAAAAAAAAAAAAA/original#{TOKEN}",
            "effectiveDirective": "style-src-attr",
            "blockedURL": "inline",
        },
    }
]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csp, "_lines", csp._Lines())


def _send(body: Any) -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body)
    return Client().post("/csp-report", sent, content_type="application/csp-report")


@pytest.mark.parametrize(
    ("body", "begin", "route_end"),
    [
        (OLD, "blocked by script-src-elem: https://evil.example on ", ",32})$"),
        (NEW, "blocked by style-src-attr: inline on ", "/original$"),
    ],
)
def test_a_report_becomes_a_line_without_private_parts(
    body: Any, begin: str, route_end: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "blackbar.csp"):
        assert _send(body).status_code == 204
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith(begin)
    assert said.endswith(route_end)
    assert TOKEN not in said
    assert "AAAAAAAA" not in said


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"null",
        [None, 7, "x"],
        {"csp-report": TOKEN},
        {"csp-report": {"document-uri": 7, "violated-directive": [TOKEN]}},
        {"csp-report": {"violated-directive": TOKEN, "blocked-uri": f"data:{TOKEN}"}},
        {"csp-report": {"document-uri": "http://[", "blocked-uri": "http://["}},
    ],
)
def test_whatever_is_sent_is_answered_alike_and_not_repeated(
    body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "blackbar.csp"):
        assert _send(body).status_code == 204
    assert TOKEN not in caplog.text


def test_a_flood_writes_few_lines(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "blackbar.csp"):
        for _ in range(5):
            _send([NEW[0]] * 50)
    assert 0 < len(caplog.records) <= 2 * csp.MOST_LINES_A_MINUTE


def test_every_page_names_where_reports_go(client: Client) -> None:
    answer = client.get("/healthz")
    assert "report-uri /csp-report" in answer["Content-Security-Policy"]
    assert client.get("/csp-report").status_code == 405
