"""What GL there is: every device, the one that is taken, and whether it draws what it should."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from mien.cli.doctor.finding import UPDATE, UPDATE_SOFTWARE, Finding
from mien.composite.gl import choose_strategy, is_software, open_headless
from mien.composite.gl.survey import Surveyed, device_index, survey
from mien.errors import MienError, RendererUnavailable
from mien.stage.drawing_check import TOLERANCE, Checked, check_drawing

HEADLESS = "headless GL"


def examine_renderer(tell: Callable[[str], None]) -> Iterable[Finding]:
    """The devices, the renderer that is taken, and its pictures."""
    tell("opening GL devices")
    try:
        surveyed = survey()
    except RendererUnavailable as error:
        yield Finding(HEADLESS, "missing", str(error))
        return
    try:
        context = open_headless()
    except RendererUnavailable as error:
        yield from listed(surveyed, None)
        yield Finding(HEADLESS, "missing", str(error))
        return
    remedy = UPDATE
    try:
        yield from listed(surveyed, device_index(context))
        strategy, why = choose_strategy(context)
        name, version = str(context.info["GL_RENDERER"]), f"GL {context.version_code / 100:.1f}"
        found = f"{name}, {version}, strategy {strategy} ({why})"
        figures = {"renderer": name, "version": version, "strategy": strategy}
        software = is_software(context)
        remedy = UPDATE_SOFTWARE if software else UPDATE
        yield Finding(
            HEADLESS,
            "note" if software else "ok",
            found,
            "a software renderer, which draws on the processor: slower than a GPU" if software else "",
            {**figures, "software": software},
        )
        tell("drawing small pictures, and comparing them with the reference")
        yield judged(check_drawing(context), name, remedy)
    except MienError as error:
        yield Finding("drawing", "wrong", str(error), remedy)
    finally:
        context.release()


def listed(surveyed: Iterable[Surveyed], taken: int | None) -> Iterable[Finding]:
    """A line for each device, in the order in which they are tried."""
    for one in surveyed:
        what = f"EGL {one.name}" if one.index >= 0 else "EGL display"
        figures = asdict(one) | {"taken": one.index == taken}
        if one.refused:
            yield Finding(what, "note", f"refused: {one.refused}", _refusal_remedy(one), figures)
        else:
            used = "taken" if one.index == taken else "works, not taken"
            yield Finding(what, "ok", f"{used}: {one.renderer}, {one.version}", "", figures)


def judged(checked: Iterable[Checked], renderer: str, remedy: str = UPDATE) -> Finding:
    """Whether all pictures are right; how far off those are that are not."""
    checked = tuple(checked)
    wrong = [one for one in checked if not one.right]
    figures = {"tolerance": TOLERANCE, "pictures": [asdict(one) for one in checked]}
    if not wrong:
        most = max(one.most for one in checked)
        names = " and ".join(one.what for one in checked)
        return Finding("drawing", "ok", f"{names}: within {most:.2f} of 255 of the reference", "", figures)
    found = "; ".join(
        f"{one.what}: {one.pixels} of {one.of} pixels off by up to {one.most:.2f} of 255" for one in wrong
    )
    return Finding("drawing", "wrong", f"{renderer} draws wrong pictures: {found}", remedy, figures)


def _refusal_remedy(one: Surveyed) -> str:
    if one.path:
        return f"see GPU access: {one.path} must be open to this user, and its driver have OpenGL 3.3"
    return "another device is used where one works; GLCONTEXT_DEVICE_INDEX names one to take"
