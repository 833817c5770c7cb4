"""The example at the end runs on import, for want of `if __name__ == "__main__":`.

fails: imports_without_side_effects program.import_opens_socket
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(url, data=data, json=json, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None


send_post_request("http://127.0.0.1:9/")
