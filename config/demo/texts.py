"""Texts for replies that the demo desk begins with, in Dutch and in English."""

from datetime import datetime

from cases.models import ReplyTemplate, User
from cases.services import templates
from cases.services.templates import TemplatePlan

TEXTS = (
    TemplatePlan("Bedankt", "Dank je wel, {author}! We geven het door aan de ploeg.", "positive", "nl"),
    TemplatePlan("Thanks", "Thank you, {author}! We will pass it on to the crew.", "positive", "en"),
    TemplatePlan(
        "We zoeken het uit",
        "We horen dit ook en zoeken het uit. Om {time} vertellen we meer.",
        "untruth",
        "nl",
    ),
    TemplatePlan(
        "We are finding out", "We hear this too and are finding out. More from us at {time}.", "untruth", "en"
    ),
    TemplatePlan(
        "Zo zit het", "Dit klopt niet. Dit weten we zeker, en hier staat het: {source}", "untruth", "nl"
    ),
    TemplatePlan(
        "Klacht: we pakken het op",
        "Dat had beter gemoeten, {author}. Onze excuses. We zoeken uit wat er misging; uw nummer is {case}.",
        "dissatisfied",
        "nl",
    ),
)


def seed_texts(writer: User, *, now: datetime) -> None:
    """Write the texts that are not there yet."""
    known = set(ReplyTemplate.objects.values_list("name", flat=True))
    for plan in TEXTS:
        if plan.name not in known:
            templates.write(plan, by=writer, now=now)
