"""用户管理 API：用 Flask 写一个 REST 服务（第 21.6 节练习 2）。

    POST   /users        创建用户 → 201，Location: /users/<id>，用户
    GET    /users        全部用户，按 id 从小到大 → 200
    GET    /users/<id>   一个用户 → 200
    PUT    /users/<id>   替换 name、email、age → 200，用户
    DELETE /users/<id>   删除 → 204，没有正文
一个用户是 {"id": 整数, "name": 文字, "email": 文字, "age": 整数或 null}。错误是 {"error": 文字}：
400 无效，404 没有，405 方法不对，409 邮箱已被别人使用，413 正文太大，415 不是 JSON。
另外：GET /openapi.json 是这份 API 的 OpenAPI 文档，GET /docs 是能试用它的网页。

试一试：
    python reference/exercises/users_api.py --storage users.db
    curl -i http://127.0.0.1:5000/users -H 'Content-Type: application/json' \\
         -d '{"name": "小明", "email": "ming@example.com"}'
    curl -i http://127.0.0.1:5000/users
或者用浏览器打开 http://127.0.0.1:5000/docs

用户存放在 SQLite 里（标准库的 sqlite3）：一个事务要么全部发生，要么完全没有发生，这正是我们需要的。

A REST service for users, written with Flask (section 21.6, exercise 2), with the five operations and the errors above,
its own OpenAPI document and a page to try it out. The users are kept in SQLite (sqlite3 of the standard library):
a transaction happens as a whole or not at all, which is just what is needed.
"""

import argparse
import json
import sqlite3
import threading

from flask import Flask, Response, abort, jsonify, request, url_for
from werkzeug.exceptions import HTTPException

MAX_BODY = 1024 * 1024
MAX_NAME, MAX_EMAIL, MAX_AGE = 100, 254, 150
# SQLite 的整数有 64 位。URL 里的 id 可以更大，那样的用户一定没有：都当作最大的这一个，它也没有人用。
# SQLite's integers have 64 bits. An id in a URL may be larger, and nobody has it: all of these are taken for the
# largest one, which nobody has either.
MAX_ID = 2**63 - 1

