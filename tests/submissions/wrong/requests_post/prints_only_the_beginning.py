"""A POST's body is printed up to its 200th character only.

fails: prints_the_body http_client.prints_no_body
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
