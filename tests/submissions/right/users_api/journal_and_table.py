"""A Flask whose wsgi_app is a WSGI callable of its own: router by hand, append-only journal; ids from 0."""
import argparse
import json
import os
import re
import threading
from http import HTTPStatus

import flask

MEGA = 1 << 20
ID = re.compile(r"/users/(0|[1-9][0-9]{0,17})")
AT = re.compile(r"[^\s@]+@[^\s@]+")


class Refused(Exception):
    pass


class Journal:
    """One line of JSON for every write. A line without its end was never answered."""

    def __init__(self, path):
        self.fd = None
        self.past = []
        if path is None:
            return
        self.fd = os.open(os.fspath(path), os.O_RDWR | os.O_CREAT, 0o644)
        data = b""
        while piece := os.read(self.fd, 1 << 16):
            data += piece
        whole = data.rfind(b"\n") + 1
        os.ftruncate(self.fd, whole)
        os.lseek(self.fd, whole, os.SEEK_SET)
        self.past = [json.loads(line) for line in data[:whole].splitlines()]

    def write(self, *entry):
        if self.fd is not None:
            line = json.dumps(entry).encode() + b"\n"
            while line:
                line = line[os.write(self.fd, line) :]


class Directory:
    def __init__(self, path):
        self.lock = threading.Lock()
        self.users, self.emails, self.next = {}, {}, 0
        self.journal = Journal(path)
        for uid, fields in self.journal.past:
            self.apply(uid, fields)

    def apply(self, uid, fields):
        old = self.users.pop(uid, None)
        if old:
            del self.emails[old["email"].lower()]
        if fields:
            self.users[uid] = {"id": uid, **fields}
            self.emails[fields["email"].lower()] = uid
        self.next = max(self.next, uid + 1)

    def store(self, uid, fields):
        self.journal.write(uid, fields)
        self.apply(uid, fields)


class Service:
    def __init__(self, path):
        self.directory = Directory(path)

    def __call__(self, environ, start_response):
        method = environ["REQUEST_METHOD"]
        try:
            status, value, extra = self.route(method, environ)
        except Refused as r:
            status, value, extra = r.args[0], {"error": r.args[1]}, list(r.args[2:])
        body = b"" if value is None else json.dumps(value, separators=(",", ":")).encode()
        headers = [("Server-Timing", "total;dur=0"), *extra]
        if status != 204:
            headers += [("content-type", "Application/JSON"), ("content-length", str(len(body)))]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [b"" if method == "HEAD" else body]

    def route(self, method, environ):
        path = environ.get("PATH_INFO", "")
        if path == "/users":
            table = {"GET": self.all, "HEAD": self.all, "POST": self.create}
            args = ()
        elif match := ID.fullmatch(path):
            table = {"GET": self.one, "HEAD": self.one, "PUT": self.replace, "DELETE": self.delete}
            args = (int(match[1]),)
        else:
            raise Refused(404, f"nothing at {path!a}")
        if method not in table:
            allow = ("Allow", ", ".join(table))
            raise Refused(405, f"{method} is not possible here", allow)
        return table[method](environ, *args)

    def all(self, environ):
        with self.directory.lock:
            return 200, [self.directory.users[i] for i in sorted(self.directory.users)], []

    def one(self, environ, uid):
        with self.directory.lock:
            user = self.directory.users.get(uid)
        if user is None:
            raise Refused(404, f"no user {uid}")
        return 200, user, []

    def create(self, environ):
        fields = self.fields(environ)
        with self.directory.lock:
            if fields["email"].lower() in self.directory.emails:
                raise Refused(409, "e-mail taken")
            uid = self.directory.next
            self.directory.store(uid, fields)
            user = self.directory.users[uid]
        return 201, user, [("Location", f"/users/{uid}")]

    def replace(self, environ, uid):
        with self.directory.lock:
            if uid not in self.directory.users:
                raise Refused(404, f"no user {uid}")
        fields = self.fields(environ)
        with self.directory.lock:
            if uid not in self.directory.users:
                raise Refused(404, f"no user {uid}")
            if self.directory.emails.get(fields["email"].lower(), uid) != uid:
                raise Refused(409, "e-mail taken")
            self.directory.store(uid, fields)
            return 200, self.directory.users[uid], []

    def delete(self, environ, uid):
        with self.directory.lock:
            if uid not in self.directory.users:
                raise Refused(404, f"no user {uid}")
            self.directory.store(uid, None)
        return 204, None, []

    def body(self, environ):
        stream = environ["wsgi.input"]
        if environ.get("wsgi.input_terminated"):
            left = MEGA + 1
        else:
            try:
                left = max(0, int(environ.get("CONTENT_LENGTH") or 0))
            except ValueError:
                raise Refused(400, "Content-Length?") from None
            if left > MEGA:
                raise Refused(400, "more than 1 MiB")
        pieces, size = [], 0
        while left > 0:
            try:
                piece = stream.read(min(left, 65536))
            except OSError:
                raise Refused(400, "body?") from None
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
            left -= len(piece)
        if size > MEGA:
            raise Refused(400, "more than 1 MiB")
        return b"".join(pieces)

    def fields(self, environ):
        raw = self.body(environ)
        kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, f"not {kind!a}")
        try:
            value = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError) as e:
            raise Refused(400, type(e).__name__) from None
        match value:
            case {"name": str(name), "email": str(email)}:
                name, age = name.strip(), value.get("age")
            case _:
                raise Refused(400, "an object with the strings name and email is wanted")
        if not 0 < len(name) <= 100:
            raise Refused(400, "name: 1 to 100")
        if len(email) > 254 or not AT.fullmatch(email):
            raise Refused(400, "email?")
        if age is not None and (age.__class__ is not int or age not in range(151)):
            raise Refused(400, "age?")
        return {"email": email, "age": age, "name": name}


def create_app(storage_path=None):
    app = flask.Flask("users", static_folder=None)
    app.wsgi_app = Service(storage_path)
    return app


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--storage")
    options = parser.parse_args()
    create_app(options.storage).run(options.host, options.port, threaded=True)


if __name__ == "__main__":
    main()
