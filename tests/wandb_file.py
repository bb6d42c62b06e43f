"""Reading the files that W&B writes offline."""

import json
import struct

_BLOCK, _HEADER, _FILE_HEADER = 32768, 7, 7  # bytes, as in the log files of LevelDB
_WHOLE, _LAST = 1, 4  # kinds of pieces that end a record


def all_records(path):
    """The `wandb_internal_pb2.Record`s in a .wandb file."""
    from wandb.proto.wandb_internal_pb2 import Record

    content = path.read_bytes()
    assert content.startswith(b":W&B")
    at, whole, found = _FILE_HEADER, b"", []
    while at < len(content):
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
            continue
        _, size, kind = struct.unpack_from("<IHB", content, at)
        at += _HEADER + size
        whole += content[at - size : at]
        if kind in (_WHOLE, _LAST):
            found.append(Record.FromString(whole))
            whole = b""
    return found


def config(found):
    """{name: value} of the settings in records."""
    updates = [
        item
        for record in found
        for part in (record.run.config, record.config)
        for item in part.update
    ]
    return _values(updates)


def history(found):
    """{step: {name: number}} of the figures in records."""
    return {
        record.history.step.num: _values(record.history.item)
        for record in found
        if record.HasField("history")
    }


def summary(found):
    """{name: number} of the figures of a whole run in records."""
    return _values([item for record in found for item in record.summary.update])


def _values(items):
    values = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}
    return {name: value for name, value in values.items() if not name.startswith("_")}
