import { assert, describe, inject, it } from "vitest"
import { ask, type Question } from "../support/ask.ts"
import { type Person, signIn, signInUnscoped } from "../support/identity.ts"
import { lab, shop } from "../support/records.ts"

const cloud = inject("cloud")
const { keystone, catalog, projects, people } = cloud

const as = async (person: Person, project: string, question?: Question) =>
  ask(catalog.url, project, (await signIn(keystone.url, person)).token, question)

const anyPath = `/backups/${shop.nightly.id}`
const register = {
  name: "mine",
  restore_from: { remote_location: "https://example.com/b", local_datastore_version_id: "v", size: 1 }
}

describe("what a role in a project allows", () => {
  it("lets a reader list and show, and change nothing", async () => {
    assert.strictEqual((await as(people.reader, projects.shop)).status, 200)
    assert.strictEqual((await as(people.reader, projects.shop, { path: anyPath })).status, 200)
    for (const question of [
      { method: "DELETE", path: anyPath },
      { method: "PUT", path: anyPath, body: { backup: shop.nightly } },
      { method: "POST", body: { backup: register } }
    ]) {
      assert.strictEqual((await as(people.reader, projects.shop, question)).status, 403, question.method)
    }
    assert.strictEqual((await as(people.reader, projects.shop, { path: anyPath })).status, 200)
  })

  it("lets a member delete", async () => {
    const path = `/backups/${lab.byMember.id}`
    assert.strictEqual((await as(people.tester, projects.lab, { method: "DELETE", path })).status, 202)
    assert.strictEqual((await as(people.tester, projects.lab, { path })).status, 404)
  })

  it("lets an admin list other projects, and nobody else", async () => {
    const question = { path: `/backups?project_id=${projects.bank}&limit=1000` }
    const { status, body } = await as(people.admin, projects.shop, question)
    assert.strictEqual(status, 200)
    assert.strictEqual(JSON.parse(body).backups.length, 1000)
    for (const person of [people.reader, people.member]) {
      for (const path of [question.path, "/backups?all_projects=True"]) {
        assert.strictEqual((await as(person, projects.shop, { path })).status, 403, path)
      }
    }
  })

  it("shows no project to those who are signed in to another", async () => {
    const { status, message } = await as(people.member, projects.bank)
    assert.strictEqual(status, 403)
    assert.include(message, projects.bank)
    assert.strictEqual((await as(people.banker, projects.shop, { path: anyPath })).status, 403)
  })

  it("refuses a role that it does not know, naming those that it does", async () => {
    const { status, message } = await as(people.stranger, projects.shop)
    assert.strictEqual(status, 403)
    for (const role of ["reader", "member", "admin"]) assert.include(message, role)
  })

  it("refuses a token of no project, saying that it needs one", async () => {
    const { token } = await signInUnscoped(keystone.url, people.member)
    const { status, message } = await ask(catalog.url, projects.shop, token)
    assert.strictEqual(status, 403)
    assert.include(message, "project")
  })

  it("asks for a token when there is none, or none that Keystone knows", async () => {
    for (const token of [undefined, "gAAAAAnobody-knows-this-one"]) {
      const { status, headers } = await ask(catalog.url, projects.shop, token)
      assert.strictEqual(status, 401)
      assert.isTrue(headers.has("WWW-Authenticate"))
    }
  })
})
