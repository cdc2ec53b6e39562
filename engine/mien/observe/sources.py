"""Whose definitions metrics have: what each is called there, what it means, and in what ours differs."""

from __future__ import annotations

from typing import Final, NamedTuple


class Source(NamedTuple):
    """Where a definition is from."""

    metrics: tuple[str, ...]
    """Ours."""
    called: str
    """There."""
    means: str
    """In our words."""
    url: str
    differs: str = ""
    """In what ours is otherwise; empty: in nothing."""


_WEBRTC: Final = "https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-"
_LIBWEBRTC: Final = "https://webrtc.googlesource.com/src/+/refs/heads/main/video/video_quality_observer2.cc"
_SWAPPY: Final = "https://developer.android.com/games/sdk/reference/frame-pacing/struct/swappy-stats"
_RESTS: Final = (
    "times in which nobody wanted frames, or the process did not run, are left out (there: pauses, over 5 s)"
)

SOURCES: Final = (
    Source(
        ("freezes_total",),
        "freezeCount",
        "A frame stays for max(3 d, d + 150 ms) or longer, d being the mean of the last 30 durations.",
        _WEBRTC + "freezecount",
        "as libwebrtc does, none is judged before the fifth; the mean is not rounded; " + _RESTS,
    ),
    Source(
        ("freezes_duration_ms",), "totalFreezesDuration", "How long those stayed.",
        _WEBRTC + "totalfreezesduration", "in ms, there in s",
    ),
    Source(
        ("inter_frame_s", "squared_inter_frame_s2"),
        "totalInterFrameDelay, totalSquaredInterFrameDelay",
        "Sum of the times between frames shown, and of their squares: (q - t^2 / n) / n is their variance.",
        _WEBRTC + "totalsquaredinterframedelay",
        _RESTS,
    ),
    Source(
        ("harmonic_hz",), "WebRTC.Video.HarmonicFrameRate", "Length of the run by the sum of the squares.",
        _LIBWEBRTC,
    ),
    Source(
        ("refreshes_idle",), "idleFrames", "Refreshes that a frame waited once it was drawn.", _SWAPPY,
        "it waits in our hands and not in the compositor's queue; drawn is when the draw calls have returned",
    ),
    Source(
        ("refreshes_late",), "lateFrames", "Refreshes from the one that was asked for to that of presenting.",
        _SWAPPY,
    ),
    Source(
        ("refreshes_offset",), "offsetFromPreviousFrame", "Refreshes between two frames.", _SWAPPY,
        "of frames that change nothing as well, which are not presented anew",
    ),
    Source(
        ("refreshes_latency",), "latencyFrames", "Refreshes from the begin of a frame to that of presenting.",
        _SWAPPY,
    ),
    Source(
        ("frame_overrun_ms",),
        "FrameDataApi31.frameOverrunNanos",
        "How long past its deadline a frame was done; negative: so long before.",
        "https://developer.android.com/reference/kotlin/androidx/metrics/performance/FrameDataApi31",
        "done is presented, and the deadline is an interval after it was due; in ms",
    ),
    Source(
        ("animation_error_ms",),
        "MsAnimationError",
        "Difference of the step of the animation's time and of the time of showing it.",
        "https://github.com/GameTechDev/PresentMon/blob/main/README-ConsoleApplication.md",
        "its absolute value; the animation's time is that of the session, not of the processor's begin",
    ),
    Source(
        ("dropped_percent_1s",),
        "PercentDroppedFrames_1sWindow",
        "Share of frames dropped in a sliding second.",
        "https://source.chromium.org/chromium/chromium/src/+/main:cc/metrics/dropped_frame_counter.cc",
    ),
    Source(
        ("predictor_jank",),
        "Event.Jank.PredictorJankyFramePercentage",
        "Of three steps one way the middle one is longer than both others, or shorter, by 1.2 (by 1.4 where "
        "none is over 7 px). A function of places (`mien.observe.smoothness`), and of pictures "
        "(`mien.report.pixel_motion`).",
        "https://source.chromium.org/chromium/chromium/src/+/main:cc/metrics/predictor_jank_tracker.cc",
        "of a thing that is followed in the picture, in two dimensions, and not of scroll deltas; where "
        "times are given, of its speed; steps of less than 1/2 pixel are not judged; one that stands still "
        "between steps is uneven (there it is not judged)",
    ),
    Source(
        ("audio_concealed_ms", "concealment_events_total"),
        "concealedSamples, concealmentEvents",
        "Sound that was made up because none had arrived, and how often that began.",
        _WEBRTC + "concealedsamples",
        "in ms, there in samples",
    ),
    Source(
        ("av_skew_ms",),
        "BT.1359-1",
        "Sound ahead by 45 ms to behind by 125 ms is not noticed.",
        "https://www.itu.int/rec/R-REC-BT.1359",
        "mouth minus sound, there the other way round",
    ),
)  # fmt: skip
"""In the order in which they are shown."""
