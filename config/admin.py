"""The administrator's pages: people, mandates, sources and tokens; every change is in the audit trail.

They stand in the roof because they show both the work and the ears. Nothing is deleted here but a
token: people are made inactive, mandates end, sources are switched off, and their history stays.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework.authtoken import admin as token_admin
from rest_framework.authtoken.models import TokenProxy

from cases.models import Mandate, SchemeVersion, User
from cases.reads.people import officer_of
from cases.rules.mandate import ALL
from cases.rules.permissions import Role
from cases.services import audit, sources
from cases.web.words import CATEGORIES, ROLES, word
from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Query, Source

ANSWERED = ("positive", "dissatisfied", "joke", "untruth", "insult")
"""The categories of the scheme: a mandate names some of them, or all."""

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
        facts = {name: _plain(data.get(name)) for name in form.changed_data if name not in UNWRITTEN}
        self.record(request, form.instance, "changed" if change else "added", facts)

    def record(self, request: HttpRequest, obj: Model, did: str, facts: dict[str, Any]) -> None:
        """The event of one change; Django's own pages call this inside their transaction."""
        kind = str(obj._meta.model_name)
        by = officer_of(request.user)
        audit.append(f"{kind}:{obj.pk}", f"{kind} {did}", by=by, now=timezone.now(), facts=facts)


def _plain(value: Any) -> Any:
    """A form's value as the trail can keep it."""
    if isinstance(value, QuerySet | list | tuple):
        return [str(each) for each in value]
    return value if isinstance(value, str | int | bool | dict | None) else str(value)


class NewPerson(auth_forms.AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "role")


@admin.register(User)
class UserAdmin(Audited, auth_admin.UserAdmin):  # type: ignore[type-arg]
    """People and their roles. Whoever leaves is made inactive; what they did stays theirs."""

    add_form = NewPerson
    list_display = ("username", "email", "first_name", "last_name", "role", "is_active", "is_staff")
    list_filter = ("role", "is_active", "is_staff")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (_("May do"), {"fields": ("role", "is_staff")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "role")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody gets hold of the account of the one who installed it, but that one."""
        is_above = isinstance(obj, User) and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            kwargs["choices"] = [(role.value, word(ROLES, role.value)) for role in Role]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            person = self.get_object(request, id)
            if request.method == "POST" and response.status_code == 302 and person is not None:
                self.record(request, person, "password changed", {})
        return response


class MandateForm(forms.ModelForm):  # type: ignore[type-arg]
    categories = forms.MultipleChoiceField(
        label=_("Categories"),
        choices=[(ALL, _("All categories")), *((name, CATEGORIES[name]) for name in ANSWERED)],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Mandate
        fields = ("holder", "categories", "valid_from", "valid_until")


@admin.register(Mandate)
class MandateAdmin(Audited):
    """Whose words may leave the building. What was granted stays as it was; only its end may be moved."""

    form = MandateForm
    list_display = ("holder", "held", "valid_from", "valid_until", "granted_by")
    list_select_related = ("holder", "granted_by")
    list_filter = ("holder",)

    @admin.display(description=_("Categories"))
    def held(self, mandate: Mandate) -> str:
        return ", ".join(mandate.categories)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("holder", "categories", "valid_from", "granted_by") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        asked = ("holder", "categories", "valid_from", "valid_until")
        return (*asked, "granted_by") if obj else asked

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        if not change and isinstance(obj, Mandate):
            obj.granted_by = officer_of(request.user)
        super().save_model(request, obj, form, change)


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    connector = forms.ChoiceField(label=_("Connector"), choices=[(name, name) for name in sorted(CONNECTORS)])
    settings = forms.JSONField(
        label=_("Settings"),
        required=False,
        help_text=_(
            "What the connector asks (docs/connectors). Keys and passwords stand in the environment."
        ),
    )

    class Meta:
        model = Source
        fields = ("name", "connector", "settings", "queries", "interval_s", "is_enabled")

    def clean_settings(self) -> dict[str, Any]:
        settings = self.cleaned_data["settings"]
        if settings is not None and not isinstance(settings, dict):
            raise forms.ValidationError(_("Settings are names with values, between braces."))
        return settings or {}


@admin.register(Source)
class SourceAdmin(Audited):
    """What is polled, how it stands, and what its connector finds wrong with it."""

    form = SourceForm
    list_display = ("name", "connector", "is_enabled", "health", "last_success_at", "problems")
    list_filter = ("connector", "is_enabled", "health")
    readonly_fields = ("problems", "health", "error", "error_at", "last_success_at", "next_poll_at")
    filter_horizontal = ("queries",)
    actions = ("poll_now", "switch_on", "switch_off")

    @admin.display(description=_("Problems"))
    def problems(self, source: Source) -> str:
        """What the connector says of the settings; it asks no network for that."""
        if source.connector not in CONNECTORS:
            return str(_("There is no such connector."))
        terms = tuple(source.queries.values_list("terms", flat=True)) if source.pk else ()
        found = CONNECTORS[source.connector].check(source.config(terms=terms))
        return " ".join(problem.message for problem in found)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """A source that was changed is polled at once, as if nothing had gone wrong before."""
        now = timezone.now()
        if not change:
            obj.next_poll_at = now  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)
        if change and form.changed_data:
            Source.objects.filter(pk=obj.pk).update(next_poll_at=now, **sources.AFRESH)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if wrong := self.problems(form.instance):
            messages.warning(request, wrong)

    @admin.action(description=_("Poll now"))
    def poll_now(self, request: HttpRequest, chosen: QuerySet[Source]) -> None:
        _do(sources.poll_now, chosen, request=request)

    @admin.action(description=_("Switch on"))
    def switch_on(self, request: HttpRequest, chosen: QuerySet[Source]) -> None:
        _do(sources.switch_on, chosen, request=request)

    @admin.action(description=_("Switch off"))
    def switch_off(self, request: HttpRequest, chosen: QuerySet[Source]) -> None:
        _do(sources.switch_off, chosen, request=request)


def _do(verb: Callable[..., int], chosen: QuerySet[Source], *, request: HttpRequest) -> None:
    ids = list(chosen.values_list("pk", flat=True))
    n = verb(ids, by=officer_of(request.user), now=timezone.now())
    messages.info(request, ngettext("%(n)d source changed.", "%(n)d sources changed.", n) % {"n": n})


@admin.register(Query)
class QueryAdmin(ReadOnly):
    """Queries begin and end on the pages, with their grounds."""

    list_display = ("name", "owner", "legal_basis", "starts_at", "ends_at")
    list_select_related = ("owner",)


@admin.register(SchemeVersion)
class SchemeVersionAdmin(ReadOnly):
    """Schemes are published by `manage.py scheme publish`; what was published never changes."""

    list_display = ("scheme_id", "version", "is_current", "published_at", "checksum")


admin.site.unregister(Group)  # a role says what somebody may do: no second way beside it
admin.site.unregister(TokenProxy)


@admin.register(TokenProxy)
class TokenAdmin(Audited, token_admin.TokenAdmin):
    """Tokens of the API: made here or on the command line, and taken away here."""

    list_display = ("user", "created")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administers(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.record(request, obj, "taken away", {})
        super().delete_model(request, obj)

    def record(self, request: HttpRequest, obj: Any, did: str, facts: dict[str, Any]) -> None:
        """About the person, and never with the token itself."""
        by = officer_of(request.user)
        audit.append(f"user:{obj.user_id}", f"token {did}", by=by, now=timezone.now())
