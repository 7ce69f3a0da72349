// Offers a server so many requests a second, whether it answers them or not: those that wait do not keep others from
// coming.
import { connect } from "node:net"
import { median } from "./rounds.mjs"

/** The most connections that are open; a request that finds none free waits, and its wait counts. */
const MOST_CONNECTIONS = 1000

const ticks = () => new Promise((resolve) => setTimeout(resolve, 1))

const percentile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const percentileOf = (times, share) => percentile(Float64Array.from(times).sort(), share)

/**
 * What some answers took, in milliseconds: the median of all, and the 99th percentile of each second, of which the
 * median is given, so that a second in which the machine did something else does not count for all.
 */
export const summary = (answers) => {
  const seconds = new Map()
  for (const { second, time } of answers) {
    const known = seconds.get(second)
    if (known === undefined) seconds.set(second, [time])
    else known.push(time)
  }
  return {
    count: answers.length,
    p50: median(answers.map(({ time }) => time)),
    p99: median([...seconds.values()].map((times) => percentileOf(times, 0.99)))
  }
}

class Connections {
  #free = []
  #open = new Set()
  #waiting = []
  constructor(port, answered) {
    this.port = port
    this.answered = answered
  }
  send(request) {
    const socket = this.#free.pop() ?? (this.#open.size < MOST_CONNECTIONS ? this.#connect() : undefined)
    if (socket === undefined) this.#waiting.push(request)
    else this.#write(socket, request)
  }
  close() {
    for (const socket of this.#open) socket.destroy()
  }
  #write(socket, request) {
    socket.request = request
    socket.write(request.bytes)
  }
  #connect() {
    const socket = connect(this.port, "127.0.0.1")
    socket.setNoDelay(true)
    this.#open.add(socket)
    socket.head = ""
    socket.left = 0
    const over = () => {
      if (!this.#open.delete(socket)) return
      this.#free = this.#free.filter((other) => other !== socket)
      if (socket.request !== undefined) this.answered(socket.request, 0)
    }
    socket.on("error", over)
    socket.on("close", over)
    socket.on("data", (chunk) => {
      if (socket.left === 0) {
        socket.head += chunk.latin1Slice(0, chunk.length)
        const end = socket.head.indexOf("\r\n\r\n")
        if (end < 0) return
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(socket.head)?.[1] ?? 0)
        socket.status = Number(socket.head.slice(9, 12))
        socket.closes = /\r\nconnection: close/i.test(socket.head)
        socket.left = end + 4 + length - socket.head.length
        socket.head = ""
      } else {
        socket.left -= chunk.length
      }
      if (socket.left > 0) return
      socket.left = 0
      const { request } = socket
      socket.request = undefined
      this.answered(request, socket.status)
      if (socket.closes) {
        this.#open.delete(socket)
        return socket.destroy()
      }
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(socket)
      else this.#write(socket, next)
    })
    return socket
  }
}

/**
 * Offers `rate` requests a second for some seconds, `bytesOf` each its number; those that begin in the first `warmUp`
 * seconds are not counted. Gives the answers, each with its `status` (0: the connection broke, -1: none came), its
 * `time` in milliseconds and the `second` in which it was asked for; and how busy and how late at most this process
 * itself was.
 */
export const offer = async ({ port, rate, seconds, warmUp, bytesOf }) => {
  const answers = []
  const open = new Set()
  const connections = new Connections(port, (request, status) => {
    open.delete(request)
    answers.push({ status, time: performance.now() - request.due, second: request.second })
  })
  const begun = performance.now()
  const before = performance.eventLoopUtilization()
  let late = 0
  for (let sent = 0; ; await ticks()) {
    const elapsed = (performance.now() - begun) / 1000
    if (elapsed >= seconds + warmUp) break
    const due = Math.floor(elapsed * rate)
    late = Math.max(late, due - sent)
    for (; sent < due; sent++) {
      const request = { bytes: bytesOf(sent), due: performance.now(), second: Math.floor(elapsed - warmUp) }
      open.add(request)
      connections.send(request)
    }
  }
  const { utilization } = performance.eventLoopUtilization(before)
  for (const end = performance.now() + 10_000; open.size > 0 && performance.now() < end; ) await ticks()
  connections.close()
  for (const { second } of open) answers.push({ status: -1, time: Number.POSITIVE_INFINITY, second })
  return { answers: answers.filter(({ second }) => second >= 0), utilization, late: (late / rate) * 1000 }
}

/** How many requests a second it answers so many callers who ask again as soon as they are answered. */
export const capacityFor = async ({ port, callers, seconds, bytesOf }) => {
  const end = performance.now() + seconds * 1000
  let sent = 0
  let answered = 0
  let open = 0
  const send = () => {
    open += 1
    connections.send({ bytes: bytesOf(sent++) })
  }
  const connections = new Connections(port, () => {
    open -= 1
    answered += 1
    if (performance.now() < end) setImmediate(send)
  })
  for (let n = 0; n < callers; n++) send()
  while (open > 0 || performance.now() < end) await ticks()
  connections.close()
  return answered / seconds
}
