"""The lesson's listing, repaired as little as possible: templates for fixed pages, app.route, debug off."""

from datetime import datetime

from flask import Flask, jsonify, render_template_string, request

app = Flask(__name__)


@app.route('/')
def index():
    html = """
    <html><head><title>主页</title></head><body>
        <form action="/api/submit" method="POST">
            <input type="text" name="name" placeholder="姓名"><input type="submit" value="提交">
        </form>
    </body></html>
    """
    return render_template_string(html)


@app.route('/api/data', methods=['GET'])
def get_data():
    data = {'message': 'Hello, World!', 'status': 'success', 'timestamp': datetime.now().strftime('%F %T')}
    return jsonify(data)


@app.route('/api/submit', methods=['POST'])
def submit_data():
    name = request.form.get('name', '')
    data = {'message': f'Hello, {name}!', 'status': 'success', 'received_data': request.form.to_dict()}
    return jsonify(data)


@app.errorhandler(404)
def page_not_found(e):
    return render_template_string("<html><body><h1>404 Not Found</h1></body></html>"), 404


if __name__ == '__main__':
    app.run(host='0.0.0.0', port=5000)
