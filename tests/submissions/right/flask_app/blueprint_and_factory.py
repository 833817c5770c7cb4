"""A blueprint with a url_prefix, an application factory, class-based views and an escaping Jinja template."""

import time

from flask import Blueprint, Flask, render_template_string, request, url_for
from flask.views import MethodView

api = Blueprint("api", __name__, url_prefix="/api")


class Data(MethodView):
    def get(self):
        return {"message": "Hello, World!", "status": "success", "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S")}


class Submit(MethodView):
    def post(self):
        form = {key: request.form[key] for key in request.form}
        return {"message": "Hello, {}!".format(form.get("name", "")), "status": "success", "received_data": form}


api.add_url_rule("/data", view_func=Data.as_view("data"))
api.add_url_rule("/submit", view_func=Submit.as_view("submit"))


def home():
    template = '<form action="{{ target }}" method=post><input name=name><button>Submit</button></form>'
    return render_template_string("<!doctype html>" + template, target=url_for("api.submit"))


def missing(error):
    return render_template_string("<h1>404</h1><p>{{ path }} is not here", path=request.path), 404


def create_app():
    flask = Flask("site")
    flask.register_blueprint(api)
    flask.add_url_rule("/", view_func=home)
    flask.register_error_handler(404, missing)
    return flask


app = create_app()

if __name__ == "__main__":
    app.run("0.0.0.0", 5000, debug=False, use_reloader=False)
