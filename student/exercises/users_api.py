"""练习：用 Flask 写一个用户管理 API（第 21.6 节练习 2）。

一个用户是 {"id": 整数, "name": 文字, "email": 文字, "age": 整数或 null}。

    POST   /users        创建 → 201，Location: /users/<id>，用户
    GET    /users        200，全部用户的数组，按 id 从小到大
    GET    /users/<id>   200，用户
    PUT    /users/<id>   替换 name、email 和 age（没有 age 就成为 null），绝不创建 → 200，用户
    DELETE /users/<id>   204，没有正文

要做到的事：
    - name：必须有，文字，去掉两端空白之后 1–100 个字符，存的就是去掉之后的
    - email：必须有，文字，不超过 254 个字符，恰好一个 @，两边都有内容，没有空白；按发来的样子保存和返回
    - age：可以没有；0–150 的整数或 null（不是 true、1.0、"5"）
    - id 由服务器决定，一个 id 绝不用第二次；正文里的 id 和不认识的字段不理会
    - 错误是 JSON {"error": 文字}：400 无效或不是 JSON；404 没有这个用户或地址；405 方法不对；409 邮箱已被别人
      使用（不分大小写，Ä/ä 也一样）；413 或 400 正文超过 1 MiB（64 KiB 以内都要收）；415 Content-Type 不是
      application/json；同时有几个错误时，回答其中任何一个

做得更牢靠：
    - 客户端发来什么都不会引起 5xx（嵌套几千层的 JSON 也不会）
    - 同时到来的请求，结果和一个接一个处理时一样：修改不丢失，id 和邮箱不重复
    - 有 storage_path 时，回答过的每一次修改都不丢：进程被 SIGKILL 之后，用同一个路径重新启动，一切还在

可选：GET /openapi.json 是与程序相符的 OpenAPI 3 文档；GET /docs 是 HTML 页面。

试一试：python student/exercises/users_api.py --storage users.db
    curl -i http://127.0.0.1:5000/users -H 'Content-Type: application/json' \\
         -d '{"name": "小明", "email": "ming@example.com"}'

Exercise: a users API with Flask (section 21.6, exercise 2). What is asked:
    - the five operations above; PUT replaces name, email and age (an absent age becomes null) and never creates
    - name: required, a string, 1–100 characters once stripped, kept stripped; email: required, a string of up to 254
      characters, exactly one @ with something on both sides, no white space, kept and returned as sent; age: optional,
      an integer from 0 to 150 or null (no true, 1.0, "5")
    - the id is the server's and never given twice; ids in a body and unknown fields are ignored
    - errors are JSON {"error": string}: 400 invalid or malformed; 404 unknown user or URL; 405; 409 e-mail in use by
      another (letter case ignored, Ä/ä too); 413 or 400 for a body over 1 MiB (up to 64 KiB must do); 415 when the
      Content-Type is not application/json; where several apply, any of them
Robust: nothing that a client sends causes a 5xx (JSON nested thousands deep included); simultaneous requests behave as
if one after the other; with storage_path every answered write survives SIGKILL and a restart on the same path.
Bonus: GET /openapi.json, an OpenAPI 3 document that the program keeps; GET /docs, an HTML page.
"""


def create_app(storage_path=None):
    """新的 flask.Flask，与其他应用无关，由一个进程的多个线程同时使用。

    storage_path（str 或 Path）是存放用户的文件，起初可以不存在或者是空的，旁边可以放别的文件；None 时只在内存里。

    A new flask.Flask, independent of all others, used by the threads of one process at the same time. storage_path
    (str or Path) is the file that keeps the users; it may be absent or empty at first, and files may be put beside it;
    with None the users are in memory only.
    """
    raise NotImplementedError("TODO: 创建应用和它的五个操作 / make the application and its five operations")


def main():
    """脚本：--host（默认 127.0.0.1）、--port（默认 5000）、--storage PATH。

    The script: --host (default 127.0.0.1), --port (default 5000), --storage PATH.
    """
    raise NotImplementedError("TODO: 读命令行，运行应用 / read the command line and run the application")


if __name__ == "__main__":
    main()
