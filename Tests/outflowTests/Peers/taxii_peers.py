# SPDX-License-Identifier: Apache-2.0
"""Everything that taxii2-client and stix2's TAXIICollectionStore can do, done against a hub.

usage: taxii_peers.py URL-OF-DISCOVERY COLLECTION [CA]    (users admin:Password0, who may all, and reader:Password1)
"""

import datetime
import os
import sys
import uuid

import requests
import stix2
from stix2.datastore import DataSourceError
from taxii2client.exceptions import AccessError
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

discovery, collection_id = sys.argv[1:3]
verify = sys.argv[3] if len(sys.argv) > 3 else True
# requests lets this variable win over the authorities that it is given.
os.environ.pop("REQUESTS_CA_BUNDLE", None)
os.environ.pop("CURL_CA_BUNDLE", None)
server = Server(discovery, user="admin", password="Password0", verify=verify)
assert server.title == "Test hub", server.title
assert server.default.url == server.api_roots[0].url
root = server.api_roots[0]
assert root.title == "One" and "application/taxii+json;version=2.1" in root.versions
assert isinstance(root.max_content_length, int)
collection = next(each for each in root.collections if each.id == collection_id)
assert collection.can_read and collection.can_write and collection.title == "Shared"


def indicator(number, modified="2020-01-01T00:00:00.000Z"):
    return {
        "type": "indicator", "spec_version": "2.1", "id": "indicator--" + str(uuid.UUID(int=number, version=4)),
        "created": "2020-01-01T00:00:00.000Z", "modified": modified, "name": f"number {number}",
        "pattern": f"[ipv4-addr:value = '198.51.100.{number % 256}']", "pattern_type": "stix",
        "valid_from": "2020-01-01T00:00:00Z"}


# Adding, with the status of it.
objects = [indicator(number) for number in range(250)]
status = collection.add_objects({"objects": objects + [{"type": "indicator", "id": "no id"}]})
assert status.status == "complete" and status.success_count == 250 and status.failure_count == 1, status
assert "form type--UUID" in status.failures[0]["message"], status.failures
again = root.get_status(status.id)
assert again.total_count == 251 and again.request_timestamp == status.request_timestamp
status.refresh()

# Reading: whole, in pages, filtered, one by one.
seen = [each["id"] for page in as_pages(collection.get_objects, per_request=60) for each in page.get("objects", [])]
assert seen == [each["id"] for each in objects], (len(seen), len(objects))
manifest = [each for page in as_pages(collection.get_manifest, per_request=70) for each in page.get("objects", [])]
assert [each["id"] for each in manifest] == seen
assert sorted(each["date_added"] for each in manifest) == [each["date_added"] for each in manifest]
assert collection.get_object(objects[3]["id"])["objects"] == [objects[3]]
middle = manifest[99]["date_added"]
assert [each["id"] for each in collection.get_objects(added_after=middle, limit=5)["objects"]] == seen[100:105]
when = datetime.datetime.fromisoformat(middle.replace("Z", "+00:00"))
assert [each["id"] for each in collection.get_objects(added_after=when, limit=5)["objects"]][:1] <= seen[100:101]
assert len(collection.get_objects(id=[objects[1]["id"], objects[7]["id"]])["objects"]) == 2
assert collection.get_objects(type="malware") == {}
newer = indicator(3, modified="2021-01-01T00:00:00.000Z")
collection.add_objects({"objects": [newer]})
assert collection.get_object(objects[3]["id"])["objects"] == [newer]
assert collection.get_object(objects[3]["id"], version="first")["objects"] == [objects[3]]
assert collection.get_object(objects[3]["id"], version="all", spec_version="2.1")["objects"] == [objects[3], newer]
assert collection.object_versions(objects[3]["id"])["versions"] == ["2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"]

# Deleting.
collection.delete_object(objects[3]["id"], version="2020-01-01T00:00:00.000Z")
assert collection.object_versions(objects[3]["id"])["versions"] == ["2021-01-01T00:00:00.000Z"]
collection.delete_object(objects[5]["id"])
try:
    collection.get_object(objects[5]["id"])
    raise AssertionError("a deleted object is there")
