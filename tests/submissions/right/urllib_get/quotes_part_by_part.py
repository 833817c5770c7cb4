"""Common style: quotes path and query by parts with a short list of safe characters; host by idna; prints headers as JSON."""
import json as json_
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from urllib.request import Request, urlopen


def clean(url):
    parts = urlsplit(url)
    host = parts.netloc
    if not host.isascii():
        host = host.encode("idna").decode()
    return urlunsplit((parts.scheme, host, quote(parts.path, safe="/%"), quote(parts.query, safe="=&%+"), ""))


def send_get_request(url, headers=None, timeout=10):
    try:
        with urlopen(Request(clean(url), headers=headers or {}), timeout=timeout) as response:
            body = response.read()
    except (HTTPError, URLError) as e:
        print(e)
        return None
    except Exception as e:
        print(e)
        return None
    print(response.status)
    print(json_.dumps(dict(response.getheaders()), indent=2, ensure_ascii=False))
    try:
        text = body.decode(response.headers.get_content_charset() or "utf-8", errors="ignore")
    except LookupError:
        text = body.decode("latin-1")
    print(text[:200])
    return response


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    response = None
    try:
        headers = {} if headers is None else headers.copy()
        body = None
        if json is not None:
            body = json_.dumps(json).encode()
            headers.update({"Content-Type": "application/json"})
        elif data is not None:
            body = urlencode(data, doseq=True).encode()
        with urlopen(Request(clean(url), data=body, headers=headers, method="POST"), timeout=timeout) as answer:
            body = answer.read()
            charset = answer.headers.get_content_charset() or "utf-8"
            try:
                print(answer.status, body.decode(charset))
            except Exception:
                print(answer.status, body)
            response = answer
    except Exception as e:
        print("failed", e)
    finally:
        return response
