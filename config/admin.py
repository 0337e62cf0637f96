"""The administrator's pages: people, mandates, sources and tokens; every change is in the audit trail.

They stand in the roof because they show both the work and the ears. Nothing is deleted here but a
token: people are made inactive, mandates end, sources are switched off, and their history stays.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken import admin as token_admin
from rest_framework.authtoken.models import TokenProxy

from cases.models import Mandate, SchemeVersion, User
from cases.reads.mandates import accounts
from cases.reads.people import officer_of
from cases.rules.mandate import ALL
from cases.rules.permissions import Role
from cases.services import audit, mandates
from cases.web.mandate_forms import PARTS, choices
from cases.web.words import ROLES, word
from config import admin_sources
from config.admin_base import Audited, ReadOnly, administers
from monitoring.models import Query

MANDATE_PARTS = ("categories", "options", "visibilities", "accounts", "highest_priority", "may_delegate")
"""What a mandate holds for, beside who holds it and when."""


def _ticked(part: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=dict(PARTS)[part], widget=forms.CheckboxSelectMultiple, initial=[ALL]
    )


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
    """A mandate with all it holds for; `by`: who gives it, for a mandate takes two people."""

    by: User
    categories = _ticked("categories")
    options = _ticked("options")
    visibilities = _ticked("visibilities")
    accounts = _ticked("accounts")
    highest_priority = forms.ChoiceField(
        label=_("Up to"), choices=[("urgent", _("urgent cases too")), ("normal", _("normal cases"))]
    )

    class Meta:
        model = Mandate
        fields = ("holder", *MANDATE_PARTS, "valid_from", "valid_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part, offered in choices(accounts()).items():
            if part in self.fields:
                cast(forms.MultipleChoiceField, self.fields[part]).choices = offered

    def clean_holder(self) -> User:
        holder: User = self.cleaned_data["holder"]
        if mandates.is_self_granted(holder, by=self.by):
            raise forms.ValidationError(_("You cannot give yourself a mandate; ask a colleague who may."))
        return holder


@admin.register(Mandate)
class MandateAdmin(Audited):
    """Whose words may leave the building. What was granted stays as it was; only its end may be moved."""

    form = MandateForm
    list_display = ("holder", "held", "highest_priority", "valid_from", "valid_until", "granted_by")
    list_select_related = ("holder", "granted_by")
    list_filter = ("holder",)

    @admin.display(description=_("Kinds of posts"))
    def held(self, mandate: Mandate) -> str:
        return ", ".join(mandate.categories)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("holder", *MANDATE_PARTS, "valid_from", "delegated_from", "granted_by") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        asked = ("holder", *MANDATE_PARTS, "valid_from", "valid_until")
        return (*asked, "delegated_from", "granted_by") if obj else asked

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        if not change and isinstance(obj, Mandate):
            obj.granted_by = officer_of(request.user)
        super().save_model(request, obj, form, change)


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


__all__ = ["admin_sources"]  # registers its pages by being imported
