"""The real Taguette, started on this machine and driven as browsers drive it."""

import http.cookiejar
import json
import os
import re
import secrets
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from analysis import ROOT

PLACE = ROOT / ".venv" / "taguette"
PYTHON = PLACE / "bin" / "python"
SECONDS = 60  # until it answers: its database is made first, and a machine under load is slow
# The program as it is, but that it asks its makers for no messages: tests ask nothing of the network.
PROGRAM = """
from taguette.main import main
from taguette.web.base import Application
Application.check_messages = lambda self: None
main()
"""
LINK = re.compile(r"http://localhost:\d+/(?:\?token=(\w+))?\s")
SERVER = """
NAME = "A server of tests"
BIND_ADDRESS = "127.0.0.1"
PORT = {port}
DOMAIN = "127.0.0.1:{port}"
SECRET_KEY = {secret!r}
DATABASE = {database!r}
EMAIL = "nobody@localhost"
MAIL_SERVER = {{"ssl": False, "host": "127.0.0.1", "port": 9}}
TOS_FILE = None
COOKIES_PROMPT = False
X_HEADERS = False
"""


class Browser:
    """What one user does: the requests of Taguette's own pages, with their cookies."""

    def __init__(self, address):
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        # An empty ProxyHandler: loopback is never asked of a proxy.
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.cookies))

    def get(self, path):
        with self.opener.open(f"{self.address}{path}", timeout=SECONDS) as answer:
            return answer.read()

    def _send(self, path, body, kind, method="POST"):
        token = next(cookie.value for cookie in self.cookies if cookie.name == "_xsrf")
        headers = {"Content-Type": kind, "X-XSRFToken": token}
        request = Request(f"{self.address}{path}", body, headers, method=method)
        with self.opener.open(request, timeout=SECONDS) as answer:
            return answer.geturl(), answer.read()

    def _form(self, path, **fields):
        self.get(path)  # which sets the cookie against forged requests
        return self._send(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")[0]

    def _api(self, path, method="POST", /, **fields):
        body = json.dumps(fields).encode()
        answer = self._send(f"/api/project/{path}", body, "application/json; charset=utf-8", method)[1]
        return json.loads(answer) if answer else None

    def open_with_link(self, token):
        """Come in by the link that Taguette shows on one's own machine."""
        self.get(f"/?token={token}")

    def register(self, login):
        password = secrets.token_hex()
        self._form("/register", login=login, password1=password, password2=password)

    def new_project(self, name, description=""):
        """The project's id; Taguette itself puts the tag "interesting" into it."""
        address = self._form("/project/new", name=name, description=description)
        project = int(address.rsplit("/", 1)[1])
        self.get(f"/project/{project}")
        return project

    def upload(self, project, name, file, contents, description=""):
        """The document's id. Without Calibre, Taguette takes HTML and subtitles only."""
        line = uuid.uuid4().hex
        fields = {"name": name, "description": description, "text_direction": "LEFT_TO_RIGHT"}
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}' for key in fields]
        shown = f'Content-Disposition: form-data; name="file"; filename="{quote(file)}"'
        parts.append(f"{shown}\r\nContent-Type: application/octet-stream\r\n\r\n")
        begin = "".join(f"\r\n--{line}\r\n{part}" for part in parts).removeprefix("\r\n")
        body = begin.encode() + contents + f"\r\n--{line}--\r\n".encode()
        path = f"/api/project/{project}/document/new"
        return json.loads(self._send(path, body, f"multipart/form-data; boundary={line}")[1])["created"]

    def remove_document(self, project, document):
        self._api(f"{project}/document/{document}", "DELETE")

    def tag(self, project, path, description=""):
        return self._api(f"{project}/tag/new", path=path, description=description)["id"]

    def rename_tag(self, project, tag, path, description=""):
        self._api(f"{project}/tag/{tag}", path=path, description=description)

    def remove_tag(self, project, tag):
        self._api(f"{project}/tag/{tag}", "DELETE")

    def merge_tags(self, project, gone, kept):
        self._api(f"{project}/tag/merge", src=gone, dest=kept)

    def highlight(self, project, document, start, end, tags=()):
        """The highlight's id; places are bytes of UTF-8 of the document's text, as the page counts them."""
        where = {"start_offset": start, "end_offset": end}
        return self._api(f"{project}/document/{document}/highlight/new", **where, tags=[*tags])["id"]

    def tag_again(self, project, document, highlight, tags):
        """Give a highlight these tags instead of those it has."""
        self._api(f"{project}/document/{document}/highlight/{highlight}", tags=[*tags])

    def remove_highlight(self, project, document, highlight):
        self._api(f"{project}/document/{document}/highlight/{highlight}", "DELETE")

    def invite(self, project, login, privileges="TAG"):
        self._api(f"{project}/members", "PATCH", **{login: {"privileges": privileges}})

    def export(self, project, what):
        """The bytes of an export: codebook.qdc, highlights/.csv for all or highlights/care.csv for a path."""
        return self.get(f"/project/{project}/export/{quote(what)}")


class Taguette:
    """The program itself, on a free port of this machine, in a folder of its own that becomes its home."""

    def __init__(self, folder, several):
        self.folder = Path(folder)
        self.database = self.folder / "taguette.sqlite3"
        self.log = self.folder / "taguette.log"
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = self._start(self._server() if several else self._desktop())

    def _desktop(self):
        return ["--no-browser", "--port", str(self.port), "--database", str(self.database)]

    def _server(self):
        config = self.folder / "config.py"
        database = f"sqlite:///{self.database}"
        secret = secrets.token_hex()
        config.write_text(SERVER.format(port=self.port, secret=secret, database=database), encoding="utf-8")
        return ["--no-browser", "server", str(config)]

    def _start(self, options):
        home = {"HOME": str(self.folder), "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [PYTHON, "-c", PROGRAM, *options],
                cwd=self.folder,
                env=home | {"TMPDIR": tempfile.gettempdir(), "TORNADO_SHUTDOWN_TIME": "0"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # no terminal: a server asks there for a password of its admin
            )

    def token(self):
        """What its link lets in by, as soon as it answers; None for a server of several users."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            shown = LINK.search(self.log.read_text(encoding="utf-8"))
            if shown and self._healthy():
                return shown[1]
            time.sleep(0.05)
        raise RuntimeError(f"Taguette does not answer:\n{self.log.read_text(encoding='utf-8')}")

    def _healthy(self):
        try:
            return Browser(self.address).get("/health") == b"Ok"
        except (URLError, OSError):
            return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def running(folder, *logins):
    """Taguette and a browser for each user; without logins as on one's own machine, where "admin" is all."""
    program = Taguette(folder, several=bool(logins))
    try:
        token = program.token()
        browsers = {login: Browser(program.address) for login in logins or ("admin",)}
        for login, browser in browsers.items():
            if logins:
                browser.register(login)
            else:
                browser.open_with_link(token)
        yield program, browsers
    finally:
        program.stop()
