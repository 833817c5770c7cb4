"""Errors are application/problem+json (RFC 9457); a blueprint, and one file that is replaced as a whole."""
import argparse
import json
import os
import tempfile
import threading
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException

api = Blueprint("api", __name__)
FIRST_ID = 1000


class Store:
    def __init__(self, path):
        self.path = None if path is None else Path(path)
        self.lock = threading.RLock()
        self.next_id = FIRST_ID
        self.users = {}
        if self.path is not None and self.path.exists() and self.path.stat().st_size:
            data = json.loads(self.path.read_text("utf-8"))
            self.next_id = data["next_id"]
            self.users = {user["id"]: user for user in data["users"]}

    def commit(self, next_id, users):
        """Writes first, changes the memory afterwards: what fails leaves everything as it was."""
        if self.path is not None:
            text = json.dumps({"next_id": next_id, "users": list(users.values())}, ensure_ascii=True, indent=1)
            fd, name = tempfile.mkstemp(prefix=self.path.name, suffix=".tmp", dir=self.path.resolve().parent)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        self.next_id, self.users = next_id, users


def store():
    return current_app.extensions["users"]


def pretty(value, status=200, **headers):
    text = json.dumps(value, ensure_ascii=False, indent=4)
    response = Response(text.encode("utf-8"), status, mimetype="application/json")
    for name, header in headers.items():
        response.headers[name.replace("_", "-")] = header
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Powered-By"] = "coffee"
    return response


def failure(status, text, **headers):
    response = pretty({"status": status, "title": text, "error": text}, status, **headers)
    response.mimetype = "application/problem+json"
    return response


def shown(user):
    return {"age": user["age"], "email": user["email"], "name": user["name"], "id": user["id"]}


def parse():
    """(fields, None) or (None, answer)."""
    if request.content_length is not None and request.content_length > 1 << 20:
        return None, failure(413, "正文太大")
    raw = request.get_data(cache=False)
    if len(raw) > 1 << 20:
        return None, failure(413, "正文太大")
    if request.mimetype != "application/json":
        return None, failure(415, "只收 application/json")
    try:
        body = json.loads(raw.decode("utf-8"))
    except ValueError as e:
        return None, failure(400, f"不是 JSON：{e}"[:200])
    except RecursionError:
        return None, failure(400, "太深了")
    if not isinstance(body, dict):
        return None, failure(400, "不是对象")
    age = body.get("age")
    if isinstance(age, bool) or not isinstance(age, (int, type(None))) or (age is not None and not 0 <= age <= 150):
        return None, failure(400, "age 不对")
    email = body.get("email")
    if not isinstance(email, str) or len(email) > 254 or email.count("@") != 1:
        return None, failure(400, "email 不对")
    if email.startswith("@") or email.endswith("@") or email.split() != [email]:
        return None, failure(400, "email 不对")
    name = body.get("name")
    if not isinstance(name, str):
        return None, failure(400, "name 不对")
    name = name.strip()
    if not name or len(name) > 100:
        return None, failure(400, "name 不对")
    if any("\ud800" <= c <= "\udfff" for c in name + email):
        return None, failure(400, "半个字符")
    return {"name": name, "email": email, "age": age}, None


def taken(email, besides=None):
    key = email.casefold()
    return any(u["email"].casefold() == key and u["id"] != besides for u in store().users.values())


@api.get("/users")
def index():
    users = store().users
    return pretty([shown(users[i]) for i in sorted(users)])


@api.get("/users/")
def index_with_slash():
    return redirect("/users", 308)


@api.post("/users")
def create():
    fields, error = parse()
    if error:
        return error
    s = store()
    with s.lock:
        if taken(fields["email"]):
            return failure(409, "邮箱已被使用")
        user = {"id": s.next_id, **fields}
        s.commit(s.next_id + 1, {**s.users, user["id"]: user})
    return pretty(shown(user), 201, Location=url_for("api.show", text=str(user["id"]), _external=True))


