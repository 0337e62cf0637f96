"""The texts to begin a reply with: all of them, and those that fit a case, best first."""

from django.conf import settings

from cases.models import Case, ReplyTemplate, User
from cases.rules import placeholders

EXAMPLE = {
    "author": "Robin",
    "handle": "@robin",
    "case": "123",
    "time": "14:30",
    "link": "https://social.example/123",
    "source": "https://example.org",
}
MOST = 200


def templates() -> list[ReplyTemplate]:
    """All texts by name, those out of use last."""
    return list(ReplyTemplate.objects.select_related("changed_by").order_by("-is_active", "name")[:MOST])


def example(text: str, *, officer: User) -> str:
    facts = EXAMPLE | {"organisation": settings.ORGANISATION, "officer": str(officer)}
    return placeholders.filled(text, facts)


def fitting(case: Case) -> list[ReplyTemplate]:
    """The texts for a case, those made for its category, language and platform first.

    A text for another category, language or platform does not fit.
    """
    asked = (case.category, case.post.language, case.post.platform)
    ranked = []
    for template in ReplyTemplate.objects.filter(is_active=True).order_by("name")[:MOST]:
        pairs = list(zip((template.category, template.language, template.platform), asked, strict=True))
        if all(wanted in ("", has) for wanted, has in pairs):
            ranked.append((-sum(bool(wanted) for wanted, _has in pairs), template.name, template))
    return [template for *_rank, template in sorted(ranked, key=lambda row: row[:2])]


def template_numbered(number: int | None) -> ReplyTemplate | None:
    return ReplyTemplate.objects.filter(pk=number, is_active=True).first() if number else None
