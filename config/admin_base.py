"""What every page of the administrator shares: who may come here, and that each change is in the trail."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from cases.reads.people import officer_of
from cases.rules.permissions import Role
from cases.services import audit

UNWRITTEN = ("password", "password1", "password2", "usable_password")


def administers(request: HttpRequest) -> bool:
    """Whether somebody may work here: an administrator by role, or the one who installed it."""
    user = request.user
    return user.is_staff and (user.is_superuser or getattr(user, "role", "") == Role.ADMINISTRATOR)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # one base for every model
    """A page to look at. Whoever may change more says so in a subclass."""

    actions: Any = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administers(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Audited(ReadOnly):
    """What may be added and changed; each time an event, in the transaction of the change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administers(request)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save what was changed and no more: a worker may have moved the rest meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        type(obj)._default_manager.select_for_update().filter(pk=obj.pk).first()
        columns = {field.name for field in obj._meta.concrete_fields}
        obj.save(update_fields=[name for name in form.changed_data if name in columns])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        data = form.cleaned_data
        facts = {name: plain(data.get(name)) for name in form.changed_data if name not in UNWRITTEN}
        self.record(request, form.instance, "changed" if change else "added", facts)

    def record(self, request: HttpRequest, obj: Model, did: str, facts: dict[str, Any]) -> None:
        """The event of one change; Django's own pages call this inside their transaction."""
        kind = str(obj._meta.model_name)
        by = officer_of(request.user)
        audit.append(f"{kind}:{obj.pk}", f"{kind} {did}", by=by, now=timezone.now(), facts=facts)


def plain(value: Any) -> Any:
    """A form's value as the trail can keep it."""
    if isinstance(value, QuerySet | list | tuple):
        return [str(each) for each in value]
    return value if isinstance(value, str | int | bool | dict | None) else str(value)
