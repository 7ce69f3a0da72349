import type { ServerResponse } from "node:http"
import { types } from "node:util"
import { Redacted } from "effect"
import { assert, describe, it } from "vitest"
import { ConnectionFailed, Forbidden, ItemNotFound, TimedOut, Unauthorized, UnexpectedAnswer } from "../src/index.ts"
import { badServer, clientOf, failure, fault, type Handler, listOf, record, sendJson, TOKEN } from "./badServer.ts"

const answerTo = async (
  handler: (response: ServerResponse) => void,
  options: Parameters<typeof clientOf>[1] = {}
): Promise<unknown> => {
  await using server = await badServer(handler)
  const error = await failure(
    clientOf(server.url, { retries: 0, ...options })
      .backups.list()
      .page()
  )
  assert.notInclude(JSON.stringify(error) + String(error), TOKEN)
  return error
}

const assertUnexpected = (error: unknown, code: number, message: RegExp, requestId: string | null = "req-1") => {
  assert.instanceOf(error, UnexpectedAnswer)
  assert.match(error.message, message)
  assert.strictEqual(error.code, code)
  assert.strictEqual(error.requestId ?? null, requestId)
}

describe("a body that is not what the contract says", () => {
  const without = (name: string) => {
    const { [name]: _, ...rest } = record("b")
    return rest
  }
  const cases: ReadonlyArray<readonly [what: string, body: unknown, message: RegExp]> = [
    [
      "a wrong time",
      { backups: [record("a"), { ...record("b"), created: "yesterday" }] },
      /, but backups\[1\]\.created must be a time such as 2014-06-19T15:56:58\.$/
    ],
    ["a missing member", { backups: [without("name")] }, /, but backups\[0\]\.name is missing\.$/],
    [
      "an unknown status",
      { backups: [{ ...record("b"), status: "LOST" }] },
      /backups\[0\]\.status must be one of NEW BUILDING/
    ],
    ["a wrong type", { backups: [{ ...record("b"), id: 7 }] }, /backups\[0\]\.id must be a text, and is 7/],
    [
      "a size that is text",
      { backups: [{ ...record("b"), size: "1" }] },
      /backups\[0\]\.size must be a number, and is "1"/
    ],
    [
      "a negative size",
      { backups: [{ ...record("b"), size: -1 }] },
      /backups\[0\]\.size must be a number of gigabytes/
    ],
    [
      "a size beyond all measure",
      { backups: [{ ...record("b"), size: 1e300 }] },
      /, but backups\[0\]\.size must be a number of gigabytes/
    ],
    [
      "a datastore without type",
      { backups: [{ ...record("b"), datastore: {} }] },
      /backups\[0\]\.datastore\.type is missing/
    ],
    ["no list at all", {}, /, but backups is missing\.$/],
    ["a list that is none", { backups: "none" }, /, but backups must be an array, and is "none"/],
    ["an array", [], /, but /],
    ["null", "null", /its body must be an object, and is null/],
    ["a link without href", { backups: [], links: [{ rel: "next" }] }, /links\[0\]\.href is missing/],
    [
      "a next link without marker",
      listOf(["a"], "https://elsewhere.example/v1.0/1234/backups"),
      /links\[0\]\.href must have one marker/
    ],
    [
      "a next link with an empty marker",
      listOf(["a"], "/v1.0/1234/backups?marker="),
      /links\[0\]\.href must have one marker/
    ],
    ["a next link with two markers", listOf(["a"], "/?marker=a&marker=b"), /links\[0\]\.href must have one marker/],
    ["a next link that is no URL", listOf(["a"], "http://[?marker=a"), /links\[0\]\.href must be a URL/],
    ["garbage", '{"backups": [}', /, but its body is not JSON\.$/],
    ["JSON that was cut", JSON.stringify(listOf(["a"])).slice(0, 90), /, but its body is not JSON\.$/],
    ["nothing", "", /, but its body is not JSON\.$/]
  ]
  for (const [what, body, message] of cases) {
    it(`is an UnexpectedAnswer that names it: ${what}`, async () => {
      assertUnexpected(await answerTo(sendJson(200, body)), 200, message)
    })
  }

  const deep = "[".repeat(100_000) + "]".repeat(100_000)
  for (const member of ["id", "name", "status", "created", "size", "datastore"]) {
    it(`has a ${member} that is nested as deep as no stack is`, async () => {
      const body = JSON.stringify({ backups: [{ ...record("a"), [member]: "DEEP" }] }).replace('"DEEP"', deep)
      assertUnexpected(await answerTo(sendJson(200, body)), 200, /, but (its body|backups\[0\]\.\w+) (is not|must be) /)
    })
  }

  it("is nested as deep as no stack is, where a fault should be", async () => {
    const error = await answerTo(sendJson(404, `{"itemNotFound":${deep}}`))
    assertUnexpected(error, 404, /its body is not a fault of the catalog/)
  })

  it("names a member of a record that was asked for alone", async () => {
    await using server = await badServer(sendJson(200, { backup: { ...record("a"), updated: 5 } }))
    assertUnexpected(
      await failure(clientOf(server.url).backups.get("a")),
      200,
      /backup\.updated must be a text, and is 5/
    )
  })

  it("is not UTF-8", async () => {
    const error = await answerTo((response) => {
      response.writeHead(200, { "Content-Type": "application/json", "X-Request-Id": "req-1" })
      response.end(Buffer.from(JSON.stringify(listOf(["ä"])), "latin1"))
    })
    assertUnexpected(error, 200, /not UTF-8/)
  })

  it("shows only so much of what the server sent", async () => {
    const error = await answerTo(sendJson(200, { backups: "x".repeat(100_000) }))
    assertUnexpected(error, 200, /backups must be an array, and is .*…\.$/)
    assert.isBelow(String(error).length, 700)
  })
})

