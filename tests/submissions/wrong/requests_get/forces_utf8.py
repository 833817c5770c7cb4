"""Sets the encoding to UTF-8, whatever charset the server declares: a GBK page turns into nonsense.

fails: accepts_any_body http_client.wrong_text
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        response.encoding = "utf-8"
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
