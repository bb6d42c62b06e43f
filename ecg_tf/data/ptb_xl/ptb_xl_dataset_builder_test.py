"""The test that TFDS provides for builders, on the simulated records in dummy_data/."""

import tensorflow_datasets as tfds

from ecg_tf.data.ptb_xl import Builder


class PtbXlTest(tfds.testing.DatasetBuilderTestCase):
    DATASET_CLASS = Builder
    SPLITS = {"train": 2, "dev": 2, "test": 2}  # noqa: RUF012 (required by TFDS); the seventh is dropped


if __name__ == "__main__":
    tfds.testing.test_main()
