"""Export a run for one runtime: TensorFlow, LiteRT or ONNX Runtime.

The export takes raw ECGs. It is verified in a separate process that has only its runtime.

ecg_tf export -path_model runs/alexnet -export_dir exports/alexnet
ecg_tf export -path_model runs/alexnet -export_dir exports/alexnet_onnx -format onnx
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.export.runtimes import FILES
from ecg_tf.extras import PACKAGES

_RUN = app.define_path(
    "path_model", None, "run folder, pretrained:NAME or hf://OWNER/NAME", required=True
)
_EXPORT = app.define_path("export_dir", None, "folder to write", required=True)
_FORMAT = flags.DEFINE_enum(
    "format",
    "saved_model",
    list(FILES),
    f"saved_model (TensorFlow), litert (needs: pip install {PACKAGES['litert']}) or onnx (needs: "
    f"pip install {PACKAGES['onnx']})",
)


def main(_):
    from ecg_tf.export.export_run import export_run

    check = export_run(_RUN.value, _EXPORT.value, _FORMAT.value)
    print(f"exported: {_EXPORT.value}; its predictions agree with those of the run:")
    print(check.table())
