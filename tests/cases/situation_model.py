"""What situations hold, in plain Python: held beside the services by the histories of situations."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

Place = tuple[int | None, int | None]
"""A situation, and the inflow that brought a case there."""

NOWHERE: Place = (None, None)


@dataclass(slots=True)
class Flow:
    """What flows into a situation: what the query hears (story None), or a story."""

    situation: int
    story: int | None
    since: datetime
    newest: int
    started_at: datetime
    step: str = "walk"
    """walk, again or done: how far it is with what was there before."""
    is_over: bool = False


@dataclass(slots=True)
class Answer:
    """Words for a claim that were vetted, until when, and whether they were taken back."""

    claim: int
    text: str
    until: datetime
    is_withdrawn: bool = False

    def holds(self, *, now: datetime) -> bool:
        return not self.is_withdrawn and now < self.until


@dataclass(slots=True)
class Proposal:
    """A case that grew, and how many posts it had then."""

    story: int
    n_posts: int
    status: str = "proposed"


@dataclass(slots=True)
class Model:
    """Where every case belongs, by the rules as the documentation says them."""

    places: dict[int, Place] = field(default_factory=dict)
    leads: dict[int, int] = field(default_factory=dict)
    threads: dict[int, str] = field(default_factory=dict)
    matched: dict[int, datetime] = field(default_factory=dict)
    opened_at: dict[int, datetime] = field(default_factory=dict)
    flows: dict[int, Flow] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    locked: set[int] = field(default_factory=set)
    levels: dict[int, str] = field(default_factory=dict)
    said: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    trail: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    moved: Counter[tuple[int, str]] = field(default_factory=Counter)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    links: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    merged: dict[int, int] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)

    # ── cases ──
    def lead(self, case: int) -> int:
        return self.leads.get(case, case)

    def topic(self, case: int) -> set[int]:
        lead = self.lead(case)
        return {lead, *(copy for copy, of in self.leads.items() if of == lead)}

    def here(self, situation: int) -> set[int]:
        return {case for case, place in self.places.items() if place[0] == situation}

    def talks(self) -> dict[str, Place]:
        """Per conversation where its first post belongs, while that situation is open."""
        first: dict[str, int] = {}
        for case, thread in sorted(self.threads.items()):
            first.setdefault(thread, case)
        return {thread: self.places[pk] for thread, pk in first.items() if self.places[pk][0] in self.open}

    def heard(self, case: int, *, lead: int | None, thread: str, talk: Place | None, at: datetime) -> None:
        """A case belongs with its lead, else in its conversation (`talk`), else where its query flows."""
        hits = [
            (flow.situation, pk) for pk, flow in self.flows.items() if flow.story is None and not flow.is_over
        ]
        by_query = hits if case in self.matched else []
        self.places[case] = self.places[lead] if lead else talk or (*by_query, NOWHERE)[0]
        self.threads[case], self.opened_at[case] = thread, at
        if lead:
            self.leads[case] = lead

    def merge(self, case: int, into: int) -> None:
        for each in self.topic(case):
            self.leads[each], self.places[each] = into, self.places[into]

    def join(
        self, situation: int, cases: Iterable[int], *, flow: int | None = None, rule: bool = False
    ) -> None:
        for lead in {self.lead(case) for case in cases}:
            before = self.places[lead][0]
            if before != situation and (before is None or not rule):
                self.moved[lead, "joined situation"] += 1
                self.places |= dict.fromkeys(self.topic(lead), (situation, flow))

    def leave(self, cases: Iterable[int], *, of: int | None = None) -> None:
        for lead in {self.lead(case) for case in cases}:
            before = self.places[lead][0]
            if before is not None and of in (None, before):
                self.moved[lead, "left situation"] += 1
                self.places |= dict.fromkeys(self.topic(lead), NOWHERE)

    def together(self, case: int) -> set[int]:
        """A case with those in its conversation that belong nowhere: they come along."""
        lead = self.lead(case)
        thread = self.threads[lead]
        talking = {pk for pk, other in self.threads.items() if thread and other == thread}
        return {lead} | {pk for pk in talking if self.places[pk] == NOWHERE}

    # ── inflows ──
    def is_flowing(self, story: int | None) -> bool:
        return any(flow.story == story and not flow.is_over for flow in self.flows.values())

    def walk(self, flow_id: int, *, now: datetime, settled: float) -> None:
        """What was there before joins, where no other situation has it; once more when all has settled."""
        flow = self.flows[flow_id]
        if flow.is_over or flow.step == "done":
            return
        if flow.step == "walk":
            matched = [pk for pk, at in self.matched.items() if pk <= flow.newest and at >= flow.since]
            found = [flow.story] if flow.story else matched
            self.join(flow.situation, found, flow=flow_id, rule=True)
            flow.step = "again"
        if (now - flow.started_at).total_seconds() < settled:
            return
        if not flow.story:
            around = [
                pk
                for pk, at in self.matched.items()
                if abs((at - flow.started_at).total_seconds()) <= settled
            ]
            self.join(flow.situation, around, flow=flow_id, rule=True)
        flow.step = "done"

    def stop(self, flow_id: int) -> None:
        flow = self.flows[flow_id]
        if not flow.is_over:
            flow.is_over = True
            self.trail[flow.situation].append("inflow stopped")

    def close(self, situation: int) -> None:
        for flow_id, flow in self.flows.items():
            if flow.situation == situation:
                self.stop(flow_id)
        self.open.discard(situation)
        self.trail[situation].append("situation closed")

    # ── proposals ──
    def growing(self, awake: Collection[int], *, since: datetime, many: int, people: int) -> dict[int, int]:
        """What grows outside every situation: per case that stands for it, how many posts."""
        fresh = [pk for pk, at in self.opened_at.items() if at > since and self.places[pk] == NOWHERE]
        stories = Counter(self.leads[pk] for pk in fresh if pk in self.leads)
        found = {lead: n + 1 for lead, n in stories.items() if n >= max(many - 1, people)}
        for thread in {self.threads[pk] for pk in fresh} - {""}:
            talking = [pk for pk in fresh if self.threads[pk] == thread and pk in awake]
            if len(talking) >= max(many, people) and min(talking) not in found:
                found[min(talking)] = len(talking)
        return {pk: n for pk, n in found.items() if self._is_news(pk, n)}

    def _is_news(self, story: int, n_posts: int) -> bool:
        before = [each for each in self.proposals.values() if each.story == story]
        return not before or (before[-1].status == "declined" and n_posts >= 2 * before[-1].n_posts)

    # ── claims ──
    def root(self, claim: int) -> int:
        return self.merged.get(claim, claim)

    def carried(self, case: int) -> set[int]:
        return {self.root(claim) for claim, cases in self.links.items() if self.lead(case) in cases}

    def decide(self, claim: int, status: str) -> None:
        """Another status ends what was vetted before it."""
        if self.statuses[claim] != status:
            for answer in self.answers.values():
                answer.is_withdrawn |= answer.claim == claim
        self.statuses[claim] = status

    def vet(self, number: int, answer: Answer) -> None:
        """The answer before it is over by it."""
        for other in self.answers.values():
            other.is_withdrawn |= other.claim == answer.claim
        self.answers[number] = answer

    # ── words that leave ──
    def is_answer(self, text: str, case: int, *, now: datetime) -> bool:
        """Whether these words are, as they are, an answer that holds now to a claim the case carries."""
        theirs = self.carried(case)
        same = [each for each in self.answers.values() if each.text == text and each.claim in theirs]
        return any(each.holds(now=now) for each in same)

    def was_answer(self, text: str, case: int, *, now: datetime) -> bool:
        """Whether these words were such an answer once, and none like it holds now."""
        theirs = self.carried(case)
        same = [e for e in self.answers.values() if e.text == text and e.claim in theirs]
        return bool(same) and not any(each.holds(now=now) for each in same)

    def is_silent(self, case: int) -> bool:
        """Whether the case belongs to an open situation that speaks with one voice."""
        situation = self.places[case][0]
        return situation in self.open and situation in self.locked
