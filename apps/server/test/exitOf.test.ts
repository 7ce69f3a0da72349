import { StoreUnavailable } from "@backup-catalog/core/store"
import { Cause, FiberId } from "effect"
import { assert, describe, it } from "vitest"
import { AuthTypeUnknown, CredentialsMissing } from "../src/auth/keystone/Credentials.ts"
import { CommandError } from "../src/commands/CommandError.ts"
import { type CommandFailure, exitOf } from "../src/commands/exitOf.ts"
import { DemoTokenExposed } from "../src/demo.ts"
import { CannotListen } from "../src/startServer.ts"
import {
  CopyDiffers,
  PostgresGaveUp,
  RowsFaulty,
  StoreFilled,
  StoreOccupied,
  StoreUnreadable,
  TemporaryCopyFailed
} from "../src/store/copy/CopyRefused.ts"
import {
  NoReplicas,
  NotAReplica,
  PositionUnknown,
  StoreMissing,
  StoreNewer,
  StoreNotOpened,
  StoreOlder
} from "../src/store/StoreRefused.ts"
import { TelemetryInvalid } from "../src/telemetry/TelemetrySettings.ts"
import { PROGRAM_REPLACED } from "../src/workers/messages.ts"
import { WorkerNotStarted } from "../src/workers/supervise.ts"
import { ProgramReplaced } from "../src/workers/supervised.ts"

const store = "/a/b.sqlite"

const failures: ReadonlyArray<readonly [CommandFailure, 1 | 2 | typeof PROGRAM_REPLACED, RegExp]> = [
  [new CommandError({ exitCode: 2, message: "What?" }), 2, /^What\?$/],
  [new StoreNotOpened({ store, reason: "it is a folder" }), 1, /^The store \S+ cannot be opened: it is a folder\.$/],
  [new StoreNewer({ store, schema: 9, known: 7 }), 1, /\(schema 9, this one knows 7\); upgrade the program\.$/],
  [new StoreOlder({ store, schema: 2, known: 3 }), 1, /older version of this program \(schema 2, this one knows 3\)/],
  [new StoreMissing({ store, what: "file" }), 1, /^There is no store at \S+; --store says where it is\.$/],
  [new StoreMissing({ store, what: "empty file" }), 1, /^There is no store at \S+: the file is empty\.$/],
  [new StoreMissing({ store, what: "database" }), 1, /^There is no store in \S+; --store says where it is\.$/],
  [new NoReplicas({ store }), 2, /^--store-read names replicas of a PostgreSQL store; /],
  [new PositionUnknown({ store, reason: "it is away" }), 1, /so --store-read cannot be used: it is away\.$/],
  [new NotAReplica({ replica: "a", store, reason: "it is b" }), 1, /^a is no replica of the store \S+: it is b\.$/],
  [new StoreUnavailable({ cause: new Error("it is away") }), 1, /^The store does not answer: it is away\.$/],
  [new StoreUnreadable({ store, reason: "it is cut" }), 1, /^The store \S+ cannot be read: it is cut\.$/],
  [
    new TemporaryCopyFailed({ store, folder: "/tmp", reason: "it is full" }),
    1,
    /^A temporary copy of the store \S+ in \/tmp cannot be made: it is full; TMPDIR says where\.$/
  ],
  [new PostgresGaveUp({ reason: "it was told to" }), 1, /^PostgreSQL gave up: it was told to\.$/],
  [new RowsFaulty({ faults: ["One.", "Two."], more: 0 }), 1, /^One\.\nTwo\.$/],
  [new RowsFaulty({ faults: ["One."], more: 3 }), 1, /^One\.\nThere are 3 more rows that are not good\.$/],
  [new StoreFilled({ store }), 1, /^Another program, perhaps another copy, has written to .* meanwhile; nothing/],
  [new StoreOccupied({ store, table: "tokens" }), 1, /is not empty: it has tokens\. Copy into a database that nobody/],
  [new CopyDiffers({ store, tables: ["a", "b"] }), 1, /is not what was sent \(a, b\); nothing was kept\.$/],
  [new AuthTypeUnknown({ known: ["a", "b"] }), 2, /^OS_AUTH_TYPE must be one of a b, or not set\.$/],
  [new CredentialsMissing({ variables: ["A", "B"] }), 2, /, and these variables are not set: A, B\.$/],
  [new TelemetryInvalid({ variable: "OTEL_A", problem: "must be b" }), 2, /^OTEL_A must be b\.$/],
  [new DemoTokenExposed({ host: "::" }), 2, /revoke it, or listen on 127\.0\.0\.1 instead of ::\.$/],
  [new CannotListen({ host: "a", port: 1, reason: undefined }), 1, /^Port 1 of a is in use already; /],
  [new CannotListen({ host: "a", port: 1, reason: "EACCES" }), 1, /^Cannot listen on a port 1: EACCES\.$/],
  [new WorkerNotStarted({ end: "SIGKILL" }), 1, /^A worker ended before it listened \(SIGKILL\)\.$/],
  [new WorkerNotStarted({ end: 0 }), 1, /^A worker ended before it listened \(exit code 0\)\.$/],
  [
    new ProgramReplaced({ now: "2", before: "1" }),
    PROGRAM_REPLACED,
    /of version 2 instead of 1; restart the server\.$/
  ],
  [
    new ProgramReplaced({ now: "2", before: undefined }),
    PROGRAM_REPLACED,
    /of version 2 instead of an older one; restart/
  ]
]

describe("how a command ends", () => {
  it.each(failures)("%s", (failure, code, said) => {
    const ending = exitOf(Cause.fail(failure), false)
    assert.strictEqual(ending.code, code)
    assert.match(ending.said ?? "", said)
  })

  it("as a worker has that could not start and has said why", () => {
    for (const code of [1, 2] as const) {
      assert.deepStrictEqual(exitOf(Cause.fail(new WorkerNotStarted({ end: code })), true), { code, said: undefined })
    }
    const replaced = exitOf(Cause.fail(new WorkerNotStarted({ end: PROGRAM_REPLACED })), true)
    assert.deepStrictEqual(replaced, { code: 1, said: undefined })
  })

  it("told to stop: as a server that is done, and as another command that was cut short", () => {
    const cause = Cause.interrupt(FiberId.none)
    assert.deepStrictEqual(exitOf(cause, true), { code: 0, said: undefined })
    assert.deepStrictEqual(exitOf(cause, false), { code: 130, said: undefined })
  })

  it("a mistake of the program is called that, and told in full", () => {
    const { code, said } = exitOf(Cause.die(new Error("no such thing")), true)
    assert.strictEqual(code, 1)
    assert.match(said ?? "", /^This is a mistake of the program:\nError: no such thing\n/)
  })
})
