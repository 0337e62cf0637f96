"""Environment pictures: frozen when they are made, signed by a person, never changed, mailed once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import AuditEvent, Case, Claim, Notification, Picture, PictureMail, Situation
from cases.reads.picture_content import collect
from cases.services import mailing, pictures
from cases.services.mailing import Address, ReaderRefused
from cases.services.pictures import PictureChanged, PictureRefused
from cases.sheet.plain import plain_text
from cases.sheet.seal import verify
from cases.sheet.words import sheet
from monitoring.models import BlindSpell, Post
from tests.cases.pictures import TEXTS, fire, made, signed
from tests.world import Desk, mention

SECRETS = ("buurman_jan", "06-12345678", "x.example", "piet@huis.example", "GX-123-B", "author")


@pytest.fixture
def situation(desk: Desk, noon: datetime) -> Situation:
    return fire(desk, now=noon)


def trail(situation: Situation) -> list[str]:
    events = AuditEvent.objects.filter(subject=f"situation:{situation.pk}").order_by("seq")
    return list(events.values_list("action", flat=True))


def words(picture: Picture) -> str:
    return plain_text(sheet(Picture.objects.get(pk=picture.pk)))


def test_a_picture_counts_copies_with_their_lead_and_says_both(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    content = made(situation, desk, now=noon).content
    assert content["figures"] | {"people": 0} == {
        "posts": 6,
        "people": 0,
        "last_hour": 6,
        "topics": 3,
        "open": 3,
        "unread": 3,
        "answered": 0,
        "alarms": 0,
    }
    assert [row["n"] for row in content["topics"]["rows"]] == [4, 1, 1]
    assert (content["claims"][0]["n"], content["claims"][0]["n_cases"]) == (4, 1)


def test_no_name_of_the_public_is_in_a_picture_unless_somebody_says_why(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    without = made(situation, desk, now=noon)
    assert not [secret for secret in SECRETS if secret in f"{without.content}{words(without)}"]
    within = made(situation, desk, now=noon, names="De politie zoekt een getuige")
    assert "buurman_jan" in words(within) and "De politie zoekt een getuige" in words(within)
    event = AuditEvent.objects.filter(subject=f"situation:{situation.pk}").latest("seq")
    assert event.facts["names"] == "De politie zoekt een getuige"


def test_pictures_of_a_situation_are_numbered_and_say_what_changed(
    situation: Situation, desk: Desk, noon: datetime, english: None
) -> None:
    first, later = made(situation, desk, now=noon), noon + timedelta(minutes=30)
    claim = Claim.objects.get()
    Claim.objects.filter(pk=claim.pk).update(status="false", decided_by=desk.lead, decided_at=later)
    desk.hear(mention("n1", TEXTS[1], at=later), now=later)
    Case.objects.filter(post__text=TEXTS[1]).update(situation=situation)
    second = made(situation, desk, now=later)
    assert (first.n, second.n, second.content["previous"]) == (1, 2, 1)
    assert second.content["changes"]["figures"]["posts"] == 6
    assert second.content["changes"]["claims"]["changed"] == [
        {"id": claim.pk, "from": "unverified", "to": "false"}
    ]
    said = words(second)
    assert "1 more than in picture 1" in said and "“being checked”, is now “not true”" in said


def test_nothing_that_happens_afterwards_changes_a_picture(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    picture = made(situation, desk, now=noon)
    before = words(picture)
    Post.objects.update(text="Iets heel anders", gone_at=noon)
    Claim.objects.update(statement="Iets anders", status="true", decided_at=noon)
    desk.hear(mention("x9", "De brandweer is weg", at=noon))
    Case.objects.update(situation=situation)
    Situation.objects.update(name="Anders")
    assert words(picture) == before


def test_what_a_platform_took_away_is_no_example(situation: Situation, desk: Desk, noon: datetime) -> None:
    Post.objects.filter(text=TEXTS[0]).update(gone_at=noon)
    picture = made(situation, desk, now=noon)
    assert "Er ligt gif in de brandweer" not in str(picture.content)
    assert picture.content["figures"]["posts"] == 6


@pytest.mark.parametrize("column", ["content", "n", "cutoff_at"])
def test_the_database_refuses_to_change_what_was_made(
    situation: Situation, desk: Desk, noon: datetime, column: str
) -> None:
    picture = made(situation, desk, now=noon)
    other: dict[str, Any] = {"content": {}, "n": 9, "cutoff_at": noon - timedelta(days=1)}
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Picture.objects.filter(pk=picture.pk).update(**{column: other[column]})


def test_after_the_signature_advice_and_signature_stay_and_the_row_too(
    situation: Situation, desk: Desk, noon: datetime, english: None
) -> None:
    picture = signed(situation, desk, now=noon)
    for change in (
        {"meaning": "anders"},
        {"signed_by": desk.officer},
        {"digest": "0" * 64},
        {"signed_at": None},
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Picture.objects.filter(pk=picture.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Picture.objects.filter(pk=picture.pk).delete()
    with pytest.raises(PictureChanged, match="make a new picture"):
        pictures.write_advice(picture, "x", "", "", by=desk.officer, revision=picture.revision, now=noon)
    assert verify(Picture.objects.get(pk=picture.pk))


def test_a_seal_tells_when_anything_is_other_than_what_was_signed(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    picture = signed(situation, desk, now=noon)
    for name, value in (("meaning", "Mensen zijn blij."), ("n", 7), ("content", {})):
        other = Picture.objects.get(pk=picture.pk)
        setattr(other, name, value)
        assert not verify(other)
    assert verify(Picture.objects.get(pk=picture.pk))


def test_the_second_of_two_who_write_advice_is_refused(
    situation: Situation, desk: Desk, noon: datetime, english: None
) -> None:
    picture = made(situation, desk, now=noon)
    pictures.write_advice(picture, "een", "", "", by=desk.officer, revision=1, now=noon)
    with pytest.raises(PictureChanged, match="Nothing was saved"):
        pictures.write_advice(picture, "twee", "", "", by=desk.lead, revision=1, now=noon)
    with pytest.raises(PictureChanged):
        pictures.sign(picture, by=desk.lead, revision=1, now=noon)


def test_advice_is_carried_over_and_said_to_be(
    situation: Situation, desk: Desk, noon: datetime, english: None
) -> None:
    signed(situation, desk, now=noon)
    second = made(situation, desk, now=noon + timedelta(minutes=30))
    assert second.information == "Zeg dat de rook niet giftig is."
    assert "Meaning-giving (carried over from picture 1)" in words(second)
    assert second.signed_at is None


def test_a_picture_that_another_overtook_is_counted_again(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    def overtaken(*given: Any, **asked: Any) -> dict[str, Any]:
        content = collect(*given, **asked)
        if not Picture.objects.exists():
            made(situation, desk, now=noon)
        return content

    second = pictures.make(situation, collect=overtaken, by=desk.officer, now=noon)
    assert (second.n, second.content["previous"]) == (2, 1)


def test_a_situation_that_is_closed_gives_no_picture(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    Situation.objects.update(status="closed", closed_at=noon)
    with pytest.raises(PictureRefused):
        made(situation, desk, now=noon)


def test_the_clock_makes_a_draft_tells_the_owner_and_signs_nothing(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    assert pictures.due_situations(now=noon + timedelta(days=1)) == []
    pictures.schedule(situation, every_s=1800, by=desk.lead, now=noon)
    later = noon + timedelta(minutes=30)
    assert pictures.due_situations(now=later) == [situation.pk]
    assert pictures.make_due(situation.pk, collect=collect, now=later)
    assert not pictures.make_due(situation.pk, collect=collect, now=later)
    picture = Picture.objects.get()
    assert (picture.made_by, picture.signed_at) == (None, None)
    told = Notification.objects.get(kind="picture waits")
    assert (told.recipient, told.channel) == (desk.lead, "in-app")
    assert pictures.due_situations(now=later) == []
    with pytest.raises(PictureRefused):
        pictures.schedule(situation, every_s=60, by=desk.lead, now=noon)


def test_a_signed_picture_goes_to_every_address_once_with_its_text_and_pdf(
    situation: Situation, desk: Desk, noon: datetime, mailoutbox: list[Any]
) -> None:
    mailing.add_reader(situation, Address("Wethouder@Stad.example", "De wethouder"), by=desk.lead, now=noon)
    mailing.add_reader(
        situation, Address("wethouder@stad.example", 'Evil\r\nBcc: x@y.z <">'), by=desk.lead, now=noon
    )
    picture = signed(situation, desk, now=noon)
    for _again in range(2):
        for mail_id in mailing.due_mails(now=noon):
            mailing.deliver(mail_id, now=noon)
    (mail,) = mailoutbox
    assert mail.to == ['"Evil Bcc: x@y.z" <wethouder@stad.example>']
    assert "Bcc" not in mail.message()
    assert "Blijf uit de rook" in mail.body
    name, made_pdf, kind = mail.attachments[0]
    assert (made_pdf[:5], kind) == (b"%PDF-", "application/pdf")
    picture.refresh_from_db()
    assert picture.mailed_at == noon
    assert trail(situation)[-4:] == ["picture made", "advice written", "picture signed", "picture mailed"]
    assert mailing.queue(picture, now=noon) == 1 and PictureMail.objects.count() == 1


def test_a_mail_server_that_refuses_is_asked_again_later(
    situation: Situation, desk: Desk, noon: datetime, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    mailing.add_reader(situation, Address("a@b.example"), by=desk.lead, now=noon)
    signed(situation, desk, now=noon)
    (mail_id,) = mailing.due_mails(now=noon)
    assert not mailing.deliver(mail_id, now=noon)
    mail = PictureMail.objects.get()
    assert mail.next_at is not None and mail.next_at > noon and mail.error and mail.sent_at is None


def test_what_is_no_address_is_not_put_on_the_list(situation: Situation, desk: Desk, noon: datetime) -> None:
    for wrong in ("", "x", "a@b", "a@b.nl\nBcc: c@d.nl", "Jan <a@b.nl>"):
        with pytest.raises(ReaderRefused):
            mailing.add_reader(situation, Address(wrong), by=desk.lead, now=noon)


def test_a_picture_says_what_was_not_seen(
    situation: Situation, desk: Desk, noon: datetime, english: None
) -> None:
    BlindSpell.objects.create(
        source=desk.source,
        from_at=noon - timedelta(minutes=40),
        until_at=noon - timedelta(minutes=10),
        reason="x",
    )
    said = words(made(situation, desk, now=noon)).replace("\n", " ")
    assert "Facebook" in said and "is not in this picture" in said
    assert "blind for 30 minutes of this period" in said


def test_tone_says_how_many_were_judged_and_by_what(
    situation: Situation, desk: Desk, noon: datetime, english: None
) -> None:
    Case.objects.filter(post__text=TEXTS[1]).update(category="positive")
    tone = made(situation, desk, now=noon).content["tone"]
    assert (tone["n"], tone["n_judged"], tone["n_read"]) == (6, 1, 5)
    thanks = next(row for row in tone["rows"] if row["kind"] == "thanks")
    assert thanks["n_judged"] == 1 and thanks["examples"][0]["text"].startswith("Dank aan de brandweer")


def test_as_many_queries_for_many_posts_as_for_few(desk: Desk, noon: datetime) -> None:
    situation = fire(desk, now=noon, n_copies=0)
    with CaptureQueriesContext(connection) as few:
        collect(situation, None, now=noon)
    more = [
        mention(f"q{n}", f"Heel ander bericht {n} over de brandweer en {n * 7919}", at=noon)
        for n in range(100)
    ]
    desk.hear(*more, now=noon)
    Case.objects.update(situation=situation)
    with CaptureQueriesContext(connection) as many:
        collect(situation, None, now=noon)
    assert len(many) == len(few) <= 40
