"""Takes a time-out inside the body for its end.

fails: gives_none_for_silence_inside_the_body http_client.silent_body_returned
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout, stream=True)
        response.raise_for_status()
        try:
            response.content
        except requests.ConnectionError:
            response._content = b""
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
