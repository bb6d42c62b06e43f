"""The page in a real browser: one server and one browser for all tests."""

import re
import signal
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from on_terminal import ecg_tf, heed_ctrl_c, noisy_environment

import ecg_tf as package
from ecg_tf.data.any_ecg import read_any
from ecg_tf.data.ecg_files.wfdb_record import standard_ecg
from ecg_tf.errors import RecordError

FIRST = "pretrained:band_resnet"  # explained in less than a second


class Server:
    """`ecg_tf demo` with its uploads in a folder of the tests."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.uploads = folder
        self.process = subprocess.Popen(
            ecg_tf("demo", "-path_model", FIRST, "-port", str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**noisy_environment(), "TMPDIR": str(folder)},
            preexec_fn=heed_ctrl_c,
        )
        self.line = self.process.stdout.readline()
        self.url = f"http://127.0.0.1:{port}/"

    def stop(self):
        """Press Ctrl-C; return the exit status and standard error."""
        self.process.send_signal(signal.SIGINT)
        _, shown = self.process.communicate(timeout=30)
        return self.process.returncode, shown


@pytest.fixture(scope="module")
def server(browser):
    pytest.importorskip("gradio")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        yield server
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="module")
def context(browser):
    with browser.new_context() as context:
        yield context


@pytest.fixture(scope="module")
def requested(context):
    """The addresses that `page` has requested so far."""
    addresses = []
    context.on("request", lambda request: addresses.append(request.url))
    return addresses


@pytest.fixture(scope="module")
def page(context, server, requested):
    """A page that shows an answer."""
    return opened(context, server)


def opened(context, server):
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(server.url)
    answered(page, "conduction disturbance (CD) (simulated ECG)")
    return page


def answered(page, name):
    """Wait for the answer for an ECG, and return its decision and {class: probability}."""
    page.get_by_text(name).wait_for()
    rows = page.locator(".ecg-classes tbody tr").all()
    numbers = [row.locator("td").first.inner_text().split()[0] for row in rows]
    names = [row.locator("th").inner_text().split()[0] for row in rows]
    return page.locator("h2").first.inner_text(), dict(zip(names, map(float, numbers), strict=True))


def upload(page, *files):
    """Upload files in place of those before."""
    if page.get_by_label("Clear").count():
        page.get_by_label("Clear").click()
    page.locator("input[type=file]").set_input_files(list(map(str, files)))


def choose(page, label):
    page.get_by_label(label, exact=True).check()


def test_the_page_begins_with_an_answer(page, server):
    assert re.fullmatch(rf"{server.url} shows the page; .*\n", server.line)
    assert page.get_by_text("For research, not for diagnosis").is_visible()
    paper = re.compile(r"on ECG paper: leads I, II, III, .*0\.2 s and 0\.5 mV; pulse .* 1 mV")
    page.get_by_role("img", name=paper).wait_for()
    page.get_by_role("img", name="Images of leads I, II, V2: Gramian angular").wait_for()


def test_uploaded_files_get_the_probabilities_of_the_library(page, simulated_folder):
    record = simulated_folder / "records100/00000/00007_lr"
    upload(page, f"{record}.dat", f"{record}.hea")
    decision, shown = answered(page, "00007_lr (simulated ECG)")
    model = package.load(FIRST)
    expected = model(standard_ecg(read_any(record)))
    assert shown == pytest.approx(
        dict(zip(model.class_names, expected["probabilities"].tolist(), strict=True)), abs=6e-4
    )
    found = [
        name for name, one in zip(model.class_names, expected["decisions"], strict=True) if one
    ]
    assert re.findall(r"\((\w+)\)", decision) == (found or ["NORM"])


def test_another_network_classifies_the_same_ecg(page):
    choose(page, "normal")
    _, before = answered(page, "normal (simulated ECG)")
    choose(page, "pretrained:resnet1d")
    page.get_by_text("Network: pretrained:resnet1d,").wait_for()
    _, after = answered(page, "normal (simulated ECG)")
    assert after != before


def test_a_chosen_class_is_explained(page):
    choose(page, FIRST)
    page.get_by_text(f"Network: {FIRST},").wait_for()
    choose(page, "STTC")
    text = page.get_by_role("img", name="Explanation of STTC.").get_attribute("alt")
    assert re.search(r"Images, Grad-CAM, all leads combined: strongest evidence for STTC at", text)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("no_rate.csv", "I,II,V2\n0.1,0.2,0.3\n"),
        ("<b>text.txt", "no ECG"),
        ("header.hea", "header 12 100 1000\n"),
    ],
)
def test_a_bad_file_shows_the_line_of_the_command_line(page, tmp_path, name, content):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(RecordError) as expected:
        read_any(file)
    upload(page, file)
    plain = name.replace("<b>", "b")  # of a name, Gradio keeps such characters only
    line = f"error: {expected.value}".replace(name, plain).replace(f"{tmp_path}/", "")
    page.get_by_role("alert").get_by_text(line, exact=True).wait_for()
    assert not page.locator(".ecg-classes").count()


def test_what_a_file_does_not_state_can_be_given(page, tmp_path):
    rng = np.random.default_rng(0)
    ecg = rng.normal(0, 0.2, (2500, 3)).cumsum(axis=0) * 0.05
    np.savetxt(tmp_path / "ecg.csv", ecg, delimiter=",", header="I,II,V2", comments="")
    upload(page, tmp_path / "ecg.csv")
    page.get_by_text("error: ecg.csv: ").wait_for()
    page.get_by_text("What a file does not state").click()
    page.get_by_label("Sampling rate").fill("250")
    page.get_by_label("Unit (-unit)").click()
    page.get_by_role("option", name="mV").click()
    page.get_by_text("Classify the file again").click()
    answered(page, "ecg.csv (ECG, resampled from 250 to 100 Hz)")


def test_windows_of_a_longer_record_are_shown_one_after_another(page):
    choose(page, "30 s that change")
    decisions = [answered(page, "0-10 s (simulated ECG)")]
    assert page.locator(".ecg-windows tbody tr").count() == 3
    for start in (10, 20):
        page.get_by_text("Next window").click()
        decisions.append(answered(page, f"{start}-{start + 10} s (simulated ECG)"))
    assert len({decision for decision, _ in decisions}) > 1
    page.get_by_text("Previous window").click()
    assert answered(page, "10-20 s (simulated ECG)") == decisions[1]


def test_nothing_is_requested_from_elsewhere(page, server, requested):
    addresses = [url for url in requested if not url.startswith("data:")]
    assert addresses
    assert all(url.startswith(server.url) for url in addresses)


def test_axe_finds_nothing(server, browser):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with browser.new_context(bypass_csp=True) as context:
        found = axe.Axe().run(opened(context, server)).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_two_visitors_do_not_see_the_ecgs_of_each_other(page, server, browser):
    with browser.new_context() as context:
        other = opened(context, server)
        choose(page, "normal")
        choose(page, "30 s that change")
        choose(other, "normal")
        answered(other, "normal (simulated ECG)")
        answered(page, "30 s that change, 0-10 s")
        page.get_by_text("Next window").click()
        choose(other, "HYP")
        answered(page, "30 s that change, 10-20 s")
        other.get_by_role("img", name="Explanation of HYP.").wait_for()
        assert other.get_by_text("normal (simulated ECG)").count()
        assert not page.get_by_role("img", name="Explanation of HYP.").count()


def test_the_keyboard_is_enough(server, browser):
    with browser.new_context() as context:
        use_keyboard(opened(context, server))


def use_keyboard(page):
    def choose_by_keyboard(value):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.value") == value:
                return page.keyboard.press("Space")
        raise AssertionError(f"{value}: not among the next 40 stops of Tab")

    choose_by_keyboard("myocardial infarction (MI)")
    answered(page, "myocardial infarction (MI) (simulated ECG)")
    choose_by_keyboard("MI")
    page.get_by_role("img", name="Explanation of MI.").wait_for()


def test_it_fits_a_phone(server, browser):
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = opened(context, server)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.mouse.wheel(0, 1500)
        banner = page.get_by_text("For research, not for diagnosis").bounding_box()
        assert banner["y"] == 0


@pytest.mark.parametrize(
    "path",
    [
        *("file=/etc/passwd", "gradio_api/file=/etc/passwd", "gradio_api/file=setup.cfg"),
        *("static/../../../../../../etc/passwd", "gradio_api/file=//etc/passwd", "monitoring"),
    ],
)
def test_no_file_of_the_machine_is_served(server, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.url + path)
    assert refused.value.code in (401, 403, 404, 405)


def test_a_file_of_the_machine_cannot_be_named_as_an_upload(page, server):
    answer = page.evaluate(
        """async ([url, path]) => {
          const config = window.gradio_config;
          const file = config.components.find((one) => one.type === "file").id;
          const call = config.dependencies.find(
            (one) => one.inputs.includes(file) && one.targets[0][1] === "upload");
          const data = call.inputs.map(
            (id) => id === file ? [{path: path, meta: {_type: "gradio.FileData"}}] : null);
          const body = {data: data, fn_index: call.id, session_hash: "tests"};
          const sent = {method: "POST", body: JSON.stringify(body),
                        headers: {"Content-Type": "application/json"}};
          const joined = await (await fetch(url + "gradio_api/queue/join", sent)).text();
          const events = await (
            await fetch(url + "gradio_api/queue/data?session_hash=tests")).text();
          return joined + events;
        }""",
        [server.url, "/etc/passwd"],
    )
    assert '"success":false' in answer, answer
    assert "root:" not in answer


def test_too_large_a_file_is_refused(page, tmp_path):
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(65 * 2**20)
    upload(page, tmp_path / "large.csv")
    page.get_by_text(re.compile("exceeds the maximum|too large|maximum allowed")).first.wait_for()


def test_uploads_are_deleted_at_the_end(server):
    assert list(server.uploads.glob("ecg_tf_demo_*/*/00007_lr.dat"))
    status, shown = server.stop()
    assert status == 128 + signal.SIGINT
    assert shown.endswith("SIGINT: interrupted\n")
    errors = [line for line in shown.splitlines() if re.match(r"[\w.]+: ", line)]
    # Gradio logs the forged upload.
    assert [error.split(":")[0] for error in errors[:-1]] == ["gradio.exceptions.InvalidPathError"]
    assert list(server.uploads.iterdir()) == []