# AUTOINCREMENT：删掉的 id 永远不会再用，重新启动之后也不会。没有这个词，SQLite 会再次给出最大的那个 id。
# email_key 是用来比较的写法（见 email_key()）；UNIQUE 让数据库自己守住“邮箱不重复”。
# AUTOINCREMENT: the id of a deleted user is never given again, not after a restart either; without that word SQLite
# gives the largest one again. email_key is what is compared (see email_key()), and UNIQUE has the database itself
# guard that no e-mail is there twice.
SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    age INTEGER
)
"""


class EmailInUse(Exception):
    """邮箱已被别的用户使用。 Another user has this e-mail."""


class UserStore:
    """存放用户的地方。每个方法要么整个发生，要么完全不发生；可以从多个线程调用。

    服务器给每个请求一个线程。如果“先检查邮箱，再插入”中间能插进别的线程，两个请求就都会检查通过。
    所以同一时刻只有一个线程使用连接（self._lock），每次修改是一个事务（with self._db）。

    commit 之后才回答客户端：这时进程被 SIGKILL，数据也还在，因为它已经交给了操作系统。断电是另一回事：
    操作系统还没写到磁盘的也会丢。SQLite 提交时会调用 fsync，等磁盘写完，所以断电也不丢。

    Where the users are. Each method happens as a whole or not at all, and may be called from several threads. Every
    request has a thread of its own: could another one come between "is this e-mail free?" and the insertion, both
    would find it free. So one thread at a time uses the connection (self._lock), and each change is a transaction
    (with self._db). The client is answered after the commit: then a SIGKILL loses nothing, since the data is with the
    operating system. A power failure is another matter, it takes what has not reached the disk yet: SQLite calls fsync
    in a commit and waits for the disk, so that this is safe, too.
    """

    def __init__(self, path=None):
        # 没有路径时数据只在内存里；每个 ":memory:" 连接都是一个独立的数据库。
        # Without a path the data is in memory only; each connection to ":memory:" is a database of its own.
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._lock = threading.Lock()
        with self._lock, self._db:
            self._db.execute(SCHEMA)

    def create(self, name, email, age):
        """新用户；EmailInUse。 The new user. Raises EmailInUse."""
        with self._lock:
            try:
                with self._db:
                    row = self._db.execute(
                        "INSERT INTO users (name, email, email_key, age) VALUES (?, ?, ?, ?)",
                        (name, email, email_key(email), age),
                    )
            except sqlite3.IntegrityError:
                raise EmailInUse from None
            return self._find(row.lastrowid)

    def all(self):
        """全部用户，按 id 排列。 All users by id."""
        with self._lock:
            rows = self._db.execute("SELECT id, name, email, age FROM users ORDER BY id").fetchall()
        return [as_user(row) for row in rows]

    def get(self, user_id):
        """这个用户，没有时是 None。 The user, or None."""
        with self._lock:
            return self._find(user_id)

    def replace(self, user_id, name, email, age):
        """替换后的用户，没有时是 None；EmailInUse。 The user as it is then, or None. Raises EmailInUse."""
        with self._lock:
            try:
                with self._db:
                    self._db.execute(
                        "UPDATE users SET name = ?, email = ?, email_key = ?, age = ? WHERE id = ?",
                        (name, email, email_key(email), age, min(user_id, MAX_ID)),
                    )
            except sqlite3.IntegrityError:
                raise EmailInUse from None
            return self._find(user_id)

    def delete(self, user_id):
        """有没有这个用户。 Whether there was such a user."""
        with self._lock, self._db:
            return self._db.execute("DELETE FROM users WHERE id = ?", (min(user_id, MAX_ID),)).rowcount == 1

    def _find(self, user_id):
        query = "SELECT id, name, email, age FROM users WHERE id = ?"
        row = self._db.execute(query, (min(user_id, MAX_ID),)).fetchone()
        return row and as_user(row)


def as_user(row):
    """数据库的一行 → JSON 里的用户。 A row of the database as the user in the JSON."""
    return dict(zip(("id", "name", "email", "age"), row, strict=True))


def email_key(email):
    """比较邮箱用的写法：不分大小写。SQLite 自己只认识 ASCII 字母的大小写，所以由 Python 来做。

    What e-mails are compared by: without letter case. SQLite itself knows the case of ASCII letters only.
    """
    return email.casefold()


# -- 检查请求 checking requests ------------------------------------------------------------------------------------


def read_user():
    """请求正文里的 (name, email, age)，都检查过；不对时用 abort() 直接回答错误。

    The body's (name, email, age), checked; abort() answers at once where something is wrong.
    """
    if request.mimetype != "application/json":
        abort(415, "Content-Type 应当是 application/json / must be application/json")
    try:
        # 正文不是 UTF-8 时是 UnicodeDecodeError，不是 JSON 时是 JSONDecodeError，两者都是 ValueError；
        # 嵌套几千层时是 RecursionError。都是客户端的错，不能变成 500。
        # Not UTF-8: UnicodeDecodeError. No JSON: JSONDecodeError. Both are ValueErrors; thousands of levels of nesting
        # are a RecursionError. All of these are the client's mistake and must not become a 500.
        body = json.loads(request.get_data().decode("utf-8"))
    except (ValueError, RecursionError):
        abort(400, "正文不是 JSON / the body is not JSON")
    if not isinstance(body, dict):
        abort(400, "正文应当是 JSON 对象 / the body must be a JSON object")
    # 只取这三个字段：id 由服务器决定，不认识的字段不理会。
    # Only these three are looked at: the id is the server's, unknown fields are ignored.
    return check_name(body.get("name")), check_email(body.get("email")), check_age(body.get("age"))


def check_name(name):
    """去掉两端空白之后 1–100 个字符。 1–100 characters once stripped."""
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= MAX_NAME:
        abort(400, "name 应当是 1–100 个字符 / must have 1–100 characters")
    return name.strip()


def check_email(email):
    """不超过 254 个字符，恰好一个 @，两边都有内容，没有空白。

    Up to 254 characters, exactly one @ with something on both sides, no white space.
    """
    if not isinstance(email, str) or len(email) > MAX_EMAIL:
        abort(400, "email 应当是不超过 254 个字符的文字 / must be a string of up to 254 characters")
    local, at, domain = email.partition("@")
    if not (local and at and domain) or "@" in domain or any(character.isspace() for character in email):
        abort(400, "email 应当像 name@example.com / must look like name@example.com")
    return email


def check_age(age):
    """0–150 的整数或 None。True 在 Python 里也是 int，所以要看类型本身。

    An integer from 0 to 150, or None. True is an int in Python, too: look at the very type.
    """
    if age is not None and (type(age) is not int or not 0 <= age <= MAX_AGE):
        abort(400, "age 应当是 0–150 的整数或 null / must be an integer from 0 to 150, or null")
    return age


# -- 应用 the application ------------------------------------------------------------------------------------------


def create_app(storage_path=None):
    """新的应用，与其他应用无关。storage_path（str 或 Path）是存放用户的文件；None 时只在内存里。

    A new application, independent of all others. storage_path (str or Path) is the file that keeps the users; with
    None they are in memory only.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY  # 更大的正文由 Flask 回答 413 / Flask answers a larger body 413
    app.json.ensure_ascii = False
    store = UserStore(storage_path)

    @app.post("/users")
    def create_user():
        user = store.create(*read_user())
        return jsonify(user), 201, {"Location": url_for("get_user", user_id=user["id"])}

    @app.get("/users")
    def list_users():
        return jsonify(store.all())

    @app.get("/users/<int:user_id>")
    def get_user(user_id):
        return jsonify(store.get(user_id) or abort(404, f"没有用户 {user_id} / there is no user {user_id}"))

    @app.put("/users/<int:user_id>")
    def replace_user(user_id):
        user = store.replace(user_id, *read_user())
        return jsonify(user or abort(404, f"没有用户 {user_id} / there is no user {user_id}"))

    @app.delete("/users/<int:user_id>")
    def delete_user(user_id):
        if not store.delete(user_id):
            abort(404, f"没有用户 {user_id} / there is no user {user_id}")
        return "", 204

    @app.errorhandler(EmailInUse)
    def email_in_use(error):
        return jsonify(error="邮箱已被使用 / this e-mail is in use"), 409

    @app.errorhandler(HTTPException)
    def error_as_json(error):
        # Flask 自己的错误页是 HTML：保留状态码和首部（405 有 Allow），换掉正文。
        # Flask's own error pages are HTML: keep the status and the headers (405 has Allow), replace the body.
        response = error.get_response()
        response.data = json.dumps({"error": error.description}, ensure_ascii=False)
        response.content_type = "application/json"
        return response

    @app.get("/openapi.json")
    def openapi():
        return jsonify(OPENAPI)

    @app.get("/docs")
    def docs():
        return Response(DOCS_PAGE, content_type="text/html; charset=utf-8")

    return app


