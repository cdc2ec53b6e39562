"""A character as bare data, a random script, and a track of plain speech: no files, no pixels."""

from __future__ import annotations

import numpy as np

from mien.character import Character, Expression, Gaze, Joint, Lids, Mouth, Slot
from mien.character import Drawing as CharacterDrawing
from mien.clock import SAMPLE_RATE
from mien.script import (
    DrawingSet,
    ExpressionSet,
    GazeSet,
    GestureSet,
    Nod,
    PartnerSet,
    Script,
    SpeechTrack,
    TurnComing,
    TurnEnded,
    TurnStarted,
    VocalBurst,
)
from mien.types import VISEMES, Pose, Rect, Size

LIDS = ("wide", "open", "three_quarter", "half", "nearly", "closed", "happy", "sad")
MOUTH, LID_LEFT, LID_RIGHT, LASH_LEFT, ARM, COAT, BROW = 1, 2, 3, 4, 5, 6, 7


def seconds(value: float) -> int:
    return round(value * SAMPLE_RATE)


def slot(name: str, *drawings: str, default: int = 0, fade_ms: float = 140.0) -> Slot:
    made = tuple(CharacterDrawing(d, 0, Rect(0, 0, 1, 1), (0, 0)) for d in drawings)
    return Slot(name, made, default, 0, fade_ms=fade_ms)


def character(name: str = "ada") -> Character:
    shapes = ("rest", "aa", "E", "O", "smile_rest", "smile_aa", "smile_E", "smile_O")

    def mood(first: int) -> tuple[int, ...]:
        of = {"aa": 1, "E": 2, "I": 2, "O": 3, "U": 3}
        return tuple(first + of.get(v, 0) for v in VISEMES)

    expressions = (
        Expression("neutral", {}),
        Expression("happy", {BROW: 1}, mood="smile", channels={"brow_left_y": 0.3, "head_roll": 0.2}),
        Expression("laugh", {BROW: 1}, ("happy", "happy"), mood="smile", fade_ms=160),
        Expression("angry", {BROW: 2, ARM: 1}, ("three_quarter", "three_quarter"), channels={"shrug": 0.4}),
        Expression("sad", {BROW: 3}, ("half", "half"), channels={"head_pitch": -0.3}, fade_ms=400),
        Expression("surprised", {BROW: 1}, ("wide", "wide"), rest_viseme=VISEMES.index("O")),
        Expression("worried", {BROW: 3}, channels={"brow_left_tilt": 0.5}),
        Expression("wink", {}, ("closed", "open")),
        Expression("stare", {}, override_blink="block", override_gaze="block", override_mouth="block"),
        Expression("thinking", {BROW: 4}),
    )
    return Character(
        name,
        Size(64, 64),
        1.0,
        (32, 64),
        (32, 24),
        (
            slot("head", "main"),
            slot("mouth", *shapes),
            slot("lid_left", *LIDS),
            slot("lid_right", *LIDS),
            slot("lash_left", "open", "half", "closed"),
            slot("arm", "rest", "crossed", "explain", "chin"),
            slot("coat", "plain", "raincoat", default=-1, fade_ms=200),
            slot("brow", "flat", "raised", "down", "inner_up", "one_up"),
        ),
        (Joint("root", -1, (0, 0)),),
        {e.name: e for e in expressions},
        {"grumpy": "angry"},
        Mouth(MOUTH, {"neutral": mood(0), "smile": mood(4)}),
        Lids((LID_LEFT, LASH_LEFT), (LID_RIGHT,)),
        Gaze((-4, 4), (-2, 2), (), ()),
        {"explain": {ARM: 2}, "chin": {ARM: 3}},
    )


def track(duration_s: float, *, pause_every_s: float = 1.7) -> SpeechTrack:
    """Syllables at about five a second, a vowel each, with short pauses."""
    n = round(duration_s * 100)
    time = np.arange(n) / 100
    voiced = np.clip(np.sin(time * 2 * np.pi * 2.5) ** 2 * 1.3 - 0.2, 0, 1)
    voiced[(time % pause_every_s) < 0.25] = 0.0
    rows = np.zeros((n, len(VISEMES)), np.float32)
    vowel = np.asarray([10, 11, 13, 14, 12])[(np.arange(n) // 20) % 5]
    rows[np.arange(n), vowel] = voiced
    rows[:, 1] = 0.2 * voiced * (1 - voiced)
    rows[:, 0] = 1.0 - rows.sum(axis=1)
    made = SpeechTrack()
    made.append(rows, voiced.astype(np.float32))
    made.finish()
    return made


def script_of(*events: object, seed: int = 0) -> Script:
    script = Script(seed)
    for event in events:
        script.append(event)  # type: ignore[arg-type]
    return script


def busy_script(
    rng: np.random.Generator, length_s: float, keys: tuple[str, ...] = ("a", "b"), without: str = ""
) -> Script:
    """A random script: turns one after another, most announced, some of them in vain, and every other event
    at any time; `without` an expression."""
    script = Script(1)
    t = float(rng.uniform(0, 1))
    number = 0
    while t < length_s:
        who, lasts = str(rng.choice(keys)), float(rng.uniform(0.3, 4))
        heard = track(lasts if rng.random() < 0.8 else lasts / 2)
        announced = t - float(rng.uniform(0.05, 0.5))
        if announced > 0 and rng.random() < 0.7:
            # As it then begins, or a little sooner or later, or a turn that is dropped.
            off, turn = [(0.0, str(number)), (float(rng.uniform(-0.04, 0.3)), str(number)), (0.0, "dropped")][
                int(rng.choice(3, p=[0.7, 0.2, 0.1]))
            ]
            script.append(TurnComing(seconds(announced), who, turn, seconds(t + off), heard))
        script.append(TurnStarted(seconds(t), who, str(number), heard))
        script.append(TurnEnded(seconds(t + lasts), who, str(number), bool(rng.random() < 0.3)))
        t += lasts + float(rng.choice([0.0, 0.1, 2.5]))
        number += 1
    names = [name for name in character().expressions if name != without]
    for _ in range(int(length_s * 4)):
        at, who = seconds(float(rng.uniform(0, length_s))), str(rng.choice(keys))
        x, y = (float(v) for v in rng.uniform(-1, 1, 2))
        script.append(
            [  # type: ignore[arg-type]
                ExpressionSet(at, who, str(rng.choice(names)), float(rng.choice([0.35, 0.7, 1.0]))),
                GazeSet(at, who, x, y),
                GestureSet(at, who, str(rng.choice(["", "explain", "chin", "unknown"]))),
                Nod(at, who, x),
                DrawingSet(at, who, "coat", [None, "", "plain", "raincoat"][int(rng.integers(4))]),
                PartnerSet(at, who, x, 0.3 * y),
                VocalBurst(at, who, str(rng.choice(["laugh", "sigh", "breath"]))),  # type: ignore[arg-type]
            ][int(rng.integers(7))]
        )
    return script


def blank() -> Pose:
    return Pose.empty(len(character().slots))


def shown(pose: Pose, slot_index: int) -> dict[int, float]:
    """Drawing -> weight of one slot."""
    found: dict[int, float] = {}
    for pick, weight in zip(pose.picks[slot_index].tolist(), pose.weights[slot_index].tolist(), strict=True):
        if weight > 0:
            found[pick] = found.get(pick, 0.0) + weight
    return found
