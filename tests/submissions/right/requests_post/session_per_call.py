"""A session for every call, closed at once; status judged by hand."""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        with requests.Session() as session:
            session.headers.update(headers or {})
            response = session.post(url, data=data, json=json, timeout=timeout)
        if response.status_code >= 400:
            print("refused with", response.status_code)
            return None
    except Exception as error:
        print("failed:", repr(error))
        return None
    print(response.status_code, response.reason, response.text)
    return response


if __name__ == "__main__":
    send_post_request("https://httpbin.org/post", json={"answer": 42})
