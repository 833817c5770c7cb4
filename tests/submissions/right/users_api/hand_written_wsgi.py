"""A Flask whose wsgi_app does everything by itself, one request after the other; ids are random and never small."""

import io
import json
import os
import pickle
import random
import sys
import threading

from flask import Flask

REASONS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad", 404: "None", 405: "No", 409: "Taken", 413: "Big", 415: "Type"}
LIMIT = 1024**2


def operation(**responses):
    return {"responses": responses or {"default": {"description": "JSON"}}}


OPENAPI = {
    "openapi": "3.1.0",
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


class Stop(Exception):
    pass


class Api(Flask):
    def wsgi_app(self, environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        # Before it is this request's turn: nobody waits for a slow client.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(min(length, LIMIT)))
        with self.one_at_a_time:
            try:
                status, value, headers = self.answer(environ)
            except Stop as stop:
                status, value, headers = stop.args[0], {"error": stop.args[1]}, []
        kind = "application/json; charset=utf-8"
        data = b"" if status == 204 else json.dumps(value, ensure_ascii=False).encode()
        if status == 200 and isinstance(value, str):
            data, kind = value.encode(), "text/html; charset=utf-8"
        headers = [*headers, *([] if status == 204 else [("Content-Type", kind)])]
        if status != 204:
            headers.append(("Content-Length", str(len(data))))
        start_response(f"{status} {REASONS[status]}", headers)
        return [data] if data else []

    def answer(self, environ):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        users = self.state["users"]
        if path == "/users":
            if method == "GET":
                return 200, sorted(users.values(), key=lambda user: user["id"]), []
            if method != "POST":
                raise Stop(405, f"{method} is not for /users")
            fields = self.read(environ)
            self.require_free(fields, None)
            number = random.getrandbits(50) + 1000
            while number in self.state["given"]:
                number = random.getrandbits(50) + 1000
            self.state["given"].add(number)
            users[number] = {"id": number, **fields}
            self.save()
            return 201, users[number], [("location", f"users/{number}")]
        if (method, path) == ("GET", "/openapi.json"):
            return 200, OPENAPI, []
        if (method, path) == ("GET", "/docs"):
            return 200, "<html>GET, POST /users</html>", []
        start, _, rest = path.partition("/users/")
        if start or not rest or "/" in rest:
            raise Stop(404, "no such page")
        if method not in ("GET", "PUT", "DELETE"):
            raise Stop(405, "not here")
        try:
            number = int(rest) if rest.isdecimal() and len(rest) < 20 else None
        except ValueError:
            number = None
        if number is None:
            raise Stop(400, "an id is a number")
        if number not in users:
            raise Stop(404, "no such user")
        if method == "DELETE":
            del users[number]
            self.save()
            return 204, None, []
        if method == "PUT":
            fields = self.read(environ)
            self.require_free(fields, number)
            users[number] = {"id": number, **fields}
            self.save()
        return 200, users[number], []

    def read(self, environ):
        if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
            raise Stop(415, "JSON only")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > LIMIT:
            raise Stop(413, "too much")
        try:
            value = json.loads(str(environ["wsgi.input"].read(length), "utf-8"))
        except (ValueError, RecursionError) as error:
            raise Stop(400, "malformed") from error
        if not isinstance(value, dict):
            raise Stop(400, "an object, please")
        name, email, age = value.get("name", 0), value.get("email", 0), value.get("age", None)
        good = isinstance(name, str) and name.strip() and len(name.strip()) <= 100
        good = good and isinstance(email, str) and len(email) <= 254 and not any(map(str.isspace, email))
        good = good and len(sides := email.split("@")) == 2 and sides[0] and sides[1]
        if not good or age is not None and (type(age) != int or age < 0 or age > 150):
            raise Stop(400, "invalid")
        return {"name": name.strip(), "email": email, "age": age}

    def require_free(self, fields, number):
        wanted = fields["email"].upper().lower()
        if any(user["email"].upper().lower() == wanted and user["id"] != number for user in self.state["users"].values()):
            raise Stop(409, "taken")

    def save(self):
        if self.path is not None:
            with open(self.path + "~", "wb") as file:
                pickle.dump(self.state, file)
            os.rename(self.path + "~", self.path)


def create_app(storage_path=None):
    app = Api(__name__)
    app.one_at_a_time = threading.Lock()
    app.path = None if storage_path is None else str(storage_path)
    app.state = {"users": {}, "given": set()}
    if app.path is not None and os.path.exists(app.path):
        with open(app.path, "rb") as file:
            data = file.read()
        if data:
            app.state = pickle.loads(data)
    return app


def main():
    options = {"--host": "127.0.0.1", "--port": "5000", "--storage": None}
    words = sys.argv[1:]
    while words:
        options[words[0]] = words[1]
        del words[:2]
    from wsgiref.simple_server import make_server

    make_server(options["--host"], int(options["--port"]), create_app(options["--storage"])).serve_forever()


if __name__ == "__main__":
    main()
