"""Import of optional packages."""

import importlib

from ecg_tf.errors import InputError

# {extra in setup.cfg: its packages, as pip takes them where there is no checkout}
PACKAGES = {
    "litert": "ai-edge-litert",
    "onnx": "onnx onnxruntime tf2onnx",
    "formats": "edfio pydicom",
    "parquet": "pyarrow",
    "beam": "apache-beam",
    "demo": "gradio",
    "hub": "huggingface_hub",
    "mlflow": "mlflow-skinny",
    "wandb": "wandb",
}


def import_extra(module, extra):
    """Import a module of a package that an extra of ecg_tf installs.

    Args:
        module: full name of the module.
        extra: the extra, one of `PACKAGES`.

    Raises:
        InputError: the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            f"{module.split('.')[0]} cannot be imported ({error}); to install it: pip install "
            f"{PACKAGES[extra]} (the extra ecg_tf[{extra}])"
        ) from error
