"""One session serves all calls, and keeps the cookies.

fails: keeps_nothing_between_calls http_client.leftover
"""

import requests

SESSION = requests.Session()


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = SESSION.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
