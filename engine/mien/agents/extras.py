"""What is said where a framework is not installed."""

from __future__ import annotations

from mien.errors import PackageMissing
from mien.installing import pip_install


def lacks(framework: str, extra: str, error: ImportError) -> PackageMissing:
    """That a framework cannot be imported: one sentence, with what to do."""
    installs = pip_install(f"mien[{extra.replace('_', '-')}]")
    return PackageMissing(
        f"mien.agents.{extra} needs {framework}, which cannot be imported ({error}); run: {installs}."
    )
