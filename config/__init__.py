"""The composition root: settings, URLs, Celery, embedded services, commands that touch every app."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
