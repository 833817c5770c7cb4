"""A terse student's program in Chinese; Flask's own pages for 404 and 405, json.dumps instead of jsonify."""
import json, time
from flask import Flask, request, Response
app = Flask(__name__)
主页 = '<form action=/api/submit method=POST>姓名<input name=name><input type=submit></form>'
def 回答(**内容):
    return Response(json.dumps(内容, ensure_ascii=False), mimetype='application/json')
@app.get('/')
def 首页(): return 主页
@app.get('/api/data')
def 数据(): return 回答(message='Hello, World!', status='success', timestamp=str(int(time.time())))
@app.post('/api/submit')
def 提交():
    名 = request.form['name'] if 'name' in request.form else ''
    return 回答(message='Hello, %s!' % 名, status='success', received_data=dict(request.form.items()))
if __name__ == '__main__': app.run('0.0.0.0', 5000)
