"""Numbers in the caller's form are turned into text in place.

fails: leaves_the_arguments_alone http_client.changes_data
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        for key in data or {}:
            data[key] = str(data[key])
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
