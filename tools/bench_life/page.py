"""The words of the page that the benchmark of life writes."""

from typing import Final

HEAD: Final = """# How alive characters look

Written by `tools/bench_life.py`; no figure here was typed by hand.

- Command: `{command}`
- Seeds: {seeds}; {date}

Conversations are played as `mien render` would play them, 30 frames a second, and every pose is looked at;
nothing is drawn. Pixels are those of a frame of 1920 x 1080. Each row has the least, the middle and the most
of all seeds, and an aim that every seed is held to; of rows that count few things in a minute the middle is.

| what | how |
|---|---|
| looks at | eyes open, gaze with the head's share within 0.3 of it; a neighbour is 0.8 from the \
viewer; who blinks as a turn ends has not looked away |
| blink | both eyes shut for half a second at most |
| turn of the head | the face goes sideways by 8 px within a second |
| nod | dips of the head's pitch at 1.8 to 6.5 Hz, less than 0.7 s apart |
| against loudness | shift at which the movement fits the loudness of the voice best; positive is late |
| in-breath | where the breath rises most steeply, of turns that follow another |
| ghost | a second drawing of the mouth or a brow at a weight over 0.1 |
| body | the corner of torso and arms that moves furthest |
| repeats | correlation of breath, sway and the head's angles with themselves 10 s to 5 min later |

People: Argyle and Cook (gaze), Bentivoglio 1997 and Doughty 2001 (blinks), Ho 2015 (ends of turns), Hale 2020
(nods), Torreira 2015 (breath).
"""

TABLE: Final = """
## {title}

{about}

| figure | people | least | middle | most | aim | within |
|---|---|---:|---:|---:|---|---|
"""

TAIL: Final = """
Rows that say **no** are what is still to be done.

Motion was tuned by looking at seeds 1 to 10. Others: [life-other-seeds.md](life-other-seeds.md).
"""
