"""Apache Beam: the runner and the options of a pipeline."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import shlex
from collections.abc import Iterator

from ecg_tf.errors import InputError, quoted
from ecg_tf.extras import import_extra

# {runner: its name for Beam}
RUNNERS = {
    # Beam's own DirectRunner would first download another runner, Prism, and try that.
    "DirectRunner": "apache_beam.runners.portability.fn_api_runner.FnApiRunner",
    "FlinkRunner": "FlinkRunner",
    "SparkRunner": "SparkRunner",
    "DataflowRunner": "DataflowRunner",
}
_WITH_OWN_OPTIONS = ("FlinkRunner", "SparkRunner")  # known to their servers only


@dataclasses.dataclass(frozen=True)
class Beam:
    """How Apache Beam runs a pipeline.

    Args:
        runner: one of `RUNNERS`.
        options: options of the runner and of Beam, as on a command line.

    Raises:
        InputError: Apache Beam is not installed, or the runner or an option is unknown.

    Examples:
        >>> from ecg_tf.beam import Beam
        >>> Beam("SomeRunner")
        Traceback (most recent call last):
        ...
        ecg_tf.errors.InputError: runner 'SomeRunner': expected DirectRunner, ...
    """

    runner: str
    options: str = ""

    def __post_init__(self) -> None:
        if self.runner not in RUNNERS:
            raise InputError(f"runner {quoted(self.runner)}: expected {', '.join(RUNNERS)}")
        self.pipeline_options()

    def pipeline_options(self) -> object:
        """Return the options with the runner, as Beam's PipelineOptions."""
        beam_options = import_extra("apache_beam.options.pipeline_options", "beam")
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                options = beam_options.PipelineOptions(
                    shlex.split(self.options), runner=RUNNERS[self.runner]
                )
                known = options.get_all_options()
                given = options.get_all_options(retain_unknown_options=True)
        except ValueError as error:
            raise InputError(f"{self._flag()}: {error}") from error
        except SystemExit as error:  # of argparse, which prints the reason
            reason = said.getvalue().rpartition("error: ")[2].strip()
            raise InputError(f"{self._flag()}: {reason}") from error
        unknown = sorted(set(given) - set(known))
        if unknown and self.runner not in _WITH_OWN_OPTIONS:  # Beam itself leaves them out
            raise InputError(f"{self._flag()}: {self.runner} has no option {', '.join(unknown)}")
        return options

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Turn an error of Beam into an `InputError` of one line while the block runs."""
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise InputError(
                f"{self.runner}: the pipeline failed: {lines[-1][:500]} (-verbosity 1 shows the "
                "log of Beam)"
            ) from error

    def _flag(self) -> str:
        return f"-beam_options {quoted(self.options, 200)}"
