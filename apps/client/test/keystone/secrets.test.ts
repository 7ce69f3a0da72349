import { inspect } from "node:util"
import { Effect, Exit } from "effect"
import { assert, describe, it } from "vitest"
import { type SignInOptions, signIn, signInEffect } from "../../src/keystone/index.ts"
import { badServer, failure, type Handler, sendJson } from "../badServer.ts"
import { observed } from "../observed.ts"
import { folders, nowhere } from "./support/folders.ts"
import {
  type Answering,
  CREDENTIAL,
  databaseAt,
  endpoint,
  identityServer,
  OLD_TOKEN,
  PASSWORD,
  SECRET,
  SHOP,
  sendError
} from "./support/identityServer.ts"

/** Every way in which a value may get into a log. */
const shown = (value: unknown): string =>
  [
    String(value),
    JSON.stringify(value),
    inspect(value, { depth: 20, showHidden: true }),
    inspect(value, { depth: 20, customInspect: false }),
    value instanceof Error ? `${value.stack} ${JSON.stringify(Object.entries(value))} ${inspect(value.cause)}` : ""
  ].join("\n")

const assertConcealed = (text: string, ...secrets: ReadonlyArray<string | undefined>): void => {
  for (const secret of secrets) {
    assert.isString(secret)
    const beginning = secret?.slice(0, 12) ?? ""
    assert.notInclude(text, beginning)
    assert.notInclude(text, JSON.stringify(beginning).slice(1, -1))
    assert.notInclude(text, inspect(beginning).slice(1, -1))
  }
}

const credentials: ReadonlyArray<readonly [secret: string, options: SignInOptions]> = [
  [PASSWORD, { username: "alice", password: PASSWORD, projectName: "shop" }],
  ["hunter2", { username: "alice", password: "hunter2", projectName: "shop" }],
  [SECRET, { applicationCredentialId: CREDENTIAL, applicationCredentialSecret: SECRET }],
  [OLD_TOKEN, { token: OLD_TOKEN, projectName: "shop" }]
]

describe("no secret is shown", () => {
  it("by a session, whatever is done with it", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const options: SignInOptions = { authUrl: keystone.url, username: "alice", password: PASSWORD, projectName: "shop" }
    const session = await signIn(options, nowhere)
    const text = shown(session) + shown(await session.token())
    session.invalidate()
    const after = text + shown(await session.token()) + shown(session)
    assertConcealed(after, PASSWORD, ...keystone.tokens)
    assert.lengthOf(keystone.tokens, 2)
  })

  for (const [secret, options] of credentials) {
    it(`by an error for an answer that repeats ${secret.slice(0, 4)}…`, async () => {
      const python = `'${secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
      const answers: ReadonlyArray<Handler> = [
        ...[400, 401, 403, 404, 500, 503].flatMap(
          (status): ReadonlyArray<Handler> => [
            (response) => sendError(response, status, "Error", `Invalid input for field 'password': ${secret}`),
            (response) => sendError(response, status, "Error", `Invalid input: ${python} is not of type 'string'`),
            (response) => sendError(response, status, "Error", `${"x".repeat(480)} ${secret}`)
          ]
        ),
        sendJson(201, { token: { expires_at: secret } }, { "X-Subject-Token": "a" }),
        sendJson(
          201,
          {
            token: {
              expires_at: "2026-11-23T23:15:51.000000Z",
              project: SHOP,
              catalog: [{ type: secret, endpoints: [] }]
            }
          },
          { "X-Subject-Token": "a" }
        ),
        sendJson(
          201,
          {
            token: {
              expires_at: "2026-11-23T23:15:51.000000Z",
              project: SHOP,
              catalog: [{ type: "database", endpoints: [endpoint(`http://h/${secret}`)] }]
            }
          },
          { "X-Subject-Token": "a" }
        ),
        (response) => response.writeHead(302, { Location: `http://h/${encodeURIComponent(secret)}` }).end(),
        (response) => response.destroy()
      ]
      for (const answer of answers) {
        await using server = await badServer(answer)
        const error = await failure(signIn({ authUrl: server.url, retries: 0, ...options }, nowhere))
        assert.isAtLeast(server.seen.length, 1)
        assertConcealed(shown(error), secret)
      }
    })
  }

  it("by an error for an answer that repeats the new token", async () => {
    const token = "gAAAAABrBLnew-token-of-keystone"
    const headers = { "X-Subject-Token": token, "X-Openstack-Request-Id": token }
    for (const [status, body] of [
      [201, { token: { expires_at: token } }],
      [201, { token: token }],
      [500, { error: { message: token } }]
    ] as const) {
      await using server = await badServer(sendJson(status, body, headers))
      const options: SignInOptions = { authUrl: server.url, retries: 0, ...credentials[0]?.[1] }
      assertConcealed(shown(await failure(signIn(options, nowhere))), token)
    }
  })

  it("by an error for settings that cannot be used", async () => {
    await using machine = await folders()
    const env = { OS_PASSWORD: "hunter2", OS_AUTH_URL: "http://alice:hunter2@h/v3", OS_USERNAME: "alice" }
    let text = shown(await failure(signIn({}, machine.at(env))))
    text += shown(await failure(signIn({}, machine.at({ ...env, OS_AUTH_URL: "http://h", OS_AUTH_TYPE: "hunter2" }))))
    for (const content of [
      "clouds: {shop: {auth: {password: hunter2: hunter2}}}",
      "clouds: {shop: {auth: {password: [hunter2]}}}",
      "clouds: {shop: {auth: {password: hunter2}, interface: hunter2}}",
      "clouds: {shop: {auth: {password: !hunter2 hunter2}, regions: {hunter2: hunter2}}}"
    ]) {
      await machine.write("cwd/clouds.yaml", content)
      text += shown(await failure(signIn({ cloud: "shop" }, machine.at())))
    }
    assert.notInclude(text, "hunter2")
    assert.include(text, "InvalidOption")
  })

  it("in spans, logs and causes, whatever fails", async () => {
    await using keystone = await identityServer(databaseAt("http://catalog"))
    const echo: Answering = (response) => sendError(response, 503, "Unavailable", `${PASSWORD} is busy`)
    keystone.answerNext(
      echo,
      (response) => response.destroy(),
      (_, usual) => usual(),
      echo,
      echo,
      echo
    )
    const options = { authUrl: keystone.url, maxWait: 1, username: "alice", password: PASSWORD, projectName: "shop" }
    const { exits, spans, text } = await observed(
      Effect.replicateEffect(Effect.exit(signInEffect(options, nowhere)), 2)
    )
    assert.deepEqual(exits.map(Exit.isSuccess), [true, false])
    const statuses = spans.map(({ status }) => inspect(status, { depth: 20 }))
    const all = [text, ...exits.map(shown), ...statuses].join("\n")
    assert.include(all, "Keystone.signIn")
    assert.include(all, "Trying again in")
    assertConcealed(all, PASSWORD, ...keystone.tokens)
  })
})
