"""Returns the text of the body instead of the response object.

fails: returns_the_response http_client.not_the_librarys
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response.text
    except Exception as error:
        print("failed:", error)
    return None
