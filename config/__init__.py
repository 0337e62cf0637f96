"""The roof: settings, addresses, background work and the supervisor; the only room that knows both others."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