describe("an answer that is not the catalog's", () => {
  it("has a wrong Content-Type", async () => {
    for (const type of ["text/plain", "application/json-seq"]) {
      const error = await answerTo(sendJson(200, listOf([]), { "Content-Type": type }))
      assertUnexpected(error, 200, new RegExp(`its Content-Type is ${type} and must be application/json;`))
    }
  })

  const foreign: ReadonlyArray<readonly [type: string, body: string]> = [
    [
      "application/json",
      '{"message":"The request requires authentication.","code":"401 Unauthorized","title":"Unauthorized"}'
    ],
    [
      "application/json",
      '{"error":{"code":401,"title":"Unauthorized","message":"The request requires authentication."}}'
    ],
    ["text/plain", "Authentication required"],
    ["text/html", "<h1>401</h1>"]
  ]
  it.each(foreign)(
    "refuses the token as %s: %s, which is Unauthorized, and another token is tried",
    async (type, body) => {
      const refuse = (status: number) => (response: ServerResponse) =>
        void response.writeHead(status, { "Content-Type": type, "WWW-Authenticate": 'Keystone uri="x"' }).end(body)
      const error = await answerTo(refuse(401))
      assert.instanceOf(error, Unauthorized)
      assert.match(error.message, / answered 401: the token was refused\.$/)
      assert.match(String(error.details), /^It was not the catalog itself that answered: its .*\.$/)

      await using server = await badServer(refuse(401), sendJson(200, listOf(["a"])))
      const refused: Array<string> = []
      const invalidate = (token: Redacted.Redacted) => void refused.push(Redacted.value(token))
      assert.lengthOf((await clientOf(server.url, { invalidate }).backups.list().page()).backups, 1)
      assert.deepEqual(refused, [TOKEN])

      for (const status of [403, 404, 413, 429, 503]) {
        assert.instanceOf(await answerTo(refuse(status)), UnexpectedAnswer)
      }
    }
  )

  const JSON_TYPE = { "Content-Type": "application/json" }
  const unreadable: Readonly<Record<string, Handler>> = {
    "is cut off": (response) => {
      response.writeHead(401, { ...JSON_TYPE, "Content-Length": 1000 }).write("{")
      setTimeout(() => response.destroy(), 20)
    },
    "does not end": (response) => void response.writeHead(401, JSON_TYPE).write("{"),
    "is too large": (response) => void response.writeHead(401, JSON_TYPE).end(Buffer.alloc(2_000)),
    "says that it is too large": (response) =>
      void response.writeHead(401, { ...JSON_TYPE, "Content-Length": 2_000 }).end(Buffer.alloc(2_000)),
    "is not what its encoding says": (response) =>
      void response.writeHead(401, { ...JSON_TYPE, "Content-Encoding": "gzip" }).end("<html>")
  }
  it.each(Object.entries(unreadable))(
    "refuses the token with a body that %s, which is Unauthorized, asked once, and another token is tried",
    async (_, refuse) => {
      await using server = await badServer((response, request) => {
        request.resume()
        refuse(response, request)
      })
      const client = clientOf(server.url, { timeout: 200, maxBodyBytes: 1_000 })
      const { backups, imports } = client
      for (const [n, ask] of [
        () => backups.get("a"),
        () => backups.list().page(),
        () => backups.delete("a"),
        () => imports.run("pg-main", { records: [] }),
        () => imports.run("pg-main", { ndjson: new Uint8Array(0) })
      ].entries()) {
        const error = await failure(ask())
        assert.instanceOf(error, Unauthorized)
        assert.match(error.message, / answered 401: the token was refused\.$/)
        assert.match(
          String(error.details),
          /^(What it says of that was not read|It was not the catalog itself that answered): .*\.$/
        )
        assert.lengthOf(server.seen, n + 1)
      }

      await using renewing = await badServer(refuse, sendJson(200, listOf(["a"])))
      const refused: Array<string> = []
      const invalidate = (token: Redacted.Redacted) => void refused.push(Redacted.value(token))
      const renewed = clientOf(renewing.url, { invalidate, timeout: 200, maxBodyBytes: 1_000 })
      assert.lengthOf((await renewed.backups.list().page()).backups, 1)
      assert.deepEqual(refused, [TOKEN])
    }
  )

  it("has no Content-Type", async () => {
    const error = await answerTo((response) => {
      response.writeHead(404)
      response.end()
    })
    assertUnexpected(error, 404, /its Content-Type is missing/, null)
  })

  it("may be that of a proxy in between which takes no body as large as an import", async () => {
    await using server = await badServer((response) =>
      response.writeHead(413, { "Content-Type": "text/html" }).end("<h1>413 Request Entity Too Large</h1>")
    )
    assertUnexpected(
      await failure(clientOf(server.url).imports.run("pg-main", { ndjson: new Uint8Array(2) })),
      413,
      /something other than a catalog may have answered, such as a proxy in between that limits the size of bodies\.$/,
      null
    )
  })

  it("is the page of a proxy", async () => {
    const error = await answerTo((response) => {
      response.writeHead(502, { "Content-Type": "text/html", "X-Request-Id": "proxy-7" })
      response.end("<html>Bad Gateway</html>")
    })
    assertUnexpected(error, 502, /answered 502, but its Content-Type is text\/html/, "proxy-7")
  })

  it("is JSON, but no fault", async () => {
    assertUnexpected(await answerTo(sendJson(418, { teapot: true })), 418, /its body is not a fault of the catalog/)
    assertUnexpected(await answerTo(sendJson(400, "{")), 400, /its body is not JSON/)
  })

  it("is a fault of another status", async () => {
    const error = await answerTo(sendJson(502, fault("itemNotFound", 404)))
    assertUnexpected(error, 502, /its body is the fault itemNotFound of the status 404/)
  })

  it("is a 204", async () => {
    const error = await answerTo((response) => response.writeHead(204, { "X-Request-Id": "req-1" }).end())
    assertUnexpected(error, 204, /only 200 is an answer/)
  })

  it("says its fault with the token in it, and is left out", async () => {
    const error = await answerTo(sendJson(404, fault("itemNotFound", 404, `No token ${TOKEN} here.`)))
    assert.instanceOf(error, ItemNotFound)
    assert.match(error.message, /^http:\S+ answered 404: \(left out, since there is a secret in it\)\.$/)
  })
})

