"""Streams the body and swallows what goes wrong in it.

fails: gives_none_for_a_cut_body http_client.cut_body_returned
"""

import requests


def send_get_request(url, params=None, headers=None, timeout=10):
    try:
        response = requests.get(url, params=params, headers=headers, timeout=timeout, stream=True)
        response.raise_for_status()
        try:
            response.content
        except requests.exceptions.ChunkedEncodingError:
            response._content = b""
        print("status:", response.status_code)
        for name, value in response.headers.items():
            print(f"  {name}: {value}")
        print(response.text[:200])
        return response
    except Exception as error:
        print("failed:", error)
    return None
