"""Wiring: settings, addresses, processes. Tasks find the Celery application through this."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
