"""The lesson's structure: raise_for_status, then print, the most general except last."""

import requests


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    try:
        resp = requests.request("POST", url, data=data, json=json, headers=headers, timeout=timeout)
        resp.raise_for_status()
        print("OK, status", resp.status_code)
        print("body:", resp.text)
        return resp
    except requests.exceptions.HTTPError as e:
        print("HTTP error", e)
    except requests.exceptions.ConnectionError as e:
        print("connection error", e)
    except requests.exceptions.Timeout as e:
        print("time-out", e)
    except requests.exceptions.RequestException as e:
        print("request error", e)
    except Exception as e:
        print("failed", e)
    return None


def main():
    send_post_request("https://httpbin.org/post", data={"name": "小王", "age": 3})
    send_post_request("https://httpbin.org/post", json={"name": "小李", "tags": ["a", "b"]})


if __name__ == "__main__":
    main()
