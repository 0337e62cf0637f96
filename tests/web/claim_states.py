"""Claims and messages to many in every state that their pages look different in."""

from datetime import datetime, timedelta

from cases.models import Batch, Case
from cases.services import answering, batches, linking, messages
from cases.services.messages import Words
from tests.cases.claiming import decided, rumour, vetted
from tests.world import Desk, mention


def every_claim(desk: Desk, now: datetime) -> list[str]:
    """The register, claims that stand in every way, and the pages of a case that carries them."""
    words = "Het drinkwater rond de Loswal is vergiftigd, geef dit door aan iedereen"
    cases = desk.hear(*(mention(f"cl{n}", words, at=now) for n in range(3)), mention("cl9", at=now), now=now)
    carrier, other = cases[0], cases[-1]
    false = decided(rumour(desk, carrier, now=now), "false", by=desk.officer, now=now)
    vetted(false, desk, now=now)
    vetted(false, desk, now=now - timedelta(hours=9), text="Laat het water even staan.", language="en")
    true = decided(
        rumour(desk, other, now=now, statement="De Loswal is dicht"), "true", by=desk.officer, now=now
    )
    unknown = rumour(desk, now=now, statement="Er was een tweede knal op de Loswal")
    decided(unknown, "unknown", by=desk.officer, now=now)
    growing = rumour(desk, carrier, now=now, statement="De school bij de Loswal gaat dicht")
    merged = rumour(desk, now=now, statement="School Loswal dicht")
    linking.merge(merged, growing, by=desk.officer, now=now, seen=merged.revision)
    shown = (false, true, unknown, growing, merged)
    return [
        "/claims/",
        *(f"/claims/{claim.pk}/" for claim in shown),
        f"/cases/{carrier.pk}/claims/",
        f"/cases/{carrier.pk}/",
    ]


def every_message(desk: Desk, now: datetime) -> list[str]:
    """A draft, one that stands with its cases to choose, one that answered, one that was stopped."""
    cases = desk.hear(*(mention(f"me{n}", at=now) for n in range(4)), now=now)
    Case.objects.filter(pk=cases[0].pk).update(is_urgent=True)
    draft = messages.write(Words("Blijf uit de rook.", "untruth"), by=desk.officer, now=now)
    stands = _published("Het water is veilig.", desk, now=now)
    answered = _published("De N57 is weer open.", desk, now=now)
    seen = answering.propose([case.pk for case in cases[1:3]], now=now).seen
    batch = answering.answer(answered, seen, by=desk.officer, now=now, chosen={"text": "brandweer"})
    batches.carry_on(batch.pk, {Batch.Kind.ANSWER: answering.carry_out}, now=now)
    stopped = _published("De school is morgen open.", desk, now=now)
    answering.stop(stopped, by=desk.officer, now=now)
    shown = (draft, stands, answered, stopped)
    return [
        "/public-messages/",
        "/public-messages/new/",
        *(f"/public-messages/{message.pk}/" for message in shown),
        f"/public-messages/{stands.pk}/?text=brandweer",
        f"/situations/batches/{batch.pk}/",
    ]


def _published(text: str, desk: Desk, *, now: datetime) -> messages.PublicMessage:
    written = messages.write(Words(text, "untruth"), by=desk.officer, now=now)
    return messages.register(written, "https://vr.example/water", by=desk.officer, now=now, seen=1)
