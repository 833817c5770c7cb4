"""Ends the whole program with sys.exit when a request fails.

fails: gives_none_for_an_error_status program.raises
fails: gives_none_without_a_server program.raises
fails: gives_none_when_time_is_up program.raises
fails: gives_none_for_an_unusable_url program.raises
fails: gives_none_for_a_cut_body program.raises
fails: gives_none_for_garbage program.raises
fails: gives_none_for_silence_inside_the_body program.raises
fails: gives_none_for_a_redirect_to_nowhere program.raises
"""

import sys

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
        sys.exit(1)
    return None
