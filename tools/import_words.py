"""The words of corrections in docs/import.md, from `importing/roles.toml`: `python tools/import_words.py`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from mien.importing.names import ASIDE, family_of, vocabulary

PAGE: Final = Path(__file__).parents[1] / "docs" / "import.md"
BEGIN: Final = "<!-- Made by `python tools/import_words.py`; a test holds it to roles.toml. -->\n\n"
END: Final = "\n<!-- End of what is made. -->\n"
_EXAMPLES: Final = 3
"""Names of layers that are shown of each role."""
_BESIDE: Final = {"eye": "how open it is", "mouth": "what it says", "brow": "an emotion"}
"""Families of roles -> what may be said of them beside their side."""


def words() -> str:
    """The tables, as they stand between `BEGIN` and `END`."""
    known = vocabulary()
    text = (PAGE.parents[1] / "engine" / "mien" / "importing" / "roles.toml").read_text("utf-8")
    names: dict[str, list[str]] = tomllib.loads(text)["roles"]
    lines = ["| role | layers with such names | beside its side |", "|---|---|---|"]
    for role in known.roles:
        if role not in ASIDE:
            latin = [name for name in names[role] if name.isascii()][:_EXAMPLES]
            other = [name for name in names[role] if not name.isascii()][:1]
            shown = ", ".join(f"`{name}`" for name in (*latin, *other))
            lines.append(f"| `{role}` | {shown} | {_BESIDE.get(family_of(role), '')} |")
    lines += ["", "| beside a role | words |", "|---|---|"]
    tables = (("a side, the character's own", known.sides), (_BESIDE["eye"], known.lids))
    for what, table in (*tables, (_BESIDE["mouth"], known.mouth), (_BESIDE["brow"], known.moods)):
        lines.append(f"| {what} | {', '.join(f'`{word}`' for word in table)} |")
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    """The page with the tables of now."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}{words()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
