"""What the API gives back of situations: their page, topics, acts on many cases, the timeline."""

from rest_framework import serializers

from cases.api.claim_outputs import ClaimOut
from cases.api.fields import PersonOut, Shape
from cases.rules.closing import Group


class LevelOut(Shape):
    """A step of the scale, `n` = 1 the lowest; what is not `is_active` is only read, never chosen."""

    id = serializers.IntegerField(source="pk")
    n = serializers.IntegerField()
    name = serializers.CharField()
    is_active = serializers.BooleanField()


class SituationOut(Shape):
    """An incident. `revision` is sent back with a change; `evidence`: why a rule proposed it."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    about = serializers.CharField()
    status = serializers.CharField(help_text="proposed, open, closed or declined.")
    level = LevelOut(allow_null=True)
    owner = PersonOut(allow_null=True)
    profile = serializers.IntegerField(source="profile_id", allow_null=True)
    story = serializers.IntegerField(source="story_id", allow_null=True)
    evidence = serializers.DictField()
    is_locked = serializers.BooleanField(help_text="One voice: only vetted answers leave without a lead.")
    word_every_s = serializers.IntegerField()
    word_due_at = serializers.DateTimeField(allow_null=True, help_text="By then people hear from us again.")
    began_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    close_reason = serializers.CharField()
    revision = serializers.IntegerField()


class SituationCardOut(Shape):
    """An open situation in the list; posts count copies."""

    situation = SituationOut()
    n_topics_unread = serializers.IntegerField()
    n_posts_unread = serializers.IntegerField()
    n_cases = serializers.IntegerField()
    alarm = serializers.IntegerField(source="alarm.pk", default=None, allow_null=True)


class SituationListOut(Shape):
    """What runs, what is proposed, and the last that are over."""

    open = SituationCardOut(many=True)
    proposed = SituationOut(many=True)
    closed = SituationOut(many=True)


class KeyMessageOut(Shape):
    n = serializers.IntegerField()
    text = serializers.CharField()
    by = PersonOut(allow_null=True)
    at = serializers.DateTimeField()


class InflowOut(Shape):
    """What brings cases by itself: a query or a story. `reached` null: all of before was looked at."""

    id = serializers.IntegerField(source="pk")
    query = serializers.IntegerField(source="query_id", allow_null=True)
    story = serializers.IntegerField(source="story_id", allow_null=True)
    since = serializers.DateTimeField()
    reached = serializers.IntegerField(allow_null=True)
    n_joined = serializers.IntegerField()
    ended_at = serializers.DateTimeField(allow_null=True)


class LogLineOut(Shape):
    text = serializers.CharField()
    is_decision = serializers.BooleanField()
    by = PersonOut(allow_null=True)
    at = serializers.DateTimeField()


class BatchOut(Shape):
    """An act on many cases: `n_cases` in all, `n_done` done, `n_left` left with why."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    status = serializers.CharField(help_text="running, stopped or done.")
    situation = serializers.IntegerField(source="situation_id", allow_null=True)
    reason = serializers.CharField()
    n_cases = serializers.IntegerField()
    n_done = serializers.IntegerField()
    n_left = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class StageOut(Shape):
    name = serializers.CharField()
    n = serializers.IntegerField()


class SituationTargetOut(Shape):
    """Its posts are answered within so many minutes; `priority` empty: all of them."""

    minutes = serializers.IntegerField()
    priority = serializers.CharField()


class SituationPageOut(Shape):
    """One situation with what stands, what is open, what was said and what was decided."""

    situation = SituationOut()
    n_topics_unread = serializers.IntegerField()
    n_posts_unread = serializers.IntegerField()
    n_cases = serializers.IntegerField()
    n_answered = serializers.IntegerField()
    stages = StageOut(many=True)
    key_message = KeyMessageOut(allow_null=True)
    earlier = KeyMessageOut(many=True)
    inflows = InflowOut(many=True)
    claims = ClaimOut(many=True)
    log = LogLineOut(many=True)
    batches = BatchOut(many=True)
    alarm = serializers.IntegerField(source="alarm.pk", default=None, allow_null=True)
    case_alarms = serializers.IntegerField()
    watch = serializers.IntegerField(source="watch.pk", default=None, allow_null=True)
    targets = SituationTargetOut(many=True)


class TopicOut(Shape):
    """A story: its first post, how often it was told, and how often in the last quarter of an hour."""

    case = serializers.IntegerField(source="id")
    text = serializers.CharField()
    language = serializers.CharField()
    platform = serializers.CharField()
    author = serializers.CharField()
    is_urgent = serializers.BooleanField()
    asks = serializers.BooleanField()
    n_posts = serializers.IntegerField()
    n_recent = serializers.IntegerField()
    n_before = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    taken_by = serializers.CharField(help_text="A colleague who is at it; empty: nobody else.")
    is_new = serializers.BooleanField()
    claims = ClaimOut(many=True)


class TopicSectionOut(Shape):
    """One section: how many there are, and a page of them; `after` leads to the next page, empty: no more."""

    section = serializers.CharField()
    n_topics = serializers.IntegerField()
    n_posts = serializers.IntegerField()
    topics = TopicOut(many=True)
    after = serializers.CharField()


class TopicsOut(Shape):
    """What nobody has read yet. `newest`: send it as `since` to ask later what is new."""

    n_topics = serializers.IntegerField()
    n_posts = serializers.IntegerField()
    newest = serializers.IntegerField()
    sections = TopicSectionOut(many=True)


class LeftCaseOut(Shape):
    case = serializers.IntegerField()
    why = serializers.CharField()


class BatchPageOut(Shape):
    """How far it is; `left`: the first cases that were left."""

    batch = BatchOut()
    percent = serializers.IntegerField()
    n_to_do = serializers.IntegerField()
    left = LeftCaseOut(many=True)


class OpenGroupOut(Shape):
    """Open cases that wait for the same; `is_closable`: a way must be chosen for them."""

    group = serializers.ChoiceField(choices=[group.value for group in Group])
    n_topics = serializers.IntegerField()
    n_posts = serializers.IntegerField()
    is_closable = serializers.BooleanField()


class OpenGroupsOut(Shape):
    """`up_to`: the newest case that was counted, sent back when the situation is closed."""

    up_to = serializers.IntegerField()
    groups = OpenGroupOut(many=True)


class MovedCasesOut(Shape):
    """The cases that came or went, with their copies; a copy is named by its lead."""

    cases = serializers.ListField(child=serializers.IntegerField())


class SituationEventOut(Shape):
    """Who did what to a situation, its claims, messages, batches and pictures."""

    id = serializers.IntegerField(source="pk")
    subject = serializers.CharField()
    action = serializers.CharField()
    actor = serializers.CharField(source="actor_name")
    at = serializers.DateTimeField()
    facts = serializers.DictField()


class SituationTimelineOut(Shape):
    results = SituationEventOut(many=True)
