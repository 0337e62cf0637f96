"""Walks a decision scheme: from the answers so far to the next question, or to the advice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from cases.rules.scheme_types import (
    REPLIES,
    SEPARATOR,
    Action,
    Advice,
    Choice,
    Duty,
    Extension,
    Option,
    Question,
    Rule,
    Scheme,
    SchemeInvalid,
    Shortcut,
    Toggle,
    UnknownAnswer,
)

Answers = Mapping[str, str]

YES, NO = "yes", "no"


@dataclass(slots=True)
class _Walk:
    """How far the answers lead: the answers used, the advice reached, and the open question."""

    used: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    open: Question | None = None


def join(question: Question, choice_ids: Sequence[str]) -> str:
    """The answer for these choices, in the scheme's order; the first of them is the primary."""
    return SEPARATOR.join(choice.id for choice in question.choices if choice.id in choice_ids)


def _chosen(question: Question, answer: str) -> list[Choice]:
    wanted = answer.split(SEPARATOR) if question.kind == "many" else [answer]
    chosen = [choice for choice in question.choices if choice.id in wanted]
    known = len(chosen) == len(set(wanted))
    if not known or (len(chosen) > 1 and any(choice.exclusive for choice in chosen)):
        raise UnknownAnswer(
            question.id,
            answer,
            tuple(choice.id for choice in question.choices),
            several=question.kind == "many",
            alone=tuple(choice.id for choice in question.choices if choice.exclusive),
        )
    return chosen


def _check(scheme: Scheme, answers: Answers) -> None:
    """Refuse every answer that no question offers, also those beside the route."""
    questions = {question.id: question for question in scheme.questions}
    toggles = {toggle.id for toggle in scheme.toggles}
    for node, answer in answers.items():
        if node in questions:
            _chosen(questions[node], answer)
        elif node not in toggles:
            raise UnknownAnswer(node, answer, ())
        elif answer not in (YES, NO):
            raise UnknownAnswer(node, answer, (YES, NO))


def _walk(scheme: Scheme, answers: Answers) -> _Walk:
    """Depth first, so that the advice comes in the order of the scheme's own categories."""
    questions = {question.id: question for question in scheme.questions}
    rules = {rule.id: rule for rule in scheme.advices}
    walk, pending = _Walk(), [scheme.start]
    while pending:
        node = pending.pop(0)
        if node in rules:
            if rules[node] not in walk.rules:
                walk.rules.append(rules[node])
        elif node not in questions:
            raise SchemeInvalid(scheme.id, f'"{node}" is neither a question nor an advice')
        elif node in walk.used:
            raise SchemeInvalid(scheme.id, f"{node} is asked twice on one route")
        elif node not in answers:
            walk.open = questions[node]
            return walk
        else:
            chosen = _chosen(questions[node], answers[node])
            walk.used[node] = join(questions[node], [choice.id for choice in chosen])
            pending = [target for choice in chosen for target in choice.goto] + pending
    if not walk.rules:
        raise SchemeInvalid(scheme.id, f"the answers {walk.used} lead to no advice")
    return walk


def _is_joined(scheme: Scheme, rules: Sequence[Rule]) -> bool:
    """A category whose advice is silence came in company: the other one must not be silenced."""
    categories = {rule.category for rule in rules if rule.category}
    return len(categories) > 1 and not categories.isdisjoint(scheme.refer.joined)


def _needs(option: Option, rules: Sequence[Rule], toggles: Sequence[Toggle]) -> tuple[str, ...]:
    """What must be filled in with this option, given everything that was flagged.

    One reply answers the whole post, so every reply needs what any flagged rule asks of a
    reply. Letting the post stand beside a rule that asks for a reply needs a reason.
    """
    needs = list(option.requires)
    for rule in rules:
        replies = [other for other in rule.options if other.action in REPLIES]
        if option.action in REPLIES:
            needs += [need for other in replies for need in other.requires]
        elif option.action is Action.LET_STAND and rule.category and option not in rule.options:
            needs.append("reason")
    for toggle in toggles:
        if option.action in REPLIES:
            needs += toggle.reply_requires
        elif option.action is Action.LET_STAND:
            needs += toggle.stand_requires
    return tuple(dict.fromkeys(needs))


