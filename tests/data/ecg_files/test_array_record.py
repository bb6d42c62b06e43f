"""ECGs in NPY, NPZ, MATLAB and HDF5 files: what states their rate, unit and leads."""

import io
import json
import pickle
import zipfile

import h5py
import numpy as np
import pytest
import scipy.io

from ecg_tf.data.any_ecg import read_any
from ecg_tf.errors import RecordError

ECG = np.random.default_rng(0).normal(size=(600, 3)).round(3)
LEADS = ["I", "aVR", "V2"]
STATED = {"sampling_rate": 500, "unit": "mV", "lead_names": LEADS}
ENDINGS = (".npy", ".npz", ".mat", ".h5")


def saved(folder, ending, ecg=ECG, name="ecg", **about):
    """Write an array, with what is known about it beside it in the file (not in .npy)."""
    path = folder / f"ecg{ending}"
    if ending == ".npy":
        np.save(path, ecg)
    elif ending == ".npz":
        np.savez(path, **{name: ecg}, **about)
    elif ending == ".mat":
        scipy.io.savemat(path, {name: ecg, **about})
    else:
        with h5py.File(path, "w") as file:
            file[name] = ecg
            for key, value in about.items():
                file[name].attrs[key] = value
    return path


def refused(path, **stated):
    with pytest.raises(RecordError) as error:
        read_any(path, **stated)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def check(record, ecg=ECG):
    np.testing.assert_array_equal(record.ecg, ecg)
    assert (record.leads, record.sampling_rate) == (("I", "AVR", "V2"), 500.0)


# What states the rate, the unit and the leads


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("ecg", [ECG, ECG.T, np.asfortranarray(ECG)], ids=["rows", "columns", "F"])
def test_user_states_them_for_either_order_of_axes(tmp_path, ending, ecg):
    check(read_any(saved(tmp_path, ending, ecg), **STATED))


@pytest.mark.parametrize("ending", ENDINGS)
def test_sidecar_states_them(tmp_path, ending):
    path = saved(tmp_path, ending)
    about = {"sampling_rate": 500, "unit": "uV", "leads": LEADS, "more": [1]}
    (tmp_path / "ecg.json").write_text(json.dumps(about))
    check(read_any(path), ECG * 1e-3)


@pytest.mark.parametrize("ending", ENDINGS[1:])
@pytest.mark.parametrize(
    ("rate", "unit", "leads"),
    [
        ("sampling_rate", "unit", "leads"),
        ("fs", "units", "lead_names"),
        ("sfreq", "unit", "channels"),
        ("Frequency", "Units", "sig_name"),
    ],
)
def test_file_states_them(tmp_path, ending, rate, unit, leads):
    leads_in_file = np.array(LEADS, "S" if ending == ".h5" else object if ending == ".mat" else "U")
    path = saved(tmp_path, ending, name="signal", **{rate: 500, unit: "mV", leads: leads_in_file})
    check(read_any(path))
    check(read_any(path, **STATED))


def test_text_of_several_leads_and_units_of_each_are_understood(tmp_path):
    check(read_any(saved(tmp_path, ".npz", fs=500, unit=["mV"] * 3, leads="I, aVR, V2")))
    ecg = read_any(saved(tmp_path, ".npz", fs=500, unit=["mV", "uV", "V"], leads=LEADS)).ecg
    np.testing.assert_allclose(ecg, ECG * [1, 1e-3, 1e3])


def test_attributes_of_the_file_and_of_its_groups_count(tmp_path):
    with h5py.File(tmp_path / "ecg.h5", "w") as file:
        file["visit/data"] = ECG
        file["visit/heart rates"] = [60, 61]
        file.attrs["fs"], file["visit"].attrs["unit"] = 500.0, "mV"
        file["visit"].attrs["leads"] = LEADS
    check(read_any(tmp_path / "ecg.h5"))


def test_matlab_struct_and_version_7_3_are_read(tmp_path):
    path = tmp_path / "ecg.mat"
    fields = {"sex": "Male", "age": 55.0, "data": ECG.T, "fs": 500.0, "unit": "mV", "leads": LEADS}
    scipy.io.savemat(path, {"ECG": fields}, do_compression=True)
    check(read_any(path))
    with h5py.File(path, "w", userblock_size=512) as file:
        file["ECG/data"] = ECG  # as MATLAB stores the transpose
        file["ECG/fs"] = [[500.0]]
        for name, text in (("unit", "mV"), *((f"#refs#/{k}", n) for k, n in enumerate(LEADS))):
            item = file.create_dataset(f"ECG/{name}", data=np.array([list(text.encode())], "u2").T)
            item.attrs["MATLAB_class"] = np.bytes_("char")
        cells = np.array([[file[f"ECG/#refs#/{k}"].ref] for k in range(3)], h5py.ref_dtype)
        file["ECG/leads"] = cells
        file["ECG/leads"].attrs["MATLAB_class"] = np.bytes_("cell")
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM"
    path.write_bytes(head + path.read_bytes()[128:])
    check(read_any(path))


