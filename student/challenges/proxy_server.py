"""HTTP 代理服务器：替客户端取网页，记住可以记住的，能过滤、能要求登录、写日志；HTTPS 走隧道（课程 21.7 任务 1）。

试一试：
    python student/challenges/proxy_server.py --port 8080
    curl -i -x http://127.0.0.1:8080 http://example.com/
    curl -i -x http://127.0.0.1:8080 https://example.com/

An HTTP proxy: it fetches pages for its clients, remembers what may be remembered, filters, can ask for a login, and
keeps a log; HTTPS goes through a tunnel (lesson 21.7, task 1). Try it with the commands above.

要做到的事 / What is asked
- HTTP：请求行里是完整的 URL（absolute-form），任何方法；转给源服务器时只写路径，加上 Host。
  只属于一段连接的首部（Connection 和它点名的、Proxy-Connection、Proxy-Authorization、Keep-Alive、TE、Trailer、
  Transfer-Encoding、Upgrade）不传到另一边；代理自己的 Connection、重新分块用的 Transfer-Encoding 可以有。
  正文有 Content-Length 或者分块（可以有扩展和尾部，不必传下去），回答还可以到连接关闭为止；一个字节也不变。
  HEAD、204、304 没有正文；重复的首部保持顺序。一个连接上可以有几个请求，不等回答就接着发来的也行；
  一个请求可以分成任意几段到来。
  HTTP: requests of any method with the whole URL in the request line reach the origin with the path only, and Host.
  Headers of one connection (those listed above) do not reach the other side; a Connection of the proxy's own, or a
  Transfer-Encoding that frames the body anew, is fine. Bodies with Content-Length or chunked (extensions and trailers
  need not be passed on), answers ended by the close as well, arrive byte for byte. HEAD, 204 and 304 have no body;
  repeated headers keep their order. Several requests on a connection, pipelined ones too, in any pieces.
- HTTPS：CONNECT host:port → 200，然后两个方向的字节原样传递，直到两边都结束，紧跟在请求后面的也算；HTTP/1.0、没有
  Host 的也接受；半关闭要传过去；timeout 不结束安静的隧道。
  HTTPS: CONNECT host:port → 200, then bytes both ways untouched until both sides end, those right behind the request
  included; also asked in HTTP/1.0 without Host; half-close is passed on; timeout does not end a quiet tunnel.
- 出错 / Errors: 不是 HTTP，或者既不是 CONNECT 也没有完整的 URL → 400；连不上源服务器、它的回答不是 HTTP、没有回答就
  关闭 → 502；timeout 秒以内它什么也没有回答 → 504（开始回答以后，可以断开客户端）；代理继续工作。
  Not HTTP, or neither CONNECT nor a whole URL → 400; origin unreachable, its answer not HTTP, or closed without an
  answer → 502; silent for timeout seconds before its answer begins → 504 (later the client may be broken off); the
  proxy goes on.
- 缓存 / Cache: GET 的 200 回答带 Cache-Control: max-age=N（N > 0）时，新鲜期间（按 RFC 9111 计算，包括源服务器的
  Age 和 Date）从内存里回答，带 Age。从源服务器或缓存来的每个回答都有 X-Cache: HIT 或 MISS（重新验证过的，哪个都行；
  请求过滤器和代理自己的回答没有）。no-store、private、带 Authorization 的请求（有 public 或 s-maxage 时可以存），
  以及没有收完的回答，绝不存。
  A GET answer 200 with Cache-Control: max-age=N, N > 0, is served from memory while fresh (as RFC 9111 counts it, the
  origin's Age and Date included), with Age; X-Cache: HIT or MISS on every answer that came from an origin or the cache
  (either on a revalidated one; none on what a request filter or the proxy itself answers). no-store, private, requests
  with Authorization (unless public or s-maxage: then they may), and answers cut short are never stored.
- 过滤器 / Filters: 见 ProxyServer；两个都看到完整的正文；Content-Length 由代理写对；过滤器抛出异常 → 502，代理继续
  工作。请求过滤器在缓存之前，回答过滤器在缓存之后。CONNECT 不经过它们；请求过滤器或代理自己的回答不经过回答过滤器。
  See ProxyServer; both see whole bodies; Content-Length is made right; one that raises → 502, and the proxy goes on.
  Request filters come before the cache, response filters after it. Not called for CONNECT; the response filter not for
  what a request filter or the proxy itself answers.
- 日志 / Log: 有 log_path 时，每个请求完成后写一行 JSON 对象，马上 flush：time（ISO 8601）、client（含 IP 地址）、
  method 和 url（不是 HTTP 时为 null）、status、request_headers、response_headers（对象或者成对的列表）、
  request_bytes、response_bytes（正文的字节数，或更多）、duration_ms、cache（由缓存回答时、也只有那时是 HIT，否则
  MISS 或 BYPASS；CONNECT 为 null；代理自己的回答不是 HIT）。密码（Authorization 和 Proxy-Authorization 的值，首部
  名不分大小写；URL 里的用户名和密码）绝不出现；cookie 可以隐藏。
  With log_path, one JSON object a line for every request, flushed when it is done, with the keys above: client contains
  its IP address; method and url are null where the request was not HTTP; headers are an object or a list of pairs;
  bytes are the body's, or more; cache is HIT when and only when the cache served it, else MISS or BYPASS, null for
  CONNECT, anything but HIT for the proxy's own answers. Credentials (the values of Authorization and
  Proxy-Authorization in any case, user and password inside a URL) never appear; cookies may be hidden.

稳健 / Robust
- 缓存：s-maxage 先于 max-age，max-age 先于 Expires；Vary；no-cache 和过期的回答用 ETag/Last-Modified 重新验证，304
  使它重新有效；请求里的 no-cache、no-store、max-age；POST、PUT、PATCH、DELETE 或不认识的方法成功以后，它的 URL 的所有
  变体作废；cache_bytes 是上限，最久没用的先去掉；比它还大的回答不存。
  s-maxage over max-age over Expires; Vary; no-cache and stale answers are revalidated with ETag/Last-Modified, a 304
  refreshes; request no-cache, no-store, max-age; a successful POST, PUT, PATCH, DELETE or unknown method invalidates
  its URL, every variant of it; cache_bytes bounds it, oldest use out first; an answer larger than that is not stored.
- Content-Length 和 Transfer-Encoding 同时出现、几个不同的或写错的 Content-Length、写错的块长、比块长还长的块、首部
  冒号前的空格、HTTP/1.1 没有或有两个 Host → 400，然后关闭；绝不让 CR/LF 混进首部；可以有 100 个客户端；很慢的源服务器
  不耽误别人；两个方向都加上 Via。
  Content-Length together with Transfer-Encoding, differing or malformed Content-Lengths, bad chunk sizes, a chunk
  longer than its size, spaces before a header's colon, no Host or two in HTTP/1.1 → 400 and close; CR/LF never
  smuggled; 100 clients at once; a slow origin holds up nobody else; Via added both ways.

可选 / Bonus: blocked_hosts → 403（HTTP 和 CONNECT，主机本身或子域）；credentials=(用户名, 密码)：不对时 407，带
Proxy-Authenticate: Basic（两样都不行时，哪个都可以）。
blocked_hosts → 403 (HTTP and CONNECT, exact or subdomain); credentials=(user, password) → 407 with
Proxy-Authenticate: Basic until right (both at once: either).
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Headers = list[tuple[str, str]]


@dataclass
class Request:
    """一个请求；url 是完整的（http://…）。 A request; url is absolute (http://…)."""

    method: str
    url: str
    headers: Headers
    body: bytes


