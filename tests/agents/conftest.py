"""The frameworks are imported here first: what they say of their own age at import is none of ours."""

from __future__ import annotations

import warnings
from contextlib import suppress
from importlib import import_module

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for name in (
        "livekit.agents",
        "pipecat.transports.base_output",
        "pipecat.services.tts_service",
        "pipecat.tests.utils",
        "vision_agents.core",
    ):
        with suppress(ImportError):
            import_module(name)
