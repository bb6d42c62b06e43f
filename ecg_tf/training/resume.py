"""Starting a run in its folder, or resuming the run that is there."""

import keras

from ecg_tf.errors import InputError
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.settings import MAY_CHANGE


def check_same_run(run, settings):
    """Check that the run in a folder is unfinished and has these settings.

    Args:
        run: the `RunFolder`, which holds a run.
        settings: `ecg_tf.training.settings.Settings`.

    Raises:
        InputError: a finished run, or one with other settings or under another Keras backend.
    """
    if run.is_finished:
        raise InputError(f"{run.path}: contains a finished run; use -overwrite to delete it first")
    backend = keras.backend.backend()
    if backend not in run.metadata.versions:
        raise InputError(
            f"{run.path}: contains an unfinished run under another Keras backend than {backend}; "
            "set KERAS_BACKEND to that, or use -overwrite to delete the run first"
        )
    may_change = MAY_CHANGE - ({"epochs"} if settings.schedule == "cosine" else set())
    other = run.other_flags(settings, may_change)
    if other:
        raise InputError(
            f"{run.path}: contains an unfinished run with other settings: {'; '.join(other)}. Use "
            "the same settings to resume it, or -overwrite to delete it first"
        )


def start_or_resume(run, settings, metadata, overwrite):
    """Prepare the folder of a run; call it while the folder is locked.

    1. A folder without a run: write the flags and the metadata.
    2. A run, with `overwrite`: delete it, then write them.
    3. This same run, unfinished: only update the flags that may change. Training resumes from the
       state in the folder.
    4. Any other run: refuse it.

    Args:
        run: the `RunFolder`.
        settings: `ecg_tf.training.settings.Settings`.
        metadata: the `ecg_tf.runs.run_metadata.RunMetadata` of the run.
        overwrite: True to delete a run in the folder.

    Raises:
        InputError: a folder in use, or a run that is finished or has other settings or data.
    """
    if not run.exists:
        RunFolder.create(run.path, settings.flagfile(), metadata)
    elif overwrite:
        run.remove()
        run.begin(settings.flagfile(), metadata)
    else:
        check_same_run(run, settings)  # again, as another process may have finished it
        _check_same_data(run, metadata)
        run.save_flags(settings.flagfile())


def _check_same_data(run, metadata):
    for name in ("class_names", "records", "ecg_sha256"):
        before, now = getattr(run.metadata, name), getattr(metadata, name)
        if before != now:
            raise InputError(
                f"{run.path}: contains an unfinished run on other data: {name} {before}, now "
                f"{now}; use -overwrite to delete it first"
            )
