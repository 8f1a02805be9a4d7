# Speaks to a hub as a proxy that encrypts would: python3 hub_front.py PORT. Prints what the hub says of its own address.
import base64
import http.client
import json
import sys

client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=30)
secret = base64.b64encode(b"admin:Password0").decode()
forwarded = {"X-Forwarded-For": "198.51.100.9, 203.0.113.5", "X-Forwarded-Proto": "ftp", "Host": "inside.example"}
client.request(
    "GET", "/taxii2/",
    headers=forwarded | {"Authorization": "Basic " + secret, "Accept": "application/taxii+json;version=2.1"},
)
answer = client.getresponse()
print(json.loads(answer.read())["default"], answer.getheader("Strict-Transport-Security"))
for origin in ("https://hub.example.org", "http://inside.example"):
    client.request(
        "POST", "/web/sign-in", body="name=admin&password=Password0",
        headers=forwarded | {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin},
    )
    answer = client.getresponse()
    answer.read()
    print(answer.status, (answer.getheader("Set-Cookie") or "=").partition("; ")[2])
