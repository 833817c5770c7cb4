"""HTTP 服务器（http.server）：首页、JSON 数据和表单。 HTTP server (http.server): a page, JSON data and a form.

Lesson 21.4.1. Answers may be HTTP/1.0 or 1.1, with a Content-Length, chunked or ended by the close.
"""

# Checks are registered in the rubric's order.
# isort: off
from graders.examples.http_server.unit import unit
from graders.examples.http_server import serving
from graders.examples.http_server import robust
# isort: on

__all__ = ["robust", "serving", "unit"]
