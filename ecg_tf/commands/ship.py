"""Add a finished run to the shipped networks, as ecg_tf/pretrained/NAME (for maintainers).

ecg_tf ship -path_model runs/gru -data data/ptb_xl -name gru -description "GRU, 3 leads."
"""

from absl import flags

from ecg_tf.commands import app

_RUN = app.define_path("path_model", None, "run folder", required=True)
_DATA = app.define_path("data", None, "prepared records that the run was trained on", required=True)
_NAME = flags.DEFINE_string("name", None, "name of the shipped network", required=True)
_DESCRIPTION = flags.DEFINE_string(
    "description", "", "one or two sentences for the card of the network"
)


def main(_):
    from ecg_tf.reports.plain_json import plain_json
    from ecg_tf.shipping.ship import ship

    card = ship(_RUN.value, _DATA.value, _NAME.value, _DESCRIPTION.value)
    print(plain_json(card), end="")
    print(f"shipped as pretrained:{_NAME.value}; now update docs/model_card.md: ecg_tf model_card")
