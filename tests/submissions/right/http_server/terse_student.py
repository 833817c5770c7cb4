"""A terse student's program in Chinese: one method for everything, socketserver mix-in, chunk of a page per line."""

import http.server, socketserver, json, time
from urllib.parse import parse_qs

首页 = '<html><body><form action="/api/submit" method="POST">姓名<input name="name"/><input type=submit></form></body></html>'


class SimpleHTTPRequestHandler(http.server.BaseHTTPRequestHandler):
    def 发送(我, 状态, 内容):
        类型 = 'text/html; charset=utf-8' if type(内容) is str else 'application/json'
        数据 = (内容 if type(内容) is str else json.dumps(内容, ensure_ascii=False)).encode()
        我.send_response(状态)
        我.send_header('Content-Type', 类型)
        我.end_headers()
        if 我.command != 'HEAD':
            我.wfile.write(数据)

    def do_GET(self):
        路径 = self.path.split('?', 1)[0]
        if 路径 == '/': self.发送(200, 首页)
        elif 路径 == '/api/data':
            self.发送(200, dict(message='Hello, World!', status='success', timestamp=str(time.time())))
        else: self.发送(404, '<h1>404 找不到</h1>')

    do_HEAD = do_GET

    def do_POST(self):
        if self.path.split('?', 1)[0] != '/api/submit':
            return self.发送(404, '<h1>404 找不到</h1>')
        try:
            长度 = int(self.headers.get('Content-Length', 0))
        except ValueError:
            长度 = -1
        if 长度 < 0: return self.发送(400, '<h1>长度不对</h1>')
        if 长度 > 1048576: return self.发送(413, '<h1>太长了</h1>')
        表单 = parse_qs(self.rfile.read(长度).decode('utf-8', 'ignore'))
        名字 = 表单.get('name', [''])[0]
        self.发送(200, {'message': 'Hello, ' + 名字 + '!', 'status': 'success', 'received_data': 表单})

    def log_message(self, *a): pass


class 服务器(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = daemon_threads = True


class SimpleHTTPServer:
    def __init__(self, host='0.0.0.0', port=8000):
        self.host, self.port, self.server = host, port, None

    def start(self):
        try:
            self.server = 服务器((self.host, self.port), SimpleHTTPRequestHandler)
        except Exception as 错误:
            return print('启动失败', 错误)
        try: self.server.serve_forever()
        except KeyboardInterrupt: pass
        finally: self.server.server_close()


if __name__ == '__main__':
    SimpleHTTPServer().start()
