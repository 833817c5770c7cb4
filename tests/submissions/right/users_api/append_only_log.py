"""Every change is a line behind the others in a log, flushed before the answer; starting reads the log. Class-based
views in a blueprint, an index of e-mails, and prints every request."""

import json
import os
import sys
import threading
from pathlib import Path

from flask import Blueprint, Flask, current_app, jsonify, request
from flask.views import MethodView
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

bp = Blueprint("users", __name__)


class Log:
    """The lines of a file that were written whole."""

    def __init__(self, path):
        self.file = None
        self.entries = []
        if path is None:
            return
        path = Path(path)
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]  # a line that was cut off was never answered
        self.entries = [json.loads(line) for line in whole.splitlines()]
        self.file = open(path, "r+b" if path.exists() else "w+b", buffering=0)
        self.file.truncate(len(whole))
        self.file.seek(0, os.SEEK_END)

    def write(self, *entry):
        if self.file is not None:
            self.file.write(json.dumps(entry).encode() + b"\n")
            os.fsync(self.file.fileno())


class Model:
    def __init__(self, path):
        self.lock = threading.RLock()
        self.by_id, self.by_email, self.last = {}, {}, 0
        self.log = Log(path)
        for entry in self.log.entries:
            self.apply(*entry)

    def apply(self, what, user):
        """Change what is in memory."""
        if what == "delete":
            del self.by_email[self.by_id.pop(user)["email"].casefold()]
            return
        if user["id"] in self.by_id:
            del self.by_email[self.by_id[user["id"]]["email"].casefold()]
        self.last = max(self.last, user["id"])
        self.by_id[user["id"]] = user
        self.by_email[user["email"].casefold()] = user["id"]

    def change(self, *entry):
        self.log.write(*entry)
        self.apply(*entry)


def checked():
    if not request.is_json or request.mimetype != "application/json":
        raise UnsupportedMediaType("send JSON")
    if (request.content_length or 0) > 1_048_576:
        raise BadRequest("too long")
    try:
        data = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BadRequest("no JSON") from None
    if not isinstance(data, dict):
        raise BadRequest("no object")
    name, email, age = data.get("name"), data.get("email"), data.get("age")
    if not isinstance(name, str) or not isinstance(email, str):
        raise BadRequest("name and email are strings")
    name = name.strip()
    if not name or len(name) > 100:
        raise BadRequest("name: 1 to 100 characters")
    parts = email.split("@")
    if len(email) > 254 or len(parts) != 2 or not all(parts) or email != "".join(email.split()):
        raise BadRequest("email")
    if not isinstance(age, (int, type(None))) or isinstance(age, bool) or (age is not None and not 0 <= age < 151):
        raise BadRequest("age")
    return {"name": name, "email": email, "age": age}


def conflict():
    return jsonify(error="Conflict"), 409


class Collection(MethodView):
    def get(self):
        model = current_app.extensions["model"]
        with model.lock:
            return jsonify(sorted(model.by_id.values(), key=lambda user: user["id"]))

    def post(self):
        model, fields = current_app.extensions["model"], checked()
        with model.lock:
            if fields["email"].casefold() in model.by_email:
                return conflict()
            user = {**fields, "id": model.last + 10}
            model.change("put", user)
        response = jsonify(user)
        response.status_code = 201
        response.headers["Location"] = "/users/%d" % user["id"]
        return response


class Single(MethodView):
    init_every_request = False

    def find(self, text):
        users = current_app.extensions["model"].by_id
        if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) not in users:
            return None
        return users[int(text)]

    def get(self, text):
        user = self.find(text)
        return (jsonify(user), 200) if user else (jsonify(error="Not found"), 404)

    def put(self, text):
        model, fields = current_app.extensions["model"], checked()
        with model.lock:
            user = self.find(text)
            if user is None:
                return jsonify(error="Not found"), 404
            if model.by_email.get(fields["email"].casefold(), user["id"]) != user["id"]:
                return conflict()
            user = {**fields, "id": user["id"]}
            model.change("put", user)
        return jsonify(user)

    def delete(self, text):
        model = current_app.extensions["model"]
        with model.lock:
            user = self.find(text)
            if user is None:
                return jsonify(error="Not found"), 404
            # The id stays used: the log remembers that it was given.
            model.change("delete", user["id"])
        return "", 204


bp.add_url_rule("/users", view_func=Collection.as_view("collection"))
bp.add_url_rule("/users/<text>", view_func=Single.as_view("single"))


def operation(**responses):
    return {"responses": responses or {"default": {"description": "JSON"}}}


OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "Users", "version": "1"},
    "paths": {
        "/users": {"get": operation(), "post": operation()},
        "/users/{number}": {
            "parameters": [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": operation(),
            "put": operation(),
            "delete": operation(),
        },
    },
}


@bp.get("/openapi.json")
def openapi():
    return OPENAPI


@bp.get("/docs")
def docs():
    return "<p>GET POST /users"


@bp.app_errorhandler(HTTPException)
def as_json(error):
    return jsonify(error=error.description), error.code


@bp.before_app_request
def chat():
    print(request.method, request.path, file=sys.stderr)


def create_app(storage_path=None):
    app = Flask(__name__)
    app.json.sort_keys = False
    app.json.ensure_ascii = False
    app.extensions["model"] = Model(storage_path)
    app.register_blueprint(bp)
    return app


if __name__ == "__main__":
    arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    app = create_app(arguments.get("--storage"))
    app.run(host=arguments.get("--host", "127.0.0.1"), port=int(arguments.get("--port", 5000)))
