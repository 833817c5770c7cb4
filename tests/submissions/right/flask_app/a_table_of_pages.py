"""No routes but a table; the form is multipart, and its field stands outside of it."""
import html
import json
from datetime import datetime, timezone

from flask import Flask, Response, request

HOME = """<!doctype html><html lang=en><meta charset=utf-8><title>Site</title>
<form id='hello' action='/api/submit?from=home' method='PoSt' enctype='multipart/form-data'></form>
<p><input form='hello' name='name'> <button form='hello'>Send</button>
"""


class Site(Flask):
    def home(self):
        return Response(HOME, mimetype="text/html")

    def data(self):
        return self.json_answer({"timestamp": datetime.now(timezone.utc).strftime("%c"), "status": "success",
                                 "message": "Hello, World!"})

    def submit(self):
        first = {}
        for field, value in request.form.items(multi=True):
            first.setdefault(field, value)
        name = first.get("name", "")
        return self.json_answer({"message": f"Hello, {name}!", "status": "success", "received_data": first})

    @staticmethod
    def json_answer(value):
        return Response(json.dumps(value), mimetype="application/json")

    def full_dispatch_request(self):
        pages = {"/": ("GET", self.home), "/api/data": ("GET", self.data), "/api/submit": ("POST", self.submit)}
        if request.path not in pages:
            text = f"<!doctype html><title>404</title><p>No page {html.escape(request.path)}"
            return Response(text, 404, mimetype="text/html")
        method, page = pages[request.path]
        allowed = {method, "OPTIONS"} | ({"HEAD"} if method == "GET" else set())
        if request.method not in allowed:
            return Response("no", 405, {"Allow": ", ".join(sorted(allowed))}, mimetype="text/plain")
        if request.method == "OPTIONS":
            return Response("", 200, {"Allow": ", ".join(sorted(allowed))})
        return page()


app = Site(__name__)


def main():
    app.run("0.0.0.0", 5000)


if __name__ == "__main__":
    main()
