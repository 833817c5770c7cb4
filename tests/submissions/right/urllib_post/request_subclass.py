"""A Request subclass that knows its method, a match statement for the body, the report on stderr."""

import json as json_codec
import string
import sys
import urllib.error
import urllib.parse
import urllib.request


class Post(urllib.request.Request):
    def get_method(self):
        return "POST"


def build(url, data, json, headers):
    url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
    match data, json:
        case None, None:
            post = Post(url)
        case _, None:
            post = Post(url, urllib.parse.urlencode(list(data.items()), encoding="utf-8").encode())
            post.add_unredirected_header("Content-Type", "application/x-www-form-urlencoded")
        case _, _:
            post = Post(url, json_codec.dumps(json, indent=1).encode())
            post.add_unredirected_header("Content-Type", "application/json")
    for item in (headers or {}).items():
        post.add_header(*item)
    return post


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        with urllib.request.urlopen(build(url, data, json, headers), timeout=timeout) as response:
            body = response.read()
    except urllib.error.HTTPError as refusal:
        refusal.close()
        print("refused:", refusal, file=sys.stderr)
    except Exception as problem:
        print("failed:", repr(problem), file=sys.stderr)
    else:
        print("status", response.getcode(), file=sys.stderr)
        print(body.decode("utf-8", "replace"), file=sys.stderr)
        return response
    return None
