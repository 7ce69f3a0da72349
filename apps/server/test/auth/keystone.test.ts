import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { missingToken, unknownToken } from "../../src/auth/TokenVerifier.ts"
import { OWN_PASSWORD, scopedTo } from "./support/IdentityServer.ts"
import { faultOf, startKeystone } from "./support/keystone.ts"

const PROJECT = "ca73756e2dc94aab8129a9049ca27352"

describe("a token of Keystone", () => {
  for (const [roles, role] of [
    [["reader"], "reader"],
    [["member"], "member"],
    [["reader", "member"], "member"],
    [["auditor", "READER"], "reader"],
    [["Member", "reader"], "member"],
    [["member", "Admin", "reader"], "admin"]
  ] as const) {
    it.scoped(`with the roles ${roles.join(", ")} stands for its project in the role ${role}`, () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone()
        identity.callers.set("a-token", scopedTo(PROJECT, ...roles))
        assert.deepEqual<unknown>(yield* verify("a-token"), { account: PROJECT, role })
      })
    )
  }

  for (const path of ["", "/v3"]) {
    it.scoped(`is shown to Keystone beside the server's own, at a URL that ends in ${path || "its port"}`, () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone({ path })
        identity.callers.set("a-token", scopedTo(PROJECT, "member"))
        yield* verify("a-token")
        const [signIn, validate] = identity.calls
        assert.strictEqual(signIn?.method, "POST")
        assert.deepEqual(JSON.parse(signIn?.body ?? ""), {
          auth: {
            identity: {
              methods: ["password"],
              password: {
                user: { name: "backup-catalog", domain: { name: "Default" }, password: OWN_PASSWORD }
              }
            },
            scope: { project: { name: "service", domain: { name: "Default" } } }
          }
        })
        assert.strictEqual(validate?.method, "GET")
        assert.strictEqual(validate?.path, "/v3/auth/tokens?nocatalog")
        assert.match(String(validate?.headers["x-auth-token"]), /^own-token-/)
        assert.strictEqual(validate?.headers["x-subject-token"], "a-token")
      })
    )
  }

  for (const [kind, members] of [
    ["unscoped", {}],
    ["domain-scoped", { domain: { id: "default", name: "Default" }, roles: [{ id: "r", name: "admin" }] }],
    ["system-scoped", { system: { all: true }, roles: [{ id: "r", name: "admin" }] }]
  ] as const) {
    it.scoped(`that is ${kind} is forbidden, and its owner told to get a project-scoped one`, () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone()
        identity.callers.set("a-token", members)
        assert.include((yield* faultOf(verify("a-token"), "Forbidden")).message, "project-scoped token")
      })
    )
  }

  for (const roles of [["auditor", "administrator"], []]) {
    it.scoped(
      `with ${roles.length === 0 ? "no role at all" : "other roles"} is forbidden, naming the three that count`,
      () =>
        Effect.gen(function* () {
          const { identity, verify } = yield* startKeystone()
          identity.callers.set("a-token", scopedTo(PROJECT, ...roles))
          assert.include((yield* faultOf(verify("a-token"), "Forbidden")).message, "admin, member and reader")
        })
    )
  }

  for (const project of ["", "..", "a project", "x".repeat(256)]) {
    it.scoped(
      `of a project with the id ${JSON.stringify(project.slice(0, 12))}, which no account can have, is forbidden`,
      () =>
        Effect.gen(function* () {
          const { identity, verify } = yield* startKeystone()
          identity.callers.set("a-token", scopedTo(project, "admin"))
          assert.include((yield* faultOf(verify("a-token"), "Forbidden")).message, "has an id that no account")
        })
    )
  }

  it.scoped("that Keystone does not know is refused as an unknown one of the store is", () =>
    Effect.gen(function* () {
      const { verify } = yield* startKeystone()
      assert.strictEqual((yield* faultOf(verify("never-issued"), "Unauthorized")).message, unknownToken)
    })
  )

  for (const [what, token, message] of [
    ["no", "", missingToken],
    ["a too long", "x".repeat(4097), unknownToken],
    ["a multi-line", "a-token\nX-Injected: 1", unknownToken],
    ["a divided", "a token", unknownToken],
    ["a control character's", "a\u0000token", unknownToken],
    ["a non-ASCII", "café", unknownToken],
    ["a non-Latin", "токен", unknownToken]
  ] as const) {
    it.scoped(`is not asked for, with ${what} token in the header`, () =>
      Effect.gen(function* () {
        const { identity, verify } = yield* startKeystone()
        assert.strictEqual((yield* faultOf(verify(token), "Unauthorized")).message, message)
        yield* faultOf(verify("never-issued"), "Unauthorized")
        assert.deepEqual(
          identity.calls.filter(({ method }) => method === "GET").map(({ headers }) => headers["x-subject-token"]),
          ["never-issued"]
        )
      })
    )
  }

  it.scoped("of 4096 characters is looked at", () =>
    Effect.gen(function* () {
      const { identity, verify } = yield* startKeystone()
      identity.callers.set("x".repeat(4096), scopedTo(PROJECT, "reader"))
      assert.deepEqual<unknown>(yield* verify("x".repeat(4096)), { account: PROJECT, role: "reader" })
    })
  )
})
