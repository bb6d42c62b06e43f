"""Check of the operations in a SavedModel."""

import re

from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_registry

from ecg_tf.errors import InputError, quoted

# Operations with a state or an effect: variables, functions, loops, and how variables are saved.
_STATEFUL = {
    *("VarHandleOp", "ReadVariableOp", "AssignVariableOp", "VarIsInitializedOp"),
    "DisableCopyOnRead",
    *("StatefulPartitionedCall", "While", "If", "Case", "Assert"),
    *("SaveV2", "RestoreV2", "MergeV2Checkpoints"),
}
# Operations that open files or run Python, though TensorFlow does not mark them as stateful.
_OUTSIDE = re.compile("File|Dataset|PyFunc|Debug|Table|Vocab|Reader|ImmutableConst|Remote")
_FILENAMES = {"ShardedFilename"}  # opens no file


def check_operations(content, name):
    """Refuse a SavedModel that opens files or runs code of its own.

    Args:
        content: bytes of saved_model.pb.
        name: what errors call it.

    Raises:
        InputError: such an operation, or no SavedModel.
    """
    model = saved_model_pb2.SavedModel()
    try:
        model.ParseFromString(content)
    except Exception as error:  # the class depends on how protobuf was built
        raise InputError(f"{name}: no SavedModel that can be read") from error
    for graph in (meta.graph_def for meta in model.meta_graphs):
        functions = {function.signature.name for function in graph.library.function}
        nodes = [graph.node, *(function.node_def for function in graph.library.function)]
        used = {node.op for part in nodes for node in part} - functions
        refused = sorted(filter(_is_refused, used))
        if refused:
            raise InputError(
                f"{name}: uses the operation {quoted(refused[0], 40)}, which no export of "
                "ecg_tf export does"
            )


def _is_refused(operation):
    definition = op_def_registry.get(operation)
    if definition is None:
        return True
    if definition.is_stateful:
        return operation not in _STATEFUL
    return operation not in _FILENAMES and _OUTSIDE.search(operation) is not None