# -- 文档 documentation ------------------------------------------------------------------------------------------------


def json_content(schema):
    """OpenAPI 里“正文是这样的 JSON”的写法。 OpenAPI's way to say that a body is JSON like this."""
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def answers(*errors, **right):
    """一个操作的回答：right 是成功时的（s201="User"），errors 是可能的错误。

    The answers of an operation: `right` when it succeeds (s201="User"), `errors` the statuses that may come instead.
    """
    texts = {
        400: "Invalid", 404: "No such user", 409: "E-mail in use", 413: "Body over 1 MiB", 415: "Not application/json",
    }  # fmt: skip
    found = {
        name[1:]: {"description": "Done", **(json_content(schema) if schema else {})} for name, schema in right.items()
    }
    return found | {str(code): {"description": texts[code], **json_content("Error")} for code in errors}


FIELDS = {
    "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME, "pattern": r"\S", "examples": ["小明"]},
    "email": {
        "type": "string", "maxLength": MAX_EMAIL, "pattern": r"^[^@\s]+@[^@\s]+$", "examples": ["ming@example.com"],
    },
    "age": {"type": ["integer", "null"], "minimum": 0, "maximum": MAX_AGE, "examples": [20]},
}  # fmt: skip
USER_BODY = {"required": True, **json_content("NewUser")}
USER_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "用户管理 API / Users API", "version": "1.0"},
    "paths": {
        "/users": {
            "get": {"summary": "全部用户 / All users", "responses": answers(s200="Users")},
            "post": {
                "summary": "创建用户 / Create a user",
                "requestBody": USER_BODY,
                "responses": answers(400, 409, 413, 415, s201="User"),
            },
        },
        "/users/{id}": {
            "parameters": [USER_ID],
            "get": {"summary": "一个用户 / One user", "responses": answers(404, s200="User")},
            "put": {
                "summary": "替换用户 / Replace a user",
                "requestBody": USER_BODY,
                "responses": answers(400, 404, 409, 413, 415, s200="User"),
            },
            "delete": {"summary": "删除用户 / Delete a user", "responses": answers(404, s204=None)},
        },
    },
    "components": {
        "schemas": {
            "NewUser": {"type": "object", "required": ["name", "email"], "properties": FIELDS},
            "User": {
                "type": "object",
                "required": ["id", "name", "email", "age"],
                "properties": {"id": {"type": "integer"}, **FIELDS},
                "additionalProperties": False,
            },
            "Users": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
            "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
        }
    },
}

