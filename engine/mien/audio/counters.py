"""What jitter buffers count: names after webrtc-stats (w3.org/TR/webrtc-stats), in samples at 48 kHz."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class JitterCounters:
    """Totals since the start, in samples unless said otherwise. May be shared by several buffers."""

    chunks_received: int = 0
    """Chunks."""
    chunks_discarded: int = 0
    """Chunks that were wholly late, wholly duplicate, or beyond the capacity."""
    chunks_late: int = 0
    """Chunks of which at least a part came after its time."""
    chunks_duplicate: int = 0
    """Chunks that came in time and of which every sample was here already."""
    chunks_reordered: int = 0
    """Chunks that came after a later one and brought something new."""
    samples_discarded: int = 0
    """Late, duplicate, or beyond the capacity."""
    samples_lost: int = 0
    """Never arrived although later ones did; their time was kept silent."""
    emitted_count: int = 0
    """Samples that were played as they came."""
    concealed_samples: int = 0
    """Samples made up where real ones were missing, silence included."""
    silent_concealed_samples: int = 0
    concealment_events: int = 0
    """Events: each run of concealed samples is one."""
    interruption_count: int = 0
    """Runs of concealed samples of at least 150 ms."""
    samples_flushed: int = 0
    """Held when an interruption ended the turn, and never played."""
    jitter_buffer_emitted_count: int = 0
    """Of live feeds, as the four that follow: samples that were played as they came."""
    jitter_buffer_delay: int = 0
    """Sample-periods that those samples were held, added up: over the count it is the mean delay."""
    jitter_buffer_target_delay: int = 0
    """The target depth at each of those samples, added up."""
    inserted_samples_for_deceleration: int = 0
    """Samples played more than had come, for a sender whose clock is slower than ours."""
    removed_samples_for_acceleration: int = 0
    """Samples played less than had come, for a sender whose clock is faster; of live feeds that catch up,
    pitch periods that were taken out, too."""
    removed_pause_samples: int = 0
    """Of live feeds that catch up, as the one that follows: samples by which pauses were shortened."""
    samples_skipped: int = 0
    """Samples left out because they were more than a second late."""
