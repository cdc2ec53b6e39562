"""Where frames go: stages that a program opens, the window, single pictures, and video files.

Layout: `show` puts cast, script and session together and `player` fills the rows of a tick; `base` is what
all stages share, `offline`, `live` and `window` differ in their clock and in where frames go; `pacing` when
frames are due; `ready` uploads and warms up; `meter` measures every frame; `picture` draws stills;
`video_file` encodes.
"""