def _options(
    scheme: Scheme, rules: Sequence[Rule], toggles: Sequence[Toggle], *, refer: bool
) -> tuple[Option, ...]:
    if refer:
        return (replace(scheme.refer.option, duty_of=rules[0].nodes[0]),)
    options: dict[str, Option] = {}
    for rule in rules:
        for option in rule.options:
            options.setdefault(option.id, option)
    return tuple(replace(option, requires=_needs(option, rules, toggles)) for option in options.values())


def _preselected(scheme: Scheme, rules: Sequence[Rule], *, refer: bool) -> str | None:
    if refer:
        return scheme.refer.option.id
    return next((rule.preselected for rule in rules if rule.preselected), None)


def _duties(rules: Sequence[Rule], toggles: Sequence[Toggle]) -> tuple[Duty, ...]:
    holders: list[Rule | Toggle] = [*rules, *toggles]
    return tuple({duty.id: duty for holder in holders for duty in holder.duties}.values())


def combine(scheme: Scheme, rules: Sequence[Rule], answers: Answers) -> Advice:
    """One advice out of the rules reached, in their order: nothing that was flagged is lost."""
    reached = {rule.id for rule in rules}
    offered_toggles = tuple(toggle for toggle in scheme.toggles if toggle.on in reached)
    on = [toggle for toggle in offered_toggles if answers.get(toggle.id) == YES]
    joined = _is_joined(scheme, rules)
    refer = joined or any(rule.refer for rule in rules)
    nodes = [node for rule in rules for node in rule.nodes] + [toggle.id for toggle in on]
    categories = tuple(dict.fromkeys(rule.category for rule in rules if rule.category))
    return Advice(
        nodes=tuple(dict.fromkeys(nodes)),
        stage=SEPARATOR.join(dict.fromkeys(rule.stage for rule in rules)),
        title=scheme.refer.title if joined else rules[0].title,
        texts=((scheme.refer.text,) if joined else ()) + tuple(rule.text for rule in rules),
        duties=_duties(rules, on),
        options=_options(scheme, rules, on, refer=refer),
        categories=categories,
        primary=categories[0] if categories else "",
        preselected=_preselected(scheme, rules, refer=refer),
        refer=refer,
        suggestion=bool(on),
        toggles=offered_toggles,
    )


def _usable_shortcuts(scheme: Scheme, question: Question, answers: Answers) -> tuple[Shortcut, ...]:
    """Those whose answer ends the walk in an advice that offers their option."""
    usable = []
    for shortcut in question.shortcuts:
        walk = _walk(scheme, {**answers, question.id: shortcut.choice})
        if walk.open is None:
            advice = combine(scheme, walk.rules, answers)
            if shortcut.option in {option.id for option in advice.options if not option.requires}:
                usable.append(shortcut)
    return tuple(usable)


def next_step(scheme: Scheme, answers: Answers) -> Question | Advice:
    """The first question still open, or the advice when every question on the route is answered.

    `answers`: question id → choice id; a question of kind "many" takes several, joined by "+".
    A toggle takes yes or no and is never asked. Answers beside the route do no harm
    (`on_route` drops them). Raises UnknownAnswer for what no question offers.
    """
    _check(scheme, answers)
    walk = _walk(scheme, answers)
    if walk.open is None:
        return combine(scheme, walk.rules, answers)
    if not walk.open.shortcuts:
        return walk.open
    return replace(walk.open, shortcuts=_usable_shortcuts(scheme, walk.open, answers))


