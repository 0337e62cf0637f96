"""The one task of the roof: a worker that runs it proves that beat, broker and worker all live."""

from celery import shared_task
from django.utils import timezone

from config.broker import client, write_heartbeat


@shared_task(ignore_result=True)
def heartbeat(queue: str) -> None:
    """Write when a worker of `queue` last did something."""
    write_heartbeat(client(), queue, now=timezone.now())
