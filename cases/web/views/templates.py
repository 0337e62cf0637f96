"""Texts to begin a reply with: the list, and writing one with an example of how it reads."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from cases.access import require, template_for
from cases.reads import templates as templates_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need, may
from cases.rules.placeholders import PLACEHOLDERS
from cases.services import templates
from cases.services.templates import TemplateChanged, TemplatePlan, TemplateRefused
from cases.web.forms import MomentField, TextField
from cases.web.views.base import page
from cases.web.words import CATEGORIES, PLATFORMS, word

FOR_CATEGORIES = ("positive", "dissatisfied", "joke", "untruth", "question", "rumour")
FOR_LANGUAGES = ("nl", "en", "de", "fr", "tr", "ar", "pl", "uk")


class TemplateForm(forms.Form):
    """A text and for what it is; what is left open is for all."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    category = forms.CharField(max_length=20, required=False)
    language = forms.CharField(max_length=10, required=False)
    platform = forms.CharField(max_length=30, required=False)
    text = TextField(label=gettext_lazy("Text"), max_length=5000, strip=False)
    is_active = forms.BooleanField(required=False)
    seen = MomentField(required=False)

    def plan(self) -> TemplatePlan:
        data = self.cleaned_data
        return TemplatePlan(**{name: data[name] for name in TemplatePlan.__dataclass_fields__})


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.WRITE_TEMPLATE)
    context = {"templates": templates_read.templates(), "may_write": may(officer.role, Need.WRITE_TEMPLATE)}
    return page(request, "cases/templates.html", context, here="templates")


def write(request: HttpRequest, template_id: int | None = None) -> HttpResponse:
    """Write or change a text; "look" shows how it reads and saves nothing."""
    officer = officer_of(request.user)
    require(officer, Need.WRITE_TEMPLATE)
    template = template_for(officer, template_id) if template_id else None
    start = template_fields(template) if template else {"is_active": True}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=start)
    status = 200
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "look":
        try:
            _save(template, form, request)
        except TemplateRefused as refused:
            for reason in refused.reasons:
                form.add_error(None, reason)
        except TemplateChanged as changed:
            form.add_error(None, str(changed))
        else:
            messages.success(request, _("The text is saved."))
            return redirect("cases:templates")
    if form.errors:
        status = 422
    return _form(request, form, template, status=status)


def _save(template: object, form: TemplateForm, request: HttpRequest) -> None:
    officer, now = officer_of(request.user), timezone.now()
    if template is None:
        templates.write(form.plan(), by=officer, now=now)
    else:
        found = template_for(officer, getattr(template, "pk", 0))
        templates.rewrite(found, form.plan(), by=officer, now=now, seen=form.cleaned_data["seen"])


def _form(request: HttpRequest, form: TemplateForm, template: object, *, status: int) -> HttpResponse:
    text = str(form["text"].value() or "")
    context = {
        "form": form,
        "template": template,
        "example": templates_read.example(text, officer=officer_of(request.user)) if text else "",
        "gaps": [f"{{{name}}}" for name in PLACEHOLDERS],
        "categories": [(name, word(CATEGORIES, name)) for name in FOR_CATEGORIES],
        "languages": FOR_LANGUAGES,
        "platforms": [(name, str(label)) for name, label in PLATFORMS.items()],
    }
    return page(request, "cases/template_form.html", context, here="templates", status=status)


def template_fields(template: object) -> dict[str, object]:
    names = ("name", "category", "language", "platform", "text", "is_active")
    seen = getattr(template, "changed_at").isoformat()  # noqa: B009
    return {name: getattr(template, name) for name in names} | {"seen": seen}
