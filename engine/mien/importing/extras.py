"""What a format knows beyond layers and their names: has its say at each step of making a character."""

from __future__ import annotations

from typing import Any

from mien.importing.drafts import Drafts
from mien.importing.face import Face
from mien.importing.rig import Rig
from mien.importing.source import Path


class Extras:
    """Says nothing: what is made of layers alone."""

    def slots(self, drafts: Drafts) -> None:
        """Change slots before they have names; all that belong together are joined."""

    def joints(self, drafts: Drafts, rig: Rig, face: Face) -> None:
        """Change joints, and what slots hang on (`Draft.joint`)."""

    def finish(self, document: dict[str, Any], drafts: Drafts) -> None:
        """Change the document; what is in `drafts.rows` is told."""

    def is_made(self, path: Path) -> bool:
        """Whether a layer is none of the art, but was made of it."""
        return False


NOTHING = Extras()
