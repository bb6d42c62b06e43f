"""Positions of the receptive fields of feature maps."""

from keras import layers

from ecg_tf.models.flow import flow, output_shape

_WINDOWS = (
    layers.Conv1D,
    layers.Conv2D,
    layers.MaxPooling2D,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
)


def cell_centres(network, name):
    """Compute the centres of the receptive fields of the rows of a feature map.

    Simply stretching a feature map to the size of the image would misplace its cells by up to a
    second, because layers without padding shift them, and "same" padding is not symmetric.

    Args:
        network: functional keras.Model of square images, with square windows and equal strides.
        name: name of the layer whose output is the feature map.

    Returns:
        A list of pixel positions (float), one per row; the same for columns, if the map has both
        axes of the image. The first pixel is 0.

    Raises:
        ValueError: there is no layer with this name.
    """
    reached = {}  # for each operation: first centre, distance to the next, in pixels
    for step in flow(network):
        start, stride = reached[step.parent_nodes[0].operation] if step.parent_nodes else (0.0, 1)
        layer = step.operation
        if isinstance(layer, _WINDOWS):
            size = getattr(layer, "kernel_size", None) or layer.pool_size
            before, after = step.parent_nodes[0].output_tensors[0].shape[1], output_shape(step)[0]
            padding = max((after - 1) * layer.strides[0] + size[0] - before, 0) // 2
            start += ((size[0] - 1) / 2 - padding) * stride
            stride *= layer.strides[0]
        elif isinstance(layer, layers.ZeroPadding2D):
            start -= layer.padding[0][0] * stride
        reached[layer] = start, stride
        if layer.name == name:
            return [start + stride * k for k in range(output_shape(step)[0])]
    raise ValueError(f"{network.name}: no layer {name}")
