"""Puts the missing path into the template of the 404 page.

fails: runs_no_text_as_a_template flask.template_injection
fails: escapes_text_in_html flask.unescaped_html
"""

import time

from flask import Flask, jsonify, render_template_string, request

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
    return render_template_string(f"<h1>404</h1><p>{request.path}"), 404


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
