"""A path or query beyond ASCII makes urllib raise UnicodeEncodeError (the lesson's listing).

fails: encodes_a_non_ascii_url http_client.url_not_encoded
"""

import urllib.error
import urllib.parse
import urllib.request


def send_get_request(url, headers=None, timeout=10):
    try:
        request = urllib.request.Request(url, headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=timeout) as response:
            body = response.read()
            print("status:", response.status)
            for name, value in response.getheaders():
                print(f"  {name}: {value}")
            print(body.decode("utf-8", errors="replace")[:200])
            return response
    except Exception as error:
        print("failed:", error)
    return None