def on_route(scheme: Scheme, answers: Answers) -> dict[str, str]:
    """Only the answers that count, in the order asked and in canonical form: what to store."""
    _check(scheme, answers)
    walk = _walk(scheme, answers)
    reached = {rule.id for rule in walk.rules}
    toggles = {toggle.id: answers[toggle.id] for toggle in scheme.toggles if toggle.id in answers}
    kept = {toggle.id for toggle in scheme.toggles if toggle.on in reached}
    return walk.used | {node: answer for node, answer in toggles.items() if node in kept}


def node_of(step: Question | Advice) -> str:
    """Where the walk stands, as stored on the case: "Q2", or "A1+A4" for joined advice."""
    return step.id if isinstance(step, Question) else step.stage


def offered(advice: Advice, action: Action) -> bool:
    """Whether the advice holds this action; another one is a deviation and needs a reason."""
    return any(option.action == action for option in advice.options)


def deviations(scheme: Scheme, advice: Advice) -> tuple[Option, ...]:
    """What can be done against the advice, each with a reason, for who has one.

    A reply against the advice still needs what every flagged rule asks of a reply: a reason
    is no fact source.
    """
    stages = advice.stage.split(SEPARATOR)
    rules = [rule for rule in scheme.advices if rule.stage in stages]
    on = [toggle for toggle in scheme.toggles if toggle.id in advice.nodes]
    return tuple(
        replace(option, requires=_needs(option, rules, on))
        for option in scheme.deviations
        if not offered(advice, option.action)
    )


def public_reply(scheme: Scheme, nodes: Sequence[str]) -> Option:
    """A public reply to a post for which these nodes of advice were reached, whoever decided to give it.

    It needs what every flagged rule asks of a reply; with no nodes (nobody judged yet) nothing.
    """
    rules = [rule for rule in scheme.advices if not set(rule.nodes).isdisjoint(nodes)]
    on = [toggle for toggle in scheme.toggles if toggle.id in nodes]
    offered = [option for rule in (rules or scheme.advices) for option in rule.options]
    options = [o for o in (*offered, *scheme.deviations) if o.action is Action.REPLY_PUBLIC]
    return replace(options[0], requires=_needs(replace(options[0], requires=()), rules, on))


def open_extensions(scheme: Scheme, *, off: frozenset[str] = frozenset()) -> tuple[Extension, ...]:
    """The exits shown here: those switched off are left out, except the one that cannot be."""
    return tuple(
        extension
        for extension in scheme.extensions
        if not extension.switchable or (extension.enabled and extension.id not in off)
    )


def extension_advice(scheme: Scheme, extension_id: str) -> Advice | None:
    """The advice that goes with an exit (a rumour passed on: to correct it), if it has any."""
    for extension in scheme.extensions:
        if extension.id == extension_id and extension.advice:
            rules = [rule for rule in scheme.advices if rule.id == extension.advice]
            return combine(scheme, rules, {})
    return None


def possible_answers(question: Question) -> list[str]:
    """Every single choice and, where several may be true, every pair of them."""
    singles = [choice.id for choice in question.choices]
    if question.kind != "many":
        return singles
    joinable = [choice.id for choice in question.choices if not choice.exclusive]
    return singles + [SEPARATOR.join(pair) for pair in combinations(joinable, 2)]


def _toggled(advice: Advice, answers: dict[str, str]) -> Iterator[dict[str, str]]:
    yield answers
    for toggle in advice.toggles:
        yield {**answers, toggle.id: YES}


def routes(scheme: Scheme) -> Iterator[dict[str, str]]:
    """The answers of every path to an advice: single flags and pairs, toggles off and on."""
    pending: list[dict[str, str]] = [{}]
    while pending:
        answers = pending.pop(0)
        step = next_step(scheme, answers)
        if isinstance(step, Advice):
            yield from _toggled(step, answers)
        else:
            pending += [{**answers, step.id: answer} for answer in possible_answers(step)]
