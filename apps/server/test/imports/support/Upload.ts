import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { ACCOUNT, type ImportServer, NDJSON } from "./ImportServer.ts"

/** An import over a socket, whose body is sent piece by piece, and may never end. */
export class Upload {
  readonly #socket: Socket
  readonly #framing: "chunked" | "length"
  readonly #closed: Promise<unknown>
  #answer = ""

  constructor(server: ImportServer, query: string, framing: "chunked" | number, headers: ReadonlyArray<string> = []) {
    const { hostname, port, host } = new URL(server.url)
    this.#framing = framing === "chunked" ? "chunked" : "length"
    this.#socket = connect(Number(port), hostname)
    this.#closed = once(this.#socket, "close")
    // A server that closes while more is being sent resets the connection.
    this.#socket.on("error", () => {})
    this.#socket.on("data", (data) => {
      this.#answer += data
    })
    const length = framing === "chunked" ? "Transfer-Encoding: chunked" : `Content-Length: ${framing}`
    const head = [
      `POST /v1.0/${ACCOUNT}/imports?${query} HTTP/1.1`,
      `Host: ${host}`,
      "X-Auth-Token: member",
      `Content-Type: ${NDJSON}`,
      length,
      "Connection: close",
      ...headers
    ]
    this.#socket.write(`${head.join("\r\n")}\r\n\r\n`)
  }

  /** Sends a piece of the body; resolves once the kernel has it. */
  send(piece: string | Buffer): Promise<void> {
    const bytes = Buffer.from(piece)
    const framed =
      this.#framing === "chunked"
        ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")])
        : bytes
    return new Promise((resolve) => this.#socket.write(framed, () => resolve()))
  }

  /** Says that the body is over, which a body with a length need not. */
  end(): void {
    if (this.#framing === "chunked") this.#socket.write("0\r\n\r\n")
  }

  /** Closes the connection, whatever is missing: by a reset, or as a program does that ends. */
  cut(how: "reset" | "end" = "reset"): void {
    if (how === "reset") this.#socket.resetAndDestroy()
    else this.#socket.end()
  }

  /** All that the server says until it closes the connection, without the headers. */
  async answer(): Promise<{ readonly status: number; readonly body: string }> {
    await this.#closed
    const [head = "", ...body] = this.#answer.split("\r\n\r\n")
    return { status: Number(head.split(" ")[1]), body: body.join("\r\n\r\n") }
  }
}
