"""The missing page links to the path in single quotes, which it does not escape.

fails: escapes_text_in_html flask.unescaped_attribute
"""

import html
import time

from flask import Flask, jsonify, request

app = Flask(__name__)
HOME = '<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit"></form>'


@app.get("/")
def index():
    return f"<html><body><h1>你好</h1>{HOME}</body></html>"


@app.get("/api/data")
def get_data():
    return jsonify(message="Hello, World!", status="success", timestamp=time.ctime())


@app.post("/api/submit")
def submit_data():
    name = request.form.get("name", "")
    return jsonify(message=f"Hello, {name}!", status="success", received_data=request.form.to_dict())


@app.errorhandler(404)
def page_not_found(error):
    path = html.escape(request.path, quote=False).replace('"', "&quot;")
    return f"<html><body><h1>404</h1><a href='{path}'>再试一次</a></body></html>", 404


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
