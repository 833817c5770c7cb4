"""The example at the end runs on import, for want of `if __name__ == "__main__":`.

fails: imports_without_side_effects program.import_opens_socket
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout)
        response.raise_for_status()
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None


send_get_request("http://127.0.0.1:9/")
