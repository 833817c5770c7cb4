"""练习：用 Flask 写一个网站（第 21.4.2 节）。

`app` 回答三个地址，其他地址是 404（HTML）：
    GET  /            200，HTML 页面，里面有一张表单，表单用 POST 把字段 name 提交给 /api/submit
    GET  /api/data    200，JSON：{"message": "Hello, World!", "status": "success", "timestamp": 文字}
    POST /api/submit  200，JSON：{"message": "Hello, {name}!", "status": "success", "received_data": {字段: 值}}
                      received_data 与 request.form.to_dict() 相同；name 没有时是 ''；100 KB 的表单也可以

做得更牢靠：
    - 已知的地址用了别的方法（GET、POST、PUT、PATCH、DELETE）→ 405
    - 用户的输入不会被当作模板执行，也不会不经转义就出现在 HTML 里
    - 作为脚本运行时（0.0.0.0:5000）不打开调试器

试一试：python student/examples/flask_app.py，然后用浏览器打开 http://127.0.0.1:5000/

Exercise: a web site with Flask (section 21.4.2). `app` answers the three addresses above, and 404 (HTML) elsewhere;
received_data is request.form.to_dict(), name is '' when there is none, forms of 100 KB are accepted.
Robust: another one of GET, POST, PUT, PATCH and DELETE at a known address → 405; what users send is never run as a
template nor put into HTML unescaped; run as a script (0.0.0.0:5000) it does not open the debugger.
"""

from flask import Flask

app = Flask(__name__)


# TODO: 用 @app.route 把它接到 GET / / connect it to GET / with @app.route
def index():
    """首页：HTML，有一张用 POST 把 name 提交给 /api/submit 的表单。

    The home page: HTML with a form that POSTs `name` to /api/submit.
    """
    raise NotImplementedError("TODO: 返回首页 / return the home page")


# TODO: 接到 GET /api/data / connect it to GET /api/data
def get_data():
    """JSON：message 是 "Hello, World!"，status 是 "success"，timestamp 是写成文字的当前时间。

    JSON: message "Hello, World!", status "success", timestamp the present time as a string.
    """
    raise NotImplementedError("TODO: 返回 JSON / return the JSON")


# TODO: 接到 POST /api/submit / connect it to POST /api/submit
def submit_data():
    """JSON：message 是 "Hello, {name}!"（没有 name 时为空），status，received_data 是每个字段的第一个值。

    JSON: message "Hello, {name}!" (empty when there is no name), status, and received_data with the first value of
    each field.
    """
    raise NotImplementedError("TODO: 读表单并回答 / read the form and answer")


@app.errorhandler(404)
def page_not_found(error):
    """404 页面（HTML）。 The 404 page (HTML)."""
    raise NotImplementedError("TODO: 返回 404 页面 / return the 404 page")


def main():
    """在 0.0.0.0:5000 上运行，不开调试模式。 Runs on 0.0.0.0:5000 without debug mode."""
    raise NotImplementedError("TODO: 运行网站 / run the site")


if __name__ == "__main__":
    main()
