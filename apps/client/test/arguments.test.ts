import { parseInstant } from "@backup-catalog/core"
import { Effect, Either } from "effect"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { parseBase, parseOptions } from "../src/HttpCatalogOptions.ts"
import { BadRequest, createClient, InvalidOption, type ListFilter } from "../src/index.ts"
import { parseListFilter } from "../src/ListFilter.ts"
import { nextMarker } from "../src/nextMarker.ts"
import { type BadServer, badServer, clientOf, failure, listOf, sendJson, TOKEN } from "./badServer.ts"

describe("the url", () => {
  for (const [url, base] of [
    ["https://backups.example.com", "https://backups.example.com"],
    ["https://backups.example.com/", "https://backups.example.com"],
    ["HTTP://Backups.Example.com:80/db/", "http://backups.example.com/db"],
    ["http://[::1]:8779/a/b//", "http://[::1]:8779/a/b"],
    ["https://host/a/../b%2Fc", "https://host/b%2Fc"]
  ] as const) {
    it(`${url} is taken as ${base}`, () => {
      assert.strictEqual(Effect.runSync(parseBase(url)), base)
      assert.strictEqual(Effect.runSync(parseBase(new URL(url))), base)
    })
  }

  for (const [url, sentence] of [
    ["", /must be a complete address/],
    ["backups.example.com", /must be a complete address/],
    ["//backups.example.com", /must be a complete address/],
    ["ftp://backups.example.com", /must be a complete address that begins with http:\/\/ or https:\/\//],
    ["localhost:8779", /must be a complete address that begins with http:\/\/ or https:\/\//],
    ["https://user@host", /must not contain a user name or password/],
    ["https://:secret@host", /must not contain a user name or password/],
    ["https://host/?", /must end with its path, without \? or #/],
    ["https://host/?limit=1", /must end with its path/],
    ["https://host/#", /must end with its path/]
  ] as const) {
    it(`${JSON.stringify(url)} is refused in a sentence`, () => {
      const error = Effect.runSync(Effect.flip(parseBase(url)))
      assert.instanceOf(error, InvalidOption)
      assert.strictEqual(error.option, "url")
      assert.match(error.message, /^The option url must [^.]*(\.[a-z]+)*[^.]*\.$/)
      assert.match(error.message, sentence)
      assert.throws(() => clientOf(url), InvalidOption, error.message)
    })
  }

  it("with the version that comes behind it is refused: a 404 of its paths would read as a backup that is not there", () => {
    for (const version of [
      "/v1.0",
      "/v1.0/",
      "/V1.0",
      "/v1.0/1234",
      "/v1.0/1234/",
      "/v1.0/1234/backups",
      "/v1.0/1234/backups/v1.0//",
      "/v1.0/1234/instances/orders/backups"
    ]) {
      const { message } = Effect.runSync(Effect.flip(parseBase(`https://host/db${version}`)))
      const end = version.replace(/\/+$/, "")
      assert.strictEqual(message, `The option url must not have ${end} at its end: https://host/db is the address.`)
    }
    for (const base of [
      "https://host/v1.01",
      "https://host/db-v1.0",
      "https://v1.0.example.com",
      "https://host/v1.0/1234/db",
      "https://host/v1.0/1234/backups-of-all"
    ]) {
      assert.strictEqual(Effect.runSync(parseBase(base)), base)
    }
  })
})

describe("an option that cannot be used is thrown at once, by its name", () => {
  for (const [option, value] of [
    ["account", ""],
    ["account", "12/34"],
    ["account", "."],
    ["account", ".."],
    ["timeout", 0],
    ["timeout", -1],
    ["timeout", Number.NaN],
    ["timeout", 30_000n],
    ["timeout", [30, 0]],
    ["maxWait", 0],
    ["retries", -1],
    ["retries", 1.5],
    ["maxBodyBytes", 0],
    ["fetch", 1],
    ["invalidate", "later"],
    ["traceparent", "span"]
  ] as const) {
    it(`${option}: ${value}`, () => {
      const options = { url: "http://localhost", account: "1234", token: TOKEN, [option]: value }
      assert.throws(() => createClient(options), InvalidOption, `The option ${option} must `)
    })
  }
})

it("an option that is not known, such as a misspelt one, is thrown at once, with those that are", () => {
  const options = { url: "http://localhost", account: "1234", token: TOKEN, retrys: 0 }
  assert.throws(
    () => createClient(options),
    InvalidOption,
    "The option retrys is not known; known are account url token timeout retries maxWait maxBodyBytes keepBytes invalidate traceparent fetch."
  )
  const other = Effect.runSync(Effect.flip(parseOptions({ ...options })))
  assert.strictEqual(other.option, "account")
})

describe("a filter", () => {
  it("takes Dates and RFC 3339 texts, one status or several, and undefined for nothing", () => {
    const created = parseInstant("2014-06-19T15:56:58Z")
    const parsed = Effect.runSync(
      parseListFilter({
        datastore: "mysql",
        instanceId: undefined,
        status: "FAILED",
        createdSince: new Date("2014-06-19T15:56:58Z"),
        createdBefore: "2014-06-19T17:56:58+02:00"
      })
    )
    assert.deepEqual<unknown>(parsed, {
      datastore: "mysql",
      statuses: ["FAILED"],
      createdSince: created,
      createdBefore: created
    })
    assert.deepEqual<unknown>(Effect.runSync(parseListFilter({ status: ["NEW", "FAILED"] })), {
      statuses: ["NEW", "FAILED"]
    })
  })
})

describe("what cannot be asked is a BadRequest that names it, and nothing is sent", () => {
  let server: BadServer
  beforeAll(async () => {
    server = await badServer(sendJson(200, listOf([])))
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const filters: ReadonlyArray<readonly [filter: object, message: string]> = [
    [{ datastore: "" }, "The filter datastore is wrong: must have 1 to 255 characters."],
    [
      { datastor: "mysql" },
      "The filter datastor is not known; known are datastore instanceId status createdSince createdBefore include."
    ],
    [{ instance_id: "a" }, "The filter instance_id is not known;"],
    [{ toString: "a" }, "The filter toString is not known;"],
    [{ instanceId: "" }, "The filter instanceId is wrong: must have 1 to 255 characters."],
    [{ status: [] }, "The filter status must have at least one state."],
    [{ status: "LOST" }, "The filter status is wrong: must be one of NEW BUILDING"],
    [{ createdSince: "2014-06-19" }, "The filter createdSince is wrong: must be an RFC 3339 time with a zone"],
    [{ createdBefore: new Date("nonsense") }, "The filter createdBefore is wrong: must be a text, and is Invalid Date."]
  ]
  for (const [filter, message] of filters) {
    it(`filter ${JSON.stringify(filter)}`, async () => {
      const error = await failure(
        clientOf(server.url)
          .backups.list(filter as ListFilter)
          .toArray({ max: 1 })
      )
      assert.instanceOf(error, BadRequest)
      assert.include(error.message, message)
      assert.strictEqual(error.code, 400)
      assert.lengthOf(server.seen, 0)
    })
  }

  for (const [page, message] of [
    [{ limit: 0 }, "Nothing was asked: limit must be a whole number, 1 or more."],
    [{ limit: 1.5 }, "Nothing was asked: limit must be a whole number, 1 or more."],
    [{ limit: Number.NaN }, "Nothing was asked: limit must be a whole number, 1 or more."],
    [{ marker: "" }, "Nothing was asked: marker must have 1 to 2048 characters."],
    [{ marker: "\ud800" }, "Nothing was asked: marker must be valid Unicode text."],
    [{ marker: 7 }, "Nothing was asked: marker must be a text, and is 7."],
    [{ offset: 7 }, "Nothing was asked: the option offset is not known; known are limit marker."],
    [null, "Nothing was asked: the options must be an object, not null."],
    [5, "Nothing was asked: the options must be an object, not number."]
  ] as const) {
    it(`page ${JSON.stringify(page)}`, async () => {
      const error = await failure(
        clientOf(server.url)
          .backups.list()
          .page(page as unknown as { limit: number })
      )
      assert.instanceOf(error, BadRequest)
      assert.include(error.message, message)
      assert.lengthOf(server.seen, 0)
    })
  }

  for (const [options, message] of [
    [null, "Nothing was asked: the options must be an object, not null."],
    [{ sginal: undefined }, "Nothing was asked: the option sginal is not known; known are signal."]
  ] as const) {
    it(`limits with ${JSON.stringify(options)}`, async () => {
      const error = await failure(clientOf(server.url).limits(options as unknown as object))
      assert.instanceOf(error, BadRequest)
      assert.strictEqual(error.message, message)
      assert.lengthOf(server.seen, 0)
    })
  }

  for (const id of ["", ".", "..", "x".repeat(256), "a\u0000b", "\ud800"]) {
    it(`id ${JSON.stringify(id).slice(0, 20)}`, async () => {
      const error = await failure(clientOf(server.url).backups.get(id))
      assert.instanceOf(error, BadRequest)
      assert.match(error.message, /^Nothing was asked: the id must /)
      assert.lengthOf(server.seen, 0)
    })
  }
})

describe("the marker of a next link", () => {
  const from = (...links: ReadonlyArray<{ rel: string; href: string }>) =>
    nextMarker(links, "https://host/db/v1.0/1234/backups")

  for (const [href, marker] of [
    ["https://host/db/v1.0/1234/backups?limit=2&marker=p1.5.YQ", "p1.5.YQ"],
    ["http://elsewhere/?marker=a%2Fb%20c", "a/b c"],
    ["/v1.0/1234/backups?marker=m", "m"],
    ["?marker=m&marked=x", "m"],
    ["backups?marker=ünïque#marker=x", "ünïque"]
  ] as const) {
    it(`is taken from ${href}`, () => {
      const taken = from({ rel: "self", href: "?marker=self" }, { rel: "next", href })
      assert.strictEqual<string | undefined>(Either.getOrThrow(taken), marker)
    })
  }

  it("is none without such a link", () => {
    assert.deepInclude(from({ rel: "self", href: "?marker=self" }), { right: undefined })
    assert.deepInclude(nextMarker(undefined, "https://host/"), { right: undefined })
  })

  it("is refused when it is no marker, by the place of the link", () => {
    const self = { rel: "self", href: "" }
    for (const href of ["", "?", "?marker", `?marker=${"x".repeat(2049)}`, "?marker=a&marker=b"]) {
      assert.deepInclude(from(self, { rel: "next", href }), {
        left: "links[1].href must have one marker, of 1 to 2048 characters"
      })
    }
  })
})
