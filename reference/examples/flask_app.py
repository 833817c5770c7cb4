"""用 Flask 写的同一个网站：一个网页、一份 JSON、一张表单（第 21.4.2 节）。

    GET  /            一个 HTML 页面，里面有一张表单，表单把 name 提交给 /api/submit
    GET  /api/data    JSON：message、status、timestamp
    POST /api/submit  JSON：message 里有表单的 name，received_data 是表单的全部字段
其他地址是 404 页面；已知的地址用了别的方法，Flask 自己回答 405。

试一试：
    python reference/examples/flask_app.py
    curl -i http://127.0.0.1:5000/api/data
    curl -i --data-urlencode name=小明 http://127.0.0.1:5000/api/submit

The same site written with Flask: one page, one piece of JSON, one form (section 21.4.2). Other addresses are 404
pages; another method at a known address is answered 405 by Flask itself. Try it with the commands above.
"""

import datetime

from flask import Flask, jsonify, request

app = Flask(__name__)
# 让 JSON 里的汉字保持原样，而不是 \uXXXX。 Leaves Chinese characters in the JSON as they are.
app.json.ensure_ascii = False

# 这两个页面是不变的文字，不是模板。课文把它们交给 render_template_string：此刻无害，但是只要有人把
# 用户的输入拼进去，输入就成了在服务器上执行的模板代码。
# Both pages are fixed text and no templates. The lesson passes them to render_template_string: harmless as long as
# nobody puts a user's input into them, which would then run as template code on the server.
HOME_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head><meta charset="utf-8"><title>我的 Flask 网站</title></head>
<body>
  <h1>你好！</h1>
  <p>看看 <a href="/api/data">一份 JSON 数据</a>，或者告诉我你的名字：</p>
  <form action="/api/submit" method="post">
    <label>名字 <input type="text" name="name"></label>
    <button type="submit">提交</button>
  </form>
</body>
</html>
"""

NOT_FOUND_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head><meta charset="utf-8"><title>404 Not Found</title></head>
<body><h1>404 Not Found</h1><p>没有这个页面。</p></body>
</html>
"""


@app.get("/")
def index():
    """首页：HTML，有一张用 POST 把 name 提交给 /api/submit 的表单。

    The home page: HTML with a form that POSTs `name` to /api/submit.
    """
    return HOME_PAGE


@app.get("/api/data")
def get_data():
    """JSON：message 是 "Hello, World!"，status 是 "success"，timestamp 是写成文字的当前时间。

    JSON: message "Hello, World!", status "success", timestamp the present time as a string.
    """
    # 课文用的 request.timestamp 并不存在，所以那里的 timestamp 永远是 'N/A'。
    # The lesson's request.timestamp does not exist, so its timestamp is 'N/A' for ever.
    now = datetime.datetime.now(datetime.UTC)
    return jsonify(message="Hello, World!", status="success", timestamp=now.isoformat())


@app.post("/api/submit")
def submit_data():
    """JSON：message 是 "Hello, {name}!"（没有 name 时为空），status，received_data 是每个字段的第一个值。

    JSON: message "Hello, {name}!" (empty when there is no name), status, and received_data with the first value of
    each field.
    """
    name = request.form.get("name", "")
    return jsonify(message=f"Hello, {name}!", status="success", received_data=request.form.to_dict())


@app.errorhandler(404)
def page_not_found(error):
    """404 页面（HTML）。它不重复请求的地址：那是别人写的文字，放进 HTML 之前必须转义。

    The 404 page (HTML). It does not repeat the address asked for: that is somebody else's text, which must be
    escaped before it goes into HTML.
    """
    return NOT_FOUND_PAGE, 404


def main():
    """在 0.0.0.0:5000 上运行，不开调试模式。

    课文写 debug=True：出错时浏览器里会出现一个能执行任意 Python 代码的调试器，而 0.0.0.0 让整个网络都能访问它。

    Runs on 0.0.0.0:5000 without debug mode. The lesson has debug=True: then an error opens a debugger in the browser
    that runs any Python code, and 0.0.0.0 lets the whole network reach it.
    """
    print("网站在 http://127.0.0.1:5000 上运行，按 Ctrl+C 停止")
    app.run(host="0.0.0.0", port=5000, debug=False)


if __name__ == "__main__":
    main()
