"""The old way, for comparison: a CPU compositor with an L1 cache of finished pictures, on a wall clock.

It plays the same conversations with the same characters through Mien's own motion. Nothing in it waits or
burns time: what a frame costs is what Pillow and FFmpeg cost.

- state: poses rounded to expression states, and `Sizing`, all that decides what it costs
- cache, painter: the L1 cache, and what a miss does: every layer of the character, composited with Pillow
- sound: whole clips, decoded and resampled on the frame thread before their first sample plays
- layers, pillow_layers: rows in Pillow's form, and their compositing
- stage: the program, and its frame loop
- figures: the arithmetic of the comparison, the same for both programs
- ledger: its run as `mien report` reads it

How it was sized. Wanted: misses of 57-170 ms, 95-100 in the mean, about 72 in 1000 frames, at 1280x720 on
two cores. Cost: layers are kept as drawn (1024x1280) and scaled as they are composited, at 1.55 times the
size shown. Misses were measured to take 67-131 ms there, 90 in the mean; at 1.45 times 61-150, 83-96 in the
mean of a run; at 1.5 times 65-129, 87-91. The machine was shared: with both cores taken by others, a miss
takes half as long again, or twice.

Frequency: in `night_shift` (90 s, counted on a virtual clock whose misses take 95 ms) a state taken every 3
frames with 4 mouths, 4 lids and a gaze of 3 steps misses 73 times in 1000 frames with 256 pictures kept, 77
with 128 and 85 with 64; with the turn of the head in the state, too, it would be 90. A shorter run misses
more often, 90 to 120 in the first 20 s: the cache begins empty. What a run did is in its report.
"""
