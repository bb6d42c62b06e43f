"""Write a run as a folder for the Hugging Face Hub: model card, weights, thresholds, licence.

Nothing is uploaded. `hf upload OWNER/NAME FOLDER` does so, with the tool `hf` of huggingface_hub;
-path_model hf://OWNER/NAME then stands for the network in all commands.

ecg_tf publish -path_model runs/gru -out hub/ecg-gru -license LICENSE
"""

from ecg_tf.commands import app

_RUN = app.define_path(
    "path_model", None, "run folder, pretrained:NAME or hf://OWNER/NAME", required=True
)
_OUT = app.define_path("out", None, "folder to write, missing or empty", required=True)
_LICENSE = app.define_path(
    "license",
    None,
    "text file with the licence of the weights. Default: CC BY 4.0 for networks trained on PTB-XL; "
    "other networks need a file",
)


def main(_):
    from ecg_tf.shipping.publish import publish

    publish(_RUN.value, _OUT.value, _LICENSE.value)
    print(f"written: {_OUT.value}; to upload it: hf upload OWNER/NAME {_OUT.value}")
