"""Convert a checkpoint of the study's PyTorch code (a state dict) into a run folder.

ecg_tf import_pytorch -checkpoint gru.pt -model gru -path_save_model runs/gru
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.preprocessing import CHANNELS

_CHECKPOINT = app.define_path("checkpoint", None, "checkpoint file", required=True)
_MODEL = flags.DEFINE_string("model", None, "name of the network", required=True)
_RUN = app.define_path("path_save_model", None, "run folder to write", required=True)
_DATA = app.define_path(
    "data",
    None,
    "prepared records or an image tree, to choose the thresholds on its dev partition. Default: "
    "thresholds of 0.5",
)
_SIGNAL_RUN = app.define_path("signal_run", None, "run of the signal network, for late_fusion")
_IMAGE_RUN = app.define_path("image_run", None, "run of the image network, for late_fusion")
_LEADS = flags.DEFINE_list(
    "leads", list(DEFAULT_LEADS), "leads that the network was trained on, in order"
)
_CHANNELS = flags.DEFINE_list("channels", list(CHANNELS), "image types of each lead, in order")
_DROPOUT = flags.DEFINE_boolean(
    "dropout_in_predictions",
    False,
    "of vgg: drop values in predictions, too, as the study's code does; they are then random",
)


def main(_):
    from ecg_tf.convert.import_pytorch import import_pytorch

    run = import_pytorch(
        _CHECKPOINT.value,
        _MODEL.value,
        _RUN.value,
        data=_DATA.value,
        signal_run=_SIGNAL_RUN.value,
        image_run=_IMAGE_RUN.value,
        leads=_LEADS.value,
        channels=_CHANNELS.value,
        dropout_in_predictions=_DROPOUT.value,
    )
    print(f"finished: {run.path}")
