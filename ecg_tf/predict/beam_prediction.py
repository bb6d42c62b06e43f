"""Prediction of the parts of a file of predictions by an Apache Beam pipeline.

The workers read records and predict them, a batch of windows at a time, with a network that each of
them loads once. All of them have to see the records, the network and the parts at the same paths.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.ml.inference.base import KeyedModelHandler, ModelHandler, RunInference

from ecg_tf.beam import Beam
from ecg_tf.data.any_ecg import Window
from ecg_tf.errors import RecordError
from ecg_tf.predict.parts import write_part
from ecg_tf.predict.prediction import Prediction
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.record_names import NamedRecord
from ecg_tf.predict.records import outcomes_of, windows_of

_BATCH = 128  # windows predicted at once, at most
_BAD = "bad"  # name of the second output of `_read`


def write_parts(
    how_to_run: Beam,
    network: str | os.PathLike,
    records: Mapping[Path, Sequence[NamedRecord]],
    reading: tuple,
    scratch: Path,
) -> None:
    """Predict records and write the parts that hold their predictions.

    Args:
        how_to_run: runner and options of the pipeline.
        network: run folder, export, "pretrained:NAME" or "hf://OWNER/NAME".
        records: {file of a part: its records}.
        reading: the last three arguments of `windows_of`.
        scratch: folder for the list of the records.

    Raises:
        InputError: the pipeline failed.
    """
    listed = scratch / "records.jsonl"
    with listed.open("w", encoding="utf-8") as stream:
        for file, of_part in records.items():
            for number, record in enumerate(of_part):
                stream.write(f"{json.dumps([str(file), number, *record])}\n")
    with how_to_run.running(), beam.Pipeline(options=how_to_run.pipeline_options()) as pipeline:
        read = (
            pipeline
            | beam.io.ReadFromText(str(listed))
            | beam.Reshuffle()  # to all workers
            | beam.FlatMap(_read, reading).with_outputs(_BAD, main="windows")
        )
        predicted = read.windows | RunInference(KeyedModelHandler(_Network(str(network))))
        _ = (
            (predicted, read[_BAD])
            | beam.Flatten()
            | beam.Map(_by_part)
            | beam.GroupByKey()
            | beam.MapTuple(_write)
        )


class _Network(ModelHandler[Window, object, Predictor]):
    """A network for RunInference.

    Args:
        path: run folder, export, "pretrained:NAME" or "hf://OWNER/NAME".
    """

    def __init__(self, path: str) -> None:
        super().__init__(max_batch_size=_BATCH)
        self._path = path

    def load_model(self) -> Predictor:
        return Predictor(self._path, one_core=True)

    def run_inference(
        self, batch: Sequence[Window], model: Predictor, inference_args: dict | None = None
    ) -> Iterator[Prediction | RecordError]:
        for outcome in outcomes_of(model, batch):
            if isinstance(outcome, RecordError):
                yield outcome
            else:  # the ECG is not needed any more
                yield dataclasses.replace(outcome, window=None)

    def get_num_bytes(self, batch: Sequence[Window]) -> int:
        return sum(window.ecg.nbytes for window in batch)


def _read(line: str, reading: tuple) -> Iterator:
    """Yield the windows of a record with their place, and apart from them what has gone wrong."""
    file, number, name, path = json.loads(line)
    for place, window in enumerate(windows_of(path, *reading)):
        one = (file, number, place, name), window
        yield one if isinstance(window, Window) else beam.pvalue.TaggedOutput(_BAD, one)


def _by_part(one: tuple) -> tuple[str, tuple]:
    (file, *place), outcome = one
    return file, (*place, outcome)


def _write(file: str, outcomes: Iterable[tuple]) -> None:
    ordered = sorted(outcomes, key=lambda one: one[:2])
    write_part(Path(file), [(name, outcome) for _, _, name, outcome in ordered])
