# Sends what is no proper HTTP to a hub: python3 hub_broken.py PORT COLLECTION. Prints "all refused" if each is a 400, or
# nothing where the hub cannot know where the request ends.
import base64
import socket
import sys

port, collection = int(sys.argv[1]), sys.argv[2]
secret = base64.b64encode(b"admin:Password0").decode()
taxii = "application/taxii+json;version=2.1"
post = (
    f"POST /api1/collections/{collection}/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {secret}\r\n"
    f"Accept: {taxii}\r\nContent-Type: {taxii}\r\n"
)
form = "POST /web/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def send(text, half_close=False, leave=False):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(20)
        client.sendall(text.encode())
        if leave:
            return b""
        if half_close:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := client.recv(65536):
                answer += chunk
                if b"\r\n\r\n" in answer:
                    break
        except ConnectionError:
            pass
        return answer


failures = []
for name, head in (("objects", post), ("sign-in", form)):
    chunked = head + "Transfer-Encoding: chunked\r\n\r\n"
    for what, text, half_close in (
        ("bad size of a chunk", chunked + "zz\r\n", False),
        ("bad size of a later chunk", chunked + "2\r\n{}\r\nzz\r\n", False),
        ("size beyond 64 bits", chunked + "FFFFFFFFFFFFFFFFF\r\n{", False),
        ("no end of a chunk", chunked + "2\r\n{}xx2\r\n", False),
        ("unknown coding", head + "Transfer-Encoding: gzip\r\n\r\n", False),
        ("half closed in a chunk", chunked + "10\r\n{", True),
        ("half closed between chunks", chunked + "2\r\n{}\r\n", True),
        ("half closed in a body", head + 'Content-Length: 100\r\n\r\n{"objects": []}', True),
    ):
        answer = send(text, half_close)
        if not answer.startswith(b"HTTP/1.1 400 "):
            failures.append(f"{name}, {what}: {answer[:60]}")
    for _ in range(20):
        send(chunked + "10\r\n{", leave=True)
        send(head + "Content-Length: 100\r\n\r\n{", leave=True)
print("\n".join(failures) if failures else "all refused")
