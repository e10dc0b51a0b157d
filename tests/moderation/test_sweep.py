"""Reports do not stay for ever, nor go while somebody needs them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from moderation.models import Reason, Report
from moderation.services import dismiss, put_back, report, take_down
from moderation.tasks import sweep
from sharing.services import delete
from tests.pastebin.world import Made, Make
from vault.models import Envelope

pytestmark = pytest.mark.django_db


def reported(made: Made) -> Report:
    """Report a paste."""
    found = report(
        kind="paste", pid=made.pid, reason=Reason.HARM, message="Canary-7731", network="n" * 64
    )
    assert found is not None
    return found


def pass_time(days: float) -> None:
    """Let the decisions so far be older."""
    for one in Report.objects.exclude(handled_at=None):
        assert one.handled_at is not None
        Report.objects.filter(pk=one.pk).update(handled_at=one.handled_at - timedelta(days=days))


def test_a_decided_report_goes_with_its_message_and_key(make: Make, staff: User) -> None:
    one = reported(make())
    dismiss(one, by=staff)
    pass_time(settings.REPORT_DAYS - 0.5)
    sweep()
    assert Report.objects.filter(pk=one.pk).exists()
    pass_time(1)
    sweep()
    assert not Report.objects.exists()
    assert not Envelope.objects.filter(pk=one.envelope_id).exists()


def test_an_open_report_stays_however_old_it_is(make: Make) -> None:
    one = reported(make())
    long_ago = timezone.now() - timedelta(days=settings.REPORT_DAYS * 10)
    Report.objects.update(created_at=long_ago)
    sweep()
    assert Report.objects.get() == one


@pytest.mark.parametrize("end", ["put back", "deleted"])
def test_a_report_stays_while_its_page_is_down(make: Make, staff: User, end: str) -> None:
    made = make()
    one = reported(made)
    take_down(one, by=staff)
    pass_time(settings.REPORT_DAYS * 2)
    sweep()
    assert Report.objects.get() == one
    if end == "put back":
        put_back(one, by=staff)
    else:
        delete(made.row)
    pass_time(settings.REPORT_DAYS * 2)
    sweep()
    assert not Report.objects.exists()
