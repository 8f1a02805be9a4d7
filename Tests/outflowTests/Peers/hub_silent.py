# Opens many connections that say nothing, and asks for /health meanwhile: python3 hub_silent.py PORT COUNT MOST. Prints
# "served" if it is answered, and no more than MOST of the silent ones stay open.
import http.client
import socket
import sys

port, count, most = map(int, sys.argv[1:])
silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
for _ in range(3):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("GET", "/health")
    assert client.getresponse().status == 200
    client.close()
left = count
for _ in range(200):
    left = 0
    for one in silent:
        one.settimeout(0.001)
        try:
            one.recv(1)
        except TimeoutError:
            left += 1
        except ConnectionError:
            pass
    if left <= most:
        break
print("served" if 0 < left <= most else f"{left} are open")