# 网页读 /openapi.json，为每个操作画一张表单。textContent 只放文字：别人写的名字里有 <script> 也只是文字。
# The page reads /openapi.json and draws a form for every operation. textContent takes text only: a <script> in
# somebody's name stays text.
DOCS_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head>
<meta charset="utf-8"><title>用户管理 API / Users API</title>
<style>
  body { font-family: sans-serif; max-width: 50em; margin: 2em auto; }
  form { border: 1px solid #999; border-radius: 6px; padding: 0 1em 1em; margin: 1em 0; }
  textarea { display: block; width: 100%; height: 4em; margin: .5em 0; }
  pre { background: #eee; padding: .5em; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>用户管理 API / Users API</h1>
<p>接口的正式说明 The formal description: <a href="openapi.json">openapi.json</a></p>
<main></main>
<script>
function add(parent, tag, text = "", attributes = {}) {
  const element = Object.assign(document.createElement(tag), attributes);
  element.textContent = text;
  return parent.appendChild(element);
}

function show(api, path, method) {
  const operation = api.paths[path][method];
  const form = add(document.querySelector("main"), "form", "", {id: method + path});
  add(form, "h3", method.toUpperCase() + " " + path);
  add(form, "p", operation.summary + " → " + Object.keys(operation.responses).join(", "));
  const id = path.includes("{id}") && add(form, "input", "", {placeholder: "id", required: true});
  const body = operation.requestBody && add(form, "textarea");
  if (body) body.value = '{"name": "小明", "email": "ming@example.com", "age": 20}';
  add(form, "button", "试一试 Try it");
  const result = add(form, "pre");
  form.onsubmit = async event => {
    event.preventDefault();
    const request = {method: method.toUpperCase()};
    if (body) Object.assign(request, {body: body.value, headers: {"Content-Type": "application/json"}});
    const answer = await fetch(id ? path.replace("{id}", encodeURIComponent(id.value)) : path, request);
    result.textContent = answer.status + " " + answer.statusText + "\\n" + await answer.text();
  };
}

fetch("openapi.json").then(answer => answer.json()).then(api => {
  for (const path in api.paths)
    for (const method in api.paths[path])
      if (method !== "parameters") show(api, path, method);
});
</script>
</body>
</html>
"""


def main():
    """python users_api.py [--host 127.0.0.1] [--port 5000] [--storage PATH]"""
    parser = argparse.ArgumentParser(description="用户管理 API / users API")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--storage", metavar="PATH", help="存放用户的文件 / the file that keeps the users")
    options = parser.parse_args()
    print(f"用户管理 API: http://{options.host}:{options.port}/docs")
    create_app(options.storage).run(host=options.host, port=options.port, threaded=True)


if __name__ == "__main__":
    main()
