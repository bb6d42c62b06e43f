"""Write the images and labels of a partition as files.

The files are an image tree, which `ecg_tf train -data` takes in place of prepared records. If the
command is interrupted, rerun it to make the images that are missing.

ecg_tf create_images -data data/ptb_xl -partition train -save_dir data/images
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.leads import DEFAULT_LEADS

_DATA = app.define_path("data", None, "folder of prepared records; see ecg_tf prepare_data")
_PROCESSED = app.define_path(
    "processed",
    None,
    "instead of -data: folder of the study's files X_*_processed.pickle and y_*.pickle",
)
_PARTITION = flags.DEFINE_enum(
    "partition", None, PARTITIONS, "partition to make images of", required=True
)
_SAVE_DIR = app.define_path("save_dir", None, "folder to write the image tree to", required=True)
_BACKEND = flags.DEFINE_enum(
    "image_backend",
    "pyts",
    ["pyts", "keras"],
    "library that makes the images: pyts, as in the study, or Keras layers, which are faster",
)
_LEADS = flags.DEFINE_list("leads", list(DEFAULT_LEADS), "leads to make images of, in order")
_CHANNELS = flags.DEFINE_list(
    "channels", ["gaf", "mtf", "rp"], "image types of each lead, in order"
)
_SIZE = flags.DEFINE_integer(
    "image_size", 256, "height and width of the images, pixels", lower_bound=1
)
_SCALING = flags.DEFINE_enum(
    "scaling",
    "record",
    ["record", "millivolt"],
    "record scales each lead by its own range, as in the study; millivolt uses a fixed scale, "
    "which keeps the amplitude (with -image_backend keras only)",
)
flags.mark_flags_as_mutual_exclusive(["data", "processed"], required=True)


def main(_):
    from ecg_tf.data.images.create_images import create_images
    from ecg_tf.input_spec import InputSpec

    spec = InputSpec(
        "image",
        _LEADS.value,
        channels=_CHANNELS.value,
        image_size=_SIZE.value,
        scaling=_SCALING.value,
    )
    images = create_images(
        _PARTITION.value,
        _SAVE_DIR.value,
        spec,
        data=_DATA.value,
        processed=_PROCESSED.value,
        image_backend=_BACKEND.value,
    )
    print(f"{len(images)} images in {images.folder}")
