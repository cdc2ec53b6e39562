"""What plugins inject: whose it is, how long, and how it is mixed. Pure: it is told the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from mien.messages import quoted
from mien.serve.vts.envelope import ErrorId, Refused
from mien.serve.vts.parameters import DEFAULTS, Parameter

LASTS_S: Final = 1.0
"""So long a value is kept that is not sent again, as VTube Studio keeps it."""
_MOST_OF_PLUGIN: Final = 100
_MOST: Final = 300
_LONGEST_EXPLANATION: Final = 256


@dataclass(frozen=True, slots=True)
class Injected:
    """A value for a parameter."""

    name: str
    value: float
    weight: float = 1.0
    """0..1: how much of it is taken; the rest is the parameter's default."""


@dataclass(slots=True)
class _Held:
    """What holds a parameter."""

    setter: tuple[str, str] | None = None
    """The plugin that sets it, by name and developer."""
    value: float = 0.0
    until_s: float = 0.0
    added: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    """Plugin -> what it adds, and until when."""


class Tracking:
    """All parameters, and what is injected. Times are seconds of one clock that goes on evenly."""

    def __init__(self) -> None:
        self._custom: dict[str, Parameter] = {}
        self._held: dict[str, _Held] = {}
        self._face_until_s = 0.0

    @property
    def custom(self) -> tuple[Parameter, ...]:
        """Those that plugins made, in that order."""
        return tuple(self._custom.values())

    def parameter(self, name: str) -> Parameter | None:
        """By its name."""
        return DEFAULTS.get(name) or self._custom.get(name)

    def create(self, plugin: tuple[str, str], made: Parameter, explanation: str) -> None:
        """A plugin makes a parameter, or gives its own another range. Raises Refused."""
        name = made.name
        if not 4 <= len(name) <= 32 or not (name.isascii() and name.isalnum()):
            raise Refused(ErrorId.PARAM_NAME, f"{quoted(name)}: give 4 to 32 letters and digits.")
        if name in DEFAULTS:
            raise Refused(ErrorId.PARAM_IS_DEFAULT, f"{name} is there by default; give another name.")
        if len(explanation) >= _LONGEST_EXPLANATION:
            raise Refused(ErrorId.PARAM_EXPLANATION, f"explanation: give less than {_LONGEST_EXPLANATION}.")
        known = self._custom.get(name)
        if known is not None and (known.added_by, known.developer) != plugin:
            raise Refused(ErrorId.PARAM_OF_ANOTHER, f"{name} is another plugin's; give another name.")
        if known is None:
            if len(self._custom) >= _MOST:
                raise Refused(ErrorId.PARAM_TOTAL_LIMIT, f"there are {_MOST} parameters, as many as may be.")
            own = sum((one.added_by, one.developer) == plugin for one in self._custom.values())
            if own >= _MOST_OF_PLUGIN:
                raise Refused(ErrorId.PARAM_PLUGIN_LIMIT, f"a plugin may have {own} parameters; delete one.")
        self._custom[name] = made

    def delete(self, plugin: tuple[str, str], name: str) -> None:
        """A plugin takes its parameter away. Raises Refused."""
        if not name:
            raise Refused(ErrorId.DELETE_NAME, "parameterName is missing; name one.")
        if name in DEFAULTS:
            raise Refused(ErrorId.DELETE_DEFAULT, f"{name} is there by default, and stays.")
        known = self._custom.get(name)
        if known is None:
            raise Refused(ErrorId.DELETE_NOT_FOUND, f"there is no parameter {quoted(name)}.")
        if (known.added_by, known.developer) != plugin:
            raise Refused(ErrorId.DELETE_OF_ANOTHER, f"{name} is another plugin's.")
        del self._custom[name]
        self._held.pop(name, None)

    def inject(
        self, plugin: tuple[str, str], mode: str, values: Sequence[Injected], *, face: bool, now_s: float
    ) -> None:
        """All of it, or nothing: `mode` is set or add. Raises Refused."""
        for one in values:
            if self.parameter(one.name) is None:
                raise Refused(
                    ErrorId.INJECT_NOT_FOUND, f"there is no parameter {quoted(one.name)}; create it first."
                )
            held = self._held.get(one.name)
            of_another = held is not None and held.setter not in (None, plugin) and held.until_s > now_s
            if mode == "set" and of_another:
                raise Refused(ErrorId.INJECT_OF_ANOTHER, f"another plugin sets {one.name} just now.")
        until_s = now_s + LASTS_S
        if face:
            self._face_until_s = until_s
        for one in values:
            held = self._held.setdefault(one.name, _Held())
            if mode == "add":
                held.added[plugin] = (one.value, until_s)
                continue
            rest = self._default(one.name)
            held.setter, held.until_s = plugin, until_s
            held.value = rest + (one.value - rest) * one.weight

    def values(self, now_s: float) -> dict[str, float]:
        """What is injected and not over, by parameter; what is over is forgotten."""
        found = {}
        for name, held in tuple(self._held.items()):
            held.added = {who: told for who, told in held.added.items() if told[1] > now_s}
            if held.until_s <= now_s:
                held.setter = None
            if held.setter is None and not held.added:
                del self._held[name]
                continue
            value = held.value if held.setter is not None else self._default(name)
            found[name] = value + sum(added for added, _ in held.added.values())
        return found

    def next_end_s(self) -> float | None:
        """When the first of what is injected is over; None: nothing is."""
        return min(self._ends(), default=None)

    def face_found(self, now_s: float) -> bool:
        """Whether a plugin says that a face is found."""
        return self._face_until_s > now_s

    def _ends(self) -> Iterator[float]:
        for held in self._held.values():
            if held.setter is not None:
                yield held.until_s
            yield from (until_s for _, until_s in held.added.values())

    def _default(self, name: str) -> float:
        found = self.parameter(name)
        return 0.0 if found is None else found.default
