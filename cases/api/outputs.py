"""What the API gives back: posts, replies, watches, alarms and refusals."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.api.fields import STATES, PersonOut, Shape
from cases.reads.records import alarm_sentence, verdict_sentence
from cases.reasons import reasons
from cases.rules.reach import reach_of


class ErrorOut(Shape):
    """A refusal: a sentence for people and a name for programs."""

    error = serializers.CharField()
    code = serializers.CharField()
    reasons = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Every reason a reply may not leave yet."
    )


class InvalidOut(Shape):
    """Input of the wrong shape: what is wrong, field by field."""

    error = serializers.CharField()
    code = serializers.CharField()
    details = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class AuthorOut(Shape):
    """Who wrote a post: no more of a person than stands beside their post."""

    handle = serializers.CharField()
    name = serializers.CharField()
    reach = serializers.SerializerMethodField(help_text="Followers in steps; empty when nobody tells.")
    is_press = serializers.BooleanField(help_text="The desk knows that this account speaks for a newsroom.")
    standing = serializers.CharField(help_text="What the desk knows of this account; empty: nothing.")

    def get_reach(self, author: Any) -> str:
        return reach_of(author.followers).value


class PostOut(Shape):
    """A post as it was heard. A bare boost has no case."""

    id = serializers.IntegerField(source="pk")
    case = serializers.IntegerField(source="case.pk", default=None, allow_null=True)
    platform = serializers.CharField()
    canonical_id = serializers.CharField()
    kind = serializers.CharField()
    url = serializers.CharField()
    author = AuthorOut(allow_null=True)
    text = serializers.CharField()
    language = serializers.CharField()
    thread_id = serializers.CharField()
    parent_id = serializers.CharField()
    version = serializers.CharField(help_text="Changes with every edit.")
    n_replies = serializers.IntegerField()
    n_shares = serializers.IntegerField()
    n_likes = serializers.IntegerField()
    n_views = serializers.IntegerField(allow_null=True)
    posted_at = serializers.DateTimeField()
    fetched_at = serializers.DateTimeField()
    gone_at = serializers.DateTimeField(allow_null=True)


class PostVersionOut(Shape):
    text = serializers.CharField()
    replaced_at = serializers.DateTimeField()


class PostRecordOut(PostOut):
    """A post with its earlier texts, newest first."""

    versions = PostVersionOut(source="earlier", many=True)


class ResponseOut(Shape):
    """A reply, from draft to permalink. `case_state` is where it left its case.

    `revision` counts its changes: send it back as `seen_revision`, so that nobody overwrites another.
    """

    id = serializers.IntegerField(source="pk")
    case = serializers.IntegerField(source="case_id")
    case_state = serializers.ChoiceField(source="case.state", choices=STATES)
    status = serializers.CharField()
    option = serializers.CharField()
    visibility = serializers.CharField()
    medium = serializers.CharField()
    revision = serializers.IntegerField()
    text = serializers.CharField()
    requires = serializers.ListField(child=serializers.CharField())
    claim = serializers.CharField()
    fact_source = serializers.CharField()
    inquiry = serializers.CharField()
    what_we_do = serializers.CharField()
    audience = serializers.CharField()
    holding_until = serializers.DateTimeField(allow_null=True)
    elements = serializers.DictField(child=serializers.CharField())
    author = PersonOut()
    created_at = serializers.DateTimeField()
    send_at = serializers.DateTimeField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    permalink = serializers.CharField()
    error = serializers.CharField()


class ReasonOut(Shape):
    """What one sign says, from its stored numbers; `posts` are behind it."""

    sign = serializers.CharField(source="id")
    level = serializers.IntegerField()
    sentence = serializers.CharField()
    posts = serializers.ListField(child=serializers.IntegerField())
    is_unknown = serializers.BooleanField(help_text="Too little is known to say that it is quiet.")


class WatchOut(Shape):
    """Somebody keeps an eye on a case, a situation or a query.

    `sentence`: the strongest of the `reasons` for its level.
    """

    id = serializers.IntegerField(source="pk")
    case = serializers.IntegerField(source="case_id", allow_null=True)
    situation = serializers.IntegerField(source="situation_id", allow_null=True)
    query = serializers.IntegerField(source="query_id", allow_null=True)
    watcher = PersonOut(allow_null=True)
    post = serializers.CharField(
        allow_null=True, help_text="The duty post that keeps it, beside or without a watcher."
    )
    profile = serializers.CharField(allow_null=True, help_text="The watch profile; null: the default one.")
    rule = serializers.CharField()
    state = serializers.CharField(
        source="stands",
        help_text="The loudest of: worsened, blind, acknowledged, paused, due, rising, active.",
    )
    level = serializers.IntegerField()
    floor = serializers.IntegerField(help_text="The lowest level, set by a person.")
    sentence = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    check_every_s = serializers.IntegerField()
    next_check_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    paused_until = serializers.DateTimeField(allow_null=True)
    blind_since = serializers.DateTimeField(allow_null=True)

    def get_sentence(self, watch: Any) -> str:
        return verdict_sentence(watch)

    @extend_schema_field(ReasonOut(many=True))
    def get_reasons(self, watch: Any) -> Any:
        return ReasonOut(reasons(watch.verdict), many=True).data


class CheckOut(Shape):
    by = PersonOut(allow_null=True)
    at = serializers.DateTimeField()
    is_worse = serializers.BooleanField()
    note = serializers.CharField()


class WatchRecordOut(WatchOut):
    """A watch with what people saw, newest first."""

    checks = CheckOut(source="recent_checks", many=True)


class EscalationOut(Shape):
    """An alarm: why, with which numbers, and who has it. `sentence` says it in words."""

    id = serializers.IntegerField(source="pk")
    case = serializers.IntegerField(source="case_id", allow_null=True)
    situation = serializers.IntegerField(source="situation_id", allow_null=True)
    query = serializers.IntegerField(source="query_id", allow_null=True)
    watch = serializers.IntegerField(source="watch_id", allow_null=True)
    status = serializers.CharField()
    cause = serializers.CharField()
    level = serializers.IntegerField()
    sentence = serializers.SerializerMethodField()
    evidence = serializers.DictField()
    next_step_at = serializers.DateTimeField(allow_null=True)
    raised_by = PersonOut(allow_null=True)
    raised_at = serializers.DateTimeField()
    acknowledged_by = PersonOut(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    taken_until = serializers.DateTimeField(
        allow_null=True, help_text="It rings again then, unless something was written down about it."
    )
    offered_to = PersonOut(allow_null=True)
    part_of = serializers.IntegerField(
        source="part_of_id", allow_null=True, help_text="The alarm of the same topic that rings for this one."
    )
    round = serializers.IntegerField(help_text="How often its ladder was started.")
    ladder_version = serializers.IntegerField()
    opened_at = serializers.DateTimeField(allow_null=True, help_text="When it first rang.")
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.CharField()

    def get_sentence(self, escalation: Any) -> str:
        return alarm_sentence(escalation)
