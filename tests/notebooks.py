"""The notebooks of examples/: run from top to bottom, and kept with the outputs of such a run.

    python -m notebooks    in tests/: runs all notebooks and keeps their outputs
    python -m notebooks predict train

The environment needs ecg_tf and the extra `dev`.
"""

import base64
import io
import os
import sys
import tempfile
from pathlib import Path

import nbclient
import nbformat
import PIL.Image

FOLDER = Path(__file__).resolve().parent.parent / "examples"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_WHITE = 248
_SECONDS = 600  # for a cell, on a busy machine


def read(path):
    """Read a notebook as it is kept."""
    return nbformat.read(path, as_version=4)


def run(notebook, folder):
    """Run a copy of a notebook, without its outputs, in a new process.

    Args:
        notebook: the notebook.
        folder: folder for all files of the run, those of IPython too; missing or empty.

    Returns:
        The copy with the outputs of the run.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised an error.
    """
    notebook = nbformat.from_dict(notebook)
    for cell in _code(notebook):
        cell.outputs, cell.execution_count = [], None
    folder = Path(folder)
    (folder / "work").mkdir(parents=True)
    (folder / "TMPDIR").mkdir()
    places = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "TMPDIR")
    settings = {name: str(folder / name) for name in places}
    client = nbclient.NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder / "work")}},
    )
    client.execute(env={**_noisy(), **settings})
    return notebook


def keep(path):
    """Run a notebook and write it with its outputs; pictures get 256 colours."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = run(read(path), folder)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in _code(notebook):
        for output in cell.outputs:
            if png := output.get("data", {}).get("image/png"):
                output.data["image/png"] = _with_fewer_colours(png)
    nbformat.write(notebook, path)


def text(cell):
    """What a code cell printed on standard output and returned, as text."""
    parts = [
        output.text if output.output_type == "stream" else output.data.get("text/plain", "")
        for output in cell.outputs
        if output.get("name") != "stderr"
    ]
    return "\n".join(parts)


def errors(cell):
    """What a code cell printed on standard error."""
    return "".join(output.text for output in cell.outputs if output.get("name") == "stderr")


def code_cells(notebook):
    """The cells of a notebook with code."""
    return list(_code(notebook))


def _code(notebook):
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _noisy():
    """The environment of a reader: without what tests/conftest.py asks of TensorFlow."""
    return {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}


def _with_fewer_colours(png):
    picture = PIL.Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    picture = picture.quantize(method=PIL.Image.Quantize.FASTOCTREE, dither=PIL.Image.Dither.NONE)
    # This method makes white a little darker.
    picture.putpalette([255 if value >= _WHITE else value for value in picture.getpalette()])
    small = io.BytesIO()
    picture.save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


if __name__ == "__main__":
    for name in sys.argv[1:] or [path.stem for path in NOTEBOOKS]:
        print(name)
        keep(FOLDER / f"{name}.ipynb")
