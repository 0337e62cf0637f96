"""The administrator's pages for sources and the keys of our accounts.

A key is written here and never shown again: only which there are, and since when.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.reads.people import officer_of
from cases.services import credentials, sources
from config.admin_base import Audited, ReadOnly, administers
from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Credential, Source
from monitoring.sealing import CannotOpen

KEYED = sorted(name for name, connector in CONNECTORS.items() if connector.secret_names)
POLLED = sorted(name for name in CONNECTORS if name != "import")
"""An import makes its own source (the page “Import posts”)."""


class CredentialForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name and platform of a credential; its secrets are asked as soon as the platform is known."""

    connector = forms.ChoiceField(label=_("Connector"), choices=[(name, name) for name in KEYED])

    class Meta:
        model = Credential
        fields = ("name", "connector")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.secrets():
            raise forms.ValidationError(_("Now fill in at least one secret of this platform."))
        return cleaned

    def secrets(self) -> dict[str, str]:
        """What was filled in; what was left empty stays as it was."""
        given = {
            n.removeprefix(SECRET): v for n, v in self.cleaned_data.items() if n.startswith(SECRET) and v
        }
        if not self.instance.pk:
            return given
        try:
            return {**Credential.objects.get(pk=self.instance.pk).open_secrets(), **given}
        except CannotOpen:
            return given


SECRET = "secret_"  # the start of a field's name


@admin.register(Credential)
class CredentialAdmin(ReadOnly):
    """Keys are entered, replaced and taken away; what they are is never shown."""

    form = CredentialForm
    list_display = ("name", "connector", "held", "changed_at", "refused_at", "limited_until")
    actions = ("try_again",)

    @admin.display(description=_("Secrets"))
    def held(self, credential: Credential) -> str:
        """Which secrets there are, by name."""
        return ", ".join(_held(credential)) or str(_("These keys cannot be opened; enter them again."))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return administers(request) and not (isinstance(obj, Credential) and obj.sources.exists())

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("name", "connector", "changed_at", "refused_at", "refusal") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = list(_fields(_platform(request, obj), obj))
        shown = ["name", "connector", *(("changed_at", "refused_at", "refusal") if obj else ())]
        return [(None, {"fields": shown}), *([(_("Secrets"), {"fields": asked})] if asked else [])]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form with one empty field for each secret of the platform."""
        asked = _fields(_platform(request, obj), obj)
        return type("CredentialForm", (_Known if obj else CredentialForm,), dict(asked))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service, which seals the secrets and writes the event without them."""
        by, now = officer_of(request.user), timezone.now()
        kept = credentials.enter(obj.name, platform=obj.connector, secrets=form.secrets(), by=by, now=now)
        obj.pk, obj.sealed, obj.changed_at = kept.pk, kept.sealed, kept.changed_at

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        credentials.remove(obj.pk, by=officer_of(request.user), now=timezone.now())

    @admin.action(description=_("Try the keys again"))
    def try_again(self, request: HttpRequest, chosen: QuerySet[Credential]) -> None:
        by, now = officer_of(request.user), timezone.now()
        n = sum(credentials.try_again(pk, by=by, now=now) for pk in chosen.values_list("pk", flat=True))
        messages.info(
            request, ngettext("%(n)d credential changed.", "%(n)d credentials changed.", n) % {"n": n}
        )


class _Known(CredentialForm):
    """A credential that is there keeps its name and its platform."""

    connector = None  # type: ignore[assignment]

    class Meta:
        model = Credential
        fields = ()


def _platform(request: HttpRequest, credential: Credential | None) -> str:
    """The platform as far as it is known: of the credential, else as it was chosen on the page."""
    if credential:
        return credential.connector
    chosen = request.POST.get("connector") or request.GET.get("connector") or ""
    return chosen if chosen in KEYED else ""


def _fields(platform: str, credential: Credential | None) -> Mapping[str, forms.Field]:
    """An empty field for each secret, which says whether one is set and since when."""
    names = CONNECTORS[platform].secret_names if platform in CONNECTORS else ()
    held = _held(credential) if credential else ()
    since = timezone.localtime(credential.changed_at).strftime("%d-%m-%Y %H:%M") if credential else ""
    fields: dict[str, forms.Field] = {}
    for name in names:
        told = _("Set, last changed %(since)s. Leave it empty to keep it.") if name in held else _("Not set.")
        fields[SECRET + name] = forms.CharField(
            label=name,
            required=False,
            max_length=10_000,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            help_text=str(told) % {"since": since},
        )
    return fields


def _held(credential: Credential) -> list[str]:
    try:
        return sorted(credential.open_secrets())
    except CannotOpen:
        return []


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    connector = forms.ChoiceField(label=_("Connector"), choices=[(name, name) for name in POLLED])
    settings = forms.JSONField(
        label=_("Settings"),
        required=False,
        help_text=_("What the connector asks (docs/connectors). Keys and passwords stand in a credential."),
    )

    class Meta:
        model = Source
        fields = (
            *("name", "connector", "settings", "credential", "queries"),
            *("interval_s", "dollars_per_day", "units_per_day", "is_enabled"),
        )

    def clean_settings(self) -> dict[str, Any]:
        settings = self.cleaned_data["settings"]
        if settings is not None and not isinstance(settings, dict):
            raise forms.ValidationError(_("Settings are names with values, between braces."))
        return settings or {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        credential = cleaned.get("credential")
        if credential and credential.connector != cleaned.get("connector"):
            self.add_error("credential", _("This credential is for another platform."))
        return cleaned


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
        try:
            found = CONNECTORS[source.connector].check(source.config(terms=terms))
        except CannotOpen as fault:
            return str(fault)
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
