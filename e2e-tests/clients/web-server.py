"""The web server of the tests: web-server.py CERTIFICATE KEY, http at port 80 and https at port 443.

It answers as a web server does that has a git repository of one branch, since git takes nothing else for a success.
"""

import http.server
import ssl
import sys
import threading


class Repository(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"ref: refs/heads/main\n"
        if self.path.startswith("/info/refs"):
            body = b"0" * 39 + b"1\trefs/heads/main\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that trusts nobody closes the connection, which is expected here."""


threading.Thread(target=Server(("", 80), Repository).serve_forever).start()
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server = Server(("", 443), Repository)
# The handshake is left to the connection's own thread.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
