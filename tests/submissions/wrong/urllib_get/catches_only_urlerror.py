"""Only URLError is caught: time-outs, nonsense and mistyped URLs raise something else.

fails: gives_none_when_time_is_up program.raises
fails: gives_none_for_an_unusable_url program.raises
fails: gives_none_for_a_cut_body program.raises
fails: gives_none_for_garbage program.raises
fails: gives_none_for_silence_inside_the_body program.raises
fails: gives_none_for_a_redirect_to_nowhere program.raises
"""

import string
import urllib.error
import urllib.parse
import urllib.request


def send_get_request(url, headers=None, timeout=10):
    try:
        url = urllib.parse.quote(url.partition("#")[0], safe=string.punctuation)
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=timeout) as response:
            body = response.read()
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8", errors="replace")[:200])
            return response
    except urllib.error.URLError as error:
        print("failed:", error)
    return None
