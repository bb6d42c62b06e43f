"""A run of Weights & Biases."""

import glob
import os
import shutil
from pathlib import Path

from ecg_tf.extras import import_extra

# Used where the user has not set them: W&B neither prints nor reports errors to its makers, and
# stores no output, code, system metrics or list of packages; a server that does not answer holds up
# the start and the end of training for half a minute.
_ENVIRONMENT = {
    "WANDB_SILENT": "true",
    "WANDB_CONSOLE": "off",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_DISABLE_GIT": "true",
    "WANDB_DISABLE_CODE": "true",
    "WANDB__DISABLE_META": "true",
    "WANDB__DISABLE_MACHINE_INFO": "true",
    "WANDB__DISABLE_STATS": "true",
    "WANDB__SAVE_REQUIREMENTS": "false",
    "WANDB_INIT_TIMEOUT": "30",
    "WANDB_FINISH_TIMEOUT": "30",
}

# W&B shows 255 as "killed", see wandb/sdk/lib/exit_hooks.py.
_EXIT_CODES = {"finished": 0, "stopped": 255, "failed": 1, None: 0}


class WandbRun:
    """A run on the server, or in the folder, that W&B's environment variables name."""

    def __init__(self):
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        self._wandb = import_extra("wandb", "wandb")

    def open(self, run_id, name):
        """Open a run of an earlier training, or a new one.

        Args:
            run_id: ID of the run; None for a new one.
            name: name of a new run.

        Returns:
            ID of the run.
        """
        known = {"id": run_id, "resume": "allow"} if run_id else {"name": name}
        self._run = self._wandb.init(**known, reinit="create_new")
        return self._run.id

    def begin(self, settings):
        """Log the settings of a training that starts or is resumed, {name: value}."""
        self._run.config.update(settings, allow_val_change=True)

    def log_epoch(self, figures, epoch):
        """Log the figures of an epoch, {name: number}."""
        self._run.log(figures, step=epoch, commit=True)

    def log_result(self, figures):
        """Log figures of the whole run, {name: number}."""
        self._run.summary.update(figures)

    def log_files(self, files, folder):
        """Log files, `pathlib.Path`s, into a folder of the run; "" for its topmost."""
        for file in files:
            copy = Path(self._run.dir, folder, file.name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            self._run.save(glob.escape(str(copy)), base_path=self._run.dir, policy="now")

    def close(self, outcome):
        """End the run: "finished", "stopped" or "failed"; None to leave it."""
        self._run.finish(exit_code=_EXIT_CODES[outcome])
