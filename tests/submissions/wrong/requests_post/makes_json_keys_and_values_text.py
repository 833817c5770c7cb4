"""Turns every number in a JSON object into text.

fails: sends_json http_client.wrong_json
"""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        response = requests.post(
            url,
            data=data,
            json={k: str(v) for k, v in json.items()} if isinstance(json, dict) else json,
            headers=headers,
            timeout=timeout,
        )
        response.raise_for_status()
        print("status:", response.status_code)
        print(response.text)
        return response
    except Exception as error:
        print("failed:", error)
    return None
