"""Greets who came before by a cookie, inside the template of the home page.

fails: runs_no_text_as_a_template flask.template_injection
"""

import time

from markupsafe import escape
from flask import Flask, jsonify, render_template_string, request

app = Flask(__name__)
HOME = '<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit"></form>'


@app.get("/")
def index():
    return render_template_string(f"<h1>你好 {escape(request.cookies.get('name', ''))}</h1>{HOME}")


@app.get("/api/data")
def get_data():
    return jsonify(message="Hello, World!", status="success", timestamp=time.ctime())


@app.post("/api/submit")
def submit_data():
    name = request.form.get("name", "")
    return jsonify(message=f"Hello, {name}!", status="success", received_data=request.form.to_dict())


@app.errorhandler(404)
def page_not_found(error):
    return "<html><body><h1>404 没有</h1></body></html>", 404


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
