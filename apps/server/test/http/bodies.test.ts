import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { assert, describe, it, onTestFinished } from "vitest"
import { eventually } from "../../../../testing/eventually.ts"
import { prepare, start, temporaryFolder } from "../support/server.ts"

const MAX = 1024

/** A request whose body stops short of its end; gives what comes back. */
const upload = (url: string, id: string, bytes: number): { readonly socket: Socket; readonly text: () => string } => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let text = ""
  socket.on("data", (chunk) => {
    text += chunk
  })
  socket.on("error", () => {})
  socket.write(
    [
      `PUT /v1.0/1234/backups/${id} HTTP/1.1`,
      "Host: x",
      "X-Auth-Token: good",
      "Content-Type: application/json",
      `Content-Length: ${MAX}`,
      "",
      " ".repeat(bytes)
    ].join("\r\n")
  )
  return { socket, text: () => text }
}

describe("bodies that are read", () => {
  it("are held up to 64 of the largest size together; more is 503, until some are through", async () => {
    const store = `sqlite:${join(temporaryFolder(onTestFinished), "catalog.sqlite")}`
    await prepare(store, {}, { good: { account: "1234" } })
    const [url, stop] = await start({
      store,
      maxBodyBytes: MAX,
      limits: { maxHeaderBytes: 4096, requestTimeout: 30_000, grace: 0 }
    })
    onTestFinished(stop)
    const uploads = Array.from({ length: 80 }, (_, n) => upload(url, `u${n}`, MAX - 1))
    const refused = () => uploads.filter(({ text }) => text().startsWith("HTTP/1.1 503"))
    await eventually("16 are refused", (see) => see(refused().length) >= 16)
    assert.lengthOf(refused(), 16)
    assert.match(refused()[0]?.text() ?? "", /retry-after: 5/i)
    for (const { socket, text } of uploads) if (text() === "") socket.destroy()
    await eventually("another body is read", async (see) => {
      const { socket, text } = upload(url, "last", MAX - 1)
      socket.write(" ")
      const answer = await eventually("it is answered", () => text() !== "" && text())
      return see(answer).startsWith("HTTP/1.1 400")
    })
  })
})
