"""What happens when a control of the page is used."""

import gradio as gr

from ecg_tf.demo import markup
from ecg_tf.demo.answer import draw_images, draw_reasons, predict_record
from ecg_tf.demo.uploads import read_upload
from ecg_tf.errors import InputError, RecordError
from ecg_tf.predict.pictures import sheet_figure
from ecg_tf.predict.records import record_error

_MOST_CLASSES = 12  # to explain


class Handlers:
    """Functions from the values of controls to those of the outputs.

    `classify_…` return the values of the overview of windows, the row of buttons, the list of
    windows, and what `show_window` returns: the `Answer` that a session keeps, the verdict, the
    details as a whole, and in them the ECG, the classes to explain, the explanation and the images.
    The last two are still empty.

    Args:
        networks: the `Networks`.
        examples: {name: `Record`}.
    """

    def __init__(self, networks, examples):
        self._networks, self._examples = networks, examples

    def classify_example(self, network, name):
        """Classify a simulated ECG."""
        return self._classify(network, self._examples[name])

    def classify_files(self, network, files, rate, unit, leads, derive):
        """Classify uploaded files; the other arguments are those of `read_any`."""
        if not files:
            return _failed(InputError("no file: add one first"))
        names = [name.strip() for name in leads.split(",")] if leads and leads.strip() else None
        try:
            record = read_upload(
                files,
                sampling_rate=rate or None,
                unit=unit or None,
                lead_names=names,
                derive_leads=derive,
            )
        except RecordError as error:
            return _failed(error)
        return self._classify(network, record)

    def classify_again(self, network, answer):
        """Classify the same ECG with another network."""
        return gr.skip() if answer is None else self._classify(network, answer.record)

    def show_window(self, answer, number):
        """Show a window of the ECG."""
        return _view(answer.at(number))

    def step(self, answer, by):
        """Show the window `by` windows later, if there is one."""
        answer = answer.at(answer.number + by)
        return answer.number, *_view(answer)

    def draw_images(self, answer):
        """The images of the window that is shown."""
        if answer is None or isinstance(answer.outcome, RecordError):
            return ""
        leads, figure = draw_images(answer.outcome)
        return markup.picture(
            figure,
            f"Images of leads {', '.join(leads)}: Gramian angular field, Markov transition field "
            "and recurrence plot of each, with both axes in seconds",
        )

    def explain(self, answer, class_name):
        """The explanation of a class for the window that is shown."""
        try:
            figure = draw_reasons(self._networks.load(answer.network), answer.outcome, class_name)
        except RecordError as error:
            return markup.error_line(error)
        headlines = [part.get_suptitle() for part in figure.subfigs if part.get_suptitle()]
        return markup.picture(figure, f"Explanation of {class_name}. {'. '.join(headlines)}")

    def _classify(self, network, record):
        try:
            answer = predict_record(network, self._networks.load(network), record)
            first = _view(answer)
        except Exception as error:  # whatever the ECG contains, the page goes on
            return _failed(
                error if isinstance(error, InputError) else record_error(record.name, error)
            )
        several = len(answer.outcomes) > 1
        choices = [
            (markup.window_label(k, outcome), k) for k, outcome in enumerate(answer.outcomes)
        ]
        return (
            markup.overview(answer.outcomes),
            gr.update(visible=several),
            gr.update(choices=choices, value=0),
            *first,
        )


def _failed(error):
    hidden, nothing = gr.update(visible=False), gr.update(choices=[], value=None)
    return "", hidden, nothing, *_unusable(None, error)


def _unusable(answer, error):
    nothing = gr.update(choices=[], value=None)
    return answer, markup.error_line(error), gr.update(visible=False), "", nothing, "", ""


def _view(answer):
    outcome = answer.outcome
    if isinstance(outcome, RecordError):
        return _unusable(answer, outcome)
    shown = [outcome.class_names[k] for k in outcome.shown(_MOST_CLASSES)]
    figure, sheet = sheet_figure(outcome)
    paper = markup.picture(
        figure, f"{outcome.window.name} on ECG paper: leads {', '.join(sheet.leads)}; {sheet.scale}"
    )
    verdict, reason = markup.verdict(outcome, answer.network), gr.update(choices=shown, value=None)
    return answer, verdict, gr.update(visible=True), paper, reason, "", ""
