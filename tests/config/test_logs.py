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


def test_every_answer_has_an_id_of_its_own(client: Client) -> None:
    ids = {client.get(path)["X-Request-ID"] for path in ("/healthz", "/healthz", "/no/such/page")}
    assert len(ids) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("proxy-0123456789", True), ("short", False), ("x" * 65, False), ("a b\tc" * 4, False)],
)
def test_a_proxy_s_id_is_kept_if_there_is_a_proxy(
    client: Client, settings: Settings, given: str, is_kept: bool
) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] != given
    settings.PROXIES = 1
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is is_kept


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
