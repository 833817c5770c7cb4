"""SQLite with a connection for each request and explicit transactions; ids from a table of its own; one catch-all
handler for errors; answers with spaces and escapes, and an absolute Location."""

import argparse
import json
import os
import re
import sqlite3
import tempfile
from contextlib import closing, contextmanager

import flask
from werkzeug.exceptions import HTTPException

TABLES = """
create table if not exists person (nr integer primary key, name text, mail text, folded text unique, age integer);
create table if not exists counter (last integer);
insert into counter select 0 where not exists (select * from counter);
"""


class Refused(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status, self.why = status, why


def reply(value, status=200, **headers):
    return flask.Response(json.dumps(value, indent=1), status, headers, mimetype="application/json")


def body():
    if flask.request.content_type is None or flask.request.content_type.split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "application/json, please")
    try:
        value = json.loads(flask.request.get_data(as_text=False).decode())
    except RecursionError:
        raise Refused(400, "too deep") from None
    except ValueError as error:
        raise Refused(400, f"no JSON: {type(error).__name__}") from None
    if type(value) is not dict:
        raise Refused(400, "no object")
    name, mail, age = (value.get(key) for key in ("name", "email", "age"))
    if type(name) is not str or not 0 < len(name.strip()) < 101:
        raise Refused(400, "name")
    if type(mail) is not str or len(mail) > 254 or not re.fullmatch(r"[^@\s]+@[^@\s]+", mail):
        raise Refused(400, "email")
    if not (age is None or type(age) is int and age in range(151)):
        raise Refused(400, "age")
    return name.strip(), mail, mail.casefold(), age


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


def create_app(storage_path=None):
    app = flask.Flask("users")
    if storage_path is None:
        folder = tempfile.TemporaryDirectory()  # goes with the application
        app.extensions["folder"] = folder
        file = os.path.join(folder.name, "users")
    else:
        file = os.fspath(storage_path)
    with closing(sqlite3.connect(file, timeout=30)) as db:
        db.executescript(TABLES)

    @contextmanager
    def transaction():
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as db:
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    def find(db, number):
        if number > 2**62:
            raise Refused(404, "nobody")
        row = db.execute("select nr, name, mail, age from person where nr = ?", (number,)).fetchone()
        if row is None:
            raise Refused(404, "nobody")
        return dict(zip(("id", "name", "email", "age"), row))

    def free(db, folded, number):
        if db.execute("select 1 from person where folded = ? and nr <> ?", (folded, number)).fetchone():
            raise Refused(409, "email in use")

    @app.route("/users", methods=["GET", "POST"])
    def users():
        if flask.request.method == "GET":
            with transaction() as db:
                rows = db.execute("select nr, name, mail, age from person order by nr").fetchall()
            return reply([dict(zip(("id", "name", "email", "age"), row)) for row in rows])
        name, mail, folded, age = body()
        with transaction() as db:
            free(db, folded, -1)
            db.execute("update counter set last = last + 1")
            number = db.execute("select last from counter").fetchone()[0]
            db.execute("insert into person values (?, ?, ?, ?, ?)", (number, name, mail, folded, age))
            user = find(db, number)
        return reply(user, 201, Location=f"{flask.request.host_url}users/{number}")

    @app.route("/users/<int:number>", methods=["GET", "PUT", "DELETE"])
    def user(number):
        if flask.request.method == "GET":
            with transaction() as db:
                return reply(find(db, number))
        if flask.request.method == "DELETE":
            with transaction() as db:
                find(db, number)
                db.execute("delete from person where nr = ?", (number,))
            return flask.Response(status=204)
        name, mail, folded, age = body()
        with transaction() as db:
            find(db, number)
            free(db, folded, number)
            db.execute(
                "update person set name = ?, mail = ?, folded = ?, age = ? where nr = ?",
                (name, mail, folded, age, number),
            )
            return reply(find(db, number))

    @app.before_request
    def not_too_large():
        if (flask.request.content_length or 0) > 2**20:
            raise Refused(413, "too large")

    @app.errorhandler(Exception)
    def failed(error):
        if isinstance(error, Refused):
            return reply({"error": error.why}, error.status)
        if isinstance(error, HTTPException):
            headers = {name: value for name, value in error.get_headers() if name == "Allow"}
            return reply({"error": str(error)}, error.code, **headers)
        return reply({"error": "bug"}, 500)

    app.add_url_rule("/openapi.json", view_func=lambda: reply(OPENAPI), endpoint="openapi")
    app.add_url_rule("/docs", view_func=lambda: "<h1>GET /users, POST /users, …</h1>", endpoint="docs")
    return app


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default=5000, type=int)
    parser.add_argument("--storage")
    options = parser.parse_args()
    create_app(options.storage).run(options.host, options.port, threaded=True)


if __name__ == "__main__":
    main()
