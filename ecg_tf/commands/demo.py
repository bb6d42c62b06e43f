"""Serve a page on this machine that classifies ECGs and explains the predictions.

The page offers the networks of -path_model and the shipped ones, simulated ECGs, and an upload of
ECG files of any readable kind. Only this machine can open it, unless -host is another address.
Uploads are deleted when the command ends, or after an hour.

ecg_tf demo
ecg_tf demo -path_model runs/gru,exports/alexnet -port 8000
"""

from absl import flags

from ecg_tf.commands import app

_MODELS = app.define_paths(
    "path_model",
    ["pretrained:resnet1d"],
    "run folders, exports, pretrained:NAME or hf://OWNER/NAME, separated by commas; the page "
    "begins with the first",
)
_HOST = flags.DEFINE_string(
    "host", "127.0.0.1", "address to listen on; 0.0.0.0 lets other machines open the page"
)
_PORT = flags.DEFINE_integer("port", 7860, "port to listen on", lower_bound=1, upper_bound=65535)


def main(argv):
    from ecg_tf.demo.server import serve

    serve(_MODELS.value, _HOST.value, _PORT.value)
