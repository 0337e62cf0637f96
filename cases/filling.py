"""What fills the gaps of a text that a reply begins with: facts of the case, and of who writes."""

from django.conf import settings
from django.utils import timezone

from cases.models import Response, User
from cases.rules import placeholders


def filled(text: str, response: Response, *, officer: User | None) -> str:
    """A text for this reply. A gap of which nothing is known yet stays, and keeps the reply here."""
    post, until = response.case.post, response.holding_until
    author = post.author
    facts = {
        "author": (author.name or author.handle) if author else "",
        "handle": f"@{author.handle.lstrip('@')}" if author and author.handle else "",
        "case": str(response.case_id),
        "organisation": settings.ORGANISATION,
        "officer": str(officer) if officer else "",
        "time": f"{timezone.localtime(until):%H:%M}" if until else "",
        "link": post.url,
        "source": response.fact_source,
    }
    return placeholders.filled(text, facts)
