"""Sets the encoding to UTF-8, whatever charset the server declares: a GBK page turns into nonsense.

fails: accepts_any_body http_client.wrong_text
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        response.encoding = "utf-8"
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
