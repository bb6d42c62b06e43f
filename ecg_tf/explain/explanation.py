"""How the answer of a network for one ECG comes about."""

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

# Where Grad-CAM looks, in AlexNet, ResNet and band ResNet: of images of 256 × 256, a row is 0.3 s
# from the next in the first, 0.16 s in the others. The last feature maps, 0.6 s to 1.3 s, do not
# tell one beat from another.
FEATURE_MAPS = "conv2", "stage1_block3", "stage2_block2"

INTEGRATED_GRADIENTS, GRAD_CAM = "integrated gradients", "Grad-CAM"


@dataclasses.dataclass(frozen=True)
class View:
    """What one method says.

    Attributes:
        method: `INTEGRATED_GRADIENTS` or `GRAD_CAM`.
        relevance: float64. Of integrated gradients (time, lead): what each sample adds to the logit
            of the class, negative where it speaks against it. Of Grad-CAM (time, 1), all leads in
            one: how much more than at the time that says least for the class, without a unit.
    """

    method: str
    relevance: np.ndarray

    def smooth(self):
        """`relevance`, smoothed along time by a Gaussian of 0.04 s: single samples flicker."""
        return gaussian_filter1d(self.relevance, 0.04 * SAMPLING_RATE, axis=0, mode="nearest")


def explain(network, spec, ecg, k):
    """Which samples moved a network towards class k.

    An image network is asked by Grad-CAM, brought from the image's two time axes onto the one of
    the ECG (`onto_time`); a signal network by integrated gradients against a scaled signal of
    zeros. In a fusion each branch is asked by its own method, while the other one stays as this ECG
    has it. One method for both would not do: no gradient leads through 8-bit grey levels to the
    ECG, and a signal network has no feature map.

    Args:
        network: keras.Model to logits (batch, class).
        spec: `ecg_tf.input_spec.InputSpec` of the network.
        ecg: float32 (time, lead) millivolt, unfiltered.
        k: number of the class.

    Returns:
        A list of `View`: one, or for a fusion that of its signal and that of its image.

    Raises:
        InputError: an image network without a layer of `FEATURE_MAPS`.
    """
    x = preprocessor(spec)(ecg[None])
    if spec.kind == "signal":
        return [_view_of_signal(lambda signals: network(signals)[:, k], x)]
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
        _view_of_signal(logit_of_signals, signal),
        _view_of_image(branches.image, spec, logit_of_pixels, image),
    ]


def _view_of_signal(logit, signal):
    """Args: `logit`, from signals (batch, 1000, lead) to (batch,), and one signal (1, …)."""
    relevance = integrated_gradients(logit, ops.convert_to_numpy(signal[0]))
    return View(INTEGRATED_GRADIENTS, relevance)


def _view_of_image(network, spec, logit, image):
    """Grad-CAM of an image network.

    Args:
        network: the image network.
        spec: the `InputSpec`.
        logit: function from the network's output to (batch,).
        image: one image (1, height, width, channel).
    """
    names = [layer.name for layer in network.layers]
    name = next((name for name in FEATURE_MAPS if name in names), None)
    if name is None:
        raise InputError(
            f"{network.name}: layers {', '.join(names)}; expected one at which Grad-CAM can look: "
            f"{' or '.join(FEATURE_MAPS)}"
        )
    both = keras.Model(network.input, [network.get_layer(name).output, network.output])

    def feature_map_and_logit(images):
        features, output = both(images)
        return features, logit(output)

    maps = grad_cam(feature_map_and_logit, image)
    centres = samples_of(cell_centres(network, name), image.shape[1], spec.samples)
    relevance = onto_time(maps, centres, spec.samples)[0, :, None]
    return View(GRAD_CAM, relevance - relevance.min())
