"""Header values lose what is not ASCII.

fails: sends_the_headers http_client.header_not_latin1
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(
            url,
            params=params,
            headers={k: v.encode("ascii", "ignore").decode() for k, v in (headers or {}).items()},
            timeout=timeout,
        )
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
