#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `outflow hub` beside medallion, OASIS's own TAXII 2.1 server, with the same client and the same objects.

One connection adds objects and reads them back in pages. Figures are objects per second of the server's CPU time (user and
system); the machine's other work does not count. medallion keeps its objects in memory and looks through all of them for
each object that is added, so it gets few; Outflow's hub is measured again when it holds as many as --stored says.
"""

import argparse
import base64
import http.client
import json
import os
import platform
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MEDIA = "application/taxii+json;version=2.1"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
PATH = f"/api1/collections/{COLLECTION}/"
HEADERS = {
    "Accept": MEDIA, "Content-Type": MEDIA,
    "Authorization": "Basic " + base64.b64encode(b"admin:Password0").decode()}
OBJECT = (
    '{"type":"indicator","spec_version":"2.1","id":"indicator--%s",'
    '"created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2016-04-06T20:03:48.000Z",'
    '"modified":"2016-04-06T20:03:48.000Z","indicator_types":["malicious-activity"],"name":"Poison Ivy Malware",'
    '"description":"This file is part of Poison Ivy","pattern":"[ file:hashes.\'SHA-256\' = \'%s\' ]",'
    '"pattern_type":"stix","valid_from":"2016-01-01T00:00:00Z"}')


def cpu(process):
    """CPU seconds of a process so far, user and system."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process):
    """Most memory that was resident, in MB."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


class Server:
    """A server on a port of this machine."""

    def __init__(self, name, process, port, context=None):
        self.name, self.process, self.port, self.context = name, process, port, context
        self.connection = None

    def connect(self):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=600)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def ask(self, method, path, body=None):
        if self.connection is None:
            self.connection = self.connect()
        self.connection.request(method, path, body, HEADERS)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 202):
            sys.exit(f"bench: {self.name} answered {answer.status}: {text[:300]}")
        if answer.getheader("Connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
        return text

    def add(self, count, batch):
        """Adds new objects; gives how many a CPU second and a second of the clock."""
        bodies = []
        for start in range(0, count, batch):
            objects = ",".join(OBJECT % (uuid.uuid4(), os.urandom(32).hex()) for _ in range(min(batch, count - start)))
            bodies.append(('{"objects":[' + objects + "]}").encode())
        began, busy = time.perf_counter(), cpu(self.process)
        for body in bodies:
            text = self.ask("POST", PATH + "objects/", body)
        busy, wall = cpu(self.process) - busy, time.perf_counter() - began
        assert json.loads(text)["failure_count"] == 0
        return count / max(busy, 0.01), count / wall

    def read(self, count, page, first=""):
        """Reads objects in pages from the beginning, or from where `first` says."""
        got, more, pages = 0, first, 0
        began, busy = time.perf_counter(), cpu(self.process)
        while got < count:
            text = self.ask("GET", f"{PATH}objects/?limit={page}{more}")
            pages += 1
            got += text.count(b'"id"')
            place = text.find(b'"next"')
            if place < 0 or got >= count:
                break
            start = text.index(b'"', place + 7) + 1
            more = "&next=" + text[start:text.index(b'"', start)].decode() + first
        busy, wall = cpu(self.process) - busy, time.perf_counter() - began
        if got < count:
            sys.exit(f"bench: {self.name} gave {got} of {count} objects")
        return got / max(busy, 0.01), got / wall

    def end(self):
        self.process.terminate()
        self.process.wait()


def outflow(program, folder, tls=False):
    """The hub, empty."""
    data = os.path.join(folder, "tls" if tls else "plain")
    file = os.path.join(folder, "hub.json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump({
            "api_roots": [{"path": "api1", "title": "One", "max_content_length": 1 << 30, "collections": [
                {"id": COLLECTION, "title": "C", "can_read": True, "can_write": True, "media_types": [], "objects": []}]}],
            "users": [{"name": "admin", "password": "Password0", "read": ["*"], "write": ["*"]}]}, out)
    subprocess.run([program, "hub", "load", file, "--data", data], check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        [program, "hub", "--data", data, "--listen", "127.0.0.1:0", "--page-size", "10000"] + (["--tls"] if tls else []),
        stdout=subprocess.PIPE, text=True)
    port = int(process.stdout.readline().rsplit(":", 1)[1].split("/")[0])
    context = ssl.create_default_context(cafile=os.path.join(data, "tls.crt")) if tls else None
    return Server("Outflow, TLS" if tls else "Outflow", process, port, context)


def medallion(python, folder):
    """medallion with its memory backend, empty."""
    data, config = os.path.join(folder, "medallion-data.json"), os.path.join(folder, "medallion.json")
    with open(data, "w", encoding="utf-8") as out:
        json.dump({
            "/discovery": {"title": "m", "default": "http://localhost/api1/", "api_roots": ["http://localhost/api1/"]},
            "api1": {
                "information": {"title": "One", "versions": [MEDIA], "max_content_length": 1 << 30},
                "status": [],
                "collections": [{
                    "id": COLLECTION, "title": "C", "can_read": True, "can_write": True,
                    "media_types": ["application/stix+json;version=2.1"], "objects": [], "manifest": []}]}}, out)
    with open(config, "w", encoding="utf-8") as out:
        json.dump({
            "backend": {
                "module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": data},
            "users": {"admin": "Password0"}, "taxii": {"max_page_size": 10000}}, out)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [python, "-m", "medallion.scripts.run", "--port", str(port), config],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server("medallion, memory", process, port)
    for _ in range(200):
        try:
            server.ask("GET", "/taxii2/")
            return server
        except OSError:
            server.connection = None
            time.sleep(0.05)
    sys.exit("bench: medallion does not start")


def environment(folder):
    """A Python with medallion; None if it cannot be had."""
    python = os.path.join(folder, "venv", "bin", "python")
    done = subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=False)
    if done.returncode == 0:
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", "medallion==3.0.0"], check=False)
    return python if done.returncode == 0 else None


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", default=os.path.join(ROOT, ".build", "release", "outflow"))
    options.add_argument("--python", help="a Python that has medallion; else one is made")
    options.add_argument("--stored", type=int, default=1_000_000, help="objects that the hub holds at the end")
    options.add_argument("--peer-objects", type=int, default=5_000, help="objects that medallion gets")
    arguments = options.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for tls in (False, True):
            server = outflow(arguments.program, folder, tls)
            print(f"bench: {server.name}", file=sys.stderr)
            post = {1_000: server.add(50_000, 1_000), 10_000: server.add(50_000, 10_000)}
            rows.append((server.name, 100_000, post, server.read(100_000, 1_000), memory(server.process)))
            done = 100_000
            while done < arguments.stored - 100_000:
                count = min(200_000, arguments.stored - 100_000 - done)
                server.add(count, 10_000)
                done += count
            post = {1_000: server.add(50_000, 1_000), 10_000: server.add(50_000, 10_000)}
            rows.append((server.name, done + 100_000, post, server.read(done + 100_000, 1_000), memory(server.process)))
            server.end()
        python = arguments.python or environment(folder)
        if python:
            server = medallion(python, folder)
            print(f"bench: {server.name}", file=sys.stderr)
            count = arguments.peer_objects
            post = {1_000: server.add(count, 1_000)}
            rows.append((server.name, count, post, server.read(count, 1_000), memory(server.process)))
            server.end()
    print(f"### TAXII 2.1, objects of {len(OBJECT) + 96} bytes, {platform.machine()}, {os.cpu_count()} cores\n")
    print("Objects per second of the server's CPU time; in brackets per second of the clock.\n")
    print("| server | stored at the end | POST, 1,000 a request | POST, 10,000 a request | GET, pages of 1,000 | largest RSS, MB |")
    print("|---|---:|---:|---:|---:|---:|")

    def rate(pair):
        return f"{pair[0]:,.0f} ({pair[1]:,.0f})" if pair else "–"

    for name, stored, post, read, most in rows:
        print(f"| {name} | {stored:,} | {rate(post.get(1_000))} | {rate(post.get(10_000))} | {rate(read)} | {most:.0f} |")
    peer = next((row for row in rows if row[0].startswith("medallion")), None)
    if peer:
        print(
            f"\nAgainst medallion with {peer[1]:,} objects: POST {rows[0][2][1_000][0] / peer[2][1_000][0]:,.0f} times, "
            f"GET {rows[0][3][0] / peer[3][0]:,.0f} times as many a CPU second.")


if __name__ == "__main__":
    main()
