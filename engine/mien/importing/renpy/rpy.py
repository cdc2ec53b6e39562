"""The `layeredimage` statements of a Ren'Py script, read as text: nothing in it is run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_WORDS: Final = re.compile(
    r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\([^()]*\)|\[[^\[\]]*\]|[\w.-]+|[=!<>]=|:|\S"
)
_PLACES: Final = ("pos", "xpos", "ypos", "align", "xalign", "yalign", "offset", "xoffset", "yoffset")
_LISTS: Final = ("if_all", "if_any", "if_not", "when")
_MOST_LINES: Final = 200_000


@dataclass(slots=True)
class Layer:
    """An attribute, an `always`, or a condition's picture."""

    group: str = ""
    attribute: str = ""
    """Empty: always shown."""
    image: str = ""
    """What its picture is called; empty to be found by pattern."""
    default: bool = False
    variant: str = ""
    offset: tuple[int, int] = (0, 0)
    if_all: tuple[str, ...] = ()
    if_any: tuple[str, ...] = ()
    if_not: tuple[str, ...] = ()
    is_null: bool = False
    """It has no picture: there only to be asked for."""
    condition: str = ""
    """Python that decides whether it is shown; it is not run."""

    def fits(self, shown: set[str]) -> bool:
        """Whether it is seen beside these attributes."""
        every = all(one in shown for one in self.if_all)
        some = not self.if_any or any(one in shown for one in self.if_any)
        return every and some and not any(one in shown for one in self.if_not)


@dataclass(slots=True)
class Group:
    """A group whose pictures are found by their names."""

    name: str
    variant: str
    multiple: bool
    auto: bool
    at: int
    """Before which layer of the image its found ones stand."""
    offset: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class LayeredImage:
    """One statement."""

    name: str
    layers: list[Layer] = field(default_factory=list)
    """Bottom to top."""
    groups: list[Group] = field(default_factory=list)
    image_format: str = ""
    multiple: set[str] = field(default_factory=set)
    """Groups whose attributes do not exclude each other."""
    ignored: list[str] = field(default_factory=list)
    """What was not understood, a line each."""


def layered_images(text: str) -> list[LayeredImage]:
    """All statements of a script."""
    found = []
    lines = [line.expandtabs(4) for line in text.splitlines()[:_MOST_LINES]]
    at = 0
    while at < len(lines):
        match = re.match(r"\s*layeredimage\s+([\w ]+?)\s*:\s*$", lines[at])
        if match:
            depth = _indent(lines[at])
            end = at + 1
            while end < len(lines) and (not _is_code(lines[end]) or _indent(lines[end]) > depth):
                end += 1
            found.append(
                _statement(match[1].strip(), [line for line in lines[at + 1 : end] if _is_code(line)])
            )
            at = end
        else:
            at += 1
    return found


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _words(line: str) -> list[str]:
    words = []
    for word in _WORDS.findall(line.strip()):
        if word == "#":
            break
        words.append(word)
    return words


def _statement(name: str, lines: list[str]) -> LayeredImage:
    image = LayeredImage(name)
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and _indent(lines[end]) > _indent(lines[at]):
            end += 1
        _block(image, _words(lines[at]), lines[at + 1 : end])
        at = end
    return image


def _block(image: LayeredImage, words: list[str], inner: list[str]) -> None:
    match words[0]:
        case "image_format" if len(words) > 1:
            image.image_format = _text(words[1])
        case "group" if len(words) > 1:
            _group(image, words[1], words[2:], inner)
        case "attribute" if len(words) > 1:
            image.layers.append(_layer(Layer(words[1], words[1]), words[2:], inner))
        case "always":
            image.layers.append(_layer(Layer(), words[1:], inner))
        case "if" | "elif" | "else" if inner:
            # What an `else` shows is seen where nothing has been decided yet.
            condition = "" if words[0] == "else" else " ".join(words[1:]).rstrip(":").strip()
            layer = _layer(Layer(condition=condition), [], inner)
            image.layers.append(layer)
        case (
            "at"
            | "xanchor"
            | "yanchor"
            | "anchor"
            | "yoffset"
            | "xoffset"
            | "format_function"
            | "attribute_function"
            | "offer_screen"
        ):
            pass
        case _:
            image.ignored.append(" ".join(words)[:80])


