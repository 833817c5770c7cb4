"""Collects the fields of all forms in one dictionary.

fails: returns_the_fields_of_a_form form.other_fields
"""

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


seen = {}


@app.post("/api/submit")
def submit_data():
    seen.update(request.form.to_dict())
    name = request.form.get("name", "")
    return jsonify(message=f"Hello, {name}!", status="success", received_data=seen)


@app.errorhandler(404)
def page_not_found(error):
    return "<html><body><h1>404 没有</h1></body></html>", 404


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
