"""Reads backups through openstacksdk's adapter for databases, with the cloud of a clouds.yaml; prints JSON."""

import json
import os

import openstack

PLAN = json.loads(os.environ["COMPAT_PLAN"])


def failure(response):
    try:
        openstack.exceptions.raise_from_response(response)
    except openstack.exceptions.HttpException as error:
        return {"type": type(error).__name__, "status": error.status_code, "details": error.details}
    return None


def main():
    database = openstack.connect(cloud="shop").database
    page = database.get("/backups", params={"limit": 2})
    following = page.json()["links"][0]["href"]
    print(
        json.dumps(
            {
                "list": database.get("/backups").json(),
                "first": page.json()["backups"],
                "second": database.get(following).json()["backups"],
                "show": database.get("/backups/" + PLAN["backup"]).json(),
                "instances": [instance.id for instance in database.instances()],
                "failures": {
                    "no such backup": failure(database.get("/backups/nothing")),
                    "no such parameter": failure(database.get("/backups?sort=name")),
                    "other project": failure(database.get(PLAN["other"])),
                },
            }
        )
    )


main()
