"""The public JSON of a paste."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from anonymizer.text import Style
from pastebin.models import Paste
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import CARD, MAIL, NAME, SECRETS, TITLE, Make

pytestmark = pytest.mark.django_db


def _get(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("style", list(Style))
def test_spans_point_at_placeholders(make: Make, client: Client, style: Style) -> None:
    answer = _get(client, make(title=TITLE, style=style).api)
    text = answer["redacted_text"]
    shown = {text[span["start"] : span["end"]] for span in answer["spans"]}
    assert (
        shown
        == {
            Style.PLACEHOLDER: {"<PRIVATE_PERSON>", "<PRIVATE_EMAIL>", "<ACCOUNT_NUMBER>"},
            Style.NUMBERED: {"<PRIVATE_PERSON_1>", "<PRIVATE_EMAIL_1>", "<ACCOUNT_NUMBER_1>"},
            Style.MASK: {"█████"},
        }[style]
    )
    assert answer["counts"] == {"private_person": 4, "private_email": 1, "account_number": 1}
    assert not any(secret in str(answer) for secret in SECRETS)


def test_title_and_text_can_be_told_apart(make: Make, client: Client) -> None:
    answer = _get(client, make(title=TITLE, text="Body").api)
    assert answer["title"] == "Ticket of <PRIVATE_PERSON>"
    assert answer["redacted_text"][answer["text_start"] :] == "Body"
    untitled = _get(client, make(text="Body").api)
    assert (untitled["title"], untitled["text_start"]) == ("", 0)


def test_what_is_not_scanned_is_said_and_not_shown(make: Make, client: Client) -> None:
    paste = make(scanned=False, title=TITLE)
    assert _get(client, paste.api, 202) == {"pid": paste.pid, "state": "scanning"}


def test_what_failed_is_said_and_not_shown(
    make: Make, client: Client, detector: ChosenEngine
) -> None:
    detector.poison = NAME
    paste = make()
    assert _get(client, paste.api, 202) == {"pid": paste.pid, "state": "failed"}


def test_unknown_and_expired_are_the_same_sentence(make: Make, client: Client) -> None:
    paste = make()
    Paste.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    expired = _get(client, paste.api, 404)
    assert expired == _get(client, "/api/paste/AAAAAAAAAAAAAAAA", 404)
    assert expired == {"error": "There is no such paste."}


def test_times_are_said_with_their_zone(make: Make, client: Client) -> None:
    ends = timezone.now() + timedelta(hours=1)
    answer = _get(client, make(expires_at=ends).api)
    assert answer["expires_at"] == ends.isoformat()
    assert answer["created_at"].endswith("+00:00")
    assert _get(client, make().api)["expires_at"] is None


def test_a_token_opens_nothing_here(make: Make, client: Client) -> None:
    paste = make()
    answer = client.get(paste.api, {"token": paste.token})
    assert answer.status_code == 200
    assert not any(secret in answer.content.decode() for secret in (NAME, MAIL, CARD))


def test_strange_characters_survive(make: Make, client: Client) -> None:
    text = 'quote " back \\ slash \u2028 👍 \x07 \0 </script>'
    assert _get(client, make(text=text).api)["redacted_text"] == text.replace("\0", "␀")
