"""What is not ASCII in the URL is left out.

fails: encodes_a_non_ascii_url http_client.wrong_path
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        url = url.encode("ascii", "ignore").decode()
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
