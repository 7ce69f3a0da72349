import type { ServerResponse } from "node:http"
import { assert, describe, it } from "vitest"
import {
  BadRequest,
  ConnectionFailed,
  Forbidden,
  ServiceUnavailable,
  TimedOut,
  Unauthorized,
  UnexpectedAnswer
} from "../../src/index.ts"
import { type SignInOptions, signIn } from "../../src/keystone/index.ts"
import { badServer, type Handler, failure as rejection, sendJson } from "../badServer.ts"
import { nowhere } from "./support/folders.ts"
import { CREDENTIAL, databaseAt, identityServer, PASSWORD, SECRET, SHOP, sendError } from "./support/identityServer.ts"

const byPassword = { username: "alice", password: PASSWORD, projectName: "shop" }
const byCredential = { applicationCredentialId: CREDENTIAL, applicationCredentialSecret: SECRET }

const failure = (authUrl: string, options: SignInOptions = byPassword): Promise<unknown> =>
  rejection(signIn({ authUrl, maxWait: 1, ...options }, nowhere))

/** What a sign-in fails with against a server that answers so, and how often that was asked. */
const failureOf = async (handler: Handler, options: SignInOptions = byPassword) => {
  await using server = await badServer(handler)
  const error = await failure(server.url, options)
  assert.instanceOf(error, Error)
  return { error, message: error.message.replaceAll(server.url, "http://keystone"), asked: server.seen.length }
}

const errorOf = (code: number, title: string, message: string) => (response: ServerResponse) =>
  sendError(response, code, title, message)

const token = (members: Readonly<Record<string, unknown>> = {}) => ({
  token: { expires_at: "2026-11-23T23:15:51.000000Z", project: SHOP, catalog: [], ...members }
})

const given = (members: Readonly<Record<string, unknown>>) =>
  sendJson(201, token(members), { "X-Subject-Token": "gAAAA" })

describe("credentials go to the configured address and nowhere else", () => {
  for (const status of [300, 301, 302, 303, 307, 308]) {
    it(`when a ${status} leads to another one: it is not followed`, async () => {
      await using other = await badServer(given({}))
      const { error, message, asked } = await failureOf((response) =>
        response.writeHead(status, { Location: `${other.url}/v3/auth/tokens` }).end()
      )
      assert.instanceOf(error, UnexpectedAnswer)
      assert.strictEqual(error.code, status)
      assert.strictEqual(
        message,
        `Keystone at http://keystone/v3 answered ${status}, but redirects are not followed, since the credentials are for the configured address alone.`
      )
      assert.strictEqual(asked, 1)
      assert.lengthOf(other.seen, 0)
    })
  }
})

describe("a refusal", () => {
  it("of 401, 403 and 400 is what it says, and is not tried again", async () => {
    for (const [Class, code, message, sentence] of [
      [
        Unauthorized,
        401,
        "The password is expired.",
        "refused the sign-in with the options: the user, the password or the project is wrong."
      ],
      [Forbidden, 403, "You are not authorized.", "does not allow the sign-in with the options."],
      [BadRequest, 400, "Expecting to find domain in user.", "cannot make sense of the sign-in with the options."]
    ] as const) {
      const refused = await failureOf(errorOf(code, "Refused", `${message}\n\nFailed validating`))
      const { error } = refused
      if (!(error instanceof Class)) throw error
      assert.include(refused.message, `Keystone at http://keystone/v3 ${sentence}`)
      assert.deepEqual([error.details, error.requestId], [message, "req-1"])
      assert.strictEqual(refused.asked, 1)
    }
  })

  it("that wants a second factor says what to do instead", async () => {
    const { error, message } = await failureOf((response) =>
      response.writeHead(401, { "Openstack-Auth-Receipt": "receipt" }).end("{}")
    )
    assert.instanceOf(error, Unauthorized)
    assert.strictEqual(
      message,
      "Keystone at http://keystone/v3 wants a second factor for the options; sign in with an application credential instead."
    )
  })

  it("of 404 in Keystone's words is of the credentials; in another's it is of the address", async () => {
    const unknown = await failureOf(errorOf(404, "Not Found", "Could not find Application Credential."), byCredential)
    assert.instanceOf(unknown.error, Unauthorized)
    assert.include(unknown.message, "the application credential is mistyped, expired or deleted.")
    assert.strictEqual(unknown.error.details, "Could not find Application Credential.")
    const elsewhere = await failureOf((response) => response.writeHead(404).end("<h1>Not Found</h1>"))
    assert.instanceOf(elsewhere.error, UnexpectedAnswer)
    assert.strictEqual(
      elsewhere.message,
      "Keystone at http://keystone/v3 answered 404, so there is no Keystone of version 3: check the option authUrl."
    )
    assert.strictEqual(elsewhere.asked, 1)
  })

  it("of any other kind is told in Keystone's words, or without", async () => {
    const known = await failureOf(errorOf(500, "Internal", "An unexpected error prevented the server from it."))
    assert.instanceOf(known.error, UnexpectedAnswer)
    assert.include(
      known.message,
      "answered 500, but not with a token: An unexpected error prevented the server from it."
    )
    const unknown = await failureOf(sendJson(418, "[]"))
    assert.include(unknown.message, "answered 418, but neither with a token nor with an error of Keystone's.")
    assert.deepEqual([known.asked, unknown.asked], [1, 1])
  })

  it("of 503 is tried again twice, or as often as is asked for", async () => {
    const busy = errorOf(503, "Unavailable", "The database is away.")
    const { error, message, asked } = await failureOf(busy)
    assert.instanceOf(error, ServiceUnavailable)
    assert.strictEqual(message, "Keystone at http://keystone/v3 is unavailable at the moment.")
    assert.strictEqual(error.details, "The database is away.")
    assert.strictEqual(asked, 3)
    assert.strictEqual((await failureOf(busy, { ...byPassword, retries: 0 })).asked, 1)
    await using keystone = await identityServer(databaseAt("http://catalog"))
    keystone.answerNext(busy, (response) => response.destroy())
    await signIn({ authUrl: keystone.url, maxWait: 1, ...byPassword }, nowhere)
    assert.lengthOf(keystone.requests, 3)
  })

  it("that asks for a longer wait than is allowed is not tried again", async () => {
    const { error, asked } = await failureOf((response) => {
      response.setHeader("Retry-After", "60")
      sendError(response, 503, "Unavailable", "Later.")
    })
    assert.instanceOf(error, ServiceUnavailable)
    assert.strictEqual(error.retryAfter, 60)
    assert.strictEqual(asked, 1)
  })
})