describe("an error shows nothing of the token", () => {
  const spelt: ReadonlyArray<readonly [what: string, spell: (text: string) => string]> = [
    ["as JSON writes it", (text) => text],
    ["with escaped slashes", (text) => text.replaceAll("/", "\\/")],
    ["in code points", (text) => text.replaceAll("s", "\\u0073")],
    ["as JSON in it writes it", (text) => text.replaceAll("/", "\\\\/")]
  ]
  const token = 'secret/with"quotes\\and/slashes'
  for (const [what, spell] of spelt) {
    it(`that a server repeats in a fault ${what}`, async () => {
      const text = `No ${token}.`
      const body = spell(JSON.stringify({ forbidden: { code: 403, message: text, details: text } }))
      const error = await answerTo(sendJson(403, body), { token })
      assert.instanceOf(error, Forbidden)
      assert.match(error.message, /^http:\S+ answered 403: \(left out, since there is a secret in it\)\.$/)
      assert.strictEqual(error.details, "(left out, since there is a secret in it)")
    })
  }

  it("that a server repeats in place of a list, also where only its beginning is shown", async () => {
    for (const long of [token, `${token}-${"x".repeat(200)}`]) {
      const error = await answerTo(sendJson(200, { backups: long }), { token: long })
      assertUnexpected(error, 200, /^http:\S+ answered 200, but \(left out, since there is a secret in it\)\.$/)
    }
  })
})

describe("a fault", () => {
  it("is shown only so long as a reader can bear", async () => {
    const long = "m".repeat(1_000_000)
    const error = await answerTo(sendJson(404, { itemNotFound: { code: 404, message: long, details: long } }))
    assert.instanceOf(error, ItemNotFound)
    assert.strictEqual(error.message, `${"m".repeat(500)}…`)
    assert.strictEqual(error.details, error.message)
  })
})

it("an error can be sent to another thread", async () => {
  const fault = await answerTo(sendJson(404, { itemNotFound: { code: 404, message: "There is no backup." } }))
  const unanswered = await failure(clientOf("http://127.0.0.1:1", { retries: 0 }).backups.get("a"))
  for (const error of [fault, unanswered]) {
    assert.isFalse(types.isProxy(error))
    const sent = structuredClone(error) as Error
    assert.strictEqual(sent.message, (error as Error).message)
  }
})

