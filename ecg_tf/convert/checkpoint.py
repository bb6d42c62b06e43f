"""Reading PyTorch checkpoints."""

import pickle
import re
import warnings
import zipfile
from pathlib import Path

import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.runs.saved_weights import LARGEST_WEIGHT

# Names under which training scripts save the state dict, beside epochs and optimizers.
_WRAPPERS = ("state_dict", "model_state_dict", "model")
# Prefixes added by DataParallel, torch.compile and Lightning modules.
_PREFIXES = ("module.", "_orig_mod.", "model.")
_LONGEST_NAME = 200
_FLOATS = ("float16", "bfloat16", "float32", "float64")


def read_state_dict(path):
    """Read the tensors of a state dict that `torch.save` wrote; no code in the file is run.

    The state dict may be under "state_dict", "model_state_dict" or "model". The prefixes of
    `torch.nn.DataParallel` ("module."), `torch.compile` ("_orig_mod.") and Lightning ("model.") are
    removed if all names have them.

    Args:
        path: the file.

    Returns:
        {name: float32 numpy array}.

    Raises:
        InputError: PyTorch is not installed, or the file is no state dict or has numbers that are
            not finite.
    """
    try:
        import torch
    except ImportError as error:
        raise InputError(
            "reading a PyTorch checkpoint needs PyTorch: pip install 'torch>=2.6'"
        ) from error
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file")
    try:
        _check_members(path)
        with warnings.catch_warnings():  # meant for developers
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises exceptions of any class for a damaged file
        code = re.search(r"GLOBAL ([\w.]{1,60})", str(error))
        if isinstance(error, pickle.UnpicklingError) and code:
            raise InputError(
                f"{path}: refused, because it holds more than tensors: {code[1]}, which loading "
                "would run as code; expected a state dict: torch.save(network.state_dict(), …)"
            ) from error
        raise InputError(f"{path}: no PyTorch checkpoint, or a damaged one") from error
    try:
        state = _without_prefixes(_unwrapped(content))
        return {name: _numbers(name, tensor, state) for name, tensor in state.items()}
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _check_members(path):
    """Refuse a zip archive with damaged or compressed members."""
    if not zipfile.is_zipfile(path):
        return  # the format before PyTorch 1.6
    with zipfile.ZipFile(path) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise zipfile.BadZipFile("compressed members, which torch.save never writes")
        if archive.testzip() is not None:
            raise zipfile.BadZipFile("a wrong checksum")


def _unwrapped(content):
    """The state dict in the content of a file."""
    if not isinstance(content, dict) or not content:
        raise InputError(f"holds a {type(content).__name__}, expected a state dict")
    found = [name for name in _WRAPPERS if isinstance(content.get(name), dict) and content[name]]
    if len(found) > 1:
        raise InputError(f"holds {' and '.join(found)}, expected one state dict")
    return content[found[0]] if found else content


def _without_prefixes(state):
    """The state dict without the prefixes of its names."""
    for name in state:
        if not isinstance(name, str) or not name.isprintable() or len(name) > _LONGEST_NAME:
            raise InputError(
                f"no state dict: {quoted(str(name))} as the name of a tensor, expected a text of "
                f"at most {_LONGEST_NAME} characters"
            )
    for prefix in _PREFIXES * 2:  # one wrapper around the other
        if all(name.startswith(prefix) and name != prefix for name in state):
            state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def _numbers(name, tensor, state):
    """A tensor of the state dict as a float32 array."""
    import torch

    if not isinstance(tensor, torch.Tensor) or tensor.layout != torch.strided or tensor.is_nested:
        raise InputError(
            f"no state dict, which has a dense tensor for every name: {name!r} is a "
            f"{type(tensor).__name__} (in it: {', '.join(list(state)[:5])})"
        )
    dtype = str(tensor.dtype).removeprefix("torch.")
    if dtype not in _FLOATS and not (name.endswith("num_batches_tracked") and dtype == "int64"):
        raise InputError(f"{name} is of {dtype}, expected {', '.join(_FLOATS)}")
    if tensor.is_meta or tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise InputError(
            f"{name} has shape {tuple(tensor.shape)}, but the file holds fewer numbers"
        )
    array = tensor.detach().float().resolve_neg().numpy()
    if not np.isfinite(array).all():
        raise InputError(f"{name} has numbers that are not finite, as after a diverged training")
    if np.abs(array).max(initial=0) > LARGEST_WEIGHT:
        raise InputError(f"{name} has numbers beyond {LARGEST_WEIGHT:g}, which no weight can be")
    if name.endswith("running_var") and (array < 0).any():
        raise InputError(f"{name} has negative numbers, and is a variance")
    return array
