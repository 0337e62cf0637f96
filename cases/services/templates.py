"""Texts to begin a reply with: written by the team, filled in for a case, never over what was typed."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import filling
from cases.models import ReplyTemplate, Response, User
from cases.rules import placeholders
from cases.services import audit, drafts
from cases.services.drafts import NOTHING, Draft, Seen

LONGEST = 5000


class TemplateRefused(Exception):
    """A text that cannot be saved like this, with every reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)


class TemplateChanged(Exception):
    """Somebody changed the text after the page was opened."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return _("“%(name)s” was changed after you opened the page. Nothing was saved; look again.") % {
            "name": self.name
        }


@dataclass(frozen=True, slots=True)
class TemplatePlan:
    """A text and for what it is: "" in `category`, `language` or `platform` is for all of them."""

    name: str
    text: str
    category: str = ""
    language: str = ""
    platform: str = ""
    is_active: bool = True


def write(plan: TemplatePlan, *, by: User, now: datetime) -> ReplyTemplate:
    """Add a text. Raises TemplateRefused."""
    _check(plan)
    try:
        with transaction.atomic():
            made = ReplyTemplate.objects.create(**asdict(plan), changed_by=by, changed_at=now)
            _note(made, "template written", by=by, now=now)
    except IntegrityError:
        raise TemplateRefused([_name_taken(plan)]) from None
    return made


def rewrite(
    template: ReplyTemplate, plan: TemplatePlan, *, by: User, now: datetime, seen: datetime | None = None
) -> None:
    """Change a text. `seen`: when it was last changed as the page showed it.

    Raises TemplateRefused, and TemplateChanged when others were first.
    """
    _check(plan)
    at = seen or template.changed_at
    try:
        with transaction.atomic():
            found = ReplyTemplate.objects.filter(pk=template.pk, changed_at=at)
            if not found.update(**asdict(plan), changed_by=by, changed_at=now):
                raise TemplateChanged(template.name)
            template.refresh_from_db()
            _note(template, "template changed", by=by, now=now)
    except IntegrityError:
        raise TemplateRefused([_name_taken(plan)]) from None


def put_in(
    response: Response,
    template: ReplyTemplate,
    draft: Draft,
    *,
    by: User,
    now: datetime,
    seen: Seen = NOTHING,
) -> None:
    """Keep the draft with the text put in; what was typed stays, and the text comes below it."""
    response.fact_source, response.holding_until = draft.fact_source, draft.holding_until
    words = filling.filled(template.text, response, officer=by)
    typed = draft.text.rstrip()
    text = f"{typed}\n\n{words}" if typed else words
    drafts.save_draft(response, replace(draft, text=text), by=by, now=now, seen=seen)


def _check(plan: TemplatePlan) -> None:
    reasons = []
    if not plan.name.strip():
        reasons.append(_("Give the text a name."))
    if not plan.text.strip():
        reasons.append(_("The text is empty."))
    if len(plan.text) > LONGEST:
        reasons.append(_("The text is too long; use at most 5000 characters."))
    unknown = placeholders.unknown(plan.text)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in placeholders.PLACEHOLDERS)
        reasons.append(
            _("These gaps are not known: %(unknown)s. Use one of: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": known}
        )
    if reasons:
        raise TemplateRefused(reasons)


def _name_taken(plan: TemplatePlan) -> str:
    return _("There is a text called “%(name)s” already; choose another name.") % {"name": plan.name}


def _note(template: ReplyTemplate, action: str, *, by: User, now: datetime) -> None:
    names = ("name", "category", "language", "platform", "text", "is_active")
    facts = {name: getattr(template, name) for name in names}
    audit.append(f"template:{template.pk}", action, by=by, now=now, facts=facts)
