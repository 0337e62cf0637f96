"""What the register says of a claim, for programs."""

from rest_framework import serializers

from cases.api.fields import Shape


class ClaimReachOut(Shape):
    """Topics (leads) and the posts in them, copies counted."""

    topics = serializers.IntegerField()
    posts = serializers.IntegerField()
    open_topics = serializers.IntegerField()
    open_posts = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)


class ClaimOut(Shape):
    id = serializers.IntegerField(source="pk")
    statement = serializers.CharField()
    status = serializers.CharField()
    revision = serializers.IntegerField()
    situation = serializers.IntegerField(source="situation_id", allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    merged_into = serializers.IntegerField(source="merged_into_id", allow_null=True)


class ClaimRowOut(Shape):
    claim = ClaimOut()
    reach = ClaimReachOut()
    answers = serializers.IntegerField(help_text="Answers in force.")
    until = serializers.DateTimeField(allow_null=True, help_text="When the first of them is over.")
    waiting = serializers.IntegerField(help_text="Answers that wait to be vetted.")


class FactOut(Shape):
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    url = serializers.CharField()
    says = serializers.CharField()
    at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class ClaimDecisionOut(Shape):
    status = serializers.CharField()
    reason = serializers.CharField()
    sources = serializers.ListField(child=serializers.IntegerField())
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class VettedAnswerOut(Shape):
    """An answer; it may be used as it is once `vetted_at`, until `valid_until` or `withdrawn_at`."""

    id = serializers.IntegerField(source="pk")
    claim = serializers.IntegerField(source="claim_id")
    language = serializers.CharField()
    channel = serializers.CharField()
    n = serializers.IntegerField()
    text = serializers.CharField()
    written_by = serializers.CharField(allow_null=True)
    vetted_by = serializers.CharField(allow_null=True)
    vetted_at = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class ClaimPageOut(Shape):
    claim = ClaimOut()
    reach = ClaimReachOut()
    sources = FactOut(many=True)
    decisions = ClaimDecisionOut(many=True)
    answers = VettedAnswerOut(many=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    corrected_at = serializers.DateTimeField(allow_null=True)


class SpreadPointOut(Shape):
    at = serializers.DateTimeField()
    posts = serializers.IntegerField()


class SpreadOut(Shape):
    step_s = serializers.IntegerField()
    counts = SpreadPointOut(many=True)
    first_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)


class NearCaseOut(Shape):
    id = serializers.IntegerField(source="pk")
    n_copies = serializers.IntegerField()
    text = serializers.CharField(source="post.text")


class NearOut(Shape):
    cases = NearCaseOut(many=True)
    n_posts = serializers.IntegerField()
    looked_at = serializers.IntegerField()


class CardOut(Shape):
    """A claim that a case carries: its sources, and the answers in force, what fits the post best first."""

    claim = ClaimOut()
    reach = ClaimReachOut()
    sources = FactOut(many=True)
    answers = VettedAnswerOut(many=True)


class CaseClaimsOut(Shape):
    standing = serializers.IntegerField(
        help_text="How the claims stand, as one number: send it as `seen_claims` with a reply."
    )
    claims = CardOut(many=True)
