"""Networks of the Hugging Face Hub: "hf://OWNER/NAME" can stand in place of a run folder."""

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
_REASONS = {  # by the name of the error of huggingface_hub
    "RepositoryNotFoundError": "no such repository, or a private one (hf auth login)",
    "GatedRepoError": "its owner has to grant access first (hf auth login)",
    "RevisionNotFoundError": "the repository has no such revision",
    "LocalEntryNotFoundError": "the hub cannot be reached, and no earlier download is on the disk",
    "IncompleteSnapshotError": "the hub cannot be reached, and the earlier download is incomplete",
}


def download(path: str) -> Path:
    """Download a run folder from the Hugging Face Hub, or find an earlier download of it.

    Files that have not changed since an earlier download are not downloaded again.

    Args:
        path: "hf://OWNER/NAME" or "hf://OWNER/NAME@REVISION": a branch, a tag or a commit.

    Returns:
        The folder, in the cache of huggingface_hub.

    Raises:
        InputError: `path` is of another form, huggingface_hub is not installed, or the repository
            cannot be downloaded.
    """
    name = re.fullmatch(r"hf://(\w[\w.-]*/\w[\w.-]*)(?:@(\w[\w./-]*))?", path, re.ASCII)
    if name is None:
        raise InputError(f"{quoted(path, 80)}: expected hf://OWNER/NAME[@REVISION]")
    hub = import_extra("huggingface_hub", "hub")
    repository, revision = name.groups()
    try:
        return Path(hub.snapshot_download(repository, revision=revision, allow_patterns=_FILES))
    except Exception as error:  # of many kinds: of the hub, of HTTP, of the disk
        reason = _REASONS.get(type(error).__name__) or quoted(" ".join(str(error).split()), 200)
        raise InputError(f"{path}: cannot be downloaded: {reason}") from error
