"""A server on this machine that stands for the Hugging Face Hub."""

import contextlib
import hashlib
import http.server
import json
import threading
from pathlib import Path

COMMIT = "c0ffee" + "0" * 34


@contextlib.contextmanager
def hub_of(repositories):
    """Serve the routes that a download uses, on a free port.

    Args:
        repositories: {"OWNER/NAME": folder of its files}, or the HTTP status with which all
            requests are refused, and the code of the error or None. The only revision is `main`.

    Yields:
        The address of the server.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0]
            for name, folder in repositories.items():
                if isinstance(folder, tuple):
                    if f"/{name}/" in path:
                        return self._answer({"error": "Refused"}, *folder)
                    continue
                files = sorted(Path(folder).iterdir())
                if path in (f"/api/models/{name}/revision/{of}" for of in ("main", COMMIT)):
                    siblings = [{"rfilename": file.name} for file in files]
                    return self._answer({"id": name, "sha": COMMIT, "siblings": siblings})
                if path.startswith(f"/api/models/{name}/revision/"):
                    return self._answer({"error": "Invalid rev"}, 404, "RevisionNotFound")
                if path == f"/api/models/{name}/tree/{COMMIT}":
                    return self._answer([_entry(file) for file in files])
                if path.startswith(f"/{name}/resolve/{COMMIT}/"):
                    return self._answer((Path(folder) / Path(path).name).read_bytes())
            return self._answer({"error": "Repository not found"}, 404, "RepoNotFound")

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def _answer(self, content, status=200, code=None):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            if code:
                self.send_header("X-Error-Code", code)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _entry(file):
    content = file.read_bytes()
    return {
        "type": "file",
        "path": file.name,
        "size": len(content),
        "oid": hashlib.sha1(content).hexdigest(),
    }
