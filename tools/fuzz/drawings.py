"""A good SVG drawing, and what is changed in it: numbers, references, copies of pieces, bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Final

from fuzz import octets

_NUMBER: Final = re.compile(rb"(?<![\w#.])-?\d+(?:\.\d+)?")
_REFERENCE: Final = re.compile(rb"#[a-z]\w*")
_ELEMENT: Final = re.compile(rb"<(g|rect|circle|path|use|pattern|filter|mask|clipPath)\b[^<>]*?/?>")
_VALUES: Final = (b"0", b"-1", b"1e9", b"1e-9", b"3e38", b"nan", b"65536", b"4096", b"999999999999", b"0.5")

SAMPLE: Final = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="90" height="120" viewBox="0 0 90 120">
<style>.soft { opacity: 0.5 } .dark { mix-blend-mode: multiply } #tear { display: none }</style>
<defs>
 <linearGradient id="light" x2="0" y2="1">
  <stop stop-color="#fc8"/><stop offset="1" stop-color="#c64"/>
 </linearGradient>
 <clipPath id="inside"><circle cx="30" cy="50" r="9"/></clipPath>
 <mask id="fade"><rect width="90" height="120" fill="url(#light)"/></mask>
 <filter id="blur" x="0" y="0"><feGaussianBlur stdDeviation="2"/><feOffset dx="1" dy="1"/></filter>
 <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><circle r="2" cx="3" cy="3"/></pattern>
 <symbol id="star" viewBox="0 0 9 9"><path d="M0 0L9 4 0 9z"/></symbol>
</defs>
<rect width="100%" height="100%" fill="url(#light)"/>
<g id="body" transform="translate(3 4) rotate(2)">
 <path d="M10 110 q30-40 70 0z" fill="url(#dots)" stroke-width="2" stroke="#000" stroke-dasharray="3 1"/></g>
<g id="head"><ellipse cx="45" cy="50" rx="30" ry="36" fill="#fdc"/>
 <use href="#star" width="9" height="9"/></g>
<g id="left_eye" clip-path="url(#inside)"><circle id="white" cx="30" cy="50" r="9" fill="#fff"/>
 <circle id="iris" cx="31" cy="51" r="5" fill="#26c"/></g>
<g id="right_eye" mask="url(#fade)"><circle cx="60" cy="50" r="9" fill="#fff"/></g>
<g id="mouth" filter="url(#blur)"><path id="mouth_aa" d="M35 70 h20" stroke="#600" stroke-width="3"/></g>
<g id="shade" class="dark soft"><rect x="20" y="10" width="50" height="80" fill="#88a"/></g>
<g id="tear"><circle cx="30" cy="62" r="3" fill="#8cf"/></g>
</svg>"""


def mutated(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """One to six changes."""
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        match random.randrange(6):
            case 0 | 1:
                data = _exchanged(data, _NUMBER, random.choice(_VALUES), random)
            case 2:
                found = _REFERENCE.findall(data) or [b"#x"]
                data = _exchanged(data, _REFERENCE, random.choice(found), random)
            case 3 | 4:
                found = [match[0] for match in _ELEMENT.finditer(data)] or [b"<g/>"]
                piece = random.choice(found) * random.choice((1, 1, 20, 3000))
                at = random.choice([match.start() for match in _ELEMENT.finditer(data)] or [0])
                data = data[:at] + piece + data[at:]
            case _:
                data = octets.mutated(data, random, others)
    return data


def _exchanged(data: bytes, pattern: re.Pattern[bytes], new: bytes, random: Random) -> bytes:
    places = [match.span() for match in pattern.finditer(data)]
    if not places:
        return data
    start, end = random.choice(places)
    return data[:start] + new + data[end:]
