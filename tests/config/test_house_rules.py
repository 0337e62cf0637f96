"""The rules of the house that no linter checks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "cases", "monitoring")
SDKS = {"atproto_client", "atproto_core", "googleapiclient", "httplib2", "mastodon"}
ONE_WRITER = "cases/services/transitions.py"
INTAKE_INSERT = "cases/services/intake.py"
RESTORES_THE_REST = (
    "cases/services/undo.py"  # puts fields back by name, and goes through `move` for the state
)


def sources(*, migrations: bool = False) -> Iterator[tuple[str, ast.Module]]:
    """Every source file of the three rooms, parsed."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if migrations or "/migrations/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> list[str]:
    """The modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return []


def late_imports(tree: ast.Module) -> Iterator[str]:
    """Modules imported inside a function."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                yield from imported(node)


def test_nothing_is_imported_inside_a_function_but_a_platform_sdk_in_its_connector() -> None:
    late = [
        f"{name}: {module}"
        for name, tree in sources()
        for module in late_imports(tree)
        if not (name.startswith("monitoring/connectors/") and _is_platform_sdk(module, of=name))
    ]
    assert late == []


def _is_platform_sdk(module: str, *, of: str) -> bool:
    """An SDK, or the part of a connector's own package that cannot be read without its SDK."""
    own = of.rpartition("/")[0].replace("/", ".")
    return module.split(".")[0] in SDKS or f"{module}.".startswith(f"{own}.")


def test_there_are_no_signals() -> None:
    signalling = [
        f"{name}: {module}"
        for name, tree in sources()
        for node in ast.walk(tree)
        for module in imported(node)
        if re.search(r"(^|\.)(dispatch|signals)$", module) and module.startswith("django")
    ]
    assert signalling == []


def written_states(tree: ast.Module) -> Iterator[int]:
    """Lines that could write `Case.state`: an assignment, a save of all fields, or `state=` in a query.

    Taking over what the database says (`case.state = held.state`) is no write: the saves are searched too.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            yield from (target.lineno for target, value in _pairs(node) if _is_write(target, value))
        elif isinstance(node, ast.Call) and _is_case_write(node):
            yield node.lineno


def _pairs(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def _is_write(target: ast.expr, value: ast.expr | None) -> bool:
    if not isinstance(target, ast.Attribute) or target.attr != "state":
        return False
    is_taken_over = isinstance(value, ast.Attribute) and value.attr == "state"
    return "case" in ast.unparse(target.value).lower() and not is_taken_over


def _is_case_write(node: ast.Call) -> bool:
    """A query or a save that could put another state into the database."""
    called, verb = ast.unparse(node.func), ast.unparse(node.func).rpartition(".")[2]
    names: dict[str | None, str] = {word.arg: ast.unparse(word.value) for word in node.keywords}
    if verb == "save":
        is_case = called.lower().removesuffix(".save").endswith(("case", "held"))
        return is_case and "state'" in names.get("update_fields", "'state'")
    if verb == "bulk_update":
        return "'state'" in ast.unparse(node)
    is_query = verb in {"update", "create", "get_or_create", "update_or_create"} and "Case." in called
    is_given = "state" in names or None in names  # None: `**changes`, which may hold it
    return is_given and (verb == "Case" or is_query)


def test_the_state_of_a_case_has_one_writer_and_one_insert() -> None:
    writers = {name for name, tree in sources() if any(written_states(tree))}
    if RESTORES_THE_REST in writers:
        assert 'before.pop("state")' in (ROOT / RESTORES_THE_REST).read_text(encoding="utf-8")
        writers.remove(RESTORES_THE_REST)
    assert writers <= {ONE_WRITER, INTAKE_INSERT}
    assert ONE_WRITER in writers


@pytest.mark.parametrize(
    "line",
    [
        "case.state = to",
        "response.case.state = 'closed'",
        "case.state, case.closed_at = to, now",
        "Case.objects.filter(pk=1).update(state='closed')",
        "Case.objects.create(post=post, state='new')",
        "Case(post=post, state='new')",
        "Case.objects.filter(pk=1).update(**changes)",
        "case.save()",
        "held.save(update_fields=['state'])",
        "Case.objects.bulk_update(cases, ['state'])",
    ],
)
def test_the_search_for_writers_finds_each_way_to_write(line: str) -> None:
    assert list(written_states(ast.parse(line))) == [1]


def test_rooms_with_models_have_a_migrations_package() -> None:
    for room in ("cases", "monitoring"):
        assert (ROOT / room / "migrations" / "__init__.py").is_file()
        assert list((ROOT / room / "migrations").glob("0001_*.py"))


def test_nothing_but_tasks_views_and_commands_looks_at_the_clock() -> None:
    rooms = re.compile(
        r"^(cases/(services|reads|rules|models|access)|monitoring/(store|polling|models|queries))"
    )
    looking = [
        name
        for name, tree in sources()
        if rooms.match(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and re.search(r"(timezone|datetime)\.(now|utcnow)$", ast.unparse(node.func))
    ]
    assert looking == []


def test_functions_classes_and_files_stay_readable() -> None:
    too_long = [
        f"{name}: {size} lines"
        for name, tree in sources()
        for size in [len((ROOT / name).read_text(encoding="utf-8").splitlines())]
        if size > 300
    ]
    for name, tree in sources():
        for node in ast.walk(tree):
            limit = 150 if isinstance(node, ast.ClassDef) else 40
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.end_lineno:
                size = node.end_lineno - node.lineno + 1
                if size > limit:
                    too_long.append(f"{name}:{node.lineno} {node.name}: {size} lines")
    assert too_long == []
