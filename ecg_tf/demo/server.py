"""The server of the page: what it keeps, what it serves, and to whom."""

import logging
import os
import tempfile
import threading

from ecg_tf.errors import InputError
from ecg_tf.extras import import_extra

LOCAL = "127.0.0.1"

_FONTS = "system-ui", "sans-serif"  # of the visitor's machine
_MOST_UPLOADED = "64mb"  # a file
# The page fetches nothing from elsewhere, whatever the version of Gradio.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' "
    "'unsafe-inline'; img-src 'self' data: blob:; form-action 'self'; frame-ancestors 'self'"
)


def serve(paths, host, port):
    """Serve the page until the process is interrupted; uploads are deleted then.

    Args:
        paths: run folders, exports, "pretrained:NAME" or "hf://OWNER/NAME", offered before the
            other shipped networks.
        host: address to listen on, such as `LOCAL`.
        port: port to listen on.

    Raises:
        InputError: Gradio is not installed, the first network cannot be loaded, or the port is in
            use.
    """
    with tempfile.TemporaryDirectory(prefix="ecg_tf_demo_") as folder:
        # Gradio reads them when it is imported.
        os.environ.update(GRADIO_TEMP_DIR=folder, GRADIO_ANALYTICS_ENABLED="False")
        os.environ.pop("GRADIO_ALLOWED_PATHS", None)
        import_extra("gradio", "demo")
        page = _launch(paths, host, port)
        print(f"{page.local_url} shows the page; Ctrl-C ends it", flush=True)
        try:
            threading.Event().wait()
        finally:
            # Connections to pages that are still open are cut, without an error message for each.
            page.server.force_exit = True
            logging.getLogger("uvicorn.error").disabled = True
            page.close(verbose=False)
            _wait_for_computations()


def _launch(paths, host, port):
    import gradio as gr
    from starlette.middleware import Middleware

    from ecg_tf.demo.examples import simulate_examples
    from ecg_tf.demo.networks import Networks
    from ecg_tf.demo.page import build_page
    from ecg_tf.demo.style import CSS

    networks = Networks(paths)
    networks.warm_up()
    page = build_page(networks, simulate_examples())
    try:
        page.launch(
            server_name=host,
            server_port=port,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            max_file_size=_MOST_UPLOADED,
            enable_monitoring=False,
            run_history=False,
            ssr_mode=False,
            mcp_server=False,
            footer_links=[],
            app_kwargs={"middleware": [Middleware(_Policy)]},
            theme=gr.themes.Default(font=[gr.themes.Font(name) for name in _FONTS]),
            css=CSS,
        )
    except OSError as error:
        raise InputError(
            f"-host {host}, -port {port}: cannot be served; expected an address of this machine "
            "and a port that is not in use"
        ) from error
    return page


def _wait_for_computations():
    """Wait until no thread of the server computes: ended amid TensorFlow, Python would abort."""
    for thread in threading.enumerate():
        if thread.name.startswith("AnyIO worker"):
            thread.join()


class _Policy:
    """ASGI middleware that adds a Content-Security-Policy to each response."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        async def with_policy(message):
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", _POLICY.encode()),
                ]
            await send(message)

        await self._app(scope, receive, with_policy)
