"""The public API as a whole: every name is documented, errors have one meaning each, nothing private is
needed."""

from __future__ import annotations

import builtins
import inspect
import re
from pathlib import Path

import mien
from mien import errors

ROOT = Path(__file__).parents[1]
API = (ROOT / "docs/api.md").read_text(encoding="utf-8")


def test_every_public_name_is_in_the_api_page_and_has_a_docstring() -> None:
    for name in mien.__all__:
        value = getattr(mien, name)
        assert re.search(rf"\b{name}\b", API), f"docs/api.md does not name mien.{name}"
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name


def test_each_name_comes_from_one_place() -> None:
    assert set(mien.__all__) == set(mien._HOME) and len(mien.__all__) == len(mien._HOME)


def test_all_errors_are_reachable_and_builtins_as_well() -> None:
    kinds = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.MienError)
    ]
    assert len(kinds) > 10
    for kind in kinds:
        assert getattr(mien, kind.__name__) is kind
        if kind is not errors.MienError:
            bases = [base for base in kind.__mro__[1:] if base.__module__ == "builtins"]
            assert bases[0] not in (builtins.Exception, builtins.BaseException), (
                f"{kind.__name__} is no builtin"
            )
    meanings = [inspect.getdoc(kind) for kind in kinds]
    assert len(set(meanings)) == len(meanings)


def test_public_calls_are_typed_whole() -> None:
    for name in mien.__all__:
        value = getattr(mien, name)
        members = inspect.getmembers(value, inspect.isfunction) if inspect.isclass(value) else [(name, value)]
        for member, function in members:
            if inspect.isfunction(function) and not member.startswith("_"):
                hints = inspect.get_annotations(function)
                wanted = set(inspect.signature(function).parameters) - {"self", "cls"} | {"return"}
                assert wanted <= set(hints), f"{name}.{member}: {wanted - set(hints)}"


def test_examples_use_nothing_private() -> None:
    for page in (
        "README.md",
        "examples.md",
        "docs/api.md",
        "docs/agents.md",
        "docs/embedding.md",
        "docs/security.md",
        "docs/testing.md",
    ):
        for block in re.findall(
            r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL
        ):
            assert not re.search(r"\._[a-z]", block), page
