"""The totals of a run, as plain values under the names of the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mien.observe.histogram import Histogram

if TYPE_CHECKING:
    from mien.observe.ledger import Ledger


def totals_of(ledger: Ledger) -> dict[str, object]:
    """The run in one flat dictionary. None: it was not measured, or means nothing in this run."""
    return {**_frames(ledger), **_times(ledger), **_resources(ledger), **_sound(ledger)}


def _frames(ledger: Ledger) -> dict[str, object]:
    over = sum(ledger.frames_over_budget.values())
    produced = ledger.frames_produced
    return {
        "frames_expected_total": ledger.frames_expected,
        "frames_produced_total": produced,
        "frames_on_time_total": ledger.frames_on_time,
        "frames_late_total": produced - ledger.frames_on_time,
        "frames_no_update_total": ledger.frames_no_update,
        "frames_dropped_total": ledger.frames_dropped,
        "consecutive_missed_max": ledger.consecutive_missed_max,
        "dropped_percent_1s": ledger.dropped_share.totals(),
        "frames_over_budget_total": over,
        "frames_over_budget_per_1000": round(1000 * over / produced, 3) if produced else 0.0,
        "frames_over_budget_by_cause": {k: v for k, v in ledger.frames_over_budget.items() if v},
        "frame_interval_ms": round(ledger.interval_ms, 3),
    }


def _times(ledger: Ledger) -> dict[str, object]:
    realtime = ledger.realtime
    return {
        "frame_cpu_ms": _spread(ledger.frame_cpu_ms),
        "frame_gpu_ms": _some(ledger.frame_gpu_ms),
        "work_ms": _spread(ledger.work_ms),
        "build_ms": _spread(ledger.build_ms),
        "draw_ms": _spread(ledger.draw_ms),
        "readback_ms": _spread(ledger.readback_ms),
        "readback_wait_ms": _spread(ledger.readback_wait_ms),
        "readback_age_frames": ledger.readback_age_max,
        "swap_ms": _spread(ledger.swap_ms),
        "host_ms": _spread(ledger.host_ms),
        "gil_ms": _spread(ledger.gil_ms),
        "present_interval_ms": _spread(ledger.present_interval_ms) if realtime else None,
        "frame_delay_ms": _spread(ledger.frame_delay_ms) if realtime else None,
        "animation_error_ms": _some(ledger.animation_error_ms),
        "thread_gap_ms": _some(ledger.thread_gap_ms),
        "gc_pause_ms": {
            str(generation): {"count": pauses.count, **_spread(pauses)}
            for generation, pauses in enumerate(ledger.gc_pause_ms)
            if pauses.count
        },
        "cpu_wait_ms": round(ledger.cpu_wait_ms, 3),
        "others_ms": round(ledger.others_ms, 3),
        "stolen_ms": round(ledger.stolen_ms, 3),
    }


def _resources(ledger: Ledger) -> dict[str, object]:
    return {
        "l1_rebuild_total": ledger.l1_rebuild_total,
        "l1_rebuild_us": _spread(ledger.l1_rebuild_us),
        "l1_miss_total": ledger.l1_misses,
        "l1_miss_by_speaking": dict(ledger.l1_miss_total),
        "l1_miss_ms": _some(ledger.l1_miss_ms),
        "upload_ms": _some(ledger.upload_ms),
        "upload_events_total": ledger.upload_events_total,
        "upload_bytes_total": ledger.upload_bytes_total,
        "shader_compile_after_ready_total": ledger.shader_compile_after_ready_total,
        "gl_alloc_after_ready_total": ledger.gl_alloc_after_ready_total,
    }


def _sound(ledger: Ledger) -> dict[str, object]:
    skew = _some(ledger.skew_ms)
    if skew is not None:
        skew |= {"least": round(ledger.skew_min_ms, 3), "most": round(ledger.skew_max_ms, 3)}
    return {
        "audio_underruns_total": ledger.underruns,
        "audio_concealed_ms": round(ledger.concealed_samples / 48, 3),
        "concealment_events_total": ledger.concealment_events,
        "inter_turn_gap_ms": round(ledger.added_gap_samples / 48, 3),
        "jitter_actual_ms": _some(ledger.jitter_actual_ms),
        "jitter_target_ms": round(ledger.jitter_target_ms, 3) if ledger.jitter_actual_ms.count else None,
        "interrupt_to_silence_ms": _some(ledger.interrupt_to_silence_ms),
        "chunks_late_total": ledger.chunks_late,
        "chunks_discarded_total": ledger.chunks_discarded,
        "av_skew_ms": skew,
        "turns_total": ledger.turns,
        "turns_short_total": ledger.turns_short,
        "turn_decode_ms": _some(ledger.turn_decode_ms),
        "time_to_first_audio_ms": _some(ledger.time_to_first_audio_ms),
    }


def _some(histogram: Histogram) -> dict[str, float] | None:
    return _spread(histogram) if histogram.count else None


def _spread(histogram: Histogram) -> dict[str, float]:
    return {
        "p50": round(histogram.quantile(0.5), 3),
        "p99": round(histogram.quantile(0.99), 3),
        "max": round(histogram.max, 3),
    }
