"""Pack prepared records into one file, to copy them or to train without TensorFlow.

ecg_tf pack -data data/ptb_xl -out data/ptb_xl.npz
"""

from absl import flags

from ecg_tf.commands import app

_DATA = app.define_path(
    "data", None, "folder of prepared records; see ecg_tf prepare_data", required=True
)
_OUT = app.define_path("out", None, "file to write, ending in .npz", required=True)
_LEADS = flags.DEFINE_list("leads", None, "leads to keep. Default: all")


def main(_):
    from ecg_tf.data.packed import pack

    pack(_DATA.value, _OUT.value, _LEADS.value)
    print(f"packed: {_OUT.value}")