def key_of(text):
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 30 else None


@api.get("/users/<text>")
def show(text):
    user = store().users.get(key_of(text))
    return failure(404, "没有这个用户") if user is None else pretty(shown(user))


@api.put("/users/<text>")
def replace(text):
    fields, error = parse()
    if error:
        return error
    s, key = store(), key_of(text)
    with s.lock:
        if key not in s.users:
            return failure(404, "没有这个用户")
        if taken(fields["email"], key):
            return failure(409, "邮箱已被使用")
        user = {"id": key, **fields}
        s.commit(s.next_id, {**s.users, key: user})
    return pretty(shown(user))


@api.delete("/users/<text>")
def remove(text):
    s, key = store(), key_of(text)
    with s.lock:
        if key not in s.users:
            return failure(404, "没有这个用户")
        s.commit(s.next_id, {k: u for k, u in s.users.items() if k != key})
    return Response(status=204)


def openapi():
    ref = lambda name: {"$ref": f"#/components/schemas/{name}"}
    body = lambda schema: {"application/json": {"schema": schema}}
    ok = lambda text, schema: {"description": text, "content": body(schema)}
    errors = lambda *codes: {str(c): {"$ref": "#/components/responses/Error"} for c in codes}
    ident = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": FIRST_ID}}
    age = {"type": "integer", "minimum": 0, "maximum": 150, "nullable": True}
    wanted = {"required": True, "content": body(ref("NewUser"))}
    return {
        "openapi": "3.0.3",
        "info": {"title": "用户 API", "version": "1.0"},
        "paths": {
            "/users": {
                "get": {"responses": {"200": ok("all", {"type": "array", "items": ref("User")})}},
                "post": {
                    "requestBody": wanted,
                    "responses": {
                        "201": {
                            **ok("created", ref("User")),
                            "headers": {"Location": {"schema": {"type": "string"}}},
                        },
                        **errors(400, 409, 413, 415),
                    },
                },
            },
            "/users/{id}": {
                "parameters": [ident],
                "get": {"responses": {"200": ok("one", ref("User")), **errors(404)}},
                "put": {
                    "requestBody": wanted,
                    "responses": {"200": ok("replaced", ref("User")), **errors(400, 404, 409, 413, 415)},
                },
                "delete": {"responses": {"204": {"description": "gone"}, **errors(404)}},
            },
        },
        "components": {
            "responses": {"Error": ok("error", ref("Error"))},
            "schemas": {
                "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
                "NewUser": {
                    "type": "object",
                    "required": ["name", "email"],
                    "properties": {
                        "name": {"type": "string", "description": "1-100 characters once stripped"},
                        "email": {"type": "string", "maxLength": 254},
                        "age": age,
                    },
                },
                "User": {
                    "type": "object",
                    "required": ["id", "name", "email", "age"],
                    "properties": {
                        "id": {"type": "integer"},
                        "name": {"type": "string", "minLength": 1, "maxLength": 100},
                        "email": {"type": "string", "maxLength": 254},
                        "age": age,
                    },
                },
            },
        },
    }


@api.get("/openapi.json")
def document():
    return pretty(openapi())


@api.get("/docs")
def docs():
    return "<!doctype html><title>Users</title><h1>Users API</h1><p><a href='/openapi.json'>openapi.json</a>"


def create_app(storage_path=None):
    app = Flask(__name__)
    app.extensions["users"] = Store(storage_path)
    app.register_blueprint(api)

    @app.errorhandler(HTTPException)
    def anything(e):
        headers = {"Allow": ", ".join(e.valid_methods)} if getattr(e, "valid_methods", None) else {}
        return failure(e.code, e.description or e.name, **headers)

    return app


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=5000)
    p.add_argument("--storage", type=Path)
    a = p.parse_args()
    create_app(a.storage).run(host=a.host, port=a.port)


if __name__ == "__main__":
    main()
