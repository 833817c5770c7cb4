"""Characters beyond ASCII are percent-encoded as GBK.

fails: encodes_a_non_ascii_url http_client.wrong_path
"""

import string
from urllib.parse import quote

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        url = quote(url, safe=string.punctuation, encoding="gbk", errors="ignore")
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
