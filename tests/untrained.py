"""Run folders without training."""

import keras

from ecg_tf.models import find
from ecg_tf.runs.network_description import describe_network
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.training.networks import build_network, input_spec
from ecg_tf.training.settings import Settings

CLASSES = ["MI", "STTC", "CD", "HYP"]
SPREAD = 20  # of the logits, which before training are all close to 0


def untrained_run(folder, model, image_size=67, **hyperparameters):
    """The finished run folder of a network as it is before training, but for larger logits.

    Args:
        folder: to make.
        model: name of the network.
        image_size: of its images.
        **hyperparameters: fields of `Settings`.
    """
    keras.utils.set_random_seed(42)
    settings = Settings(
        model=model,
        data="none",
        path_save_model=str(folder),
        image_size=image_size,
        **hyperparameters,
    )
    network = build_network(settings, CLASSES)
    kernel = network.get_layer("logits").weights[0]
    kernel.assign(SPREAD * kernel)
    metadata = RunMetadata(
        **describe_network(
            model,
            {k: v for k, v in hyperparameters.items() if k in find(model).hyperparameters},
            network,
        ),
        class_names=tuple(CLASSES),
        input_spec=input_spec(settings),
        simulated=True,
    )
    run = RunFolder.create(folder, settings.flagfile(), metadata)
    run.save_network(network)
    run.finish([0.5] * len(CLASSES), "0.5")
    return run
