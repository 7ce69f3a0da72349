"""Asks what python-troveclient can ask about backups, and prints what came of it as JSON.

COMPAT_PLAN has the people, and the ids that they ask for.
"""

import json
import os

from keystoneauth1 import session
from keystoneauth1.identity import v3
from troveclient.apiclient import exceptions
from troveclient.v1 import client

PLAN = json.loads(os.environ["COMPAT_PLAN"])


def connect(person):
    auth = v3.Password(
        auth_url=os.environ["OS_AUTH_URL"],
        username=person["name"],
        password=person["password"],
        project_name=person["project"],
        user_domain_name="Default",
        project_domain_name="Default",
    )
    # Keystone is late now and then on a machine that has too much to do; then the server says to try again.
    return client.Client(session=session.Session(auth=auth), region_name="RegionOne", status_code_retries=5)


def walk(ask, **options):
    """The ids on each page, first to last."""
    pages = []
    marker = None
    while True:
        page = ask(marker=marker, **options)
        pages.append([resource.id for resource in page])
        if page.next is None:
            return pages
        marker = page.next


def failure(ask):
    """What the client's exception tells."""
    try:
        ask()
    except exceptions.HttpError as error:
        return {"type": type(error).__name__, "status": error.http_status, "message": error.message}
    return None


def told(resource):
    return resource.to_dict()


def main():
    member, admin, banker, tester = (connect(PLAN[name]) for name in ("member", "admin", "banker", "tester"))
    instance = PLAN["instance"]
    restored = tester.backups.create(
        "by the API", None, restore_from="https://example.com/b", restore_ds_version="v", restore_size=2
    )
    tester.backups.delete(restored.id)
    print(
        json.dumps(
            {
                "pages": walk(banker.backups.list),
                "small pages": walk(banker.backups.list, limit=33),
                "by datastore": walk(banker.backups.list, datastore="mysql", limit=1000),
                "all projects": walk(admin.backups.list, all_projects=True),
                "one project": walk(admin.backups.list, project_id=PLAN["bank"]),
                "of instance": walk(member.backups.list, instance_id=instance),
                "get": told(member.backups.get(PLAN["backup"])),
                "instance": told(member.instances.get(instance)),
                "instances": walk(member.instances.list, limit=1),
                "backups of instance": walk(lambda **page: member.instances.backups(instance, **page), limit=1),
                "limits": [told(limit) for limit in member.limits.list()],
                "restored": told(restored),
                "failures": {
                    "no such backup": failure(lambda: member.backups.get("nothing")),
                    "deleted": failure(lambda: tester.backups.get(restored.id)),
                    "no such instance": failure(lambda: member.instances.get("nothing")),
                    "limit": failure(lambda: member.backups.list(limit=1001)),
                    "marker": failure(lambda: member.backups.list(marker="nothing")),
                    "running": failure(lambda: tester.backups.delete(PLAN["busy"])),
                    "backup": failure(lambda: tester.backups.create("now", PLAN["instance"])),
                    "all projects": failure(lambda: member.backups.list(all_projects=True)),
                },
            }
        )
    )


main()
