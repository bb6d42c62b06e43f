"""Write the images and labels of a partition as files, to train on or to look at.

ecg_tf create_images -data data/ptb_xl -partition train -save_dir data/images
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.leads import DEFAULT_LEADS

_DATA = app.define_path("data", None, "prepared records (ecg_tf prepare_data)")
_PROCESSED = app.define_path(
    "processed", None, "instead: a folder of the original's X_…_processed.pickle, y_…"
)
_PARTITION = flags.DEFINE_enum("partition", None, PARTITIONS, "whose images", required=True)
_SAVE_DIR = app.define_path("save_dir", None, "the image tree to write", required=True)
_BACKEND = flags.DEFINE_enum("image_backend", "pyts", ["pyts", "keras"], "what makes the images")
_LEADS = flags.DEFINE_list("leads", list(DEFAULT_LEADS), "leads used, in order")
_CHANNELS = flags.DEFINE_list("channels", ["gaf", "mtf", "rp"], "images of each lead, in order")
_SIZE = flags.DEFINE_integer("image_size", 256, "height and width of the images", lower_bound=1)
_SCALING = flags.DEFINE_enum(
    "scaling",
    "record",
    ["record", "millivolt"],
    "of the leads: record (the study's) or millivolt (-image_backend keras), as ecg_tf train's",
)
flags.mark_flags_as_mutual_exclusive(["data", "processed"], required=True)


def main(_):
    from ecg_tf.data.images.create_images import create_images

    images = create_images(
        _PARTITION.value,
        _SAVE_DIR.value,
        data=_DATA.value,
        processed=_PROCESSED.value,
        leads=_LEADS.value,
        channels=_CHANNELS.value,
        size=_SIZE.value,
        image_backend=_BACKEND.value,
        scaling=_SCALING.value,
    )
    print(f"{len(images)} images in {images.folder}")
