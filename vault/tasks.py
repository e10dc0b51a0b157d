"""Periodic work of the vault."""

from __future__ import annotations

from celery import shared_task

from vault import files


@shared_task(name="vault.sweep_orphans", queue="files")
def sweep_orphans() -> None:
    """Delete sealed files that lost their row to a rollback or a kill."""
    files.sweep_orphans()
