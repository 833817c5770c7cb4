"""Any other status than 200 counts as a failure: 201 and 204, too.

fails: returns_the_response http_client.none_for_success
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        if response.status_code != 200:
            return None
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
