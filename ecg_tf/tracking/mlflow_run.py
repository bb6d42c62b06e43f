"""A run of MLflow."""

import os
import re
import time

from ecg_tf.extras import import_extra

# Used where the user has not set them: MLflow neither prints nor reports its use to its makers, and
# a server that does not answer holds up training for about a minute after each epoch.
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}

_STATUS = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}


class MLflowRun:
    """A run on the server, or in the folder, that MLflow's environment variables name."""

    def __init__(self):
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        self._entities = import_extra("mlflow.entities", "mlflow")
        self._client_class = import_extra("mlflow.tracking", "mlflow").MlflowClient

    def open(self, run_id, name):
        """Open a run of an earlier training, or a new one.

        Args:
            run_id: ID of the run; None for a new one.
            name: name of a new run.

        Returns:
            ID of the run.
        """
        self._client = self._client_class()
        if run_id is None:
            run_id = self._client.create_run(self._experiment(), run_name=name).info.run_id
        else:
            self._client.get_run(run_id)  # raises an error if there is none
        self._id = run_id
        return run_id

    def begin(self, settings):
        """Mark the run as running and log its settings, {name: value}.

        MLflow keeps the first value of a setting that changes when the run is resumed.
        """
        self._client.update_run(self._id, status="RUNNING")
        known = self._client.get_run(self._id).data.params
        params = [
            self._entities.Param(name, ",".join(value) if isinstance(value, tuple) else str(value))
            for name, value in settings.items()
            if name not in known
        ]
        self._client.log_batch(self._id, params=params)

    def log_epoch(self, figures, epoch):
        """Log the figures of an epoch, {name: number}."""
        now = int(time.time() * 1000)
        metrics = [
            self._entities.Metric(_allowed(name), value, now, epoch)
            for name, value in figures.items()
        ]
        self._client.log_batch(self._id, metrics=metrics)

    def log_result(self, figures):
        """Log figures of the whole run, {name: number}."""
        self.log_epoch(figures, epoch=0)

    def log_files(self, files, folder):
        """Log files, `pathlib.Path`s, into a folder of the run; "" for its topmost."""
        for file in files:
            self._client.log_artifact(self._id, str(file), folder or None)

    def close(self, outcome):
        """Set how the run has ended: "finished", "stopped" or "failed"; None to leave it."""
        if outcome:
            self._client.set_terminated(self._id, _STATUS[outcome])

    def _experiment(self):
        """The ID of the experiment that MLflow's environment variables name."""
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME")
        if not name:
            return os.environ.get("MLFLOW_EXPERIMENT_ID", "0")
        experiment = self._client.get_experiment_by_name(name)
        return experiment.experiment_id if experiment else self._client.create_experiment(name)


def _allowed(name):
    """A name of a metric without the characters that MLflow refuses."""
    return re.sub(r"[^\w.\- /]", "_", name)
