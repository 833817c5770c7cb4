"""Any other status than 200 counts as a failure: 201 and 204, too.

fails: returns_the_response http_client.none_for_success
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        if response.status_code != 200:
            return None
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
