"""The end of a job is announced when its last text has been scanned, not at the next sweep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts.models import User
from anonymizer import redaction
from anonymizer.fleeting import Submitted
from inference import events
from inference.worker import ScanWorker
from tests.chosen_engine import ChosenEngine
from webhooks import services, tasks
from webhooks.models import Delivery, Event
from webhooks.services import create_webhook, switch_off

pytestmark = pytest.mark.django_db(
    transaction=True, available_apps=list(django_settings.INSTALLED_APPS)
)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the broker was asked to have done."""
    asked: list[str] = []

    def note(task: object, **_: object) -> None:
        asked.append(str(getattr(task, "name", "")))

    for task in (tasks.announce_ended, tasks.deliver):
        monkeypatch.setattr(task, "apply_async", lambda task=task, **options: note(task, **options))
    return asked


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def _hook(alice: User, loopback: None) -> None:
    create_webhook(owner=alice, url="http://127.0.0.1:9/", events=list(Event))


@pytest.fixture
def no_valkey(settings: Settings) -> Iterator[None]:
    """Valkey is out of reach."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    events.valkey.cache_clear()
    yield
    events.valkey.cache_clear()


def _submit(*texts: str) -> list[Submitted]:
    return redaction.submit(texts, operating_point="balanced")


def _scan() -> None:
    worker = ScanWorker()
    worker.engine = ChosenEngine({"Ann Lee": "private_person"}, poison="poison")  # type: ignore[assignment]
    worker.run_pending()


@pytest.mark.usefixtures("_hook")
@pytest.mark.parametrize(("last", "event"), [("Ann Lee", "job.done"), ("poison", "job.failed")])
def test_the_last_text_of_a_job_wakes_who_announces_it(
    alice: User, woken: list[str], last: str, event: str
) -> None:
    first = _submit("one")
    _scan()
    job = redaction.keep_as_job([*first, *_submit(last)], request={}, owner=alice)
    assert woken == []
    _scan()
    assert woken == ["webhooks.announce_ended"]
    services.ask_sources()
    delivery = Delivery.objects.get()
    assert (delivery.event, delivery.thing_id) == (event, job.pk)


@pytest.mark.usefixtures("_hook")
def test_of_a_job_of_many_texts_only_the_last_wakes(alice: User, woken: list[str]) -> None:
    redaction.keep_as_job(_submit("one", "two", "three"), request={}, owner=alice)
    _scan()
    assert woken == ["webhooks.announce_ended"]


@pytest.mark.usefixtures("_hook")
def test_what_ended_before_it_was_a_job_wakes_too(alice: User, woken: list[str]) -> None:
    submitted = _submit("one")
    _scan()
    redaction.keep_as_job(submitted, request={}, owner=alice)
    assert woken == ["webhooks.announce_ended"]


@pytest.mark.usefixtures("_hook")
def test_nobody_is_woken_for_who_does_not_listen(alice: User, woken: list[str]) -> None:
    charlie = User.objects.create_user("charlie")
    for owner in (charlie, None):
        redaction.keep_as_job(_submit("one"), request={}, owner=owner)
    switch_off(alice.webhooks.get(), "It is off.")
    redaction.keep_as_job(_submit("one"), request={}, owner=alice)
    _scan()
    assert woken == []


@pytest.mark.usefixtures("_hook", "no_valkey")
def test_without_valkey_the_sweep_announces_it(alice: User, woken: list[str]) -> None:
    redaction.keep_as_job(_submit("one"), request={}, owner=alice)
    _scan()
    assert woken == []
    services.ask_sources()
    assert Delivery.objects.get().event == "job.done"


@pytest.mark.usefixtures("_hook")
def test_the_task_announces_and_sends(
    alice: User, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    redaction.keep_as_job(_submit("one"), request={}, owner=alice)
    _scan()
    sent: list[str] = []
    monkeypatch.setattr(
        tasks.work, "run_due", lambda: sent.extend(Delivery.objects.values_list("event", flat=True))
    )
    tasks.announce_ended()
    assert sent == ["job.done"]
