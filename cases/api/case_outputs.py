"""What the API gives back about a case: where its judgement stands, and all that belongs to it."""

from typing import Any

from rest_framework import serializers

from cases.api.fields import STATES, PersonOut, SchemeText, Shape
from cases.api.outputs import EscalationOut, PostOut, ResponseOut, WatchOut


class NamedOut(Shape):
    id = serializers.CharField()
    label = SchemeText()  # type: ignore[assignment]  # a field with the name of an attribute of fields


class ChoiceOut(NamedOut):
    hint = SchemeText()
    category = serializers.CharField()
    exclusive = serializers.BooleanField(help_text="Never together with another choice.")


class QuestionOut(Shape):
    """The question that is open. Of kind "many" several choices can be true, joined by "+"."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["one", "many"])
    text = SchemeText()
    help = SchemeText()
    choices = ChoiceOut(many=True)


class DutyOut(Shape):
    id = serializers.CharField()
    text = SchemeText()
    decided_by = SchemeText()
    recorded_as = SchemeText()


class OptionOut(NamedOut):
    """One way to act; `requires` names what must be filled in with it."""

    action = serializers.CharField()
    requires = serializers.ListField(child=serializers.CharField())


class ToggleOut(NamedOut):
    hint = SchemeText()


class AdviceOut(Shape):
    """Where the answers lead: the duties of everything that was flagged, and what can be chosen."""

    nodes = serializers.ListField(child=serializers.CharField())
    title = SchemeText()
    texts = serializers.ListField(child=SchemeText())
    duties = DutyOut(many=True)
    options = OptionOut(many=True)
    toggles = ToggleOut(many=True)
    categories = serializers.ListField(child=serializers.CharField())
    primary = serializers.CharField()
    preselected = serializers.CharField(allow_null=True)
    refer = serializers.BooleanField()
    suggestion = serializers.BooleanField()


class ExitOut(NamedOut):
    hint = SchemeText()
    action = serializers.CharField()


class JudgementOut(Shape):
    """Where the judgement stands: a question, an advice, or neither when the case left by an exit."""

    node = serializers.CharField()
    answers = serializers.DictField(child=serializers.CharField())
    question = QuestionOut(allow_null=True)
    advice = AdviceOut(allow_null=True)
    deviations = OptionOut(many=True)
    toggles_on = serializers.ListField(child=serializers.CharField())
    exits = ExitOut(many=True)


class AssessmentOut(Shape):
    n = serializers.IntegerField()
    answers = serializers.DictField(child=serializers.CharField())
    categories = serializers.ListField(child=serializers.CharField())
    advice_nodes = serializers.ListField(child=serializers.CharField())
    has_suggestion = serializers.BooleanField()
    option = serializers.CharField()
    follows_advice = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField()
    wants_answer = serializers.BooleanField(allow_null=True)
    is_mandated = serializers.BooleanField(allow_null=True)
    medium = serializers.CharField()
    by = PersonOut(allow_null=True)
    started_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    chosen_at = serializers.DateTimeField(allow_null=True)


class DecisionOut(Shape):
    approach = serializers.CharField()
    reason = serializers.CharField()
    by = PersonOut(allow_null=True)
    at = serializers.DateTimeField()


class EventOut(Shape):
    """One line of the audit trail."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    result = serializers.CharField()
    origin = serializers.CharField()
    actor = serializers.CharField(source="actor_name")
    facts = serializers.DictField()


class OutletOut(Shape):
    """Whether the post can be answered through its platform, and how many characters fit."""

    is_open = serializers.BooleanField()
    why_not = serializers.CharField()
    intent_url = serializers.CharField()
    most = serializers.IntegerField(allow_null=True)


class CaseRowOut(Shape):
    """A case in a list."""

    id = serializers.IntegerField(source="pk")
    state = serializers.ChoiceField(choices=STATES)
    scheme = serializers.CharField(source="scheme.__str__")
    scheme_node = serializers.CharField()
    category = serializers.CharField()
    outcome = serializers.CharField()
    is_urgent = serializers.BooleanField()
    lead = serializers.IntegerField(
        source="lead_id", allow_null=True, help_text="The case that a near-copy is merged into."
    )
    n_copies = serializers.IntegerField(help_text="Near-copies merged into this case.")
    conversation = serializers.IntegerField(
        allow_null=True, help_text="The number that cases of one conversation share; null: it stands alone."
    )
    follows = serializers.IntegerField(
        source="follows_id", allow_null=True, help_text="The case whose author says more here."
    )
    assignee = PersonOut(allow_null=True)
    taken_by = PersonOut(allow_null=True)
    taken_until = serializers.DateTimeField(allow_null=True)
    snoozed_until = serializers.DateTimeField(allow_null=True)
    posted_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    assessed_at = serializers.DateTimeField(allow_null=True)
    responded_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    post = PostOut()


class CaseMoreOut(Shape):
    """What only the record of one case holds."""

    judgement = JudgementOut()
    assessments = AssessmentOut(many=True)
    responses = ResponseOut(many=True)
    watches = WatchOut(many=True)
    escalation = EscalationOut(allow_null=True)
    decisions = DecisionOut(many=True)
    history = EventOut(many=True)
    outlet = OutletOut()
    n_thread = serializers.IntegerField()
    has_mandate = serializers.BooleanField(help_text="Whether you may answer this post now.")
    may_answer = serializers.ListField(
        child=serializers.CharField(), help_text="The categories that you may answer now; `*` is all."
    )
    proposals = serializers.ListField(
        child=serializers.CharField(),
        help_text="Options of the advice whose reply you can only propose: a colleague approves it.",
    )


class CaseOut(CaseRowOut, CaseMoreOut):
    """A case with all that belongs to it; `history` is its audit trail, newest first.

    `n_thread` counts the posts of its conversation: send it back as `seen_thread` with a reply.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {**CaseRowOut(instance.case).data, **CaseMoreOut(instance).data}
