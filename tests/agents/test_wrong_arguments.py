"""Whatever a program hands to a face is taken, or refused with one sentence before anything is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mien.agents.face import Face
from mien.errors import MienError
from test_wrong_arguments import WRONG

OPTIONS = ("character", "size", "fps", "background", "seed", "page_budget", "history_s", "quality", "title")


def refused(call: Callable[[], Any]) -> None:
    try:
        call()
    except MienError as error:
        assert str(error).endswith(".") and "\n" not in str(error)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_face_takes_it_or_says_why_not(option: str, wrong: str) -> None:
    refused(lambda: Face(**{option: WRONG[wrong]()}))


@pytest.mark.parametrize("option", ["clock", "context"])
@pytest.mark.parametrize("given", [1, 0, object()])
def test_an_option_that_no_face_takes_is_not_asked_for_in_another_kind(option: str, given: Any) -> None:
    with pytest.raises(MienError, match=f"^a face of an agent takes no {option}: "):
        Face(**{option: given})


@pytest.mark.parametrize("wrong", WRONG)
def test_livekits_rate_is_taken_or_refused(wrong: str) -> None:
    livekit = pytest.importorskip("mien.agents.livekit", exc_type=ImportError)
    refused(lambda: livekit.FaceGenerator("wren", sample_rate=WRONG[wrong]()))
    refused(lambda: livekit.AvatarSession(WRONG[wrong]()))


@pytest.mark.parametrize("wrong", WRONG)
def test_pipecats_rate_of_frames_is_taken_or_refused(wrong: str) -> None:
    pipecat = pytest.importorskip("mien.agents.pipecat", exc_type=ImportError)
    refused(lambda: pipecat.FaceProcessor("wren", fps=WRONG[wrong]()))
