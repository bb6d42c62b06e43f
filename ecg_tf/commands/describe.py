"""Print a table of a network's layers, and draw the network.

The network is that of a run (-path_model), or a new one (-model and the flags of its sizes).

ecg_tf describe -model resnet -out resnet.png
ecg_tf describe -path_model runs/gru
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.setting_flags import define_settings
from ecg_tf.errors import InputError

_RUN = app.define_path(
    "path_model", None, "run folder, pretrained:NAME or hf://OWNER/NAME whose network is described"
)
_MODEL = flags.DEFINE_string("model", None, "name of the new network that is described")
_OUT = app.define_path("out", None, "PNG file to draw the network into")

# The sizes of a new network.
_OF_MODEL = define_settings(
    "leads",
    "channels",
    "image_size",
    "signal_model",
    "image_model",
    "nb_filters",
    "hidden_size",
    "num_layers",
    "state_size",
)


def main(_):
    if (_MODEL.value is None) == (_RUN.value is None):
        found = "both" if _RUN.value else "neither"
        raise InputError(f"{found} of -model and -path_model given, expected one of them")
    given = [flag.name for flag in _OF_MODEL if flag.present]
    if _RUN.value and given:
        raise InputError(
            f"-path_model: the run has its own {', '.join(given)}; give these with -model only"
        )

    from ecg_tf.data.labels import CLASSES
    from ecg_tf.describe.layer_table import format_layer_table, layer_table
    from ecg_tf.describe.network_diagram import draw_network
    from ecg_tf.plots.png import check_png
    from ecg_tf.runs.run_folder import RunFolder
    from ecg_tf.training.networks import build_network
    from ecg_tf.training.settings import Settings

    if _OUT.value:
        check_png(_OUT.value)
    if _RUN.value:
        network = RunFolder.open(_RUN.value).network()
    else:
        chosen = {flag.name: flag.value for flag in _OF_MODEL}
        settings = Settings(model=_MODEL.value, data="", path_save_model="", **chosen)
        network = build_network(settings, CLASSES)
    if _OUT.value:
        draw_network(network, _OUT.value)
    print(format_layer_table(layer_table(network)))
    if _OUT.value:
        print(f"drawn: {_OUT.value}")
