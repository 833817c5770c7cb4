"""The 404 page names the missing address, escaped by markupsafe in attributes, but for quotes in its text.

Pages come from make_response, the log is off.
"""

import datetime
import logging

from flask import Flask, abort, jsonify, make_response, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = Flask(__name__, static_folder=None)


def html(text, status=200):
    response = make_response(f"<!DOCTYPE html><html><body>{text}</body></html>", status)
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response


@app.route("/", methods=["GET"])
def index():
    return html('<form action="/api/submit" method="post"><input id="n" type="text" name="name"></form>')


@app.route("/api/<action>", methods=["GET", "POST"])
def api(action):
    if action == "data" and request.method == "GET":
        return jsonify({"message": "Hello, World!", "status": "success", "timestamp": f"{datetime.datetime.now()}"})
    if action == "submit" and request.method == "POST":
        name = request.form.get("name") or ""
        return jsonify(status="success", received_data=request.form.to_dict(), message="Hello, " + name + "!")
    abort(405 if action in ("data", "submit") else 404)


@app.errorhandler(HTTPException)
def failed(error):
    text = request.path.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    link = f'<a href="{escape(request.path)}" title=\'{escape(request.args.get("q", ""))}\'>{text}</a>'
    return html(f"<h1>{error.code}</h1><p>{request.method} {link}</p>", error.code)


if __name__ == "__main__":
    try:
        app.run(host="0.0.0.0", port=5000, debug=False)
    except KeyboardInterrupt:
        print("bye")
