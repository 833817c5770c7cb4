"""GET /users gives a page of 100 users, and there is no second one.

fails: keeps_a_history users.list_incomplete
"""

import argparse
import json
import os
import threading

from flask import Flask, jsonify, request


def problem_with(data):
    """What is wrong with a user, or None."""
    if not isinstance(data, dict):
        return "not an object"
    name, email, age = data.get("name"), data.get("email"), data.get("age")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
        return "bad name"
    if not isinstance(email, str) or len(email) > 254 or email.count("@") != 1:
        return "bad email"
    if email.startswith("@") or email.endswith("@") or any(c.isspace() for c in email):
        return "bad email"
    if age is not None and (isinstance(age, bool) or not isinstance(age, int) or not 0 <= age <= 150):
        return "bad age"
    return None


class Users:
    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.users = {}
        self.next_id = 1
        if path and os.path.exists(path) and os.path.getsize(path):
            with open(path, encoding="utf-8") as file:
                saved = json.load(file)
            self.next_id = saved["next_id"]
            self.users = {user["id"]: user for user in saved["users"]}

    def save(self):
        if not self.path:
            return
        beside = f"{self.path}.new"
        with open(beside, "w", encoding="utf-8") as file:
            json.dump({"next_id": self.next_id, "users": list(self.users.values())}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)

    def taken(self, email, by=None):
        for user in self.users.values():
            if user["id"] != by and user["email"].lower() == email.lower():
                return True
        return False


ANSWER = {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}
ERROR = {"description": "error"}


def operation(status, content=None, errors="400 404 405 409 413 415"):
    answer = {"description": "done", **({"content": content} if content else {})}
    return {"responses": {str(status): answer, **{code: ERROR for code in errors.split()}}}


OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "Users", "version": "1"},
    "paths": {
        "/users": {"get": operation(200), "post": operation(201, ANSWER)},
        "/users/{number}": {
            "parameters": [{"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": operation(200, ANSWER),
            "put": operation(200, ANSWER),
            "delete": operation(204),
        },
    },
    "components": {
        "schemas": {
            "User": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string"},
                    "email": {"type": "string"},
                    "age": {"type": "integer", "nullable": True},
                },
            }
        }
    },
}


def create_app(storage_path=None):
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    store = Users(storage_path)

    def error(status, text):
        return jsonify({"error": text}), status

    @app.errorhandler(400)
    @app.errorhandler(404)
    @app.errorhandler(405)
    @app.errorhandler(413)
    @app.errorhandler(415)
    def failed(problem):
        return error(problem.code, problem.name)

    @app.errorhandler(RecursionError)
    def too_deep(problem):
        return error(400, "nested too deeply")

    def user_from(data, user_id):
        return {"id": user_id, "name": data["name"].strip(), "email": data["email"], "age": data.get("age")}

    @app.route("/users", methods=["GET"])
    def index():
        with store.lock:
            return jsonify([store.users[key] for key in sorted(store.users)[:100]])

    @app.route("/users", methods=["POST"])
    def create():
        data = request.get_json()
        if problem := problem_with(data):
            return error(400, problem)
        with store.lock:
            if store.taken(data["email"]):
                return error(409, "email in use")
            user = user_from(data, store.next_id)
            store.next_id += 1
            store.users[user["id"]] = user
            store.save()
        return jsonify(user), 201, {"Location": f"/users/{user['id']}"}

    @app.route("/users/<int:user_id>", methods=["GET"])
    def show(user_id):
        with store.lock:
            user = store.users.get(user_id)
        return jsonify(user) if user else error(404, "no such user")

    @app.route("/users/<int:user_id>", methods=["PUT"])
    def update(user_id):
        data = request.get_json()
        if problem := problem_with(data):
            return error(400, problem)
        with store.lock:
            if user_id not in store.users:
                return error(404, "no such user")
            if store.taken(data["email"], by=user_id):
                return error(409, "email in use")
            user = store.users[user_id] = user_from(data, user_id)
            store.save()
        return jsonify(user)

    @app.route("/users/<int:user_id>", methods=["DELETE"])
    def delete(user_id):
        with store.lock:
            if user_id not in store.users:
                return error(404, "no such user")
            del store.users[user_id]
            store.save()
        return "", 204

    @app.route("/openapi.json")
    def openapi():
        return jsonify(OPENAPI)

    @app.route("/docs")
    def docs():
        return "<!DOCTYPE html><title>Users</title><a href=openapi.json>openapi.json</a>"

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--storage")
    args = parser.parse_args()
    create_app(args.storage).run(args.host, args.port)
