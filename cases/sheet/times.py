"""Moments and numbers as they stand on the sheet."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y H:i")


def clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def count(n: int) -> str:
    """A number with the separators of the language."""
    return str(number_format(n, use_l10n=True, force_grouping=True))
