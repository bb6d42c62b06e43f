"""Networks of the Hugging Face Hub: "hf://OWNER/NAME" can stand in place of a run folder."""

import functools
import os
import re
from pathlib import Path

from ecg_tf.errors import InputError, quoted
from ecg_tf.extras import import_extra

HUB = "hf://"

# Of a published folder, see `ecg_tf.shipping.publish`; whatever else is there stays there.
_FILES = (
    "about.json",
    "model.keras",
    "thresholds.json",
    "flags.cfg",
    "history.csv",
    "seen.npz",
)
_NAME = re.compile(r"hf://(\w[\w.-]*/\w[\w.-]*)(?:@(\w[\w./-]*))?", re.ASCII)
_LOG_IN = "to log in: hf auth login"
_REASONS = {  # by the name of the error of huggingface_hub
    "RepositoryNotFoundError": f"no such repository, or a private one ({_LOG_IN})",
    "GatedRepoError": f"its owner has to grant access first ({_LOG_IN})",
    "RevisionNotFoundError": "no such branch, tag or commit",
    "LocalEntryNotFoundError": "the hub cannot be reached, and no earlier download is on the disk",
    "IncompleteSnapshotError": "the hub cannot be reached, and the earlier download is incomplete",
}


def is_on_hub(path: str | os.PathLike) -> bool:
    """Return True for "hf://OWNER/NAME".

    Examples:
        >>> from ecg_tf.pretrained.hub import is_on_hub
        >>> [is_on_hub(path) for path in ("hf://OWNER/NAME", "pretrained:gru", "runs/gru")]
        [True, False, False]
    """
    return str(path).startswith(HUB)


@functools.cache
def download(path: str) -> Path:
    """Download a run folder from the Hugging Face Hub, or find an earlier download of it.

    Files that have not changed since an earlier download are not downloaded again. In a process, a
    name always stands for the same folder, also if the repository changes meanwhile.

    Args:
        path: "hf://OWNER/NAME" or "hf://OWNER/NAME@REVISION": a branch, a tag or a commit.

    Returns:
        The folder, in the cache of huggingface_hub.

    Raises:
        InputError: `path` is of another form, huggingface_hub is not installed, or the repository
            cannot be downloaded.
    """
    name = _NAME.fullmatch(path)
    if name is None:
        raise InputError(f"{quoted(path, 80)}: expected hf://OWNER/NAME[@REVISION]")
    hub = import_extra("huggingface_hub", "hub")
    repository, revision = name.groups()
    try:
        return Path(hub.snapshot_download(repository, revision=revision, allow_patterns=_FILES))
    except Exception as error:  # of many kinds: of the hub, of HTTP, of the disk
        raise InputError(f"{path}: cannot be downloaded: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Describe an error of huggingface_hub in a few words."""
    answered = next((one for one in (error, error.__cause__) if hasattr(one, "response")), error)
    if reason := _REASONS.get(type(answered).__name__):
        return reason
    response = getattr(answered, "response", None)
    if response is None:
        return quoted(" ".join(str(error).split()), 200)
    status = response.status_code
    return f"the hub answers with HTTP status {status}" + f" ({_LOG_IN})" * (status in (401, 403))
