"""What is said where a framework is not installed."""

from __future__ import annotations

from mien.errors import PackageMissing


def lacks(framework: str, extra: str, error: ImportError) -> PackageMissing:
    """That a framework cannot be imported: one sentence, with what to do."""
    return PackageMissing(
        f"mien.agents.{extra} needs {framework}, which cannot be imported ({error}); "
        f"run: pip install 'mien[{extra.replace('_', '-')}]'."
    )
