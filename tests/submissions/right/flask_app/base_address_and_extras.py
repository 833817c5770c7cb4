"""Two blueprints and <base href>; every error is a page of its own; headers, cookies and fields more than asked for."""
from __future__ import annotations

import sys
from email.utils import formatdate

from flask import Blueprint, Flask, current_app, make_response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

web = Blueprint("web", __name__)
api = Blueprint("api", __name__, url_prefix="/api")

LAYOUT = Markup(
    "<!DOCTYPE html>\n<html><head><base href='/api/'><title>{title}</title>"
    "<style>form {{ color: green }}</style><script>var x = '<b>';</script></head><body>{body}</body></html>"
)
FORM = Markup(
    "<h1>Hi &amp; welcome</h1><form action='submit' method='post' accept-charset='utf-8'>"
    "<input type='hidden' name='csrf' value='none'><input type='text' name='name' required maxlength=50>"
    "<input type='submit' name='go' value='Go'></form>"
)


def envelope(data):
    response = make_response(data)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_cookie("seen", "1")
    return response


@web.get("/")
def index():
    return LAYOUT.format(title="Home", body=FORM)


@api.get("/data")
def data():
    return envelope({"message": "Hello, World!", "status": "success", "timestamp": formatdate()})


@api.post("/submit")
def submit():
    fields = {key: values[0] for key, values in request.form.lists()}
    return envelope({"message": "Hello, %s!" % fields.get("name", ""), "status": "success", "received_data": fields})


def error(e: HTTPException):
    page = LAYOUT.format(title=e.code, body=Markup("<h1>{}</h1><p>{} {}</p>").format(e.name, request.method, request.url))
    response = e.get_response()
    response.data = page
    response.content_type = "text/html; charset=UTF-8"
    return response


def make() -> Flask:
    flask = Flask(__name__)
    flask.json.compact = False
    flask.json.sort_keys = False
    flask.register_blueprint(web)
    flask.register_blueprint(api)
    flask.register_error_handler(HTTPException, error)
    flask.wsgi_app = ProxyFix(flask.wsgi_app)
    return flask


app = make()


def main(argv=sys.argv):
    app.run(host="0.0.0.0", port=5000, debug=False, use_reloader=False)


if __name__ == "__main__":
    main()
