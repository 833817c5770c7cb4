"""asyncio around urllib.request, with one deadline for the whole exchange (contract: more than the time-out in total is not counted)."""
import asyncio
import concurrent.futures
import json as J
import urllib.parse as P
import urllib.request as R


def _quote(url):
    s = P.urlsplit(url)
    path = P.quote(s.path, safe="/%!$&'()*+,;=:@~")
    query = P.quote(s.query, safe="/?%!$&'()*+,;=:@~[]")
    return P.urlunsplit((s.scheme, s.netloc, path, query, s.fragment))


def _blocking(method, url, body, headers, timeout):
    req = R.Request(_quote(url), data=body, headers=headers, method=method)
    response = R.urlopen(req, timeout=timeout)
    with response:
        pieces = []
        while piece := response.read1(65536):
            pieces.append(piece)
        raw = b"".join(pieces)
        length = response.headers.get("Content-Length")
        if length is not None and len(raw) < int(length):
            raise EOFError("the body is cut short")
    return response, raw


async def _request(method, url, body, headers, timeout):
    loop = asyncio.get_running_loop()
    pool = concurrent.futures.ThreadPoolExecutor(1)
    try:
        return await asyncio.wait_for(loop.run_in_executor(pool, _blocking, method, url, body, headers, timeout), timeout + 0.5)
    finally:
        pool.shutdown(wait=False)


def _run(method, url, body, headers, timeout, show_headers):
    try:
        response, raw = asyncio.run(_request(method, url, body, headers, timeout))
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt):
            raise
        print("失败", repr(e))
        return None
    print(response.status)
    if show_headers:
        for k, v in response.getheaders():
            print(k.lower(), "=", v)
    charset = response.headers.get_content_charset("utf-8")
    try:
        print(raw.decode(charset, "replace"))
    except LookupError:
        print(raw.decode("utf-8", "replace"))
    return response


def send_get_request(url, headers=None, timeout=10):
    return _run("GET", url, None, dict(headers) if headers else {}, timeout, True)


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    h = {k: v for k, v in (headers or {}).items()}
    body = b""
    if json is not None:
        body = J.dumps(json, indent=2).encode()
        h["Content-Type"] = "application/json; charset=utf-8"
    elif data is not None:
        body = P.urlencode(data, quote_via=P.quote).encode()
        h["Content-Type"] = "application/x-www-form-urlencoded"
    return _run("POST", url, body, h, timeout, False)
