"""A crisis that is over: the power cut of last week, from its first post until it was closed.

Told by the same services as at a desk, with the times of that evening. The fire that plays now is proposed as
a situation by the rule that does so everywhere, once enough people talk about it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cases.models import Batch, Case, Situation, SituationLevel, User
from cases.reads.picture_content import collect
from cases.rules.closing import Group, Way
from cases.services import answering, batches, closing, decisions, joining, logging, messages, pictures
from cases.services import situations as steps
from cases.services.messages import Words
from config.demo.register import told_false
from config.demo.week import POWER_CUT, hear
from monitoring.models import Source

MINUTE = timedelta(minutes=1)
AGO = timedelta(days=6)
ACTS: Mapping[str, batches.CarryOut] = {"answer": answering.carry_out, "close": closing.carry_out}
PLAN = (
    "Stroomstoring Rietveld",
    "Door een brand in het trafohuis aan de Wilgenhof zitten 2.100 huishoudens zonder stroom.",
)
KEY_MESSAGES = (
    "Rietveld zit zonder stroom na een brand in een trafohuis. De brand is uit. 112 werkt gewoon.",
    "De stroom komt straat voor straat terug, naar verwachting vóór 21.00 uur. 112 heeft altijd gewerkt.",
)
MESSAGE = (
    "112 is in Rietveld gewoon bereikbaar, ook nu de stroom uit is. Bel 112 als elke seconde telt; u hoeft "
    "niet naar de kazerne te lopen."
)
Line = tuple[int, str, str, bool]
"""Minutes, who, what, and whether it is a decision."""

FIRST: tuple[Line, ...] = (
    (1, "sanne", "Meldkamer bevestigt: brand in trafohuis Wilgenhof, ploeg is ter plaatse.", False),
    (3, "bram", "Ilse maakt de berichten, Sanne leest mee. Geen eigen antwoorden over 112.", True),
    (9, "ilse", "Netbeheerder belt: herstel duurt één tot twee uur.", False),
)
LATER: tuple[Line, ...] = (
    (0, "bram", "Geen persmoment; de burgemeester belt zelf met het verzorgingshuis.", True),
    (6, "sanne", "Verzorgingshuis De Linde draait op een aggregaat, niemand in nood.", False),
)
ADVICE = (
    (
        "Zeg elk half uur wat we weten, ook als er niets nieuws is. Zet bovenaan dat 112 werkt.",
        "Erken dat het vervelend is, vooral voor wie zorg thuis nodig heeft.",
        "Vraag buren om aan te bellen bij wie alleen woont.",
    ),
    (
        "Meld per straat waar de stroom terug is. Eén laatste bericht als alles het weer doet.",
        "Bedank de wijk: buren hebben elkaar geholpen. Noem de ploeg en de monteurs.",
        "Wijs op bedorven eten uit koelkast en vriezer.",
    ),
)


def seed_crisis(people: Mapping[str, User], source: Source, *, now: datetime) -> None:
    """The evening in three parts, once: what came before the situation was opened, in it, and at its end."""
    if Situation.objects.exclude(status=Situation.Status.PROPOSED).exists():
        return
    began_at = now - AGO
    ilse = people["ilse"]
    heard = hear(POWER_CUT[:5], source, first_at=began_at)
    situation = _opened(heard, people, began_at=began_at, at=began_at + 8 * MINUTE)
    claim = told_false(heard["gerucht"], people, at=began_at + 10 * MINUTE)
    heard |= _joined(situation, hear(POWER_CUT[5:11], source, first_at=began_at), people)
    _picture(situation, 0, people, at=began_at + 26 * MINUTE)
    asked = [heard[key] for key in ("gerucht", "klopt-1", "klopt-2", "klopt-3")]
    words = Words(MESSAGE, "untruth", situation=situation, claim=claim)
    _said_to_all(words, asked, people, at=began_at + 30 * MINUTE)
    _noted(situation, LATER, people, at=began_at + 45 * MINUTE)
    for key in ("knal", "winkel"):
        decisions.take_exit(heard[key], "neutral", by=ilse, now=began_at + 50 * MINUTE)
    steps.say_key_message(situation, KEY_MESSAGES[1], after=1, by=ilse, now=began_at + 55 * MINUTE)
    steps.heard(situation, by=ilse, now=began_at + 55 * MINUTE)
    _joined(situation, hear(POWER_CUT[11:], source, first_at=began_at), people)
    _picture(situation, 1, people, at=began_at + 90 * MINUTE)
    _closed(situation, people["bram"], at=began_at + 130 * MINUTE)


def _joined(situation: Situation, heard: dict[str, Case], people: Mapping[str, User]) -> dict[str, Case]:
    at = max(case.opened_at for case in heard.values())
    joining.join(situation, [case.pk for case in heard.values()], by=people["sanne"], now=at + MINUTE)
    return heard


def _opened(
    heard: Mapping[str, Case], people: Mapping[str, User], *, began_at: datetime, at: datetime
) -> Situation:
    name, about = PLAN
    plan = steps.Plan(
        name,
        about=about,
        began_at=began_at,
        level=SituationLevel.objects.filter(n=1).first(),
        owner=people["bram"],
        key_message=KEY_MESSAGES[0],
    )
    situation = steps.open_situation(plan, by=people["sanne"], now=at)
    joining.join(situation, [case.pk for case in heard.values()], by=people["sanne"], now=at)
    _noted(situation, FIRST, people, at=at)
    return situation


def _picture(situation: Situation, n: int, people: Mapping[str, User], *, at: datetime) -> None:
    """Made and advised on by one, signed by another five minutes later."""
    made = pictures.make(situation, collect=collect, by=people["sanne"], now=at)
    pictures.write_advice(made, *ADVICE[n], by=people["ilse"], revision=made.revision, now=at + 3 * MINUTE)
    pictures.sign(made, by=people["bram"], revision=made.revision, now=at + 5 * MINUTE)


def _said_to_all(words: Words, cases: list[Case], people: Mapping[str, User], *, at: datetime) -> None:
    """One message on the site answers who asked whether the alarm number works."""
    message = messages.write(words, by=people["ilse"], now=at)
    url = "https://vrmiddendelta.example/berichten/112-is-bereikbaar"
    message = messages.register(message, url, by=people["bram"], now=at + MINUTE, seen=message.revision)
    chosen = {"situation": message.situation_id}
    seen = answering.propose([case.pk for case in cases], now=at + 2 * MINUTE).seen
    batch = answering.answer(message, seen, by=people["bram"], now=at + 2 * MINUTE, chosen=chosen)
    _carry_out(batch, at=at + 2 * MINUTE)


def _noted(situation: Situation, lines: Sequence[Line], people: Mapping[str, User], *, at: datetime) -> None:
    for minutes, who, text, is_decision in lines:
        logging.note(situation, text, by=people[who], now=at + minutes * MINUTE, is_decision=is_decision)


def _closed(situation: Situation, lead: User, *, at: datetime) -> None:
    """What nobody read and what was answered is closed with it."""
    ways = dict.fromkeys((Group.UNREAD, Group.JUDGED, Group.ANSWERED), Way.CLOSE)
    newest = Case.objects.filter(situation=situation).latest("pk").pk
    reason = "De stroom is terug; vragen lopen weer via het gewone postvak."
    for batch in closing.close(situation, ways, up_to=newest, reason=reason, by=lead, now=at):
        _carry_out(batch, at=at)


def _carry_out(batch: Batch, *, at: datetime) -> None:
    batches.carry_on(batch.pk, ACTS, now=at)