def test_matlab_4_matrix_is_read(tmp_path):
    scipy.io.savemat(tmp_path / "ecg.mat", {"val": np.rint(ECG.T * 1000).astype("<i2")}, format="4")
    ecg = read_any(tmp_path / "ecg.mat", **STATED | {"unit": "uV"}).ecg
    np.testing.assert_allclose(ecg, ECG, atol=1e-9)


def test_nan_is_a_missing_sample(tmp_path):
    ecg = ECG.copy()
    ecg[7, 1] = np.nan
    check(read_any(saved(tmp_path, ".npy", ecg), **STATED), ecg)


def test_vector_is_one_lead(tmp_path):
    record = read_any(saved(tmp_path, ".npy", ECG[:, 0]), 500, "mV", ["II"])
    np.testing.assert_array_equal(record.ecg, ECG[:, :1])


# What is missing or contradicts


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_stated_nowhere_is_named_with_the_flags(tmp_path, ending):
    path = saved(tmp_path, ending)
    message = refused(path)
    assert message.startswith("does not state its sampling rate, unit, leads; state what is")
    assert "-sampling_rate 500 -unit mV -lead_names I,II,V1, or in a file" in message
    assert f'{tmp_path}/ecg.json: {{"sampling_rate": 500, "unit": "mV", "leads": [' in message
    message = refused(path, **STATED | {"unit": None})
    assert message.startswith("does not state its unit; state")


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"fs": 250}, "sampling_rate 250 by its fs, but 500 by the flags"),
        ({"unit": "uV"}, "unit 'uV' by its unit, but 'mV' by the flags"),
        ({"leads": ["I", "II", "V2"]}, "by its leads, but \"['I', 'aVR', 'V2']\" by the flags"),
        ({"fs": 0}, "sampling_rate '0' by its fs, expected a positive number of Hz"),
        ({"fs": -500}, "sampling_rate '-500' by its fs, expected a positive"),
        ({"fs": np.nan}, "sampling_rate 'nan' by its fs, expected a positive"),
        ({"fs": "500"}, "sampling_rate '500' by its fs, expected a positive"),
        ({"fs": [500, 500]}, "by its fs, expected a positive"),
        ({"unit": "mmHg"}, "unit 'mmHg' by its unit, expected mV, uV, nV or V"),
        ({"unit": ["mV", "uV"]}, "by its unit, but 'mV' by the flags"),
        ({"leads": [1, 2, 3]}, "by its leads, expected names of leads, such as I,II,V1"),
        ({"leads": "I,,V2"}, "by its leads, expected names of leads"),
    ],
)
def test_statements_that_differ_or_mean_nothing_are_refused(tmp_path, about, words):
    message = refused(saved(tmp_path, ".npz", **about), **STATED)
    assert words.replace("'", "") in message.replace("'", "")


def test_number_of_leads_must_fit_the_shape(tmp_path):
    message = refused(saved(tmp_path, ".npy"), **STATED | {"lead_names": LEADS[:2]})
    assert (
        message == "its array has the shape (600, 3), expected 2 leads (I AVR) in one of two axes"
    )
    message = refused(saved(tmp_path, ".npz", ECG[:3]), **STATED)
    assert "its ecg has the shape (3, 3)" in message
    message = refused(saved(tmp_path, ".h5", ECG[None]), **STATED)
    assert "(1, 600, 3)" in message
    assert message.endswith("; store each record in a file of its own")
    path = saved(tmp_path, ".npz", unit=["mV"] * 2 + ["uV"] * 2)
    message = refused(path, **STATED | {"unit": None})
    assert message == "4 units for 3 leads"


def test_array_of_the_ecg_must_be_clear(tmp_path):
    path = saved(tmp_path, ".npz", name="x", y=ECG)
    assert refused(path, **STATED).startswith("several arrays that may be an ECG (found x, y); ")
    check(read_any(saved(tmp_path, ".npz", name="x", y=ECG[0]), **STATED))
    check(read_any(saved(tmp_path, ".npz", name="data", y=ECG), **STATED))
    path = saved(tmp_path, ".npz", name="x", y=ECG > 0)
    check(read_any(path, **STATED))
    path = saved(tmp_path, ".npz", np.array(["a"]), name="text")
    assert refused(path, **STATED).startswith("no array of an ECG (found text); expected one named")
    assert "no samples" in refused(saved(tmp_path, ".npy", ECG[:0]), **STATED)


