# SPDX-License-Identifier: Apache-2.0
"""Kills a hub while it is being written to, again and again: what it acknowledged must be there, once.

usage: hub_kills.py OUTFLOW FOLDER ROUNDS SEED    (FOLDER holds a loaded hub; admin:Password0 may write)
"""

import base64
import http.client
import json
import random
import subprocess
import sys
import threading
import time
import uuid

program, folder, rounds, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
collection = "/api1/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/"
media = "application/taxii+json;version=2.1"
headers = {
    "Accept": media, "Content-Type": media,
    "Authorization": "Basic " + base64.b64encode(b"admin:Password0").decode()}
chance = random.Random(seed)
acknowledged, sent = set(), []  # every POST's ids, acknowledged or not


def start():
    process = subprocess.Popen(
        [program, "hub", "--data", folder, "--listen", "127.0.0.1:0", "--page-size", "5000"], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    return process, int(line.rsplit(":", 1)[1].split("/")[0])


def write(port, stop):
    """Sends until told to stop, or until the server is gone."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        while not stop.is_set():
            ids = ["indicator--" + str(uuid.uuid4()) for _ in range(25)]
            sent.append(ids)
            body = json.dumps({"objects": [{"type": "indicator", "id": each, "pad": "x" * 500} for each in ids]})
            connection.request("POST", collection + "objects/", body, headers)
            answer = connection.getresponse()
            status = json.loads(answer.read())
            assert answer.status == 202 and status["success_count"] == 25, status
            acknowledged.update(ids)
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        pass


def stored(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    ids, more = [], ""
    while True:
        connection.request("GET", collection + "manifest/?limit=5000" + more, headers=headers)
        page = json.loads(connection.getresponse().read())
        ids += [each["id"] for each in page.get("objects", [])]
        if not page.get("more"):
            return ids
        more = "&next=" + page["next"]


for number in range(rounds):
    process, port = start()
    stop = threading.Event()
    writers = [threading.Thread(target=write, args=(port, stop)) for _ in range(3)]
    for writer in writers:
        writer.start()
    time.sleep(0.15 + chance.random() * 0.3)
    process.kill()
    process.wait()
    stop.set()
    for writer in writers:
        writer.join()

process, port = start()
ids = stored(port)
process.terminate()
assert process.wait(timeout=20) == 0
there = set(ids)
assert len(ids) == len(there), "an object is there twice"
lost = acknowledged - there
assert not lost, f"{len(lost)} acknowledged objects are gone"
# A request is taken as a whole or not at all.
torn = [each for each in sent if 0 < sum(one in there for one in each) < len(each)]
assert not torn, f"{len(torn)} requests are there in part"
assert len(acknowledged) >= rounds * 25, len(acknowledged)
print(f"{rounds} kills, {len(acknowledged)} acknowledged, {len(ids)} stored")
