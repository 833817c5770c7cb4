"""Returns the HTTPError as if it were the response (it looks like one).

fails: gives_none_for_an_error_status http_client.error_status_returned
fails: gives_none_for_a_redirect_to_nowhere http_client.lost_redirect_returned
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
    except urllib.error.HTTPError as error:
        return error
    except Exception as error:
        print("failed:", error)
    return None
