"""Header values go out as UTF-8 where Latin-1 was asked for.

fails: sends_the_headers http_client.header_not_latin1
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(
            url, data=data, json=json, headers={k: v.encode() for k, v in (headers or {}).items()}, timeout=timeout
        )
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
