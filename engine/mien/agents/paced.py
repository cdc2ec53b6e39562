"""A stage on a timeline of its own whose frames may be passed over, for a host whose time goes on."""

from __future__ import annotations

from mien.stage.offline import Stage


class PacedStage(Stage):
    """A `Stage` whose host says of each frame whether it is drawn."""

    def pass_over(self) -> None:
        """Let the next frame's time pass without drawing it: `sound` is its sound, as of `frame`."""
        self._check()
        self._check_owner("pass_over")
        with self._told.busied(), self._compositor.current():
            self._hear()
            self.sound, self._pulled = self._sound_of_next(), None
            self._shown = self._shown if self._repeats else self.fps.sample(self._index)
            self._index += not self._repeats
