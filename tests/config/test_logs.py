"""Log lines name their request; as JSON each is one object, and no error's message is in it."""

from __future__ import annotations

import json
import logging
import re

import pytest
from django.test import Client
from pytest_django import Settings

from config.logs import JsonFormatter, RequestIdFilter

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client to whom one page answers that it failed."""

    def fails(*_: object) -> None:
        raise ValueError("Ann Lee's card")

    monkeypatch.setattr("pastebin.views.public.public_page", fails)
    return client


def test_a_failure_names_the_request_of_its_log_line(
    failing: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    answers = [failing.get("/view/AAAAAAAAAAAAAAAA") for _ in range(2)]
    ids = [answer["X-Request-ID"] for answer in answers]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)
    logged = [record.request_id for record in caplog.records if record.name == "blackbar.web"]
    assert logged == ids
    assert ids[0] != ids[1]


def test_other_answers_carry_none(client: Client) -> None:
    assert "X-Request-ID" not in client.get("/healthz")
    assert "X-Request-ID" not in client.get("/no/such/page")


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("proxy-0123456789", True), ("short", False), ("x" * 65, False), ("a b\tc" * 4, False)],
)
def test_a_proxy_s_id_is_kept_if_there_is_a_proxy(
    failing: Client, settings: Settings, given: str, is_kept: bool
) -> None:
    path, named = "/view/AAAAAAAAAAAAAAAA", {"X-Request-ID": given}
    assert failing.get(path, headers=named)["X-Request-ID"] != given
    settings.PROXIES = 1
    assert (failing.get(path, headers=named)["X-Request-ID"] == given) is is_kept


def test_a_line_as_json_says_what_went_wrong_but_not_its_words() -> None:
    error = ValueError("Ann Lee's card")
    logger = logging.getLogger("blackbar.web")
    place = ("blackbar.web", logging.ERROR, "f", 1)
    record = logger.makeRecord(*place, "view %s", ("x\ny",), (ValueError, error, None))
    RequestIdFilter().filter(record)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert said["message"] == "view x\ny"
    assert said["error"] == "ValueError"
    assert said["request"] == "-"
    assert "Ann Lee" not in line
