"""What of a block of rows is drawn again, and how: plain numpy, no GL.

Layout: `planner` keeps what was shown last and plans what is drawn next; `row_classes` what each row needs
of a program; `footprints` and `coverage` where rows show; `fused_tiles` tiles that are blended in one go;
`emit` the plan.
"""
