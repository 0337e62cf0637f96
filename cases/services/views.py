"""Searches that somebody keeps under a name, for themselves or for everybody at the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import SavedView, User
from cases.services import audit

MOST = 30
"""Views of one person: more than fit in a row of links are found by nobody."""


class ViewRefused(Exception):
    """A view that cannot be kept or changed, in one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


def save(
    name: str, wanted: Mapping[str, Any], *, by: User, now: datetime, is_shared: bool = False
) -> SavedView:
    """Keep a search. One's own view of the same name is replaced. Raises ViewRefused."""
    name = _name(name)
    if not wanted:
        raise ViewRefused(_("This shows all cases; fill in something to search for, then keep it."))
    with transaction.atomic():
        list(User.objects.select_for_update().filter(pk=by.pk))  # one at a time for one person
        mine = SavedView.objects.filter(owner=by)
        if not mine.filter(name=name).exists() and mine.count() >= MOST:
            raise ViewRefused(_("You have %(n)d views already; remove one first.") % {"n": MOST})
        values = {"wanted": dict(wanted), "is_shared": is_shared, "created_at": now}
        view, _new = SavedView.objects.update_or_create(owner=by, name=name, defaults=values)
        facts = {"name": name, "wanted": dict(wanted), "shared": is_shared}
        audit.append(_subject(view.pk), "view kept", by=by, now=now, facts=facts)
    return view


def change(view_id: int, *, name: str, is_shared: bool, by: User, now: datetime) -> SavedView:
    """Rename one's own view, or share it or not. Raises ViewRefused."""
    name = _name(name)
    with transaction.atomic():
        view = _held(view_id, by=by)
        if SavedView.objects.filter(owner=by, name=name).exclude(pk=view.pk).exists():
            raise ViewRefused(
                _("You have another view called “%(name)s”; choose another name.") % {"name": name}
            )
        before = {"name": view.name, "shared": view.is_shared}
        view.name, view.is_shared = name, is_shared
        view.save(update_fields=["name", "is_shared"])
        facts = {"before": before, "after": {"name": name, "shared": is_shared}}
        audit.append(_subject(view.pk), "view changed", by=by, now=now, facts=facts)
    return view


def remove(view_id: int, *, by: User, now: datetime) -> None:
    """Remove one's own view; the cases stay. Raises ViewRefused."""
    with transaction.atomic():
        view = _held(view_id, by=by)
        audit.append(_subject(view.pk), "view removed", by=by, now=now, facts={"name": view.name})
        view.delete()


def _subject(view_id: int) -> str:
    return f"view:{view_id}"


def _name(name: str) -> str:
    kept = " ".join(name.split())[:60]
    if not kept:
        raise ViewRefused(_("A view needs a name."))
    return kept


def _held(view_id: int, *, by: User) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, owner=by).first()
    if view is None:
        raise ViewRefused(_("This view is not yours or was removed; make one of your own."))
    return view
