# Shows a hub a client certificate until it ends, over one connection: python3 hub_expiry.py PROGRAM FOLDER COLLECTION.
# Makes authority and certificate with openssl; prints the statuses before and after.
import hashlib
import http.client
import json
import os
import ssl
import subprocess
import sys
import time

program, folder, collection = sys.argv[1:]
os.chdir(folder)


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stamp(seconds):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))


run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Authority",
    "-keyout", "ca.key", "-out", "ca.pem", "-days", "2")
run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=client",
    "-keyout", "client.key", "-out", "client.csr")
with open("ca.conf", "w") as file:
    file.write("[ca]\ndefault_ca=one\n[one]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\n"
               "policy=any\nx509_extensions=usage\n[any]\ncommonName=supplied\n[usage]\nextendedKeyUsage=clientAuth\n")
open("index", "w").close()
with open("serial", "w") as file:
    file.write("01\n")
hub = subprocess.Popen(
    [program, "hub", "--tls", "--client-authorities", "ca.pem", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
    text=True)
try:
    port = int(hub.stdout.readline().rsplit(":", 1)[1].split("/")[0])
    run("openssl", "ca", "-batch", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "client.csr",
        "-out", "client.pem", "-notext", "-startdate", stamp(-60), "-enddate", stamp(8))
    ends = time.time() + 8
    with open("client.pem") as file:
        print_ = hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()
    user = {"name": "short", "password": "x", "read": [collection], "certificate": print_}
    with open("short.json", "w") as file:
        json.dump({"users": [user]}, file)
    run(program, "hub", "load", "short.json")
    time.sleep(0.3)
    context = ssl.create_default_context(cafile="outflow-hub/tls.crt")
    context.load_cert_chain("client.pem", "client.key")
    client = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=30)

    def status():
        client.request("GET", f"/api1/collections/{collection}/", headers={"Accept": "*/*"})
        answer = client.getresponse()
        answer.read()
        return answer.status

    client.connect()
    connection = client.sock
    before = status()
    time.sleep(max(0.0, ends - time.time()) + 1.5)
    print(before, status(), client.sock is connection)
finally:
    hub.terminate()
    hub.wait()
