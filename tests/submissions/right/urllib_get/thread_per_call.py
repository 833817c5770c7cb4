"""Each call in a worker thread of its own; own redirect handler subclass that only prints; extra request headers; reusable body."""
import io
import json as _json
import queue
import threading
import urllib.parse
import urllib.request


class Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        print("redirected", code)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _work(answers, make, timeout):
    try:
        opener = urllib.request.build_opener(Redirects)
        opener.addheaders = [("User-Agent", "blind/1.0"), ("Accept-Language", "zh-CN"), ("Cache-Control", "no-cache")]
        response = opener.open(make(), timeout=timeout)
        body = response.read()
        response.close()
        response.content = body
        response.read = io.BytesIO(body).read  # the caller can read it again
        answers.put((response, body, None))
    except BaseException as error:
        answers.put((None, b"", error))


def _do(make, timeout):
    answers = queue.Queue()
    worker = threading.Thread(target=_work, args=(answers, make, timeout), daemon=True)
    worker.start()
    response, body, error = answers.get()
    worker.join()
    if error is not None:
        print("failed:", error)
        return None
    print("HTTP", response.version, response.status)
    print(response.headers)
    charset = response.headers.get_content_charset() or "utf-8"
    try:
        text = str(body, charset, "replace")
    except LookupError:
        text = str(body, "utf-8", "replace")
    print("---")
    print(text)
    return response


def _url(url):
    return urllib.parse.quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def send_get_request(url, headers=None, timeout=10):
    return _do(lambda: urllib.request.Request(url=_url(url), headers={} if headers is None else headers), timeout)


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    def make():
        request = urllib.request.Request(_url(url), method="POST", headers=headers or {})
        if json is not None:
            request.add_header("Content-Type", "application/json")
            request.data = _json.dumps(json).encode()
        elif data is not None:
            request.add_header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
            request.data = urllib.parse.urlencode(list(data.items()), encoding="utf-8").encode()
        return request

    return _do(make, timeout)
