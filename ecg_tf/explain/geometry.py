"""Which pixels the cells of a feature map look at."""

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
    """Pixel positions of the centres of the receptive fields of a feature map's rows.

    Convolutions and poolings without padding leave the rim of the image to cells further inside,
    and even "same" padding is not the same everywhere, so that a feature map stretched to the
    image's size would show things up to a second from where they are.

    Args:
        network: keras.Model, functional, of square images; square windows and equal strides.
        name: of the layer whose output is the feature map.

    Returns:
        list of float, one for each row and, in a map with both axes of the image, so for each
        column; pixel 0 is the first.
    """
    reached = {}  # of each operation, (the first centre, pixels from one to the next)
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
