"""app is a function of WSGI around the Flask application, and no Flask application itself.

fails: app_is_a_flask_application flask.not_flask
"""

import time

from flask import Flask, jsonify, request

site = Flask(__name__)
HOME = '<form action="/api/submit" method="POST"><input type="text" name="name"><input type="submit"></form>'


@site.get("/")
def index():
    return f"<html><body><h1>你好</h1>{HOME}</body></html>"


@site.get("/api/data")
def get_data():
    return jsonify(message="Hello, World!", status="success", timestamp=time.ctime())


@site.post("/api/submit")
def submit_data():
    name = request.form.get("name", "")
    return jsonify(message=f"Hello, {name}!", status="success", received_data=request.form.to_dict())


@site.errorhandler(404)
def page_not_found(error):
    return "<html><body><h1>404 没有</h1></body></html>", 404


class Wrapper:
    def __call__(self, environ, start_response):
        return site(environ, start_response)


app = Wrapper()

if __name__ == "__main__":
    site.run(host="0.0.0.0", port=5000)
