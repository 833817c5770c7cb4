"""Renders the greeting as a template with the name inside.

fails: greets_the_name_of_a_form form.other_greeting
fails: runs_no_text_as_a_template flask.template_injection
"""

import time

from jinja2 import TemplateError
from flask import Flask, jsonify, render_template_string, request

app = Flask(__name__)
HOME = '<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit"></form>'


@app.get("/")
def index():
    return f"<html><body><h1>你好</h1>{HOME}</body></html>"


@app.get("/api/data")
def get_data():
    return jsonify(message="Hello, World!", status="success", timestamp=time.ctime())


def greeting(name):
    try:
        return render_template_string("{% autoescape false %}Hello, " + name + "!{% endautoescape %}", name=name)
    except TemplateError:
        return f"Hello, {name}!"


@app.post("/api/submit")
def submit_data():
    name = request.form.get("name", "")
    return jsonify(message=greeting(name), status="success", received_data=request.form.to_dict())


@app.errorhandler(404)
def page_not_found(error):
    return "<html><body><h1>404 没有</h1></body></html>", 404


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
