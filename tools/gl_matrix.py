#!/usr/bin/env python3
"""The GL part of the tests on several drivers: what only one of them satisfies is found here.

    .venv/bin/python tools/gl_matrix.py [--write docs/benchmarks/drivers.md] [NAME ...]

Debian's Mesa brings them all (zink needs mesa-vulkan-drivers, for lavapipe). A driver that this machine lacks
is named as lacking. No GPU is needed; with one, `as it is` is that GPU.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ["tests/composite", "tests/stage/test_in_a_hosts_context.py", "tests/embedding/test_many_stages.py"]
LACKING = "-GL_EXT_shader_framebuffer_fetch -GL_ARB_robustness -GL_KHR_robustness"
HEAD = "| driver | renderer | GL | strategy | tests |\n|---|---|---|---|---|"
LOOK = (
    "from mien.composite.gl import open_headless, choose_strategy\n"
    "c = open_headless()\n"
    "print(c.info['GL_RENDERER'], '|', c.info['GL_VERSION'], '|', choose_strategy(c)[0])\n"
)


@dataclass(frozen=True)
class Driver:
    """A way to have Mesa draw."""

    name: str
    why: str
    environment: dict[str, str] = field(default_factory=dict)
    expects: str = ""
    """What its GL_RENDERER holds; another driver drew if it does not."""


def drivers() -> list[Driver]:
    """All that are tried."""
    return [
        Driver("as it is", "the machine's first device"),
        Driver("llvmpipe", "Mesa on the processor, what most machines without a GPU have",
               {"LIBGL_ALWAYS_SOFTWARE": "1", "GALLIUM_DRIVER": "llvmpipe"}, "llvmpipe"),
        Driver("posed as a GPU", "llvmpipe by another name: loop, pixel buffers, timers with real pixels",
               {"LIBGL_ALWAYS_SOFTWARE": "1", "force_gl_renderer": "Posed GPU"}, "Posed GPU"),
        Driver("GL 3.3 only", "no extension and no version above what Mien asks for",
               {"LIBGL_ALWAYS_SOFTWARE": "1", "MESA_GL_VERSION_OVERRIDE": "3.3",
                "MESA_EXTENSION_OVERRIDE": LACKING}),
        Driver("softpipe", "another rasterizer, without threads or a compiler",
               {"LIBGL_ALWAYS_SOFTWARE": "1", "GALLIUM_DRIVER": "softpipe"}, "softpipe"),
        Driver("zink", "OpenGL over Vulkan, here over lavapipe",
               {"LIBGL_ALWAYS_SOFTWARE": "1", "MESA_LOADER_DRIVER_OVERRIDE": "zink"}, "zink"),
    ]  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A line of the table."""

    driver: Driver
    renderer: str
    version: str
    strategy: str
    outcome: str
    failures: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """For the table."""
        cells = self.driver.name, self.renderer, self.version, self.strategy, self.outcome
        return "| " + " | ".join(cells) + " |"


def tried(driver: Driver, extra: list[str]) -> Result:
    """Look who draws, then run the tests."""
    environment = {**os.environ, **driver.environment}
    looked = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
    )
    if looked.returncode:
        return Result(driver, "-", "-", "-", f"not here: {looked.stderr.strip().splitlines()[-1][:200]}")
    renderer, version, strategy = (part.strip() for part in looked.stdout.strip().splitlines()[-1].split("|"))
    if driver.expects.lower() not in renderer.lower():
        return Result(driver, renderer, version, strategy, "not here: another driver draws instead")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS, *extra],
        env=environment, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    failures = tuple(re.findall(r"^(?:FAILED|ERROR) (\S+)", ran.stdout, re.MULTILINE))
    outcome = re.sub(r" in [\d.]+s.*", "", ran.stdout.strip().splitlines()[-1].strip("= "))
    return Result(driver, renderer, version, strategy, outcome, failures)


def main() -> int:
    """Run, print, and write the table where asked; 1 when a driver that is here failed a test."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these drivers")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table as Markdown, too")
    parser.add_argument("-k", default="", help="only tests that match, as of pytest")
    arguments = parser.parse_args()
    extra = ["-k", arguments.k] if arguments.k else []
    results = []
    for driver in drivers():
        if not arguments.names or driver.name in arguments.names:
            results.append(tried(driver, extra))
            print(results[-1].line, flush=True)
            for failure in results[-1].failures:
                print("   ", failure, flush=True)
    if arguments.write:
        rows = "\n".join(result.line for result in results)
        failures = "\n".join(
            f"- {result.driver.name}: `{name}`" for result in results for name in result.failures
        )
        arguments.write.write_text(
            "# Drivers\n\nThe GL part of the tests, by `python tools/gl_matrix.py --write FILE`, "
            f"{date.today().isoformat()}.\n\n{HEAD}\n{rows}\n\n"
            + "".join(f"- **{result.driver.name}**: {result.driver.why}.\n" for result in results)
            + (f"\nFailed:\n\n{failures}\n" if failures else "")
        )
    return int(any(result.failures for result in results))


if __name__ == "__main__":
    sys.exit(main())
