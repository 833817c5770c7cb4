"""Sends forms as multipart/form-data.

fails: sends_a_form http_client.wrong_content_type
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(
            url,
            files={k: (None, str(v)) for k, v in data.items()} if data else None,
            json=json,
            headers=headers,
            timeout=timeout,
        )
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
