"""The controls and outputs of the page, and which handler each of them calls."""

import functools

import gradio as gr

from ecg_tf.data.ecg_files.file_kinds import READABLE
from ecg_tf.demo.handlers import Handlers
from ecg_tf.leads import MILLIVOLT

_WARNING = "For research, not for diagnosis"
_DELETED = "Uploads are deleted after an hour, and when the server stops"
_KEPT = 3600  # seconds after which an upload is deleted, and between two looks for such uploads
_PRIVATE = {"api_visibility": "private"}  # for the page, not for other programs
# Whoever clicks again before an answer gets the answers in the order of the clicks.
_ONE_BY_ONE = {"trigger_mode": "multiple", "concurrency_id": "answer", "concurrency_limit": 1}


def build_page(networks, examples):
    """Build the page.

    Args:
        networks: the `Networks` to choose from.
        examples: {name: `Record`}, the first of which is shown at the start.

    Returns:
        gradio.Blocks.
    """
    handlers, first = Handlers(networks, examples), next(iter(examples))
    with gr.Blocks(title="ecg_tf", analytics_enabled=False, delete_cache=(_KEPT, _KEPT)) as page:
        gr.HTML(f'<p class="ecg-banner">{_WARNING}</p>', elem_classes="ecg-top")
        gr.Markdown("# Classify a 12-lead ECG")
        with gr.Row():
            with gr.Column(min_width=320):
                network = gr.Radio(networks.names, value=networks.names[0], label="Network")
                example = gr.Radio([*examples], value=first, label="Simulated ECGs")
            with gr.Column(min_width=320):
                files, *statements, again = _file_controls()
        answer = gr.State(None)
        verdict, overview = gr.HTML(), gr.HTML()
        with gr.Row(visible=False) as steps:
            window = gr.Dropdown([], label="Window", filterable=False, min_width=300)
            before = gr.Button("Previous window", min_width=120)
            after = gr.Button("Next window", min_width=120)
        with gr.Column(visible=False) as details:
            paper = gr.HTML()
            gr.Markdown("## Explanation")
            reason = gr.Radio([], label="Class to explain; this takes some seconds")
            reasons = gr.HTML()
            gr.Markdown("## Images")
            images = gr.HTML(elem_classes="ecg-images")

        view = [answer, verdict, details, paper, reason, reasons, images]
        outputs = [overview, steps, window, *view]
        explaining = reason.input(
            handlers.explain, [answer, reason], reasons, trigger_mode="always_last", **_PRIVATE
        )

        def on(trigger, function, inputs, outputs):
            shown = trigger(
                function,
                inputs,
                outputs,
                cancels=[explaining],
                show_progress_on=verdict,
                **_ONE_BY_ONE,
                **_PRIVATE,
            )
            shown.then(handlers.draw_images, answer, images, **_PRIVATE)

        on(page.load, handlers.classify_example, [network, example], outputs)
        on(example.input, handlers.classify_example, [network, example], outputs)
        for trigger in (files.upload, again.click):
            on(trigger, handlers.classify_files, [network, files, *statements], outputs)
        on(network.input, handlers.classify_again, [network, answer], outputs)
        on(window.input, handlers.show_window, [answer, window], view)
        for button, by in ((before, -1), (after, 1)):
            step = functools.partial(handlers.step, by=by)
            on(button.click, step, answer, [window, *view])
        # Of an example and a file, only the one that is shown stays chosen.
        example.input(lambda: None, None, files, **_PRIVATE)
        files.upload(lambda: None, None, example, **_PRIVATE)
    return page


def _file_controls():
    """The control for files, those for what a file does not state, and the button to read again."""
    files = gr.File(
        file_count="multiple", height=150, label="Your ECG: a file, or all files of a record"
    )
    gr.Markdown(f"Readable: {READABLE}. {_DELETED}.")
    with gr.Accordion("What a file does not state", open=False):
        rate = gr.Number(None, label="Sampling rate in Hz (-sampling_rate)", minimum=0)
        unit = gr.Dropdown([("as the file states", ""), *MILLIVOLT], value="", label="Unit (-unit)")
        leads = gr.Textbox(
            label="Names of the leads in order (-lead_names)", placeholder="I,II,V2", max_lines=1
        )
        derive = gr.Checkbox(label="Compute missing limb leads from I and II (-derive_leads)")
        again = gr.Button("Classify the file again")
    return files, rate, unit, leads, derive, again
