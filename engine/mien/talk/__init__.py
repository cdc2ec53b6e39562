"""Conversations: turns and cues as values, the file format they are read from, and who does what when.

Layout: `turns` the values; `tags` inline tags; `said` holds what is given with a turn to its types;
`conversation`, `cue_tables` and `timings` the file format; `names` what it names as paths; `check` the
linter; `director` and `session` what happens live; `abilities`, `cues`, `running_cues` and `agenda` the way
of a cue into the script; `staging`, `blocking` and `entrances` who stands where; `events` what hosts are told
of; `ended` what is written down.
"""

from mien.audio import AudioInput
from mien.talk.check import check_conversation
from mien.talk.conversation import CastMember, Conversation, alone, load_conversation
from mien.talk.names import background_path, character_path
from mien.talk.tags import cues_of, parse_tags, say
from mien.talk.turns import Cue, Staging, Turn, VisemeTimings, Word

__all__ = [
    "AudioInput",
    "CastMember",
    "Conversation",
    "Cue",
    "Staging",
    "Turn",
    "VisemeTimings",
    "Word",
    "alone",
    "background_path",
    "character_path",
    "check_conversation",
    "cues_of",
    "load_conversation",
    "parse_tags",
    "say",
]
