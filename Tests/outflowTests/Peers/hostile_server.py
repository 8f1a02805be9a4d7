# SPDX-License-Identifier: Apache-2.0
"""A server that means no good: endless bodies, a byte now and then, redirects, damaged answers. Prints its port."""

import http.server
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        kind = self.path.strip("/").split("/")[0]
        if kind == "redirect":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{port}/other/")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if kind == "other":
            seen.append(self.headers.get("Authorization"))
        self.send_response(200)
        self.send_header("Content-Type", "application/taxii+json;version=2.1")
        if kind in ("big", "drip"):
            self.send_header("Transfer-Encoding", "chunked")
        elif kind == "liar":
            self.send_header("Content-Length", str(1 << 40))
        else:
            body = {"deep": b'{"title":' + b"[" * 100_000, "json": b"\xff\xfe{", "list": b"[]"}.get(kind, b"{}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            return self.wfile.write(body)
        self.end_headers()
        try:
            while True:
                piece = b" " * (1 << 16) if kind != "drip" else b" "
                if kind == "liar":
                    self.wfile.write(piece)
                else:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                if kind == "drip":
                    time.sleep(0.2)
        except OSError:
            self.close_connection = True


seen = []
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
port = server.server_address[1]
print(port, flush=True)
threading.Thread(target=server.serve_forever).start()
