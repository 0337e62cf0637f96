"""Single keys: what each does by default, and what a person may put in its place. Pure (WCAG 2.1.4)."""

from collections.abc import Mapping

from cases.rules.scheme import Scheme, Texts, open_extensions

DEFAULTS: Mapping[str, str] = {
    "follow": "enter",
    "back": "backspace",
    "undo": "z",
    "next": "j",
    "previous": "k",
    "search": "/",
    "go": "g",
    "similar": "b",
    "claim": "f",
    "next_case": "x",
    "picture": "p",
    "log": "t",
    "list": "?",
}
"""What the pages do by one key, whatever the scheme says."""

FIXED = frozenset("0123456789")
"""Keys that answer a question: they are on the buttons, and stay."""


def actions(scheme: Scheme | None) -> dict[str, str]:
    """Every action that may have another key, with its own: of the pages, and the exits of the scheme."""
    exits = {found.id: found.key.lower() for found in open_extensions(scheme)} if scheme else {}
    return {**DEFAULTS, **exits}


def exit_labels(scheme: Scheme | None) -> dict[str, Texts]:
    return {found.id: found.label for found in open_extensions(scheme)} if scheme else {}


def reserved(scheme: Scheme | None) -> frozenset[str]:
    """Keys of the scheme itself: answers, choices and facts beside the advice."""
    if scheme is None:
        return FIXED
    used = {choice.key for question in scheme.questions for choice in question.choices}
    used |= {shortcut.key for question in scheme.questions for shortcut in question.shortcuts}
    used |= {option.key for rule in scheme.advices for option in rule.options}
    used |= {toggle.key for toggle in scheme.toggles}
    return FIXED | {key.lower() for key in used} - set(actions(scheme).values())


def fault(chosen: Mapping[str, str], scheme: Scheme | None) -> tuple[str, str, str] | None:
    """What is wrong with the keys that somebody chose: why, the action, and the key or the other action."""
    known = actions(scheme)
    taken: dict[str, str] = {}
    for action, key in (known | dict(chosen)).items():
        if action not in known:
            return "unknown", action, key
        is_own = key == known[action]
        if not is_own and (len(key) != 1 or not key.isprintable() or key.isspace()):
            return "one", action, key
        if not is_own and key in reserved(scheme):
            return "reserved", action, key
        if key in taken:
            return "taken", action, taken[key]
        taken[key] = action
    return None


def translation(chosen: Mapping[str, str], scheme: Scheme | None) -> dict[str, str]:
    """The key that is pressed → the key whose work it does; "" = nothing, its work moved away."""
    known = actions(scheme)
    moved = {action: key for action, key in chosen.items() if action in known and key != known[action]}
    done = {known[action]: "" for action in moved}
    return done | {key: known[action] for action, key in moved.items()}
