"""Prints nothing at all when the body is empty.

fails: prints_the_status http_client.prints_no_status
"""

import json as json_codec
import string
import urllib.error
import urllib.parse
import urllib.request


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        body = None
        headers = dict(headers or {})
        if json is not None:
            body = json_codec.dumps(json).encode("utf-8")
            headers["Content-Type"] = "application/json"
        elif data is not None:
            body = urllib.parse.urlencode(data).encode("utf-8")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, data=body, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=timeout) as response:
            answer = response.read()
            if answer:
                print("status:", response.status)
                print(answer.decode("utf-8", errors="replace"))
            return response
    except Exception as error:
        print("failed:", error)
    return None