@dataclass
class Response:
    """一个回答。 A response."""

    status: int
    reason: str
    headers: Headers
    body: bytes


class ProxyServer:
    """代理服务器。 The proxy.

    host, port:      监听的地址。 Where to listen.
    request_filter:  函数 (Request) → 要发送的 Request，或者马上回答的 Response；在缓存之前；从多个线程调用。
                     A function (Request) → the Request to send, or a Response to answer at once; before the cache.
    response_filter: 函数 (Request, Response) → 要交给客户端的 Response；在缓存之后；从多个线程调用。
                     A function (Request, Response) → the Response to deliver; after the cache. Both may be called from
                     several threads.
    credentials:     (用户名, 密码)；None 表示不用登录。 (user, password); None asks for no login.
    blocked_hosts:   不让访问的主机，连同它们的子域。 Hosts that are forbidden, with their subdomains.
    cache_bytes:     缓存最多多少字节。 The most bytes that the cache takes.
    timeout:         源服务器沉默多少秒之后放弃它。 Seconds after which a silent origin is given up.
    log_path:        日志文件；None 表示不写日志。 The log's file; None writes none.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8080,
        *,
        request_filter: Callable[[Request], Request | Response] | None = None,
        response_filter: Callable[[Request, Response], Response] | None = None,
        credentials: tuple[str, str] | None = None,
        blocked_hosts: Iterable[str] = (),
        cache_bytes: int = 16 * 2**20,
        timeout: float = 30,
        log_path: str | os.PathLike[str] | None = None,
    ) -> None:
        raise NotImplementedError("TODO: 记住参数 / remember the arguments")

    def start(self) -> None:
        """开始服务，一直阻塞到按下 Ctrl+C；那时（不管还有没有客户端连着）约 2 秒内结束，端口空出来。
        被杀掉之后可以马上在同一个端口重新启动。
        地址用不了（被占用、不属于本机、端口越界）时打印原因并返回，不抛出异常。

        Serve until Ctrl+C; then end within about 2 s, clients connected or not, with the port free. It can be started
        again on the same port right after it was killed. If the address cannot be used (taken, not this machine's,
        port out of range), print why and return; never raise.
        """
        raise NotImplementedError("TODO: 监听、接受连接、回答请求 / listen, accept, answer requests")


def main() -> None:
    raise NotImplementedError("TODO: 读取 --host 和 --port，启动代理 / read --host and --port, start the proxy")


if __name__ == "__main__":
    main()
