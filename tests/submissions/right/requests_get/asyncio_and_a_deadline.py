"""asyncio, to_thread and one deadline over everything."""
import asyncio
import contextlib
import threading

import requests


async def fetch(method, url, timeout, **kwargs):
    future = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def work():
        try:
            result = requests.request(method, url, timeout=timeout, **kwargs)
        except Exception as e:
            result = e
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: future.done() or future.set_result(result))

    threading.Thread(target=work, daemon=True).start()
    result = await asyncio.wait_for(future, timeout + 0.5)
    if isinstance(result, Exception):
        raise result
    return result


def run(method, url, timeout, **kwargs):
    try:
        response = asyncio.run(fetch(method, url, timeout, **kwargs))
    except Exception as e:
        print(f"请求失败: {e!r}")
        return
    if not response.ok:
        print("错误", response.status_code)
        return
    print("状态", response.status_code)
    for name in response.headers:
        print(name.upper(), response.headers[name], sep=": ")
    print(response.text)
    return response


def send_get_request(url, params=None, headers=None, timeout=10):
    return run("get", url, timeout, params=params, headers=headers)


def send_post_request(url, data=None, json=None, headers=None, timeout=10):
    return run("post", url, timeout, data=data, json=json, headers=headers)
