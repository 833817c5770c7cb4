"""The form is filled in with the name of the query, in which only < and > are replaced.

fails: escapes_text_in_html flask.unescaped_attribute
"""

import time

from flask import Flask, jsonify, request

app = Flask(__name__)
HOME = '<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit"></form>'


@app.get("/")
def index():
    name = request.args.get("name", "").replace("<", "&lt;").replace(">", "&gt;")
    form = HOME.replace('name="name"', f'name="name" value="{name}"')
    return f"<html><body><h1>你好</h1>{form}</body></html>"


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