describe("an answer that is no token", () => {
  for (const [what, handler, sentence] of [
    ["no JSON", sendJson(201, "<html>"), "its body is not JSON; something other than Keystone may have answered"],
    ["JSON of another kind", sendJson(201, {}), "token is missing"],
    ["no X-Subject-Token", sendJson(201, token()), "its X-Subject-Token is missing or no token"],
    [
      "an X-Subject-Token that no header may carry",
      sendJson(201, token(), { "X-Subject-Token": "a b" }),
      "its X-Subject-Token is missing or no token"
    ],
    ["no time", given({ expires_at: "tomorrow" }), "token.expires_at must be a time such as"],
    ["an impossible project", given({ project: { id: "../.." } }), "token.project.id must have 1 to 255 characters"]
  ] as const) {
    it(`because it has ${what} is an UnexpectedAnswer that says so`, async () => {
      const { error, message, asked } = await failureOf(handler)
      assert.instanceOf(error, UnexpectedAnswer)
      assert.strictEqual(error.code, 201)
      assert.include(message, `Keystone at http://keystone/v3 answered 201, but ${sentence}`)
      assert.strictEqual(asked, 1)
    })
  }

  it("because it has no project is an UnexpectedAnswer that says so", async () => {
    const { error, message } = await failureOf(given({ project: undefined }))
    assert.instanceOf(error, UnexpectedAnswer)
    assert.strictEqual(message, "Keystone at http://keystone/v3 gave a token of no project.")
  })

  it("because it does not end is not read to its end", async () => {
    await using server = await badServer((response) => {
      response.writeHead(201, { "Content-Type": "application/json", "X-Subject-Token": "gAAAA" })
      const chunk = "x".repeat(2 ** 16)
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on("drain", write)
      write()
    })
    const error = await failure(server.url)
    assert.instanceOf(error, UnexpectedAnswer)
    assert.include(error.message, "answered 201, but its body is larger than 4 MiB, which is the most that is read.")
  })
})

describe("a Keystone that does not answer", () => {
  it("in time is a TimedOut", async () => {
    const patience = { ...byPassword, timeout: 100, retries: 0 }
    const silent = await failureOf(() => {}, patience)
    assert.instanceOf(silent.error, TimedOut)
    assert.strictEqual(silent.message, "Keystone at http://keystone/v3 did not answer within 100ms.")
    // Over a socket, the beginning of the answer might come too late as well.
    const endless: typeof globalThis.fetch = async () => new Response(new ReadableStream(), { status: 201 })
    const slow = await failure("http://keystone", { ...patience, fetch: endless })
    assert.instanceOf(slow, TimedOut)
    assert.strictEqual(slow.message, "The answer of Keystone at http://keystone/v3 was not complete within 100ms.")
  })

  it("to the end, or at all, is a ConnectionFailed, and is tried again", async () => {
    const half = await failureOf((response) => {
      response.writeHead(201, { "Content-Length": "100" })
      response.write("{", () => response.destroy())
    })
    assert.instanceOf(half.error, ConnectionFailed)
    assert.match(half.message, /^The answer of Keystone at http:\/\/keystone\/v3 broke off: .+\.$/)
    assert.strictEqual(half.asked, 3)
    const server = await badServer(() => {})
    await server[Symbol.asyncDispose]()
    const error = await failure(server.url)
    assert.instanceOf(error, ConnectionFailed)
    assert.include(
      error.message,
      `Keystone at ${server.url}/v3, the address from the option authUrl, cannot be reached: connect ECONNREFUSED`
    )
  })

  it("because its certificate is not trusted is told how to trust it", async () => {
    const untrusted: typeof globalThis.fetch = async () => {
      const cause = Object.assign(new Error("self-signed certificate in certificate chain"), {
        code: "SELF_SIGNED_CERT_IN_CHAIN"
      })
      throw new TypeError("fetch failed", { cause })
    }
    const error = await failure("https://keystone", { ...byPassword, fetch: untrusted, retries: 0 })
    assert.instanceOf(error, ConnectionFailed)
    assert.strictEqual(
      error.message,
      "Keystone at https://keystone/v3, the address from the option authUrl, cannot be reached: self-signed certificate " +
        "in certificate chain; set NODE_EXTRA_CA_CERTS to the file with the certificate of its authority before the program starts."
    )
  })
})
