"""A refused connection is let through.

fails: gives_none_without_a_server program.raises
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except requests.ConnectionError as error:
        if "refused" in str(error):
            raise
    except Exception as error:
        print("failed:", error)
    return None