def _group(image: LayeredImage, name: str, words: list[str], inner: list[str]) -> None:
    options = _layer(Layer(name), words, [])
    flags = {word for word in words if word in ("auto", "multiple")}
    own = [line for line in inner if _indent(line) == min((_indent(i) for i in inner), default=0)]
    for line in own:
        head = _words(line)
        if head and head[0] in ("auto", "multiple"):
            flags.add(head[0])
        elif head and head[0] == "variant" and len(head) > 1:
            options.variant = _text(head[1])
        elif head and head[0] in _PLACES:
            _option(options, head, 0)
    if "multiple" in flags:
        image.multiple.add(name)
    at = 0
    while at < len(inner):
        end = at + 1
        while end < len(inner) and _indent(inner[end]) > _indent(inner[at]):
            end += 1
        head = _words(inner[at])
        if head[0] == "attribute" and len(head) > 1:
            layer = Layer(name, head[1], variant=options.variant, offset=options.offset)
            layer.if_all, layer.if_any, layer.if_not = options.if_all, options.if_any, options.if_not
            image.layers.append(_layer(layer, head[2:], inner[at + 1 : end]))
        at = end
    if "auto" in flags:
        image.groups.append(
            Group(name, options.variant, "multiple" in flags, True, len(image.layers), options.offset)
        )


def _layer(layer: Layer, words: list[str], inner: list[str]) -> Layer:
    every = list(words)
    for line in inner:
        every += _words(line)
    at = 0
    while at < len(every):
        at = _option(layer, every, at)
    return layer


def _option(layer: Layer, words: list[str], at: int) -> int:
    """Take one option; returns where the next one is."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word == "default":
        layer.default = True
    elif word == "null":
        layer.is_null = True
    elif word == "variant" and following:
        layer.variant = _text(following)
        return at + 2
    elif word in _LISTS and following:
        return _when(layer, words, at + 1) if word == "when" else _names(layer, word, following, at)
    elif word in ("pos", "offset") and (pair := _pair(following)) is not None:
        layer.offset = pair
        return at + 2
    elif word in ("xpos", "xoffset", "ypos", "yoffset") and re.fullmatch(r"-?\d+", following):
        x, y = layer.offset
        layer.offset = (int(following), y) if word.startswith("x") else (x, int(following))
        return at + 2
    elif word == "at" and following:
        return at + 2
    elif word[0] in "\"'" and not layer.image:
        layer.image = _text(word)
    elif word == "Image" and following.startswith("("):
        found = re.search(r"[\"']([^\"']+)[\"']", following)
        layer.image = found[1] if found else ""
        return at + 2
    return at + 1


def _names(layer: Layer, word: str, value: str, at: int) -> int:
    names = tuple(re.findall(r"[\"']([^\"']+)[\"']", value))
    setattr(layer, word, getattr(layer, word) + names)
    return at + 2


def _when(layer: Layer, words: list[str], at: int) -> int:
    """`when` with names, `not`, `&`, `and`: what can be said as lists."""
    negative = False
    while (
        at < len(words)
        and words[at] not in (":", "default", "at", "variant", *_PLACES)
        and words[at][0] not in "\"'"
    ):
        word = words[at]
        if word in ("not", "!"):
            negative = True
        elif word in ("or", "|"):
            layer.if_any, layer.if_all = (*layer.if_any, *layer.if_all[-1:]), layer.if_all[:-1]
            if at + 1 < len(words):
                layer.if_any = (*layer.if_any, words[at + 1])
                at += 1
        elif re.fullmatch(r"[\w.-]+", word) and word != "and":
            if negative:
                layer.if_not = (*layer.if_not, word)
            else:
                layer.if_all = (*layer.if_all, word)
            negative = False
        at += 1
    return at


def _text(word: str) -> str:
    return word[1:-1].replace('\\"', '"').replace("\\'", "'") if word[:1] in "\"'" else word


def _pair(word: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\)", word)
    return (int(found[1]), int(found[2])) if found else None
