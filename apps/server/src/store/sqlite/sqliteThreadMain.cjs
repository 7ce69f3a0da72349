// The thread that has the connection of imports (SqliteThread.ts starts it). Plain JavaScript, since Node is given its
// text as it is, from the sources as well as beside the built program.
const { createRequire } = require("node:module")
const { parentPort, workerData } = require("node:worker_threads")
// A text has no place from which packages are found.
const Database = createRequire(workerData.beside)("better-sqlite3")

/** Statements that are kept compiled. */
const MAX_STATEMENTS = 200

const database = new Database(workerData.path, { fileMustExist: true })
for (const pragma of workerData.pragmas) database.pragma(pragma)

const statements = new Map()
const prepare = (text) => {
  const known = statements.get(text)
  if (known !== undefined) return known
  if (statements.size >= MAX_STATEMENTS) statements.clear()
  const statement = database.prepare(text).safeIntegers()
  statements.set(text, statement)
  return statement
}

const execute = ({ text, params, many }) => {
  const statement = prepare(text)
  if (many !== undefined) {
    for (const one of many) statement.run(one)
    return []
  }
  if (statement.reader) return statement.all(params)
  statement.run(params)
  return []
}

// Why the transaction that runs has failed. SQLite may have ended it by itself: what comes behind would be written
// alone.
let failed

// Of a transaction that another thread began, which is no more.
const ended = { message: "the transaction had ended", code: "SQLITE_ABORT" }

const attempt = (request) => {
  const { text, isPart } = request
  if (text === "BEGIN") failed = undefined
  if (text === "ROLLBACK") {
    failed = undefined
    if (!database.inTransaction) return { rows: [] }
  }
  if (isPart && text !== "BEGIN" && !database.inTransaction) failed ??= ended
  if (isPart && failed !== undefined) return { failure: failed }
  try {
    return { rows: execute(request) }
  } catch (cause) {
    // A copy of an error on its way to another thread has no code.
    const failure = { message: cause.message, code: cause.code }
    if (isPart) failed = failure
    return { failure }
  }
}

parentPort.on("message", (request) => {
  if (request === "close") {
    database.close()
    parentPort.close()
    return
  }
  const answer = attempt(request)
  if (request.isAwaited) parentPort.postMessage(answer)
})