def test_bad_sidecar_is_refused_by_its_name(tmp_path):
    path, sidecar = saved(tmp_path, ".npy"), tmp_path / "ecg.json"
    for text, words in (
        ("[1]", f"its sidecar {sidecar}: JSON, but not an object"),
        ('{"sampling_rate": "fast"}', "sampling_rate 'fast' by ecg.json, expected"),
        ('{"leads": {"a": [1]}}', "by ecg.json, expected names of leads"),
        ('{"unit": null}', "unit 'None' by ecg.json, expected mV"),
        ('{"sampling_rate": 250}', "250 by ecg.json, but 500 by the flags"),
    ):
        sidecar.write_text(text)
        assert words.replace("'", "") in refused(path, **STATED).replace("'", "")
    sidecar.unlink()
    sidecar.mkdir()
    assert "its sidecar" in refused(path, **STATED)


# Damaged and harmful files


@pytest.mark.parametrize("ending", ENDINGS)
def test_truncated_file_is_refused(tmp_path, ending):
    path = saved(tmp_path, ending, fs=500) if ending != ".npy" else saved(tmp_path, ending)
    content = path.read_bytes()
    for length in (len(content) - 9, len(content) // 2, 150):
        path.write_bytes(content[:length])
        assert refused(path, **STATED)


class Harm:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def test_pickles_are_not_run(tmp_path):
    np.save(tmp_path / "ecg.npy", np.array([Harm()], object), allow_pickle=True)
    assert refused(tmp_path / "ecg.npy", **STATED).startswith("its array holds Python objects")
    np.savez(tmp_path / "ecg.npz", ecg=ECG, other=np.array([Harm()], object))
    assert "its array other holds Python objects" in refused(tmp_path / "ecg.npz", **STATED)
    (tmp_path / "ecg.npy").write_bytes(pickle.dumps(Harm()))
    assert "not NPY as its name says" in refused(tmp_path / "ecg.npy", **STATED)


@pytest.mark.parametrize("dtype", ["'<U0'", "'|S0'", "'|V8'", "'<c8'", "'<M8'", "'|O'"])
def test_array_of_anything_but_numbers_and_texts_is_refused(tmp_path, dtype):
    np.save(tmp_path / "ecg.npy", np.zeros((0, 3)))
    content = (tmp_path / "ecg.npy").read_bytes()
    length = len("'<f8'")
    content = content.replace(b"'<f8'", f"{dtype:<{length}}".encode())
    (tmp_path / "ecg.npy").write_bytes(content)
    assert refused(tmp_path / "ecg.npy", **STATED).startswith("its array")


def test_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ecg_tf.data.ecg_files.numpy_arrays.MOST_BYTES", 10_000)
    monkeypatch.setattr("ecg_tf.data.ecg_files.matlab_arrays.MOST_BYTES", 10_000)
    monkeypatch.setattr("ecg_tf.data.ecg_files.hdf5_arrays.MOST_BYTES", 10_000)
    zeros = np.zeros((12, 5000))
    np.savez_compressed(tmp_path / "ecg.npz", ecg=zeros)
    assert refused(tmp_path / "ecg.npz", **STATED) == "unpacks to more than 10000 bytes"
    scipy.io.savemat(tmp_path / "ecg.mat", {"ecg": zeros}, do_compression=True)
    assert refused(tmp_path / "ecg.mat", **STATED) == "unpacks to more than 10000 bytes"
    with h5py.File(tmp_path / "ecg.h5", "w") as file:
        file.create_dataset("ecg", data=zeros, compression="gzip")
    assert "holds more than 10000 bytes of numbers" in refused(tmp_path / "ecg.h5", **STATED)


def test_name_twice_in_an_archive_is_refused(tmp_path):
    buffer = io.BytesIO()
    np.save(buffer, ECG)
    with zipfile.ZipFile(tmp_path / "ecg.npz", "w") as archive:
        archive.writestr("ecg.npy", buffer.getvalue())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ecg.npy", buffer.getvalue())
    assert "or one twice" in refused(tmp_path / "ecg.npz", **STATED)


def test_hdf5_links_are_not_followed(tmp_path):
    saved(tmp_path, ".h5")
    (tmp_path / "ecg.h5").rename(tmp_path / "other.h5")
    with h5py.File(tmp_path / "ecg.h5", "w") as file:
        file["ecg"] = h5py.ExternalLink("other.h5", "ecg")
        file["soft"] = h5py.SoftLink("/ecg")
    assert "no array of an ECG" in refused(tmp_path / "ecg.h5", **STATED)
    with h5py.File(tmp_path / "ecg.h5", "w") as file:
        layout = h5py.VirtualLayout((600, 3), "<f8")
        layout[:] = h5py.VirtualSource("other.h5", "ecg", shape=(600, 3))
        file.create_virtual_dataset("ecg", layout)
    assert refused(tmp_path / "ecg.h5", **STATED) == "its data set ecg is in other files"
    with h5py.File(tmp_path / "ecg.h5", "w") as file:
        file.create_dataset("ecg", (600, 3), "<f8", external=[("secret", 0, 14_400)])
    assert refused(tmp_path / "ecg.h5", **STATED) == "its data set ecg is in other files"
