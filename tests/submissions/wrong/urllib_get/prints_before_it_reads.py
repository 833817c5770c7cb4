"""Reads the body outside the try: what goes wrong there is raised.

fails: gives_none_for_a_cut_body program.raises
fails: gives_none_for_silence_inside_the_body program.raises
"""

import string
import urllib.error
import urllib.parse
import urllib.request


def send_get_request(url, headers=None, timeout=10):
    try:
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=dict(headers or {}))
        response = urllib.request.urlopen(request, timeout=timeout)
    except Exception as error:
        print("failed:", error)
        return None
    body = response.read()
    print("status:", response.status)
    for name, value in response.getheaders():
        print(f"  {name}: {value}")
    print(body.decode("utf-8", errors="replace")[:200])
    return response
