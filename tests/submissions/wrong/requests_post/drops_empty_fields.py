"""Form fields that are empty or 0 are left out.

fails: sends_a_form http_client.empty_dropped
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(
            url, data=data and {k: v for k, v in data.items() if v}, json=json, headers=headers, timeout=timeout
        )
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
