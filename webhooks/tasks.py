"""Celery tasks of webhooks: wake-ups without arguments. The database knows what is to be sent."""

from __future__ import annotations

from celery import shared_task

from webhooks import services, work

FILES_QUEUE = "files"


@shared_task(name="webhooks.deliver", queue=FILES_QUEUE)
def deliver() -> None:
    """Begin to send what is due; ends at once, the threads go on."""
    work.run_due()


@shared_task(name="webhooks.announce_ended", queue=FILES_QUEUE)
def announce_ended() -> None:
    """Announce what has ended and send it."""
    services.ask_sources()
    work.run_due()


@shared_task(name="webhooks.sweep", queue=FILES_QUEUE)
def sweep() -> None:
    """Announce what has ended, send what is due again, shorten the log."""
    services.ask_sources()
    services.forget_old()
    work.run_due()
