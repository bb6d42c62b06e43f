"""Explanation of the prediction of a network for an ECG."""

import dataclasses

import keras
import numpy as np
from keras import ops
from scipy.ndimage import gaussian_filter1d

from ecg_tf.errors import InputError
from ecg_tf.explain.branches import take_apart
from ecg_tf.explain.geometry import cell_centres
from ecg_tf.explain.grad_cam import grad_cam
from ecg_tf.explain.integrated_gradients import integrated_gradients
from ecg_tf.explain.projection import onto_time, samples_of
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models import preprocessor

# The feature maps for Grad-CAM in AlexNet, ResNet and band ResNet. For images of 256 × 256 pixels,
# their rows are 0.3 s apart in AlexNet, 0.16 s in the others. The last feature maps, 0.6 s to 1.3 s
# apart, are too coarse to separate beats.
FEATURE_MAPS = "conv2", "stage1_block3", "stage2_block2"

INTEGRATED_GRADIENTS, GRAD_CAM = "integrated gradients", "Grad-CAM"


@dataclasses.dataclass(frozen=True)
class View:
    """The result of one method.

    Attributes:
        method: `INTEGRATED_GRADIENTS` or `GRAD_CAM`.
        relevance: float64. Integrated gradients: (time, lead), the contribution of each sample to
            the logit of the class; negative values are evidence against it. Grad-CAM: (time, 1),
            all leads combined, relative to the time with the least evidence, without a unit.
        sampling_rate: sampling rate of `relevance`, Hz.
    """

    method: str
    relevance: np.ndarray
    sampling_rate: int = SAMPLING_RATE

    def smooth(self):
        """`relevance`, smoothed over time by a Gaussian of 0.04 s, because single samples vary."""
        samples = 0.04 * self.sampling_rate
        return gaussian_filter1d(self.relevance, samples, axis=0, mode="nearest")


def explain(network, spec, ecg, k):
    """Compute which samples influenced the logit of class k.

    Image networks are explained by Grad-CAM, projected from the two time axes of the image onto the
    time axis of the ECG (`ecg_tf.explain.projection.onto_time`); signal networks by integrated
    gradients relative to a signal of zeros. In a fusion, each branch is explained by its own method
    with the other branch fixed. A single method is not possible: there are no gradients through
    8-bit grey levels, and signal networks have no feature map.

    Args:
        network: keras.Model to logits (batch, class).
        spec: `ecg_tf.input_spec.InputSpec` of the network.
        ecg: (time, lead) float32 millivolt, unfiltered.
        k: number of the class.

    Returns:
        A list with one `View`; for a fusion, with those of its signal and its image.

    Raises:
        InputError: an image network without a layer in `FEATURE_MAPS`.
    """
    x = preprocessor(spec)(ecg[None])
    if spec.kind == "signal":
        return [_view_of_signal(spec, lambda signals: network(signals)[:, k], x)]
    if spec.kind == "image":
        return [_view_of_image(network, spec, lambda logits: logits[:, k], x)]
    branches = take_apart(network)
    signal, image = branches.inputs(x)
    state, pixels = branches.signal(signal), branches.image(image)

    def logit_of_signals(signals):
        same = ops.repeat(pixels, signals.shape[0], axis=0)
        return branches.joined([branches.signal(signals), same])[:, k]

    def logit_of_pixels(pixels):
        return branches.joined([state, pixels])[:, k]

    return [
        _view_of_signal(spec, logit_of_signals, signal),
        _view_of_image(branches.image, spec, logit_of_pixels, image),
    ]


def _view_of_signal(spec, logit, signal):
    """Integrated gradients of a signal network.

    Args:
        spec: the `InputSpec`.
        logit: function from signals (batch, time, lead) to (batch,).
        signal: one signal (1, time, lead).
    """
    relevance = integrated_gradients(logit, ops.convert_to_numpy(signal[0]))
    return View(INTEGRATED_GRADIENTS, relevance, spec.sampling_rate)


def _view_of_image(network, spec, logit, image):
    """Grad-CAM of an image network.

    Args:
        network: the image network.
        spec: the `InputSpec`.
        logit: function from the output of the network to (batch,).
        image: one image (1, height, width, channel).
    """
    names = [layer.name for layer in network.layers]
    name = next((name for name in FEATURE_MAPS if name in names), None)
    if name is None and "member1" in names:
        raise InputError("an ensemble of image networks: expected one of its members")
    if name is None:
        raise InputError(
            f"{network.name}: layers {', '.join(names)}; expected one for Grad-CAM: "
            f"{' or '.join(FEATURE_MAPS)}"
        )
    both = keras.Model(network.input, [network.get_layer(name).output, network.output])

    def feature_map_and_logit(images):
        features, output = both(images)
        return features, logit(output)

    maps = grad_cam(feature_map_and_logit, image)
    centres = samples_of(cell_centres(network, name), image.shape[1], spec.samples)
    relevance = onto_time(maps, centres, spec.samples)[0, :, None]
    return View(GRAD_CAM, relevance - relevance.min(), spec.sampling_rate)
