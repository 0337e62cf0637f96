"""How you are reached: quiet hours, mail, your phones and chats, channels of posts; what was sent to whom."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, contact_for, duty_post_for, require
from cases.api.base import Endpoint
from cases.api.fields import PersonOut, Shape, words_field
from cases.outcomes import said
from cases.reads import reaching
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.reads.reaching import Wanted
from cases.rules.permissions import Need
from cases.services import contacts
from cases.services.contacts import HIGHEST, LONGEST, NewContact, Reach

CONTACTS = ["push", "chat"]
WAYS = ["email", *CONTACTS]


class ContactOut(Shape):
    """A phone, browser, chat or number. Its address is never given back."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    name = serializers.CharField()
    post = serializers.IntegerField(
        source="post_id", allow_null=True, help_text="Of a duty post; null: yours."
    )
    from_level = serializers.IntegerField()
    is_active = serializers.BooleanField()
    last_ok_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    trouble = serializers.SerializerMethodField(help_text="Why it does not arrive; empty: nothing known.")

    def get_trouble(self, contact: Any) -> str:
        return said(contact.error)


class ReachOut(Shape):
    """When and how you are reached. `channels`: those of duty posts, for who runs the team."""

    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    zone = serializers.CharField()
    email = serializers.CharField()
    email_from = serializers.IntegerField(help_text="0: all mail; else only alarms from that level.")
    contacts = ContactOut(many=True)
    channels = ContactOut(many=True)
    push_key = serializers.CharField(help_text="What a browser subscribes with; empty: no push here.")
    services = serializers.ListField(child=serializers.CharField(), help_text="Of chat and SMS.")


class ReachEndpoint(Endpoint):
    """A verb on how you are reached; the answer is what it is now."""

    gives = ReachOut

    def answer_reach(self, officer: Any, *, status: int = 200) -> Response:
        found = reaching.reaching(officer)
        shown = {
            name: getattr(officer, name) for name in ("quiet_from", "quiet_until", "email", "email_from")
        }
        shown |= {"zone": found.zone, "contacts": found.contacts, "channels": found.team}
        shown |= {"push_key": contacts.push_key(), "services": contacts.services()}
        return self.answer(shown, status=status)


class ReadReach(ReachEndpoint):
    """Your quiet hours, mail, and the phones and chats that alarms come to."""

    def get(self, request: Request) -> Response:
        return self.answer_reach(officer_of(request.user))


class ReachIn(Shape):
    quiet_from = serializers.TimeField(required=False, allow_null=True, default=None)
    quiet_until = serializers.TimeField(required=False, allow_null=True, default=None)
    zone = words_field("As Europe/Amsterdam; empty: that of the installation.", most=50)
    email_from = serializers.IntegerField(min_value=0, max_value=HIGHEST, required=False, default=0)


class SetReach(ReachEndpoint):
    """Say when you may be disturbed; what is left out is taken away."""

    takes = ReachIn

    def post(self, request: Request) -> Response:
        officer, sent = officer_of(request.user), self.sent(request)
        contacts.set_reach(officer, Reach(**sent), now=timezone.now())
        return self.answer_reach(officer)


class AddContactIn(Shape):
    kind = serializers.ChoiceField(choices=CONTACTS)
    address = serializers.CharField(
        max_length=LONGEST,
        write_only=True,
        help_text="A chat as Apprise writes it; a push subscription as JSON.",
    )
    name = words_field("What you call it.", most=100)
    from_level = serializers.IntegerField(min_value=1, max_value=HIGHEST, required=False, default=2)
    post = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_ID,
        required=False,
        allow_null=True,
        default=None,
        help_text="A duty post whose channel it is, for who runs the team; null: yours.",
    )


class AddContact(ReachEndpoint):
    """Keep a phone, browser, chat or number; its address is sealed and never given back."""

    takes, gives_status = AddContactIn, 201

    def post(self, request: Request) -> Response:
        officer, sent = officer_of(request.user), self.sent(request)
        post = duty_post_for(officer, sent["post"]) if sent["post"] else None
        contacts.add(NewContact(**sent | {"post": post}), by=officer, now=timezone.now())
        return self.answer_reach(officer, status=201)


class ChangeContactIn(Shape):
    name = words_field("What you call it; empty: as it is.", most=100)
    from_level = serializers.IntegerField(min_value=1, max_value=HIGHEST)


class ChangeContact(ReachEndpoint):
    """Give a contact another name, or another level from which alarms come to it."""

    takes = ChangeContactIn

    def post(self, request: Request, contact_id: int) -> Response:
        officer = officer_of(request.user)
        contact, sent = contact_for(officer, contact_id), self.sent(request)
        contacts.change(
            contact, name=sent["name"], from_level=sent["from_level"], by=officer, now=timezone.now()
        )
        return self.answer_reach(officer)


class RemoveContact(ReachEndpoint):
    """Take a contact away with its address."""

    def post(self, request: Request, contact_id: int) -> Response:
        officer = officer_of(request.user)
        contacts.remove(contact_for(officer, contact_id), by=officer, now=timezone.now())
        return self.answer_reach(officer)


class SentOut(Shape):
    is_delivered = serializers.BooleanField()
    sentence = serializers.CharField()


class TryMail(Endpoint):
    """Send yourself a test message by e-mail, now, and say how it went."""

    gives = SentOut

    def post(self, request: Request) -> Response:
        return self.answer(contacts.try_out(None, by=officer_of(request.user), now=timezone.now()))


class TryContact(Endpoint):
    """Send a test message to a contact, now, and say how it went."""

    gives = SentOut

    def post(self, request: Request, contact_id: int) -> Response:
        officer = officer_of(request.user)
        contact = contact_for(officer, contact_id)
        return self.answer(contacts.try_out(contact, by=officer, now=timezone.now()))


class AttemptOut(Shape):
    at = serializers.DateTimeField()
    is_delivered = serializers.BooleanField()
    outcome = serializers.CharField(help_text="A code, with its fact after a colon.")
    sentence = serializers.SerializerMethodField()

    def get_sentence(self, attempt: Any) -> str:
        return said(attempt.outcome)


class MessageOut(Shape):
    """A message that left the app. `due_at`: when it is tried next; null: never again."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    recipient = PersonOut()
    channel = serializers.CharField()
    contact = serializers.CharField(source="contact.name", default="")
    alarm = serializers.IntegerField(source="escalation_id", allow_null=True)
    case = serializers.IntegerField(source="escalation.case_id", default=None, allow_null=True)
    situation = serializers.IntegerField(source="escalation.situation_id", default=None, allow_null=True)
    query = serializers.IntegerField(source="escalation.query_id", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    waits_for_quiet_hours = serializers.SerializerMethodField()
    attempts = AttemptOut(source="attempts.all", many=True)

    def get_waits_for_quiet_hours(self, message: Any) -> bool:
        return bool(message.digest and message.due_at and not message.n_attempts)


class MessagesIn(Shape):
    failing = serializers.BooleanField(required=False, default=False)
    channel = serializers.ChoiceField(choices=["", *WAYS], required=False, default="")
    person = words_field("Username.", most=150)
    alarm = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)


class MessagesOut(Shape):
    results = MessageOut(many=True)


class ListMessages(Endpoint):
    """What became of messages that left the app: the newest hundred that fit."""

    takes, gives = MessagesIn, MessagesOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_WATCHING)
        sent = self.sent(request)
        person = person_named(sent["person"], Need.SEE).pk if sent["person"] else None
        wanted = Wanted(sent["failing"], sent["channel"], person, sent["alarm"])
        return self.answer({"results": reaching.deliveries(wanted)})
