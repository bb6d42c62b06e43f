"""Files that PyTorch saved."""

import pickle
import re
from pathlib import Path

from ecg_tf.errors import InputError


def read_state_dict(path):
    """The tensors of a state dict that `torch.save` wrote; no code in the file is run.

    Args:
        path: the file.

    Returns:
        {name: float32 numpy array}.

    Raises:
        InputError: PyTorch is not installed, or the file is not such a state dict.
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
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever torch.load trips over in a file that is none of its own
        code = re.search(r"GLOBAL (\S+)", str(error))
        if isinstance(error, pickle.UnpicklingError) and code:
            raise InputError(
                f"{path}: refused, because more than tensors is in it: {code[1]}, which loading "
                "would run as code; expected a state dict: torch.save(network.state_dict(), …)"
            ) from error
        raise InputError(f"{path}: no PyTorch checkpoint, or a damaged one") from error
    if not isinstance(state, dict) or not state:
        raise InputError(f"{path}: holds a {type(state).__name__}, expected a state dict")
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor) or tensor.layout != torch.strided:
            kind = type(tensor).__name__
            raise InputError(
                f"{path}: no state dict, which has a dense tensor for every name: {name!r} is a "
                f"{kind} (in it: {', '.join(map(str, list(state)[:5]))})"
            )
    return {name: tensor.detach().float().numpy() for name, tensor in state.items()}
