import { connect } from "node:net"

/** An answer as it came over the socket. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

const split = (text: string): RawAnswer => {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const [statusLine = "", ...lines] = head.split("\r\n")
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(
      lines.map((line) => {
        const [name = "", ...value] = line.split(": ")
        return [name.toLowerCase(), value.join(": ")]
      })
    ),
    body: rest.join("\r\n\r\n")
  }
}

const exchange = (url: string, bytes: string | Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    const chunks: Array<Buffer> = []
    socket.setTimeout(20_000, () => socket.destroy(new Error("the server neither answered nor closed the connection")))
    socket.on("data", (chunk) => chunks.push(chunk))
    // A server that closes behind its answer while more is being sent resets the connection.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (chunks.length === 0 || !["ECONNRESET", "EPIPE"].includes(error.code ?? "")) reject(error)
    })
    socket.on("close", () => resolve(Buffer.concat(chunks)))
  })

/** Sends bytes over a new socket and gives all that comes back until the server closes it. */
export const sendRaw = async (url: string, bytes: string | Buffer): Promise<string> =>
  (await exchange(url, bytes)).toString("utf8")

const hasNoBody = (status: number): boolean => status < 200 || status === 204 || status === 304

/**
 * Sends bytes over a new socket and gives every answer that comes back until the server closes it, each as long as its
 * Content-Length says. `bodiless` is for HEAD, whose answers have a length and no body.
 */
export const sendForAll = async (
  url: string,
  bytes: string | Buffer,
  { bodiless = false }: { readonly bodiless?: boolean } = {}
): Promise<ReadonlyArray<RawAnswer>> => {
  const answers: Array<RawAnswer> = []
  let rest = await exchange(url, bytes)
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n") + 4
    if (end < 4) throw new Error(`this is no answer: ${rest.toString("latin1")}`)
    const { status, headers } = split(rest.toString("latin1", 0, end))
    const length = bodiless || hasNoBody(status) ? 0 : Number(headers["content-length"])
    if (!(end + length <= rest.length)) throw new Error(`the answer is cut off: ${rest.toString("latin1")}`)
    answers.push({ status, headers, body: rest.toString("utf8", end, end + length) })
    rest = rest.subarray(end + length)
  }
  return answers
}

/** Sends one request, given by its lines, over a new socket; `Connection: close` is added. */
export const sendLines = async (url: string, lines: ReadonlyArray<string>, body = ""): Promise<RawAnswer> =>
  split(await sendRaw(url, `${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n${body}`))

/** Sends bytes that are no proper request, and gives the answer. */
export const sendBytes = async (url: string, bytes: string | Buffer): Promise<RawAnswer> =>
  split(await sendRaw(url, bytes))

/** Sends a GET for a request target, as it is, with a token. */
export const get = (url: string, target: string, token?: string): Promise<RawAnswer> =>
  sendLines(url, [
    `GET ${target} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    ...(token === undefined ? [] : [`X-Auth-Token: ${token}`])
  ])