describe("an answer without end", () => {
  it("is cut at the bound, and the connection with it", async () => {
    let sent = 0
    await using server = await badServer((response) => {
      response.writeHead(200, { "Content-Type": "application/json", "X-Request-Id": "req-1" })
      const send = () => {
        while (!response.destroyed && response.write("x".repeat(65_536))) sent += 65_536
      }
      response.on("drain", send)
      send()
    })
    const list = clientOf(server.url, { maxBodyBytes: 1_000_000, retries: 0 }).backups.list()
    assertUnexpected(await failure(list.page()), 200, /its body goes on after 1000000 bytes/)
    await server.untilUnderWay(0)
    assert.isBelow(sent, 30_000_000)
  })

  it("is not begun when it says beforehand that it is too long", async () => {
    const error = await answerTo(
      (response) => {
        response.writeHead(200, {
          "Content-Type": "application/json",
          "Content-Length": "2000",
          "X-Request-Id": "req-1"
        })
        response.write("{")
      },
      { maxBodyBytes: 1999 }
    )
    assertUnexpected(error, 200, /its body has 2000 bytes and must have at most 1999/)
  })

  it("may be as long as the bound", async () => {
    const body = JSON.stringify(listOf(["a"]))
    await using server = await badServer(sendJson(200, body))
    const list = clientOf(server.url, { maxBodyBytes: body.length }).backups.list()
    assert.lengthOf((await list.page()).backups, 1)
  })
})

describe("an answer that does not come, or not whole", () => {
  it("broke off: ConnectionFailed", async () => {
    const error = await answerTo((response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "5000", "X-Request-Id": "req-1" })
      response.write('{"backups":[')
      setTimeout(() => response.destroy(), 50)
    })
    assert.instanceOf(error, ConnectionFailed)
    assert.match(error.message, /broke off after 12 bytes: /)
    assert.strictEqual(error.requestId, "req-1")
    assert.strictEqual(error.code, 0)
  })

  it("nobody listens: ConnectionFailed with the reason", async () => {
    const server = await badServer()
    await server[Symbol.asyncDispose]()
    const error = await failure(clientOf(server.url, { retries: 0 }).backups.get("a"))
    assert.instanceOf(error, ConnectionFailed)
    assert.strictEqual(error.message, `${server.url} cannot be reached: connect ECONNREFUSED ${server.url.slice(7)}.`)
  })

  it("no TLS where it is asked for: ConnectionFailed with a reason of one line", async () => {
    await using server = await badServer()
    const error = await failure(clientOf(server.url.replace("http:", "https:"), { retries: 0 }).backups.get("a"))
    assert.instanceOf(error, ConnectionFailed)
    assert.match(
      error.message,
      /^https:\S+ cannot be reached: TLS failed: wrong version number; it may speak no TLS, and have an address with http:\/\/\.$/
    )
  })

  it("a certificate of an authority that is not known: ConnectionFailed that says how it is made known", async () => {
    const untrusted = async () => {
      const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" })
      throw new TypeError("fetch failed", { cause })
    }
    const error = await failure(clientOf("https://catalog", { retries: 0, fetch: untrusted }).backups.get("a"))
    assert.instanceOf(error, ConnectionFailed)
    assert.strictEqual(
      error.message,
      "https://catalog cannot be reached: self-signed certificate; set NODE_EXTRA_CA_CERTS to the file with the certificate of its authority before the program starts."
    )
  })

  it("gigantic headers: ConnectionFailed", async () => {
    const error = await answerTo(sendJson(200, listOf([]), { "X-Gigantic": "x".repeat(400_000) }))
    assert.instanceOf(error, ConnectionFailed)
    assert.match(error.message, /Headers Overflow/)
  })

  it("no headers in time: TimedOut", async () => {
    await using server = await badServer(() => {})
    const error = await failure(clientOf(server.url, { retries: 0, timeout: 100 }).backups.list().page())
    assert.instanceOf(error, TimedOut)
    assert.strictEqual(error.message, `${server.url} did not answer within 100ms.`)
    await server.untilUnderWay(0)
  })

  it("bytes that trickle: TimedOut, though something always comes", async () => {
    await using server = await badServer((response) => {
      response.writeHead(200, { "Content-Type": "application/json", "X-Request-Id": "req-1" })
      const trickle = setInterval(() => response.write(" "), 20)
      response.on("close", () => clearInterval(trickle))
    })
    const error = await failure(clientOf(server.url, { retries: 0, timeout: "200 millis" }).backups.list().page())
    assert.instanceOf(error, TimedOut)
    assert.match(error.message, /was not complete within 200ms/)
    assert.strictEqual(error.requestId, "req-1")
    await server.untilUnderWay(0)
  })
})