except requests.exceptions.HTTPError as error:
    assert error.response.status_code == 404
assert collection.add_objects({"objects": [objects[5]]}).failure_count == 1

# stix2's store on top of it.
store = stix2.TAXIICollectionStore(collection)
identity = stix2.v21.Identity(name="Example University", identity_class="organization")
malware = stix2.v21.Malware(name="thief", is_family=False, created_by_ref=identity)
observable = stix2.v21.IPv4Address(value="203.0.113.7")
store.add([identity, malware])
store.add(stix2.v21.Bundle(observable, stix2.v21.Relationship(malware, "communicates-with", observable)))
assert store.get(identity.id).serialize() == identity.serialize()
assert store.get(observable.id).value == "203.0.113.7"
assert store.get("identity--00000000-0000-4000-8000-000000000000") is None
assert [each.id for each in store.query([stix2.Filter("type", "=", "malware")])] == [malware.id]
assert [each.id for each in store.query([stix2.Filter("id", "=", identity.id), stix2.Filter("version", "=", "all")])] == [identity.id]
later = malware.new_version(name="thief, renamed")
store.add(later)
assert store.get(malware.id).name == "thief, renamed"
assert len(store.all_versions(malware.id)) == 2
assert len(store.query([stix2.Filter("name", "=", "number 17")])) == 1
assert len(store.query()) == 249 + 4
assert store.relationships(malware.id)[0].relationship_type == "communicates-with"
assert store.creator_of(store.get(malware.id)).id == identity.id

assert [each.id for each in store.related_to(malware.id)] == [observable.id]
# The forms in which the sink takes objects: a list of dictionaries, a bundle as text, an object as text.
notes = [
    stix2.v21.Note(content=f"note {number}", object_refs=[malware.id], created_by_ref=identity) for number in range(3)]
store.sink.add([dict(notes[0])])
store.sink.add(stix2.v21.Bundle(notes[1]).serialize())
store.sink.add(notes[2].serialize())
assert {each.id for each in store.query([stix2.Filter("type", "=", "note")])} == {each.id for each in notes}
environment = stix2.Environment(store=store)
assert environment.get(notes[1].id).content == "note 1"

# What the client keeps of resources is asked for anew.
server.refresh()
root.refresh()
collection.refresh()
assert status.failures and not status.pendings and len(status.successes) == 250
late = collection.add_objects({"objects": [indicator(900)]}, wait_for_completion=False)
late.wait_until_final(poll_interval=0.1, timeout=10)
assert late.status == "complete" and late.success_count == 1
collection.delete_object(indicator(900)["id"])

# Who may only read.
readable = Collection(collection.url, user="reader", password="Password1", verify=verify)
assert readable.can_read and not readable.can_write
assert len(readable.get_objects(limit=5)["objects"]) == 5
try:
    readable.add_objects({"objects": []})
    raise AssertionError("a reader may write")
except AccessError:
    pass
try:
    stix2.TAXIICollectionStore(readable)
    raise AssertionError("a reader's store may write")
except DataSourceError:
    pass
try:
    ApiRoot(root.url, user="reader", password="wrong", verify=verify).title
    raise AssertionError("a wrong password is right")
except requests.exceptions.HTTPError as error:
    assert error.response.status_code == 401


# A body in chunks, as a client sends that does not know its length.
def chunks():
    yield b'{"objects": ['
    yield b'{"type": "indicator", "id": "indicator--6770298f-0fd8-471a-ab8c-1c658a46574e"}'
    yield b"]}"


answer = requests.post(
    collection.url + "objects/", data=chunks(), auth=("admin", "Password0"), verify=verify,
    headers={"Accept": "application/taxii+json;version=2.1", "Content-Type": "application/taxii+json;version=2.1"})
assert answer.status_code == 202 and answer.json()["success_count"] == 1, answer.text
print("all done")
