"""What of a block of rows is drawn again, and how: plain numpy, no GL.

Layout: `planner` keeps what was `shown` last and plans what is drawn next, in four steps: `diff`, `classify`,
`occlude`, `emit`. They ask `footprints` and `coverage` where rows show, `row_classes` what each needs of a
program, and `fused_tiles` which tiles are blended in one go.
"""
