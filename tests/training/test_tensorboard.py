"""The logs for TensorBoard, as Keras writes them."""

import keras
import numpy as np
from event_files import figures

from ecg_tf.training.tensorboard import WriteTensorBoard


def test_event_files_have_the_tags_steps_and_numbers_of_keras(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), "mse", metrics=["mae"], run_eagerly=True)
    batch = np.ones((2, 1)), np.zeros((2, 1))
    add_rate = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.update(learning_rate=0.01)
    )
    of_keras = keras.callbacks.TensorBoard(tmp_path / "keras", write_graph=False)
    callbacks = [add_rate, of_keras, WriteTensorBoard(tmp_path / "own")]
    model.fit(*batch, validation_data=batch, epochs=3, verbose=0, callbacks=callbacks)

    for folder in ("train", "validation"):
        expected = {
            tag: numbers
            for tag, numbers in figures(tmp_path / "keras" / folder).items()
            if not tag.startswith("evaluation_")  # of `evaluate`, which training does not call
        }
        assert {"epoch_loss", "epoch_mae"} <= expected.keys()
        assert figures(tmp_path / "own" / folder) == expected
