#!/usr/bin/env python3
"""Export a run as a SavedModel that takes the raw ECG and needs TensorFlow alone.

python bin/export.py -path_model runs/alexnet -export_dir exports/alexnet
"""

from absl import flags, logging

from ecg_tf import app

_RUN = flags.DEFINE_string("path_model", None, "a run folder", required=True)
_EXPORT = flags.DEFINE_string("export_dir", None, "the folder to write", required=True)


def main(_):
    from ecg_tf.export.saved_model import export_saved_model

    logging.set_verbosity(logging.WARNING)  # TensorFlow tells of every file
    export_saved_model(_RUN.value, _EXPORT.value)
    print(f"exported: {_EXPORT.value}")


if __name__ == "__main__":
    app.run(main)
