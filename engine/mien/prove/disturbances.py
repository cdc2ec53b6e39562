"""What disturbed a run, in words."""

from __future__ import annotations

from collections.abc import Sequence

from mien.prove.others import Others
from mien.prove.runs import Run
from mien.prove.thresholds import Disturbed


def disturbances(run: Run, bounds: Disturbed, fastest_mhz: float | None, load: str = "none") -> list[str]:
    """What was beyond the bounds: a clause each; none: the run was undisturbed.

    `fastest_mhz`: the highest mean clock of any run; `load`: what was put beside it on purpose.
    """
    found = [] if load == "none" else [f"the load {load} was put beside it on purpose"]
    found += of_machine(run.others, bounds)
    seen = run.others
    if seen.mhz is not None and fastest_mhz is not None and seen.mhz < bounds.slowed * fastest_mhz:
        found.append(
            f"the cores ran at {seen.mhz:.0f} MHz, {seen.mhz / fastest_mhz:.0%} of the fastest run's"
        )
    stopped = run.file.known("stopped_ms")
    if stopped is not None and stopped.sum() > 0:
        found.append(f"the process did not run for {stopped.sum() / 1000:.1f} s")
    return found


def of_machine(seen: Others, bounds: Disturbed) -> list[str]:
    """What of the machine was beyond the bounds: a clause each."""
    found = list[str]()
    named = ", ".join(f"{name} {used:.2f} cores" for name, used in seen.programs)
    if seen.mean is not None and seen.mean > bounds.others:
        found.append(f"other programs used {seen.mean:.0%} of the cores" + (f" ({named})" if named else ""))
    elif seen.worst_second is not None and seen.worst_second > bounds.worst_second:
        found.append(
            f"in one second others had {seen.worst_second:.0%} of the cores"
            + (f" ({named})" if named else "")
        )
    if seen.stolen_mean is not None and seen.stolen_mean > bounds.stolen:
        found.append(f"the hypervisor gave {seen.stolen_mean:.0%} of the cores to other machines")
    if seen.throttled is not None and seen.throttled > bounds.throttled:
        found.append(f"a limit of the container stopped it for {seen.throttled:.0%} of the time")
    if seen.hot is not None and seen.hot > bounds.hot:
        found.append(f"cores were slowed {seen.hot} times for their heat")
    longest = max((length for _, length in seen.pauses), default=0.0)
    if longest > bounds.paused_s:
        found.append(
            f"a process that does nothing but want to run was kept from it for {1000 * longest:.0f} ms: "
            f"the machine "
            "itself stood still"
        )
    return found


def by_player(runs: Sequence[Run], bounds: Disturbed, load: str) -> list[list[str]]:
    """What disturbed each run."""
    clocks = [run.others.mhz for run in runs if run.others.mhz is not None]
    fastest = max(clocks, default=None)
    return [disturbances(run, bounds, fastest, load) for run in runs]


def slower_cores(runs: Sequence[Run], bounds: Disturbed) -> list[list[str]]:
    """Of each run, whether a fixed piece of work took more processor time than in the best run of the same
    player: a clause, or none. That is in everybody's way, and helps nobody."""
    least: dict[str, float] = {}
    for run in runs:
        if run.others.work_us is not None:
            least[run.player] = min(run.others.work_us, least.get(run.player, run.others.work_us))
    return [
        [
            f"the cores were slower: what took {least[run.player]:.1f} us of processor time in another such "
            f"run took {run.others.work_us:.1f}"
        ]
        if run.others.work_us is not None and run.others.work_us > bounds.work * least[run.player]
        else []
        for run in runs
    ]


def of_runs(runs: Sequence[Run], bounds: Disturbed, load: str) -> list[list[str]]:
    """What disturbed each run, or was in its way: `by_player` and `slower_cores`."""
    pairs = zip(by_player(runs, bounds, load), slower_cores(runs, bounds), strict=True)
    return [[*one, *other] for one, other in pairs]
